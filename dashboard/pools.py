"""What the sheet is drawn from: units by columns of time, from peaks kept for the sites in use."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import CODE_SCALE
from analysis.colour_scales import REACH, SCALES, Scale, count_units, shares_of_codes
from analysis.colour_scales import is_signed as is_signed_signal
from analysis.pooling import (
    column_edges,
    grain_of,
    is_coarse,
    pool_blocks,
    pool_peaks,
    site_peaks,
)
from analysis.recording import Recording, RecordingError
from dashboard.library import find_recording

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
    if is_coarse(start, stop, width, len(recording)):
        return pool_peaks(peaks_of(recording, site), edges, grain_of(len(recording)))
    return pool_blocks(lambda row, column: read(recording.id, site, row, column), units, edges)


def unit_colours(recording: Recording, site: str, scale: Scale) -> NDArray[np.int8]:
    """The code whose raw colour stands for each code of a unit under a scale, int8 (unit, 256).

    Entry k is for the code k - 128.

    Raises
    ------
    RecordingError
        If there is no such site or scale, or the recording is damaged.
    """
    if scale not in SCALES:
        raise RecordingError(
            f"There is no scale {scale[:20]!r}. Choose one of {', '.join(SCALES)}."
        )
    units, signed = recording.units(site), is_signed(site)
    counts = [None] * units if scale == "raw" else list(_counts(recording.id, site))
    shares = np.stack([shares_of_codes(each, scale, signed=signed) for each in counts])
    found: NDArray[np.int8] = np.rint(2 * CODE_SCALE * shares - CODE_SCALE).astype(np.int8)
    return found


@lru_cache(maxsize=32)
def _counts(recording_id: str, site: str) -> NDArray[np.integer]:
    recording = find_recording(recording_id)
    return count_units(recording, site, range(recording.units(site)))


def is_signed(site: str) -> bool:
    """Whether a site's values go from -1 to 1; those of gates go from 0 to 1."""
    return is_signed_signal(site.rpartition(".")[2])


def ends_of(site: str, scale: Scale) -> tuple[str, str, str]:
    """What the first, the middle and the last colour stand for, in words: of each unit's own."""
    match scale:
        case "maximum":
            return ("−max", "0", "+max") if is_signed(site) else ("0", "½ max", "max")
        case "quantile":
            return "lowest", "median", "highest"
        case "z":
            return f"−{REACH:g} sd", "mean", f"+{REACH:g} sd"
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
