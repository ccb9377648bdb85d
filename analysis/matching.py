"""From a marked range of the text to the units that are on in it and off around it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import numpy as np

from analysis.arrays import CODE_SCALE
from analysis.excerpts import TextReader, check_shown
from analysis.gathering import Block, unit_blocks
from analysis.ranking import workers
from analysis.recording import CHUNK_TIME, CHUNK_UNITS, Recording, Unit
from analysis.switches import (
    DEFAULT_THRESHOLD,
    Direction,
    MatchingError,
    Switch,
    middle_and_reach,
)

TOLERANCE = 0.25
BESIDE = 3
_BLOCK = 8 * CHUNK_UNITS  # units read at once: 8 MB a thread at most


@dataclass(frozen=True)
class RangeMatch:
    """A unit that is on throughout a range and not beside it.

    Attributes
    ----------
    unit : str
    direction : {1, -1}
        1 if the unit is high in the range, -1 if it is low.
    threshold : float
        The value from which it counts as high, or down from which as low; see `switches.Switch`.
    score : float
        In [0, 1]: the share of the range's symbols where it is on, times the share of those
        before where it is off, times the share of those after where it is off. A side without
        symbols counts as off.
    contrast : float
        In [-1, 1]: how far the mean in the range lies from the mean beside it, in the unit's
        direction, as a share of what the signal can span. Equal scores are ranked by it.
    inside, before, after : float
        The shares of symbols where it is on.
    """

    unit: str
    direction: Direction
    threshold: float
    score: float
    contrast: float
    inside: float
    before: float
    after: float

    @property
    def switch(self) -> Switch:
        """What `similar_places.places_like` takes to find more of the same."""
        return Switch(self.unit, self.direction, self.threshold)

    def to_json(self) -> dict[str, str | float | int]:
        """Return the fields in their order, ready for `json.dumps`."""
        return asdict(self)


def units_for_range(
    recording: Recording,
    start: int,
    stop: int,
    *,
    threshold: float = DEFAULT_THRESHOLD,
    before: int = BESIDE,
    after: int = BESIDE,
    tolerance: float = TOLERANCE,
    top: int = 20,
    sites: Sequence[str] | None = None,
) -> tuple[RangeMatch, ...]:
    """Find the units that are on throughout a range of symbols, and not before or after it.

    Units count on both sides, high or low. The threshold is a distance from the middle of a
    signal's values, the same for all units, and not a quantile of each: so only the chunks around
    the range are read, and a unit that hardly moves in the whole text is not on anywhere.

    Parameters
    ----------
    recording : Recording
    start, stop : int
        Positions in the recording; the range must lie in one document.
    threshold : float, default=0.3
        How far from the middle is on, as a share of the way to the end: 0.3 is 0.3 or -0.3 for a
        state, 0.65 or 0.35 for a gate.
    before, after : int, default=3
        Symbols beside the range where the unit must be off, fewer at the document's ends. 0 asks
        nothing of that side.
    tolerance : float, default=0.25
        Share of the range's symbols that may be off, and of each side's that may be on; above 0,
        one symbol in three or more always may.
    top : int, default=20
    sites : sequence of str, optional
        Where to look, such as ``["0.h", "1.i"]``; by default wherever a state, h or c, was
        recorded. Gates follow from the states, and crowd them out.

    Returns
    -------
    tuple of RangeMatch
        The best `top`, by score, then contrast, then place in the recording.

    Raises
    ------
    MatchingError
        If the range is empty, outside the recording or across documents, or an option is out of
        its bounds.
    RecordingError
        If there is no such site.
    """
    _check_options(threshold, before, after, tolerance, top)
    document = TextReader(recording).document_at(_checked_start(recording, start, stop))
    if stop > document.stop:
        raise MatchingError(
            f"The range {start}:{stop} goes beyond the document {document.name!r}, which ends at "
            f"{document.stop}: mark a range inside one document."
        )
    bounds = (max(document.start, start - before), start, stop, min(document.stop, stop + after))
    blocks = unit_blocks(recording, _state_sites(recording) if sites is None else sites, _BLOCK)

    def match(block: Block) -> list[RangeMatch]:
        return _match_block(recording, *block, bounds, threshold, tolerance)

    with ThreadPoolExecutor(workers(), thread_name_prefix="match") as pool:
        found = [one for some in pool.map(match, blocks) for one in some]
    found.sort(key=lambda each: (-each.score, -each.contrast))  # stable
    return tuple(found[:top])


def _check_options(threshold: float, before: int, after: int, tolerance: float, top: int) -> None:
    if not 0 < threshold <= 1:
        raise MatchingError(f"The threshold must lie above 0 and at most at 1, not {threshold}.")
    if not 0 <= tolerance < 0.5:
        raise MatchingError(f"The tolerance must be at least 0 and below 0.5, not {tolerance}.")
    if min(before, after) < 0:
        raise MatchingError(
            f"Symbols before and after the range must be 0 or more, not {min(before, after)}."
        )
    check_shown(top)


def _checked_start(recording: Recording, start: int, stop: int) -> int:
    if start >= stop:
        raise MatchingError(f"The range {start}:{stop} is empty: mark at least one symbol.")
    if start < 0 or stop > len(recording):
        raise MatchingError(
            f"The range {start}:{stop} is not inside the recording, which has symbols 0 to "
            f"{len(recording)}."
        )
    return start


def _state_sites(recording: Recording) -> Sequence[str]:
    states = [site for site in recording.sites if site.split(".")[1] in ("h", "c")]
    return states or recording.sites


def _match_block(
    recording: Recording,
    site: str,
    units: slice,
    bounds: tuple[int, int, int, int],
    threshold: float,
    tolerance: float,
) -> list[RangeMatch]:
    switches = [Switch.default(f"{site}.{units.start}", side, threshold) for side in (1, -1)]
    on, sums = _count(recording, site, units, bounds, [each.first_code for each in switches])
    lengths = np.diff(bounds)  # before, inside, after
    most = _most_deviating(lengths, tolerance)
    deviating = on.copy()
    deviating[:, 1] = lengths[1] - on[:, 1]
    fits = np.all(deviating <= most[:, None], axis=1)  # (side, unit)
    shares = on / np.maximum(lengths, 1)[:, None]
    scores = shares[:, 1] * (1 - shares[:, 0]) * (1 - shares[:, 2])
    contrasts = _contrasts(sums, lengths, site)
    matches = []
    for k in np.flatnonzero(fits.any(axis=0)).tolist():
        side = int(np.argmax(np.where(fits[:, k], scores[:, k], -1)))
        switch = switches[side]
        share = shares[side, :, k].tolist()
        matches.append(
            RangeMatch(
                f"{site}.{units.start + k}",
                switch.direction,
                switch.threshold,
                score=float(scores[side, k]),
                contrast=float(switch.direction * contrasts[k]),
                before=share[0],
                inside=share[1],
                after=share[2],
            )
        )
    return matches


def _most_deviating(lengths: np.ndarray, tolerance: float) -> np.ndarray:
    """How many symbols of each part may be other than asked, (part,)."""
    # A share of a few symbols must not be missed by a last bit.
    most = np.floor(lengths * tolerance + 1e-9).astype(np.int64)
    # A mark is easily off by one, and the one may be all of a share of three.
    one = np.where(lengths >= 3, int(tolerance > 0), 0)
    allowed: np.ndarray = np.maximum(most, one)
    return allowed


def _count(
    recording: Recording,
    site: str,
    units: slice,
    bounds: tuple[int, int, int, int],
    first_codes: Sequence[int],
) -> tuple[np.ndarray, np.ndarray]:
    """Count symbols that are high and low, (side, part, unit), and add codes up, (part, unit)."""
    width = units.stop - units.start
    on = np.zeros((2, 3, width), np.int64)
    sums = np.zeros((3, width), np.int64)
    high, low = first_codes
    time = bounds[0]
    while time < bounds[3]:
        end = min(bounds[3], (time // CHUNK_TIME + 1) * CHUNK_TIME)
        codes = recording.codes(site, time, end, units)
        cuts = np.clip(np.array(bounds) - time, 0, end - time)
        for part in range(3):
            own = codes[cuts[part] : cuts[part + 1]]
            on[0, part] += (own >= high).sum(axis=0)
            on[1, part] += (own <= low).sum(axis=0)
            sums[part] += own.sum(axis=0, dtype=np.int64)
        time = end
    return on, sums


def _contrasts(sums: np.ndarray, lengths: np.ndarray, site: str) -> np.ndarray:
    """How much higher the codes are inside than beside, (unit,); 0 where nothing is beside."""
    beside = lengths[0] + lengths[2]
    if not beside:
        return np.zeros(sums.shape[1])
    reach = middle_and_reach(Unit.parse(f"{site}.0").signal)[1]
    difference = sums[1] / lengths[1] - (sums[0] + sums[2]) / beside
    contrasts: np.ndarray = difference / (2 * reach * CODE_SCALE)
    return contrasts
