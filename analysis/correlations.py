"""Read how well units follow a number off the counts of codes, exactly on codes and bins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analysis.scores import ratio


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
    label = centred_midranks(of_bins)
    # One product reads the table once: how often each code occurs, and its sum of label ranks.
    rows = np.stack([np.ones(bins), label]) @ table.reshape(bins, -1).astype(np.float64)
    of_codes, label_sums = rows.reshape(2, units, codes)
    code = centred_midranks(of_codes.astype(np.int64))
    spread = np.sqrt(np.sum(of_codes * code**2, axis=-1) * np.sum(of_bins * label**2))
    together = np.sum(code * label_sums, axis=-1)
    rho: NDArray[np.float64] = np.zeros(units)
    np.divide(together, spread, out=rho, where=spread > 0)
    return rho.clip(-1.0, 1.0)


def spearman_from_sums(
    codes: NDArray[np.int64], rank_sums: NDArray[np.int64], values: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return Spearman's rho from sums of the label's ranks, one a code.

    Parameters
    ----------
    codes : ndarray of int64, shape (..., 256)
        How often each code was met.
    rank_sums : ndarray of int64, shape (..., 256)
        Sum of twice the label's mid-rank over the symbols of each code.
    values : ndarray of int64, shape (value,)
        How often each value of the label was met, smallest first.

    Returns
    -------
    ndarray of float64, shape (...)
        In [-1, 1]. 0.0 for a unit of one code, and for a label of one value.
    """
    middle = (np.sum(values) + 1) / 2
    code = centred_midranks(codes)
    together = np.sum(code * (rank_sums / 2 - codes * middle), axis=-1)
    spread = np.sqrt(
        np.sum(codes * code**2, axis=-1) * np.sum(values * centred_midranks(values) ** 2)
    )
    return ratio(together, spread).clip(-1.0, 1.0)


def pearson(table: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the correlation of each unit's codes with the label's values.

    Parameters
    ----------
    table : ndarray of int64, shape (bin, unit, 256)
        As for `spearman`.
    values : ndarray of float64, shape (bin,)
        The label's value in each bin.

    Returns
    -------
    ndarray of float64, shape (unit,)
        In [-1, 1]. 0.0 where the code or the label does not vary.
    """
    codes = np.arange(-128, 128)
    n = table.sum(axis=(0, 2)).astype(np.float64)
    of_bins, of_codes = table.sum(axis=2), table.sum(axis=0)
    label = values[:, None] - ratio(values @ of_bins, n)  # (bin, unit)
    code = codes - ratio(of_codes @ codes, n)[:, None]  # (unit, 256)
    together = np.einsum("bu,buk,uk->u", label, table, code)
    spread = np.sqrt(np.sum(of_bins * label**2, axis=0) * np.sum(of_codes * code**2, axis=1))
    return ratio(together, spread).clip(-1.0, 1.0)


def mean_curve(table: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mean code at each value of the label, shape (bin, unit); NaN at none met.

    Parameters
    ----------
    table : ndarray of int64, shape (bin, unit, 256)
        As for `spearman`.
    """
    met = table.sum(axis=2)
    return np.where(met > 0, ratio(table @ np.arange(-128, 128), met), np.nan)


def binned_r2(table: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of a code's variance that the label's bins explain (eta squared).

    Unlike a correlation it also sees curves that rise and fall.

    Parameters
    ----------
    table : ndarray of int64, shape (bin, unit, 256)
        As for `spearman`.

    Returns
    -------
    ndarray of float64, shape (unit,)
        In [0, 1]. 0.0 for a unit of one code.
    """
    codes = np.arange(-128, 128)
    of_codes, met = table.sum(axis=0), table.sum(axis=2)
    mean = ratio(of_codes @ codes, of_codes.sum(axis=1))
    whole = of_codes @ codes**2 - of_codes.sum(axis=1) * mean**2
    between = np.sum(met * (np.nan_to_num(mean_curve(table)) - mean) ** 2, axis=0)
    return ratio(between, whole).clip(0.0, 1.0)


def centred_midranks(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return `midranks` less their mean over all symbols, of the same shape."""
    middle: NDArray[np.float64] = (np.sum(counts, axis=-1, keepdims=True) + 1) / 2
    return midranks(counts) - middle
