"""Passages of the text for one unit: where it is highest, within a band, or anywhere.

The highest alone flatter a unit. A band of its middle, and passages at random, show what it does
the rest of the time.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

import numpy as np

from analysis.arrays import CODE_SCALE
from analysis.bands import codes_in_band, count_by_chunk, draw_positions
from analysis.excerpts import TextReader, check_shown, most_considered, same_to_a_reader
from analysis.recording import Recording
from analysis.switches import Direction, MatchingError

CONTEXT = 60
_BLOCK = 64  # symbols of one document whose highest is kept


@dataclass(frozen=True)
class Passage:
    """A stretch of text around one symbol.

    Attributes
    ----------
    document : str
        The document's name.
    start, stop : int
        Positions in the recording.
    peak : int
        Position of the symbol that the passage was chosen by.
    value : float
        The unit's value there, to 1/127.
    before : str
        From `start` up to that symbol and with it: all that the unit had read of the passage.
    after : str
        The rest.
    """

    document: str
    start: int
    stop: int
    peak: int
    value: float
    before: str
    after: str

    def to_json(self) -> dict[str, str | float | int]:
        """Return the fields in their order, ready for `json.dumps`."""
        return asdict(self)


def top_passages(
    recording: Recording,
    unit: str,
    *,
    top: int = 20,
    direction: Direction = 1,
    context: int = CONTEXT,
    seed: int = 0,
    codes: np.ndarray | None = None,
) -> tuple[Passage, ...]:
    """Find the passages where a unit is highest, or lowest.

    Parameters
    ----------
    recording : Recording
    unit : str
        Such as "1.c.78".
    top : int, default=20
    direction : {1, -1}
        -1 for the lowest.
    context : int, default=60
        Symbols to show before and after, at most; passages do not overlap.
    seed : int, default=0
        Draws the order of stretches that are equally high.
    codes : ndarray of int8, shape (time,), optional
        The unit's codes, where they have been read already.

    Returns
    -------
    tuple of Passage
        At most `top`, highest first: each the highest symbol that overlaps with none before it.
        Of passages that differ in white space alone, the first.

    Raises
    ------
    MatchingError
        If an option is out of its bounds, or the codes are not the recording's.
    RecordingError
        If the recording has no such unit.
    """
    column = _column(recording, unit, codes, top, context, seed)
    if direction not in (1, -1):
        raise MatchingError(f"The direction of {unit} must be 1 or -1, not {direction!r}.")
    chosen = _Chosen(recording, column, context)
    # ~code runs the other way, and has no -128 that cannot be negated.
    signed = column if direction == 1 else ~column
    return chosen.first(_falling(recording, signed, chosen, np.random.default_rng(seed), top), top)


def band_passages(
    recording: Recording,
    unit: str,
    low: float,
    high: float,
    *,
    top: int = 20,
    context: int = CONTEXT,
    seed: int = 0,
    codes: np.ndarray | None = None,
) -> tuple[Passage, ...]:
    """Draw passages where a unit is between two of its quantiles.

    Parameters
    ----------
    recording, unit, top, context, codes
        As `top_passages` takes them.
    low, high : float
        Quantiles over the recording, such as 0.45 and 0.55 for its middle. A code belongs to the
        band if any of the symbols that have it does.
    seed : int, default=0
        Draws the passages.

    Returns
    -------
    tuple of Passage
        At most `top`, in the order drawn; they neither overlap nor repeat each other's text.

    Raises
    ------
    MatchingError
        If the band is out of order, an option is out of its bounds, or the codes are not the
        recording's.
    RecordingError
        If the recording has no such unit.
    """
    if not 0 <= low < high <= 1:
        raise MatchingError(
            f"The band {low:g}:{high:g} is out of order: write two quantiles from 0 to 1, the "
            "lower first, such as 0.45:0.55."
        )
    column = _column(recording, unit, codes, top, context, seed)
    counts = count_by_chunk(column)
    belongs = codes_in_band(counts.sum(axis=0), low, high)
    chosen = _Chosen(recording, column, context)
    random = np.random.default_rng(seed)
    return chosen.first(draw_positions(column, counts, belongs, random, most_considered(top)), top)


def random_passages(
    recording: Recording,
    unit: str,
    *,
    top: int = 20,
    context: int = CONTEXT,
    seed: int = 0,
    codes: np.ndarray | None = None,
) -> tuple[Passage, ...]:
    """Draw passages at random, every symbol as likely: `band_passages` of all quantiles."""
    return band_passages(
        recording, unit, 0.0, 1.0, top=top, context=context, seed=seed, codes=codes
    )


def _column(
    recording: Recording,
    unit: str,
    codes: np.ndarray | None,
    top: int,
    context: int,
    seed: int,
) -> np.ndarray:
    name = recording.find_unit(unit)
    check_shown(top, context)
    if seed < 0:
        raise MatchingError(f"The seed must be 0 or above, not {seed}.")
    if codes is None:
        return np.ascontiguousarray(recording.unit_codes(name))
    if codes.shape != (len(recording),) or codes.dtype != np.int8:
        raise MatchingError(
            f"The codes of {unit} are {codes.dtype} {codes.shape}, but the recording has "
            f"int8 ({len(recording)},): pass what `unit_codes` gives."
        )
    return np.ascontiguousarray(codes)


class _Chosen:
    """Passages so far: none overlaps with another or repeats its text."""

    def __init__(self, recording: Recording, codes: np.ndarray, context: int) -> None:
        self.passages: list[Passage] = []
        self._reader = TextReader(recording)
        self._codes, self._context = codes, context
        self._taken: dict[int, list[int]] = {}  # rising, by where their document starts
        self._seen: set[str] = set()

    def first(self, peaks: Iterable[int], top: int) -> tuple[Passage, ...]:
        """The first passages that are new, around these symbols."""
        for peak in peaks:
            if len(self.passages) == top:
                break
            self.add(peak)
        return tuple(self.passages)

    def add(self, peak: int) -> None:
        """Add the passage around a symbol, if it is new."""
        document = self._reader.document_at(peak)
        if not self.free(peak, peak + 1)[0]:
            return
        # What repeats another's text is taken too, or its neighbour would come next.
        insort(self._taken.setdefault(document.start, []), peak)
        start = max(document.start, peak - self._context)
        stop = min(document.stop, peak + 1 + self._context)
        before, after = self._reader.text(start, peak + 1), self._reader.text(peak + 1, stop)
        text = same_to_a_reader(before + after)
        if text not in self._seen:
            self._seen.add(text)
            value = int(self._codes[peak]) / CODE_SCALE
            self.passages.append(Passage(document.name, start, stop, peak, value, before, after))

    def free(self, start: int, stop: int) -> np.ndarray:
        """Which symbols of a stretch of one document may still be chosen, bool (time,)."""
        free = np.ones(stop - start, np.bool_)
        reach = 2 * self._context  # closer than that, two passages share a symbol
        taken = self._taken.get(self._reader.document_at(start).start, [])
        for peak in taken[bisect_left(taken, start - reach) :]:
            if peak - reach >= stop:
                break
            free[max(0, peak - reach - start) : max(0, peak + reach + 1 - start)] = False
        return free


def _falling(
    recording: Recording,
    codes: np.ndarray,
    chosen: _Chosen,
    random: np.random.Generator,
    top: int,
) -> Iterator[int]:
    """Positions of the highest codes among those that are still free, highest first."""
    starts = _block_starts(recording)
    stops = np.append(starts[1:], len(recording))
    highest = np.maximum.reduceat(codes, starts)
    order = np.lexsort((random.random(starts.size), -highest.astype(np.int16)))
    left = iter(order.tolist())
    block = next(left, None)
    again: list[tuple[int, int, int]] = []  # -code, number, block
    for number in range(most_considered(top)):
        if block is not None and (not again or -int(highest[block]) <= again[0][0]):
            place, bound, block = block, int(highest[block]), next(left, None)
        elif again:
            negative, _, place = heapq.heappop(again)
            bound = -negative
        else:
            return
        start, stop = int(starts[place]), int(stops[place])
        free = chosen.free(start, stop)
        if free.any():
            own = np.where(free, codes[start:stop], np.int16(-129))
            offset = int(np.argmax(own))
            if own[offset] == bound:
                yield start + offset
            # What is left of the block is no higher than that.
            heapq.heappush(again, (-int(own[offset]), number, place))


def _block_starts(recording: Recording) -> np.ndarray:
    """Where stretches of at most 64 symbols start that lie in one document each."""
    return np.concatenate([np.arange(d.start, d.stop, _BLOCK) for d in recording.documents]).astype(
        np.intp
    )
