"""Gather codes from chunks: of few units over a whole recording, of all units over parts of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.recording import CHUNK_TIME, CHUNK_UNITS, Unit

if TYPE_CHECKING:
    from analysis.recording import Recording

Spans = Sequence[tuple[int, int]]

_WIDE = 16 * CHUNK_UNITS  # units that are held at once


Block = tuple[str, slice]
"""A site and which of its units."""


def unit_blocks(
    recording: Recording, sites: Sequence[str] | None = None, wide: int = CHUNK_UNITS
) -> list[Block]:
    """All units of some sites, by default of all, in their order, a few at a time."""
    return [
        (site, slice(first, min(first + wide, recording.units(site))))
        for site in (recording.sites if sites is None else sites)
        for first in range(0, recording.units(site), wide)
    ]


def unit_names(recording: Recording) -> list[str]:
    """The names of all units, in the order of their sites."""
    return [
        f"{site}.{k}"
        for site, units in unit_blocks(recording)
        for k in range(units.start, units.stop)
    ]


def columns_of(
    recording: Recording, names: Sequence[str]
) -> list[tuple[str, slice, list[tuple[int, int]]]]:
    """The chunks that hold some units: site, units, and the named ones' places and columns."""
    columns: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for place, name in enumerate(names):
        unit = Unit.parse(name)
        number, column = divmod(unit.index, CHUNK_UNITS)
        columns.setdefault((unit.site, number * CHUNK_UNITS), []).append((place, column))
    return [
        (site, slice(first, min(first + CHUNK_UNITS, recording.units(site))), own)
        for (site, first), own in columns.items()
    ]


def codes_of(recording: Recording, names: Sequence[str]) -> NDArray[np.int8]:
    """Codes of some units, int8 (time, unit); a chunk that several are in is read once."""
    codes = np.empty((len(recording), len(names)), np.int8)
    for site, units, own in columns_of(recording, names):
        places, columns = map(list, zip(*own, strict=True))
        for start in range(0, len(recording), CHUNK_TIME):
            stop = min(start + CHUNK_TIME, len(recording))
            codes[start:stop, places] = recording.codes(site, start, stop, units)[:, columns]
    return codes


def blocks_over(recording: Recording, spans: Spans) -> Iterator[NDArray[np.int8]]:
    """Codes of all units over some spans, many units at a time, in the units' order."""
    for site, units in unit_blocks(recording, wide=_WIDE):
        columns = [
            over_spans(recording, site, slice(k, min(k + CHUNK_UNITS, units.stop)), spans)
            for k in range(units.start, units.stop, CHUNK_UNITS)
        ]
        yield np.concatenate(columns, axis=1)


def over_spans(recording: Recording, site: str, units: slice, spans: Spans) -> NDArray[np.int8]:
    """Codes of one column of chunks over some spans, rising; each chunk is read once."""
    parts: list[NDArray[np.int8]] = []
    held, chunk = -1, np.zeros((0, 0), np.int8)
    for start, stop in spans:
        for row in range(start // CHUNK_TIME, (stop - 1) // CHUNK_TIME + 1):
            begin = row * CHUNK_TIME
            if row != held:
                end = min(begin + CHUNK_TIME, len(recording))
                held, chunk = row, recording.codes(site, begin, end, units)
            parts.append(chunk[max(start - begin, 0) : stop - begin])
    return np.concatenate(parts)


def codes_at(recording: Recording, places: NDArray[np.int64]) -> NDArray[np.int8]:
    """Codes of all units at some symbols, rising: int8 (place, unit), units in the sites' order."""
    codes = np.empty((places.size, sum(recording.units(site) for site in recording.sites)), np.int8)
    first = 0
    for site, units in unit_blocks(recording):
        last = first + units.stop - units.start
        for start in range(0, len(recording), CHUNK_TIME):
            low, high = np.searchsorted(places, (start, start + CHUNK_TIME))
            if low < high:
                chunk = recording.codes(site, start, min(start + CHUNK_TIME, len(recording)), units)
                codes[low:high, first:last] = chunk[places[low:high] - start]
        first = last
    return codes
