"""All units of a site over any range, in as many columns as a picture has: bounded memory, soon.

A column keeps the code of largest magnitude of its symbols, its sign with it; at a tie the positive
one. Such columns can be pooled again and stay exact, so long ranges are pooled from peaks: the same
for every grain of symbols, made once for a site.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.gathering import unit_blocks
from analysis.ranking import workers
from analysis.recording import CHUNK_TIME, CHUNK_UNITS

if TYPE_CHECKING:
    from analysis.recording import Recording

GRAIN = 64
"""Symbols of one peak, in a text that is not too long; it divides a chunk."""
COARSE = 4
"""From so many grains a column on, columns begin at multiples of the grain."""
MOST_GRAINS = 262_144
"""Longer texts have longer grains, so that the peaks of 512 units take 128 MB at most."""

ReadBlock = Callable[[int, int], NDArray[np.int8]]
"""Gives the chunk of this number in time and in units, int8 (unit, time)."""


def grain_of(length: int) -> int:
    """How many symbols a grain of a text has."""
    grain = GRAIN
    while length > grain * MOST_GRAINS and grain < CHUNK_TIME:
        grain *= 2
    return grain


def column_edges(start: int, stop: int, width: int, length: int) -> NDArray[np.int64]:
    """Where columns begin, and where the last one ends.

    Parameters
    ----------
    start, stop : int
        The range; at least one symbol of the text.
    width : int
        Columns; no more than the range has symbols.
    length : int
        Symbols of the whole text.

    Returns
    -------
    ndarray of int64, shape (width + 1,)
        Columns are all but equally long. Where they have `COARSE` grains or more, all edges are
        moved to multiples of the grain, so that they cover the range.
    """
    edges = start + np.arange(width + 1, dtype=np.int64) * (stop - start) // width
    if is_coarse(start, stop, width, length):
        grain = grain_of(length)
        edges = edges // grain * grain
        edges[-1] = min(-(-stop // grain) * grain, length)
    return edges


def is_coarse(start: int, stop: int, width: int, length: int) -> bool:
    """Whether so many columns over a range are pooled from peaks."""
    return stop - start >= width * COARSE * grain_of(length)


def pool_blocks(read: ReadBlock, units: int, edges: NDArray[np.int64]) -> NDArray[np.int8]:
    """Pool the codes themselves, a chunk at a time.

    Returns
    -------
    ndarray of int8, shape (unit, column)
    """
    pooled = np.zeros((units, len(edges) - 1), np.int8)

    def fill(number: int) -> None:
        rows = pooled[number * CHUNK_UNITS : (number + 1) * CHUNK_UNITS]
        for row in range(int(edges[0]) // CHUNK_TIME, (int(edges[-1]) - 1) // CHUNK_TIME + 1):
            begin = row * CHUNK_TIME
            block = read(row, number)
            inside = np.clip(edges - begin, 0, block.shape[1])
            first = int(np.searchsorted(edges, begin, side="right")) - 1
            last = int(np.searchsorted(edges, begin + block.shape[1], side="left"))
            first, last = max(first, 0), min(last, len(edges) - 1)
            part = _pool(block, inside[first : last + 1])
            # A column may lie in two chunks.
            rows[:, first:last] = _stronger(rows[:, first:last], part)

    with ThreadPoolExecutor(workers()) as threads:
        list(threads.map(fill, range(-(-units // CHUNK_UNITS))))
    return pooled


def site_peaks(recording: Recording, site: str) -> NDArray[np.int8]:
    """Read a whole site, chunk by chunk, and keep the peak of every grain.

    Returns
    -------
    ndarray of int8, shape (unit, grain)

    Raises
    ------
    RecordingError
        If there is no such site, or it is damaged.
    """
    length, grain = len(recording), grain_of(len(recording))
    peaks = np.zeros((recording.units(site), -(-length // grain)), np.int8)

    def fill(units: slice) -> None:
        for start in range(0, length, CHUNK_TIME):
            stop = min(start + CHUNK_TIME, length)
            part = _grain_peaks(recording.codes(site, start, stop, units), grain)
            peaks[units, start // grain : start // grain + len(part)] = part.T

    with ThreadPoolExecutor(workers()) as threads:
        list(threads.map(fill, [units for _, units in unit_blocks(recording, [site])]))
    return peaks


def pool_peaks(
    peaks: NDArray[np.int8], edges: NDArray[np.int64], grain: int = GRAIN
) -> NDArray[np.int8]:
    """Pool a site's peaks into coarse columns, int8 (unit, column)."""
    return _pool(peaks, -(-edges // grain))


def _pool(codes: NDArray[np.int8], edges: NDArray[np.int64]) -> NDArray[np.int8]:
    """Pool (unit, time) between edges that rise."""
    codes = codes[:, int(edges[0]) : int(edges[-1])]
    if len(edges) - 1 == codes.shape[1]:
        return codes
    places = edges[:-1] - edges[0]
    highest = np.maximum.reduceat(codes, places, axis=1)
    return _signed(highest, np.minimum.reduceat(codes, places, axis=1))


def _grain_peaks(codes: NDArray[np.int8], grain: int) -> NDArray[np.int8]:
    """Peaks of a chunk (time, unit), int8 (grain, unit)."""
    time, units = codes.shape
    grains = -(-time // grain)
    if time < grains * grain:  # zeros are no peak
        codes = np.concatenate([codes, np.zeros((grains * grain - time, units), np.int8)])
    # Halved again and again: long rows, which the processor compares many codes at a time.
    highest = lowest = np.ascontiguousarray(codes).reshape(grains, grain * units)
    while highest.shape[1] > units:
        half = highest.shape[1] // 2
        highest = np.maximum(highest[:, :half], highest[:, half:])
        lowest = np.minimum(lowest[:, :half], lowest[:, half:])
    return _signed(highest, lowest)


def _signed(highest: NDArray[np.int8], lowest: NDArray[np.int8]) -> NDArray[np.int8]:
    return np.where(-lowest.astype(np.int16) > highest, lowest, highest)


def _stronger(one: NDArray[np.int8], other: NDArray[np.int8]) -> NDArray[np.int8]:
    return _signed(np.maximum(one, other), np.minimum(one, other))
