"""Symbols where a unit lies between two of its quantiles, drawn at random."""

from __future__ import annotations

import numpy as np

from analysis.recording import CHUNK_TIME


def count_by_chunk(codes: np.ndarray) -> np.ndarray:
    """Count the codes of a unit in each chunk of time.

    Parameters
    ----------
    codes : ndarray of int8, shape (time,)

    Returns
    -------
    ndarray of int64, shape (chunk, 256)
        Entry k of the last axis counts the code k - 128.
    """
    return np.stack(
        [
            np.roll(np.bincount(codes[t : t + CHUNK_TIME].view(np.uint8), minlength=256), 128)
            for t in range(0, codes.size, CHUNK_TIME)
        ]
    )


def codes_in_band(histogram: np.ndarray, low: float, high: float) -> np.ndarray:
    """Tell which codes have a symbol between two quantiles.

    Parameters
    ----------
    histogram : ndarray of int64, shape (256,)
        Entry k counts the code k - 128.
    low, high : float
        Quantiles, from 0 to 1.

    Returns
    -------
    ndarray of bool, shape (256,)
    """
    above = np.cumsum(histogram)
    total = above[-1]
    belongs: np.ndarray = (
        (histogram > 0) & (above > low * total) & (above - histogram < high * total)
    )
    return belongs


def draw_positions(
    codes: np.ndarray,
    counts: np.ndarray,
    belongs: np.ndarray,
    random: np.random.Generator,
    most: int,
) -> list[int]:
    """Draw positions by their codes, each as likely, none twice, in random order.

    Parameters
    ----------
    codes : ndarray of int8, shape (time,)
    counts : ndarray of int64, shape (chunk, 256)
        From `count_by_chunk`.
    belongs : ndarray of bool, shape (256,)
        Which codes may be drawn; entry k is about the code k - 128.
    random : numpy.random.Generator
    most : int
        How many to draw; fewer where there are fewer.

    Returns
    -------
    list of int
    """
    per_chunk = counts[:, belongs].sum(axis=1)
    ends = np.cumsum(per_chunk)
    ranks = random.choice(ends[-1], size=min(most, int(ends[-1])), replace=False)
    chunks = np.searchsorted(ends, ranks, side="right")
    table = np.roll(belongs, 128)  # by the code as uint8
    positions = np.empty(ranks.size, np.int64)
    for chunk in np.unique(chunks).tolist():
        start = chunk * CHUNK_TIME
        found = np.flatnonzero(table[codes[start : start + CHUNK_TIME].view(np.uint8)])
        own = chunks == chunk
        positions[own] = start + found[ranks[own] - (ends[chunk] - per_chunk[chunk])]
    drawn: list[int] = positions.tolist()
    return drawn
