"""What the text alone says of a label: the current symbol, and the last three.

A unit that does no better than these may only know which symbol it reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.correlations import midranks
from analysis.histograms import CODES
from analysis.hypotheses.labels import Labels
from analysis.ranks import rank_auroc, rank_correlation
from analysis.scores import auroc

_ORDERS = 3  # a code point has 21 bits, so three fill a key of 64
_BITS = 21


@dataclass(frozen=True)
class Baselines:
    """Scores of the label that the last symbols let expect, on the half that reports.

    Attributes
    ----------
    symbol : float
        From the current symbol: AUROC for yes/no (chance 0.5), Spearman for numbers (chance 0.0).
    trigram : float
        From the last three symbols. Three that the choosing half did not hold fall back to the
        last two, those to the current one, and that to the mean.
    """

    symbol: float
    trigram: float


def baseline_scores(
    symbols: NDArray[np.uint32],
    labels: Labels,
    chooses: NDArray[np.bool_],
    reports: NDArray[np.bool_],
    starts: NDArray[np.int64],
) -> Baselines:
    """Learn the label's mean by context on one half and score it on the other.

    Parameters
    ----------
    symbols : ndarray of uint32, shape (time,)
        Code points.
    labels : Labels
        Over the same symbols. Contexts may reach over symbols where it is undefined.
    chooses, reports : ndarray of bool, shape (time,)
        The halves; only their symbols where the label is defined count.
    starts : ndarray of int, shape (documents,)
        Where documents begin: no context reaches across.

    Returns
    -------
    Baselines
        Both scores are chance where a half has no label.
    """
    learned, scored = (np.flatnonzero(half & labels.defined) for half in (chooses, reports))
    truth = labels.values[scored]
    if not learned.size or not scored.size:
        chance = 0.5 if labels.values.dtype == np.bool_ else 0.0
        return Baselines(chance, chance)
    values = labels.values[learned].astype(np.float64)
    place = _place_in_document(symbols.size, starts)
    expected = np.full(scored.size, values.mean())
    scores = []
    key = np.zeros(symbols.size, np.uint64)
    for order in range(_ORDERS):
        key[order:] |= symbols[: symbols.size - order].astype(np.uint64) << np.uint64(_BITS * order)
        # Too early in its document, a symbol has no context so long, and keeps its shorter one.
        known, means = _means(key[learned], values, place[learned] >= order)
        where, seen = _look_up(known, key[scored], place[scored] >= order)
        expected[seen] = means[where[seen]]
        scores.append(_score(expected, truth))
    return Baselines(scores[0], scores[-1])


def within_symbol(
    codes: NDArray[np.int8],
    labels: Labels,
    symbols: NDArray[np.uint32],
    keep: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Score units among symbols of one kind at a time: what knowing the symbol can't explain.

    For yes/no the AUROC within each symbol, averaged with weights N1 N0 / (N1 + N0) over symbols
    where both yes and no occur. For numbers Spearman's correlation within each symbol, averaged
    with weights N over symbols where the number changes.

    Parameters
    ----------
    codes : ndarray of int8, shape (time, unit)
        A few units.
    labels : Labels
    symbols : ndarray of uint32, shape (time,)
        Code points.
    keep : ndarray of bool, shape (time,)
        Which symbols count, of those where the label is defined.

    Returns
    -------
    ndarray of float64, shape (unit,)
        0.5, or 0.0 for numbers, where there is no such symbol, and for a unit of one code.
    """
    where = np.flatnonzero(keep & labels.defined)
    strata = np.unique(symbols[where], return_inverse=True)[1]
    values = labels.values[where]
    columns = (codes[where, unit] for unit in range(codes.shape[1]))
    if values.dtype == np.bool_:
        scores = [_auroc_within(own, values, strata) for own in columns]
    else:
        label = _centred_within(values, strata)
        scores = [_spearman_within(_centred_within(own, strata), label, strata) for own in columns]
    return np.array(scores, np.float64)


def _place_in_document(time: int, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many symbols of the same document come before each."""
    times = np.arange(time)
    begin = np.zeros(time, np.int64)
    inside = starts[starts < time]  # an empty last document begins at the end
    begin[inside] = inside
    return times - np.maximum.accumulate(begin)


def _means(
    keys: NDArray[np.uint64], values: NDArray[np.float64], valid: NDArray[np.bool_]
) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
    """Return the keys that occur, rising, and the mean value of each."""
    known, place, counts = np.unique(keys[valid], return_inverse=True, return_counts=True)
    return known, np.bincount(place, values[valid], known.size) / counts


def _look_up(
    known: NDArray[np.uint64], keys: NDArray[np.uint64], valid: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return where each key is among the known ones, and whether it is there and valid."""
    if not known.size:
        return np.zeros(keys.size, np.int64), np.zeros(keys.size, np.bool_)
    place = np.minimum(np.searchsorted(known, keys), known.size - 1)
    return place, valid & (known[place] == keys)


def _score(expected: NDArray[np.float64], truth: NDArray[Any]) -> float:
    if truth.dtype == np.bool_:
        return rank_auroc(expected, truth)
    return rank_correlation(expected, truth)


def _auroc_within(
    codes: NDArray[np.int8], yes: NDArray[np.bool_], strata: NDArray[np.int64]
) -> float:
    positives = np.bincount(strata, yes)
    negatives = np.bincount(strata, ~yes)
    both = (positives > 0) & (negatives > 0)
    if not both.any():
        return 0.5
    # Only symbols that count have a table: of many thousand, few have both.
    number = np.cumsum(both) - 1
    used = both[strata]
    cells = (number[strata[used]] * 2 + yes[used]) * CODES + (codes[used].astype(np.int64) + 128)
    tables = np.bincount(cells, minlength=int(both.sum()) * 2 * CODES).reshape(-1, 2, CODES)
    weights = (positives * negatives / np.maximum(positives + negatives, 1))[both]
    return float(np.average(auroc(tables[:, 0], tables[:, 1]), weights=weights))


def _centred_within(values: NDArray[Any], strata: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return mid-ranks within each stratum, less the stratum's mean."""
    distinct, place = np.unique(values, return_inverse=True)
    cells, own, counts = np.unique(
        strata * distinct.size + place, return_inverse=True, return_counts=True
    )
    sizes = np.bincount(strata)
    before = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    stratum = cells // max(distinct.size, 1)
    ranks = midranks(counts) - before[stratum] - (sizes[stratum] + 1) / 2
    centred: NDArray[np.float64] = ranks[own]
    return centred


def _spearman_within(
    codes: NDArray[np.float64], label: NDArray[np.float64], strata: NDArray[np.int64]
) -> float:
    """Return the weighted mean of correlations from ranks centred within strata."""
    label_spread = np.bincount(strata, label**2)
    spread = np.sqrt(np.bincount(strata, codes**2) * label_spread)
    together = np.bincount(strata, codes * label)
    rho = np.divide(together, spread, out=np.zeros(spread.size), where=spread > 0).clip(-1, 1)
    weights = np.bincount(strata) * (label_spread > 0)
    return float(np.average(rho, weights=weights)) if weights.any() else 0.0
