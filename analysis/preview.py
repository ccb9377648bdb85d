"""What a hypothesis says of a recording, counted before any unit is searched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.labelling import label_recording
from analysis.outcomes import digest_of, paint_labels

if TYPE_CHECKING:
    from analysis.hypotheses.labels import Hypothesis, Kind, Labels
    from analysis.recording import Recording

Spans = tuple[tuple[int, int], ...]

_BINS = 16
_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Preview:
    """How a hypothesis' labels are spread over a recording.

    Attributes
    ----------
    kind : {"yes/no", "number"}
    symbols, defined : int
        Symbols of the recording, and those that have a label.
    documents : int
        Of the recording.
    positives : int
        Symbols where a yes/no label is yes.
    holding : int
        Documents that have a positive symbol; for numbers, a defined one.
    low, median, high : float
        Of numbers; 0 where there is none.
    counts : tuple of int
        Symbols in 16 equal steps from `low` to `high`.
    spans : ndarray of int64, shape (span, 2)
        Where a yes/no label is yes: start and stop, rising, cut at the ends of documents.
    gaps : ndarray of int64, shape (gap, 2)
        Where a yes/no label is undefined, in the same way.
    """

    kind: Kind
    symbols: int
    defined: int
    documents: int
    positives: int
    holding: int
    low: float = 0.0
    median: float = 0.0
    high: float = 0.0
    counts: tuple[int, ...] = ()
    spans: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros((0, 2), np.int64), repr=False, compare=False
    )
    gaps: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros((0, 2), np.int64), repr=False, compare=False
    )

    @cached_property
    def digest(self) -> str:
        """A name for the yes/no labels, in hex; equal labels, the same name."""
        return digest_of(self.spans, self.gaps, self.symbols)

    def labels(self, start: int, stop: int) -> NDArray[np.uint8]:
        """The yes/no labels of the symbols [start, stop): 0 no, 1 yes, 255 undefined."""
        return paint_labels(self.spans, self.gaps, start, min(stop, self.symbols))

    @property
    def sentence(self) -> str:
        """The counts, in words."""
        if not self.defined:
            return "It says nothing about any symbol of this text."
        where = f"{self.holding:,} of {self.documents:,} documents"
        if self.kind == "yes/no":
            said = f"It holds at {self.positives:,} of {self.symbols:,} symbols, in {where}."
            missing = self.symbols - self.defined
            return f"{said} It says nothing about {missing:,}." if missing else said
        return (
            f"From {self.low:,.4g} to {self.high:,.4g}, median {self.median:,.4g}, at "
            f"{self.defined:,} of {self.symbols:,} symbols, in {where}."
        )

    @property
    def bars(self) -> str:
        """A histogram of numbers, one letter a step; a step that is not empty shows."""
        most = max(self.counts, default=0)
        return "".join(
            _BARS[-(-len(_BARS) * count // most) - 1] if count else " " for count in self.counts
        )


def preview_labels(
    recording: Recording,
    hypothesis: Hypothesis,
    progress: Callable[[float], None] = lambda share: None,
) -> Preview:
    """Label a recording and count.

    Parameters
    ----------
    recording : Recording
    hypothesis : Hypothesis
    progress : callable, optional
        Called with the share of documents that are labelled; what it raises stops the count.

    Raises
    ------
    HypothesisError
        If the labels don't fit a document.
    """
    (labels,) = label_recording(recording, [hypothesis], progress)
    edges = [(d.start, d.stop) for d in recording.documents]
    is_number = hypothesis.kind == "number"
    holds = labels.defined if is_number else labels.values & labels.defined
    preview = Preview(
        kind=hypothesis.kind,
        symbols=len(recording),
        defined=int(np.count_nonzero(labels.defined)),
        documents=len(edges),
        positives=0 if is_number else int(np.count_nonzero(holds)),
        holding=sum(bool(holds[start:stop].any()) for start, stop in edges),
    )
    if is_number:
        return _with_numbers(preview, labels)
    starts = [start for start, _ in edges]
    return replace(preview, spans=_spans(holds, starts), gaps=_spans(~labels.defined, starts))


def spans_around(
    spans: NDArray[np.int64], sight: tuple[int, int], most: int, kept: Spans = ()
) -> Spans:
    """Return at most so many spans: all, or those in sight and as many on both sides.

    Parameters
    ----------
    spans : ndarray of int64, shape (span, 2)
        Rising and apart.
    sight : tuple of int
        The symbols in sight, from and up to which.
    most : int
        If more than these are in sight, the first of them.
    kept : tuple of (int, int), optional
        What was returned before; returned again if it has all that is in sight.
    """
    if len(spans) <= most:
        return _as_pairs(spans)
    first = int(np.searchsorted(spans[:, 1], sight[0], side="right"))
    last = min(int(np.searchsorted(spans[:, 0], sight[1])), first + most)
    seen = _as_pairs(spans[first:last])
    if kept and (not seen or (kept[0] <= seen[0] and seen[-1] <= kept[-1])):
        return kept
    begin = max(0, first - (most - (last - first)) // 2)
    return _as_pairs(spans[begin : begin + most])


def _as_pairs(spans: NDArray[np.int64]) -> Spans:
    return tuple((start, stop) for start, stop in spans.tolist())


def _with_numbers(preview: Preview, labels: Labels) -> Preview:
    numbers = labels.values[labels.defined]
    if not numbers.size:
        return preview
    counts, _ = np.histogram(numbers, _BINS)
    return replace(
        preview,
        low=float(numbers.min()),
        median=float(np.median(numbers)),
        high=float(numbers.max()),
        counts=tuple(counts.tolist()),
    )


def _spans(holds: NDArray[np.bool_], starts: Sequence[int]) -> NDArray[np.int64]:
    before = np.append(False, holds)
    after = np.append(holds, False)
    changes = before != after
    # A run over the seam of two documents is two spans.
    seams = np.array(starts, np.int64)
    seams = seams[(seams > 0) & (seams < holds.size)]
    begins = changes & after
    ends = changes & before
    joined = seams[before[seams] & after[seams]]
    begins[joined] = ends[joined] = True
    return np.stack([np.flatnonzero(begins), np.flatnonzero(ends)], axis=1).astype(np.int64)
