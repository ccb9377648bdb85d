"""Intervals of scores by drawing documents again, from counts that one pass has made."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from analysis.correlations import centred_midranks
from analysis.histograms import CODES
from analysis.scores import auroc

Score = Callable[[NDArray[np.int64]], NDArray[np.float64]]
Weights = NDArray[np.int64]

LEAST_DOCUMENTS = 5
MOST_GROUPS = 100  # time grows with them; with 100 an interval's width is known to about 7%
_CELLS = 2_048
_AT_ONCE = 1 << 20  # cells of drawn tables held at a time


def bootstrap(
    tables: NDArray[np.integer[Any]],
    score: Literal["auroc", "spearman"] | Score,
    *,
    resamples: int = 1_000,
    seed: int = 0,
) -> tuple[float, float] | None:
    """Return the 95% percentile interval of a unit's score, by drawing documents again.

    A drawn table is a sum of documents' tables, so all of them are matrix products: how often
    each document was drawn, times the tables' occupied cells.

    Parameters
    ----------
    tables : ndarray of int, shape (documents, bins, 256)
        How often each code of one unit was met at each value of the label, in each document; for
        yes/no the bins are no, then yes.
    score : {"auroc", "spearman"} or callable
        A callable takes drawn tables of int64, shape (draws, bins, 256), and gives (draws,).
    resamples : int, default=1_000
    seed : int, default=0
        Draws the documents.

    Returns
    -------
    tuple of float, or None
        The 2.5% and 97.5% quantiles over draws. None where fewer than 5 documents hold a label:
        so few can't say how much documents differ. A draw without a yes, or without a no, has the
        score of chance.

    Notes
    -----
    The percentile interval of Efron and Tibshirani (1993). With few documents it is somewhat too
    narrow. More than 100 documents are put into 100 groups of about equally many symbols, and
    groups are drawn.
    """
    counts = tables[tables.any(axis=(1, 2))].astype(np.int64)
    if len(counts) < LEAST_DOCUMENTS:
        return None
    if len(counts) > MOST_GROUPS:
        counts = _grouped(counts)
    random = np.random.default_rng(seed)
    weights = random.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), resamples)
    if score == "spearman":
        scores = _spearmans(weights, counts)
    else:
        rule = _aurocs if score == "auroc" else score
        step = max(_AT_ONCE // counts[0].size, 1)
        parts = [_drawn(weights[k : k + step], counts) for k in range(0, resamples, step)]
        scores = np.concatenate([rule(part) for part in parts])
    low, high = np.quantile(scores, [0.025, 0.975])
    return float(low), float(high)


def _grouped(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Add up documents' tables into 100 groups: the longest first, each to the shortest group."""
    groups = np.zeros((MOST_GROUPS, *counts.shape[1:]), np.int64)
    sizes = counts.sum(axis=(1, 2))
    shortest = [(0, k) for k in range(MOST_GROUPS)]
    for document in np.argsort(-sizes, kind="stable"):
        size, k = heapq.heappop(shortest)
        groups[k] += counts[document]
        heapq.heappush(shortest, (size + int(sizes[document]), k))
    return groups


def _drawn(weights: Weights, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return drawn tables, shape (draws, bins, 256)."""
    flat = counts.reshape(len(counts), -1)
    occupied = flat.any(axis=0)
    drawn = np.zeros((len(weights), flat.shape[1]), np.int64)
    # In floats, exact to 2**53: NumPy has no fast product of integers.
    drawn[:, occupied] = weights.astype(np.float64) @ flat[:, occupied].astype(np.float64)
    return drawn.reshape(len(weights), *counts.shape[1:])


def _aurocs(tables: NDArray[np.int64]) -> NDArray[np.float64]:
    return auroc(tables[:, 0], tables[:, 1])


def _spearmans(weights: Weights, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return Spearman's correlation of each draw, without holding a drawn table.

    How often a cell was drawn, times its code's rank, summed over the bin, times the bin's rank.
    Those products are in float32; ranks and spreads come from the margins and are exact.
    """
    label, label_spread = _centred(weights, counts.sum(axis=2))
    code, code_spread = _centred(weights, counts.sum(axis=1))
    draws, labels, codes = (
        np.ascontiguousarray(each.T, np.float32) for each in (weights, label, code)
    )
    flat = counts.reshape(len(counts), -1)
    occupied = np.flatnonzero(flat.any(axis=0))
    cells = np.ascontiguousarray(flat[:, occupied].T, np.float32)
    together = np.zeros(len(weights))
    # Few large products, not one a bin: on a busy machine NumPy's threads wait for each other.
    for k in range(0, occupied.size, _CELLS):
        bins, own_codes = np.divmod(occupied[k : k + _CELLS], CODES)
        own = cells[k : k + _CELLS] @ draws  # (cell, draw)
        own *= codes[own_codes]
        firsts = np.flatnonzero(np.diff(bins, prepend=-1))
        in_bins = np.add.reduceat(own, firsts, axis=0)
        together += np.einsum("br,br->r", in_bins, labels[bins[firsts]])
    spread = np.sqrt(label_spread * code_spread)
    rho = np.divide(together, spread, out=np.zeros(len(weights)), where=spread > 0)
    return rho.clip(-1.0, 1.0)


def _centred(
    weights: Weights, margins: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each draw's mid-ranks less their mean (draw, value), and their sum of squares."""
    counts = weights.astype(np.float64) @ margins.astype(np.float64)
    ranks = centred_midranks(counts.astype(np.int64))
    return ranks, np.sum(counts * ranks**2, axis=1)
