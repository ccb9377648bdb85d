"""Shift labels in a circle within documents, where documents are long enough for it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

LEAST_SHIFTS = 20
"""Fewer shifts that differ by a label's autocorrelation length make no distribution."""
_LEAST_LENGTHS = 3  # a document that is shifted holds the label's autocorrelation length thrice


@dataclass(frozen=True)
class NoNull:
    """There is no p value.

    Attributes
    ----------
    reason : str
        Why, in one or two sentences for a person to read.
    """

    reason: str


def autocorrelation_length(ranks: NDArray[np.float64], offsets: NDArray[np.int64]) -> int | None:
    """Return after how many symbols a label's autocorrelation within documents is below 1/e.

    Parameters
    ----------
    ranks : ndarray of float64, shape (time,)
        The label's mid-ranks.
    offsets : ndarray of int64, shape (documents + 1,)
        Where each document begins, and where the last ends.

    Returns
    -------
    int or None
        At least 1. None if it never falls so far, or the label changes in no document.
    """
    lengths = np.diff(offsets)
    products = np.zeros(lengths.max(initial=0))
    for start, stop in pairwise(offsets):
        own = ranks[start:stop] - ranks[start:stop].mean()
        size = 1 << int(2 * own.size - 1).bit_length()  # padded: no lag reaches round the end
        power = np.abs(np.fft.rfft(own, size)) ** 2
        products[: own.size] += np.fft.irfft(power, size)[: own.size]
    if not products.size or products[0] <= 1e-9 * max(float(ranks @ ranks), 1e-300):
        return None
    lags = np.arange(products.size)
    # Pairs of symbols that are so far apart: each document has one less for each lag more.
    longer = lengths.size - np.searchsorted(np.sort(lengths), lags, side="right")
    pairs = np.cumsum(longer[::-1])[::-1]
    below = products / pairs < products[0] / pairs[0] / np.e
    return int(np.argmax(below)) if below.any() else None


def check_shifts(ranks: NDArray[np.float64], offsets: NDArray[np.int64]) -> int | NoNull:
    """Return the label's autocorrelation length if documents allow enough shifts by it.

    Parameters
    ----------
    ranks : ndarray of float64, shape (time,)
        The label's centred mid-ranks.
    offsets : ndarray of int64, shape (documents + 1,)
        Where each document begins, and where the last ends; none is empty.

    Returns
    -------
    int or NoNull
    """
    documents = [ranks[start:stop] for start, stop in pairwise(offsets)]
    changing = np.array([own.size for own in documents if np.ptp(own) > 0], np.int64)
    if not changing.size:
        return NoNull("The label changes within no document, so shifting it there tells nothing.")
    length = autocorrelation_length(ranks, offsets)
    longest = int(changing.max())
    if length is None or longest < _LEAST_LENGTHS * length:
        lasts = "longer than any document" if length is None else f"about {length:,} symbols"
        return NoNull(
            f"The label keeps its value for {lasts}, and the longest document where it changes "
            f"has {longest:,}: too short to shift it in."
        )
    # Shifts by less than the length are nearly the same; documents multiply them.
    log_shifts = float(np.sum(np.log(np.maximum(changing // length, 1))))
    if log_shifts < np.log(LEAST_SHIFTS):
        return NoNull(
            f"Documents allow about {np.exp(log_shifts):.0f} shifts that differ by the "
            f"{length:,} symbols that the label keeps its value for; {LEAST_SHIFTS} are needed."
        )
    return length


def shift_labels(
    ranks: NDArray[np.float64],
    offsets: NDArray[np.int64],
    length: int,
    shifts: int,
    random: np.random.Generator,
) -> NDArray[np.float32]:
    """Return a label as it is, then shifted in a circle within each document.

    Parameters
    ----------
    ranks : ndarray of float64, shape (time,)
        The label's centred mid-ranks, not all 0.
    offsets : ndarray of int64, shape (documents + 1,)
    length : int
        Each document's shift is at least so far from none at all, or a third of the document.
    shifts : int
    random : numpy.random.Generator

    Returns
    -------
    ndarray of float32, shape (1 + shifts, time)
        Scaled to a sum of squares of 1.
    """
    lengths = np.diff(offsets)
    least = np.minimum(length, lengths // _LEAST_LENGTHS)
    by = random.integers(least, lengths - least, (shifts, lengths.size), endpoint=True)
    starts, sizes = np.repeat(offsets[:-1], lengths), np.repeat(lengths, lengths)
    times = np.arange(ranks.size) - starts
    scaled = (ranks / np.sqrt(ranks @ ranks)).astype(np.float32)
    shifted = np.empty((1 + shifts, ranks.size), np.float32)
    shifted[0] = scaled
    for row, own in zip(shifted[1:], by, strict=True):
        moved = times - np.repeat(own, lengths)
        row[:] = scaled[starts + np.where(moved < 0, moved + sizes, moved)]
    return shifted
