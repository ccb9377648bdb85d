"""From chosen units to the places of the text where they are on together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil

import numpy as np

from analysis.excerpts import TextReader, check_shown, most_considered, same_to_a_reader
from analysis.gathering import columns_of
from analysis.recording import CHUNK_TIME, RecordedDocument, Recording
from analysis.switches import MatchingError, Switch

MIN_LENGTH = 3
CONTEXT = 60
_STEPS = 255  # of strength, in a byte a symbol


@dataclass(frozen=True)
class SimilarPlace:
    """A run of symbols where the chosen units are on.

    Attributes
    ----------
    document : str
        The document's name.
    start, stop : int
        Positions in the recording.
    score : float
        In [0, 1]: how far beyond their thresholds the units are on average, times how alike the
        run's length is to the one asked for (the shorter as a share of the longer), if one was.
        A unit that is off counts 0, one that goes as far as its signal can counts 1.
    before, inside, after : str
        The run's text, and that around it in the same document.
    """

    document: str
    start: int
    stop: int
    score: float
    before: str
    inside: str
    after: str

    def to_json(self) -> dict[str, str | float | int]:
        """Return the fields in their order, ready for `json.dumps`."""
        return asdict(self)


def places_like(
    recording: Recording,
    switches: Sequence[Switch],
    *,
    top: int = 20,
    min_length: int = MIN_LENGTH,
    share: float = 1.0,
    length: int | None = None,
    context: int = CONTEXT,
    exclude: tuple[int, int] | None = None,
) -> tuple[SimilarPlace, ...]:
    """Find the runs of symbols where the chosen units are on, most similar first.

    The units' codes are read once, chunk by chunk; 2 bytes a symbol are held. A run never goes
    from one document into another.

    Parameters
    ----------
    recording : Recording
    switches : sequence of Switch
        The units, and when each is on; each unit once.
    top : int, default=20
    min_length : int, default=3
        Symbols that a run has at least.
    share : float, default=1.0
        Share of the units that must be on at every symbol of a run: 1.0 is all.
    length : int, optional
        Runs about as long as this are preferred; by default all lengths are alike.
    context : int, default=60
        Symbols to show before and after.
    exclude : pair of int, optional
        Runs that touch this range are left out: the one that the units were chosen by.

    Returns
    -------
    tuple of SimilarPlace
        At most `top`, by score, then the longer, then the earlier. Of places whose text and
        surroundings differ in white space alone, the first.

    Raises
    ------
    MatchingError
        If there is no unit, one is named twice, or an option is out of its bounds.
    RecordingError
        If the recording has no such unit.
    """
    _check(recording, switches, top, min_length, share, length, context)
    most_off = len(switches) - ceil(len(switches) * share - 1e-9)
    on, strength = _read(recording, switches, len(switches) - most_off)
    starts, stops = _runs(on, recording.documents)
    keep = stops - starts >= min_length
    if exclude is not None:
        keep &= (stops <= exclude[0]) | (starts >= exclude[1])
    starts, stops = starts[keep], stops[keep]
    scores = _scores(strength, starts, stops, length)
    order = np.lexsort((starts, starts - stops, -scores))[: most_considered(top)]
    return _distinct(recording, starts[order], stops[order], scores[order], top, context)


def _check(
    recording: Recording,
    switches: Sequence[Switch],
    top: int,
    min_length: int,
    share: float,
    length: int | None,
    context: int,
) -> None:
    if not switches:
        raise MatchingError("No unit was chosen: name at least one, such as 1.c.78.")
    names = [str(recording.find_unit(switch.unit)) for switch in switches]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise MatchingError(f"The unit {twice} was chosen more than once: name it once.")
    if not 0 < share <= 1:
        raise MatchingError(f"The share of units must lie above 0 and at most at 1, not {share}.")
    for what, number in (("shortest", min_length), ("wanted", length or 1)):
        if number < 1:
            raise MatchingError(f"The {what} {number} were asked for: ask for at least 1.")
    check_shown(top, context)


def _read(
    recording: Recording, switches: Sequence[Switch], least: int
) -> tuple[np.ndarray, np.ndarray]:
    """Whether enough units are on, bool (time,), and their mean strength, uint8 (time,)."""
    on = np.zeros(len(recording), np.bool_)
    strength = np.zeros(len(recording), np.uint8)
    blocks = columns_of(recording, [switch.unit for switch in switches])
    for start in range(0, len(recording), CHUNK_TIME):
        stop = min(start + CHUNK_TIME, len(recording))
        count = np.zeros(stop - start, np.uint16)
        total = np.zeros(stop - start, np.float32)
        for site, units, own in blocks:
            block = recording.codes(site, start, stop, units)
            for place, column in own:
                codes = np.ascontiguousarray(block[:, column]).view(np.uint8)
                count += switches[place].is_on()[codes]
                total += switches[place].strength()[codes]
        on[start:stop] = count >= least
        strength[start:stop] = np.rint(total * (_STEPS / len(switches)))
    return on, strength


def _runs(on: np.ndarray, documents: Sequence[RecordedDocument]) -> tuple[np.ndarray, np.ndarray]:
    """Where runs start and stop, each (runs,)."""
    begins = on.copy()
    begins[1:] &= ~on[:-1]
    ends = on.copy()
    ends[:-1] &= ~on[1:]
    for document in documents:
        if document.start < document.stop:
            begins[document.start] = on[document.start]
            ends[document.stop - 1] = on[document.stop - 1]
    return np.flatnonzero(begins), np.flatnonzero(ends) + 1


def _scores(
    strength: np.ndarray, starts: np.ndarray, stops: np.ndarray, length: int | None
) -> np.ndarray:
    if not starts.size:
        return np.zeros(0)
    # Sums from each start to its stop, and of what lies between, which is left out.
    cuts = np.stack([starts, stops], axis=1).ravel()
    sums = np.add.reduceat(np.append(strength, np.uint8(0)), cuts, dtype=np.int64)[::2]
    lengths = stops - starts
    scores: np.ndarray = sums / (lengths * _STEPS)
    if length is not None:
        scores = scores * np.minimum(lengths, length) / np.maximum(lengths, length)
    return scores


def _distinct(
    recording: Recording,
    starts: np.ndarray,
    stops: np.ndarray,
    scores: np.ndarray,
    top: int,
    context: int,
) -> tuple[SimilarPlace, ...]:
    reader = TextReader(recording)
    places: list[SimilarPlace] = []
    seen: set[str] = set()
    for start, stop, score in zip(starts.tolist(), stops.tolist(), scores.tolist(), strict=True):
        if len(places) == top:
            break
        parts = reader.around(start, stop, context)
        text = same_to_a_reader("".join(parts))
        if text not in seen:
            seen.add(text)
            name = reader.document_at(start).name
            places.append(SimilarPlace(name, start, stop, score, *parts))
    return tuple(places)
