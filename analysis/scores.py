"""Read how well units follow a yes/no label off the counts of codes, exactly on the codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


def auroc(outside: NDArray[np.int64], inside: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the probability that a symbol inside the label has a larger code than one outside.

    Equal codes count half: the area under the receiver operating characteristic, and the
    Mann-Whitney statistic divided by the number of pairs.

    Parameters
    ----------
    outside, inside : ndarray of int64, shape (..., 256)
        How often each code was met where the label is no, and where it is yes.

    Returns
    -------
    ndarray of float64, shape (...)
        In [0, 1]. 0.5 for a unit of one code, and where the label is always yes or always no.
    """
    below = np.cumsum(outside, axis=-1) - outside
    wins = np.sum(inside * (below + outside / 2), axis=-1)
    pairs = np.sum(outside, axis=-1, dtype=np.float64) * np.sum(inside, axis=-1)
    area: NDArray[np.float64] = np.full(wins.shape, 0.5)
    np.divide(wins, pairs, out=area, where=pairs > 0)
    return area


def average_precision(outside: NDArray[np.int64], inside: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mean precision over the symbols inside, the largest codes taken first.

    The step-wise sum of scikit-learn's `average_precision_score`; equal codes are taken together.

    Parameters
    ----------
    outside, inside : ndarray of int64, shape (..., 256)
        As for `auroc`.

    Returns
    -------
    ndarray of float64, shape (...)
        In [0, 1]; chance is the share of symbols inside. 0.0 where nothing is inside.
    """
    hits = _at_least(inside)
    total = np.sum(inside, axis=-1)
    gained = np.sum(inside * ratio(hits, hits + _at_least(outside)), axis=-1)
    return ratio(gained, total)


@dataclass(frozen=True)
class Threshold:
    """How well "the code is at least this" tells inside from outside; all of shape (...).

    Attributes
    ----------
    code : ndarray of int64
        From -128 to 127.
    precision, recall, f1, jaccard : ndarray of float64
        In [0, 1], 0.0 where nothing is inside. Jaccard is the intersection over the union.
    """

    code: NDArray[np.int64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    jaccard: NDArray[np.float64]


def best_threshold(outside: NDArray[np.int64], inside: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the code from which on saying yes has the largest F1; the largest of equally good.

    Parameters
    ----------
    outside, inside : ndarray of int64, shape (..., 256)
        As for `auroc`.

    Returns
    -------
    ndarray of int64, shape (...)
        From -128 to 127.
    """
    hits = _at_least(inside)
    said = hits + _at_least(outside)
    f1 = ratio(2 * hits, said + hits[..., :1])
    best: NDArray[np.int64] = 127 - np.argmax(f1[..., ::-1], axis=-1)
    return best


def at_threshold(
    outside: NDArray[np.int64], inside: NDArray[np.int64], code: NDArray[np.int64]
) -> Threshold:
    """Return how well saying yes from a code on does.

    Parameters
    ----------
    outside, inside : ndarray of int64, shape (..., 256)
        As for `auroc`; of other symbols than those that chose the code.
    code : ndarray of int64, shape (...)
        From -128 to 127.
    """
    place = (code + 128)[..., None]
    hits = np.take_along_axis(_at_least(inside), place, axis=-1)[..., 0]
    false = np.take_along_axis(_at_least(outside), place, axis=-1)[..., 0]
    positives = np.sum(inside, axis=-1)
    return Threshold(
        code=code,
        precision=ratio(hits, hits + false),
        recall=ratio(hits, positives),
        f1=ratio(2 * hits, hits + false + positives),
        jaccard=ratio(hits, false + positives),
    )


def mutual_information(table: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what a unit's code tells about the label, in nats.

    The plain estimate from the counts; from few symbols it is too large, by about
    `information_bias`.

    Parameters
    ----------
    table : ndarray of int64, shape (bin, ..., 256)
        How often each code was met at each value of the label.

    Returns
    -------
    ndarray of float64, shape (...)
        From 0 to the label's entropy.
    """
    total = _n_log_n(table.sum(axis=(0, -1)))
    joint = _n_log_n(table).sum(axis=(0, -1))
    codes = _n_log_n(table.sum(axis=0)).sum(axis=-1)
    bins = _n_log_n(table.sum(axis=-1)).sum(axis=0)
    return np.maximum(ratio(joint - codes - bins + total, table.sum(axis=(0, -1))), 0.0)


def information_bias(table: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return by how much `mutual_information` is too large on average, in nats.

    (R - 1)(C - 1) / 2N with R values of the label and C codes that occur (Miller 1955).
    """
    codes = np.count_nonzero(table.sum(axis=0), axis=-1)
    bins = np.count_nonzero(table.sum(axis=-1), axis=0)
    return ratio((codes - 1) * (bins - 1), 2 * table.sum(axis=(0, -1))).clip(0.0)


def cohens_d(outside: NDArray[np.int64], inside: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how far the mean code inside is above that outside, in pooled standard deviations.

    Parameters
    ----------
    outside, inside : ndarray of int64, shape (..., 256)
        As for `auroc`.

    Returns
    -------
    ndarray of float64, shape (...)
        0.0 where a side has no symbol, or no code varies on either.
    """
    codes = np.arange(-128, 128)
    n0, n1 = outside.sum(axis=-1), inside.sum(axis=-1)
    mean0, mean1 = ratio(outside @ codes, n0), ratio(inside @ codes, n1)
    squares = outside @ codes**2 - n0 * mean0**2 + inside @ codes**2 - n1 * mean1**2
    spread = np.sqrt(ratio(squares, n0 + n1 - 2).clip(0.0))
    return np.where((n0 > 0) & (n1 > 0), ratio(mean1 - mean0, spread), 0.0)


def _at_least(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many symbols have this code or a larger one."""
    counted: NDArray[np.int64] = np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1]
    return counted


def ratio(above: Any, below: Any) -> NDArray[np.float64]:
    """Return a quotient that is 0.0 where there is nothing to divide by, shapes broadcast."""
    above, below = np.broadcast_arrays(above, below)
    quotient: NDArray[np.float64] = np.zeros(below.shape)
    np.divide(above, below, out=quotient, where=below > 0)
    return quotient


def _n_log_n(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(counts * np.log(np.maximum(counts, 1)), np.float64)
