"""What the sheet is drawn from: units by columns of time, from peaks kept for the sites in use."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from analysis.pooling import (
    column_edges,
    is_coarse,
    largest_codes,
    pool_blocks,
    pool_peaks,
    site_peaks,
)
from analysis.recording import Recording, RecordingError

MOST_COLUMNS = 4_096
"""No screen has more."""

_KEPT_BYTES = 128 << 20  # eight sites of 512 units and two million symbols
_peaks: OrderedDict[tuple[str, str], NDArray[np.int8]] = OrderedDict()
_locks: dict[tuple[str, str], threading.Lock] = {}
_lock = threading.Lock()

ReadBlock = Callable[[str, str, int, int], NDArray[np.int8]]
"""Gives a chunk of a recording by id, site and numbers in time and units: int8 (unit, time)."""


def pooled_codes(
    recording: Recording, site: str, start: int, stop: int, width: int, read: ReadBlock
) -> NDArray[np.int8]:
    """All units of a site over a range in at most so many columns, int8 (unit, column).

    Raises
    ------
    RecordingError
        If there is no such site or range, or more than `MOST_COLUMNS` columns are asked for.
    """
    units = recording.units(site)
    if not 0 <= start < stop <= len(recording):
        raise RecordingError(
            f"There is no range {start:,} to {stop:,}: the recording has {len(recording):,} "
            "symbols. Ask for a part of it."
        )
    if not 0 < width <= MOST_COLUMNS:
        raise RecordingError(f"Ask for 1 to {MOST_COLUMNS:,} columns, not {width:,}.")
    width = min(width, stop - start)
    edges = column_edges(start, stop, width, len(recording))
    if is_coarse(start, stop, width):
        return pool_peaks(peaks_of(recording, site), edges)
    return pool_blocks(lambda row, column: read(recording.id, site, row, column), units, edges)


def unit_limits(recording: Recording, site: str) -> NDArray[np.uint8]:
    """The largest magnitude of each unit's codes over the whole recording, uint8 (unit,)."""
    return largest_codes(peaks_of(recording, site))


def peaks_of(recording: Recording, site: str) -> NDArray[np.int8]:
    """A site's peaks, made once however many ask at the same time."""
    key = (recording.id, site)
    recording.units(site)  # what does not exist leaves no lock behind
    with _lock:
        own = _locks.setdefault(key, threading.Lock())
    with own:
        with _lock:
            if key in _peaks:
                _peaks.move_to_end(key)
                return _peaks[key]
        peaks = site_peaks(recording, site)
        with _lock:
            _peaks[key] = peaks
            while len(_peaks) > 1 and sum(each.nbytes for each in _peaks.values()) > _KEPT_BYTES:
                _peaks.popitem(last=False)
        return peaks
