"""Compare networks over one text: which of them expected each symbol better, and where.

Losses are in bits here: a recording keeps nats. A difference is the first network's loss less the
second's, so below zero the first is better.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from analysis.arrays import CODE_SCALE
from analysis.recording import RecordedDocument, Recording
from models.errors import UserError

DIFFERENCE_BITS = 4.0
"""What code 127 means in a difference of losses; greater ones are cut to it."""
LOSS_BITS = 8.0
"""The same of a loss."""
PASSAGE = 32
"""Symbols of a passage."""
_NATS_PER_BIT = math.log(2)
_HASH = 8  # digits shown
_MOST_AT_ONCE = 1 << 20  # symbols


class ComparisonError(UserError):
    """Recordings that cannot be compared."""


@dataclass(frozen=True)
class LossSummary:
    """How well one network expected a text, beside the first.

    Attributes
    ----------
    bits : float
        Mean loss of a symbol, over the symbols that all networks have a loss for; NaN if none.
    difference : float
        The first network's mean less this one's: below zero, the first is better.
    first_better : float
        Share of the symbols that the first network expected better than this one.
    symbols : int
        How many symbols count.
    """

    bits: float
    difference: float
    first_better: float
    symbols: int

    def to_json(self) -> dict[str, Any]:
        """Return the fields, ready for `json.dumps`."""
        return {name: None if value != value else value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class DifferentPassage:
    """Symbols [start, stop) of one document, and the mean difference of the losses there."""

    start: int
    stop: int
    difference: float

    def to_json(self) -> dict[str, Any]:
        """Return the fields, ready for `json.dumps`."""
        return asdict(self)


@dataclass(frozen=True)
class Comparison:
    """Losses of several networks over one text.

    `passages` has one tuple for each network after the first: where they differ most.
    """

    losses: tuple[LossSummary, ...]
    passages: tuple[tuple[DifferentPassage, ...], ...]


def compare_losses(
    recordings: Sequence[Recording], *, length: int = PASSAGE, top: int = 10
) -> Comparison:
    """Compare recordings of one text with the first of them; `length` and `top` are of passages.

    Raises
    ------
    ComparisonError
        As `most_different_passages`.
    """
    losses = [loss_bits(each) for each in recordings]
    documents = recordings[0].documents
    passages = [
        tuple(most_different_passages(losses[0] - each, documents, length=length, top=top))
        for each in losses[1:]
    ]
    return Comparison(tuple(summarize_losses(losses)), tuple(passages))


def text_key(recording: Recording) -> tuple[tuple[int, str], ...]:
    """What recordings of one text have in common: length and hash of each document, in order."""
    return tuple((each.stop - each.start, each.sha256) for each in recording.documents)


def check_same_text(recordings: Sequence[Recording]) -> None:
    """Raise a ComparisonError unless there are two recordings or more, all of one text.

    Raises
    ------
    ComparisonError
        If there are fewer than two, or one is of another text than the first.
    """
    if len(recordings) < 2:
        raise ComparisonError("There is one recording alone. Name another of the same text.")
    first, *others = recordings
    for other in others:
        if text_key(other) != text_key(first):
            raise ComparisonError(
                f"{other.path} is of another text than {first.path}: {other.corpus_name}, "
                f"{len(other):,} symbols, and {first.corpus_name}, {len(first):,} symbols. Record "
                "the same text with both networks."
            )


def distinct_names(recordings: Sequence[Recording]) -> list[str]:
    """What the network of each recording is called; of two of one name, with its hash."""
    names = [each.checkpoint_name for each in recordings]
    hashes = [str(each.attributes["checkpoint"]["sha256"])[:_HASH] for each in recordings]
    return [
        f"{name} ({digest})" if names.count(name) > 1 else name
        for name, digest in zip(names, hashes, strict=True)
    ]


def loss_bits(recording: Recording, start: int = 0, stop: int | None = None) -> np.ndarray:
    """Loss of each symbol in bits, float32 (time,); NaN where a document begins."""
    bits: np.ndarray = recording.loss(start, stop) / np.float32(_NATS_PER_BIT)
    return bits


def loss_difference(
    first: Recording, second: Recording, start: int = 0, stop: int | None = None
) -> np.ndarray:
    """The first network's loss less the second's in bits, float32 (time,); NaN without a loss."""
    difference: np.ndarray = loss_bits(first, start, stop) - loss_bits(second, start, stop)
    return difference


def bits_to_codes(bits: np.ndarray, most: float) -> np.ndarray:
    """Bits as codes, int8 (time,): 127 at `most` bits and above, 0 where there is no number.

    Parameters
    ----------
    bits : float (time,)
    most : float
        Above 0. The codes reach from its negative to it.
    """
    shares = np.nan_to_num(np.clip(bits / most, -1, 1), nan=0.0)
    return np.rint(CODE_SCALE * shares).astype(np.int8)


def summarize_losses(losses: Sequence[np.ndarray]) -> list[LossSummary]:
    """Mean losses over the symbols that all have a loss for, each beside the first.

    Parameters
    ----------
    losses : sequence of float (time,)
        In bits, one array a network, all as long; NaN where there is no loss.

    Returns
    -------
    list of LossSummary
        One a network; the first one's difference and share are 0.
    """
    known = np.logical_and.reduce([np.isfinite(each) for each in losses])
    count = int(known.sum())
    first = _mean(losses[0], known, count)
    return [
        LossSummary(
            bits := _mean(each, known, count),
            first - bits,
            int(np.count_nonzero((losses[0] < each) & known)) / count if count else math.nan,
            count,
        )
        for each in losses
    ]


def _mean(values: np.ndarray, known: np.ndarray, count: int) -> float:
    return float(np.sum(values, where=known, dtype=np.float64)) / count if count else math.nan


def most_different_passages(
    difference: np.ndarray,
    documents: Sequence[RecordedDocument],
    *,
    length: int = PASSAGE,
    top: int = 10,
) -> list[DifferentPassage]:
    """The passages where two networks differ most, in either direction, none over another.

    Parameters
    ----------
    difference : float (time,)
        As `loss_difference` gives it; where it is NaN it counts as 0.
    documents : sequence of RecordedDocument
        No passage goes over the end of one. Of a shorter document the whole is a passage.
    length : int, default=32
        Symbols of a passage.
    top : int, default=10
        Passages at most.

    Returns
    -------
    list of DifferentPassage
        Those with the greatest absolute mean first; none where the mean is 0.

    Raises
    ------
    ComparisonError
        If `length` or `top` is below 1.
    """
    if length < 1 or top < 1:
        raise ComparisonError(f"{top} passages of {length} symbols: ask for at least 1 of each.")
    found: list[DifferentPassage] = []
    for group in _groups(documents):  # no window is in two of them
        found += _strongest(difference, group, length, top)
        found = sorted(found, key=lambda each: -abs(each.difference))[:top]
    return found


def _groups(documents: Sequence[RecordedDocument]) -> Iterator[list[RecordedDocument]]:
    """Neighbours that are looked through at once: all windows of a long text take much memory."""
    group: list[RecordedDocument] = []
    for document in documents:
        if group and document.stop - group[0].start > _MOST_AT_ONCE:
            yield group
            group = []
        group.append(document)
    if group:
        yield group


def _strongest(
    difference: np.ndarray, group: Sequence[RecordedDocument], length: int, top: int
) -> list[DifferentPassage]:
    first = group[0].start
    part = np.nan_to_num(difference[first : group[-1].stop])
    sums = np.concatenate([[0.0], part.astype(np.float64).cumsum()])
    starts, stops = _windows([(d.start - first, d.stop - first) for d in group], length)
    means = (sums[stops] - sums[starts]) / np.maximum(1, stops - starts)
    found: list[DifferentPassage] = []
    strength = np.abs(means)
    while len(found) < top and len(strength):
        best = int(strength.argmax())
        if not strength[best] > 1e-9:  # sums leave a rest where nothing differs
            break
        start, stop = int(starts[best]), int(stops[best])
        found.append(DifferentPassage(first + start, first + stop, float(means[best])))
        # The starts rise: windows that touch this one lie side by side.
        low = int(np.searchsorted(starts, start - length, side="right"))
        near = slice(low, int(np.searchsorted(starts, stop)))
        strength[near][stops[near] > start] = 0.0
    return found


def _windows(spans: Sequence[tuple[int, int]], length: int) -> tuple[np.ndarray, np.ndarray]:
    """Where windows of a length may start and stop, int (window,) each, starts rising."""
    kept = [(start, stop) for start, stop in spans if stop > start]
    starts = [np.arange(start, max(start + 1, stop - length + 1)) for start, stop in kept]
    stops = [np.minimum(each + length, stop) for each, (_, stop) in zip(starts, kept, strict=True)]
    nothing = np.zeros(0, np.int64)
    return np.concatenate([nothing, *starts]), np.concatenate([nothing, *stops])
