"""Read how well units follow a label off the counts of codes, exactly on the codes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def midranks(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the rank, from 1, that all symbols of each value share.

    Parameters
    ----------
    counts : ndarray of int64, shape (..., value)
        How often each value occurs, smallest value first.

    Returns
    -------
    ndarray of float64, shape (..., value)
        The mean of the ranks that the value's symbols take up, as in `scipy.stats.rankdata`.
        Ranks of values that never occur mean nothing.
    """
    ranks: NDArray[np.float64] = np.cumsum(counts, axis=-1) - (counts - 1) / 2
    return ranks


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


def spearman(table: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the rank correlation of each unit's codes with a numeric label's bins.

    Parameters
    ----------
    table : ndarray of int64, shape (bin, unit, 256)
        How often each code was met at each value of the label, smallest value first. Every unit
        read the same symbols, so all have the same sum over codes.

    Returns
    -------
    ndarray of float64, shape (unit,)
        In [-1, 1]. 0.0 for a unit of one code, and for a label of one value.
    """
    bins, units, codes = table.shape
    of_bins = table[:, :1].sum(axis=(1, 2))
    label = _centred(of_bins)
    # One product reads the table once: how often each code occurs, and its sum of label ranks.
    rows = np.stack([np.ones(bins), label]) @ table.reshape(bins, -1).astype(np.float64)
    of_codes, label_sums = rows.reshape(2, units, codes)
    code = _centred(of_codes.astype(np.int64))
    spread = np.sqrt(np.sum(of_codes * code**2, axis=-1) * np.sum(of_bins * label**2))
    together = np.sum(code * label_sums, axis=-1)
    rho: NDArray[np.float64] = np.zeros(units)
    np.divide(together, spread, out=rho, where=spread > 0)
    return rho.clip(-1.0, 1.0)


def _centred(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return mid-ranks less their mean over all symbols."""
    middle: NDArray[np.float64] = (np.sum(counts, axis=-1, keepdims=True) + 1) / 2
    return midranks(counts) - middle
