"""What the sheet is drawn from: units by columns of time, from peaks kept for the sites in use."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from analysis.pooling import (
    column_edges,
    grain_of,
    is_coarse,
    largest_codes,
    pool_blocks,
    pool_peaks,
    scaled_codes,
    site_peaks,
)
from analysis.recording import Recording, RecordingError

MOST_COLUMNS = 4_096
"""No screen has more."""

_KEPT_BYTES = 128 << 20  # eight sites of 512 units and two million symbols
_GATES = frozenset("iforz")
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
    if is_coarse(start, stop, width, len(recording)):
        return pool_peaks(peaks_of(recording, site), edges, grain_of(len(recording)))
    return pool_blocks(lambda row, column: read(recording.id, site, row, column), units, edges)


def unit_colours(recording: Recording, site: str, scale: str) -> NDArray[np.int8]:
    """The code whose raw colour stands for each code of a unit under a scale, int8 (unit, 256).

    Entry k is for the code k - 128. Scales other than "maximum" are drawn as "raw".

    Raises
    ------
    RecordingError
        If there is no such site, or it is damaged.
    """
    units = recording.units(site)
    largest = largest_codes(peaks_of(recording, site)) if scale == "maximum" else None
    return scaled_codes(largest, units, is_signed(site))


def is_signed(site: str) -> bool:
    """Whether a site's values go from -1 to 1; those of gates go from 0 to 1."""
    return site.rpartition(".")[2] not in _GATES


def ends_of(site: str, scale: str) -> tuple[str, str, str]:
    """What the first, the middle and the last colour stand for, in words."""
    if scale == "maximum":
        return ("−max", "0", "+max") if is_signed(site) else ("0", "½ max", "max")
    return ("−1", "0", "+1") if is_signed(site) else ("0", "0.5", "1")


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
