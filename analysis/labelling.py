"""Label a recording's documents and divide them: one half to choose units on, one to report."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from analysis.histograms import Cells, bin_bounds
from analysis.hypotheses.caching import label_document
from analysis.hypotheses.labels import Hypothesis, HypothesisError, Kind, Labels
from analysis.hypotheses.reasons import undefined_reason

if TYPE_CHECKING:
    from analysis.recording import RecordedDocument, Recording
    from models.corpora import Document

Split = Literal["documents", "halves of one document"]
_NOWHERE = "It is defined at no symbol of this recording."
HALVES = ("chooses", "reports")  # half 0 chooses, half 1 reports


@dataclass(frozen=True)
class Skipped:
    """A hypothesis that can't be scored on this recording.

    Attributes
    ----------
    hypothesis : str
        Its name.
    reason : str
        Why, in one or two sentences for a person to read.
    """

    hypothesis: str
    reason: str


@dataclass(frozen=True)
class Claim:
    """A hypothesis whose labels can be scored, and what was counted about them.

    Its cells are 0 where it is undefined, else `1 + half * bins + bin`.

    Attributes
    ----------
    hypothesis : str
    kind : {"yes/no", "number"}
    bins : int
        2 for yes/no: no, then yes.
    positives, n, documents : int
        See `analysis.findings.Finding`.
    split : {"documents", "halves of one document"}
    values : ndarray of float64, shape (bin,)
        The label's value in each bin; where a bin holds several values, their mean.
    occurrences : ndarray of int64, shape (half, bin)
        How often each bin is met.
    """

    hypothesis: str
    kind: Kind
    bins: int
    positives: int
    n: int
    documents: int
    split: Split
    values: NDArray[np.float64] = field(repr=False, compare=False)
    occurrences: NDArray[np.int64] = field(repr=False, compare=False)

    @property
    def cells(self) -> int:
        """Number of cells."""
        return 1 + 2 * self.bins

    def halves(self, ids: NDArray[np.uint16]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which symbols choose and which report, by their cells; each bool (time,)."""
        return (ids > 0) & (ids <= self.bins), ids > self.bins

    @property
    def ranks(self) -> NDArray[np.int64]:
        """Twice the mid-rank, within its half, of each cell's value, int64 (cells,)."""
        counts = self.occurrences
        return np.append(0, 2 * np.cumsum(counts, axis=1) - counts + 1)


def label_recording(
    recording: Recording,
    hypotheses: Sequence[Hypothesis],
    progress: Callable[[float], None],
) -> list[Labels]:
    """Ask every hypothesis about every document, each from its own start.

    Parameters
    ----------
    recording : Recording
    hypotheses : sequence of Hypothesis
    progress : callable
        Called with the share done, in [0, 1].

    Returns
    -------
    list of Labels
        One a hypothesis, over the whole recording: 2 bytes a symbol for yes/no, 5 for a number.

    Raises
    ------
    HypothesisError
        If a hypothesis gives labels too many, too few or not of its kind, or a number that isn't
        finite.
    """
    labels = [Labels.nowhere(hypothesis.kind, len(recording)) for hypothesis in hypotheses]
    # Documents outside, hypotheses inside: those about code can share one syntax tree.
    for k, recorded in enumerate(recording.documents):
        document, wanted = recording.labelled(k)
        for hypothesis, whole in zip(hypotheses, labels, strict=True):
            own = label_document(hypothesis, document)
            _check_labels(hypothesis, document, own)
            whole.values[recorded.start : recorded.stop] = own.values[wanted]
            whole.defined[recorded.start : recorded.stop] = own.defined[wanted]
        progress((k + 1) / len(recording.documents))
    return labels


def split_documents(documents: Sequence[RecordedDocument]) -> NDArray[np.bool_]:
    """Divide documents into two halves of about equally many symbols.

    Documents are taken in the order of the SHA-256 of their names, and each goes to the half
    that has fewer symbols so far; the first of two equal halves is the one that chooses. So the
    split depends on names and lengths only: not on the order of the documents, nor on a seed.

    Parameters
    ----------
    documents : sequence of RecordedDocument
        Two that hold a symbol are enough for both halves to hold one.

    Returns
    -------
    ndarray of bool, shape (documents,)
        True for the half that reports.
    """
    keys = [hashlib.sha256(d.name.encode("utf-8", "surrogateescape")).digest() for d in documents]
    reports = np.zeros(len(documents), np.bool_)
    symbols = [0, 0]
    for k in sorted(range(len(documents)), key=lambda k: keys[k]):
        half = int(symbols[1] < symbols[0])
        reports[k] = half == 1
        symbols[half] += documents[k].stop - documents[k].start
    return reports


def divide(
    hypothesis: Hypothesis, labels: Labels, documents: Sequence[RecordedDocument]
) -> tuple[Claim, Cells] | Skipped:
    """Split a hypothesis' symbols into halves and its labels into bins.

    Only documents where the hypothesis is defined somewhere are split, by `split_documents`. If
    there is just one, its first half chooses and its second half reports.

    Parameters
    ----------
    hypothesis : Hypothesis
    labels : Labels
        What it says of the recording.
    documents : sequence of RecordedDocument
        All documents of the recording.

    Returns
    -------
    tuple of Claim and Cells, or Skipped
        Skipped if a half has no defined symbol, or only one value.
    """
    used = [d for d in documents if labels.defined[d.start : d.stop].any()]
    if not used:
        return Skipped(hypothesis.name, _NOWHERE)
    reports, reporting = _halves(used, labels.defined.size)
    bins, values = _bins(hypothesis, labels)
    cells = bins + 1
    np.add(cells, values.size, out=cells, where=reports)
    cells *= labels.defined
    occurrences = np.bincount(cells, minlength=1 + 2 * values.size)[1:].reshape(2, -1)
    for half, counted in enumerate(occurrences):
        if np.count_nonzero(counted) < 2:
            where = labels.defined & (reports == bool(half))
            return Skipped(hypothesis.name, _constant(half, used, reporting, labels.values[where]))
    claim = Claim(
        hypothesis=hypothesis.name,
        kind=hypothesis.kind,
        bins=values.size,
        positives=int(occurrences[1, values > 0].sum()),
        n=int(occurrences[1].sum()),
        documents=max(reporting, 1),
        split="documents" if reporting else "halves of one document",
        values=values,
        occurrences=occurrences,
    )
    return claim, Cells(cells, claim.cells)


def divide_labels(
    recording: Recording, hypothesis: Hypothesis, labels: Labels
) -> tuple[Claim, Cells] | Skipped:
    """As `divide`, with a recording's documents, and the reason where nothing has a label."""
    if labels.defined.any():
        return divide(hypothesis, labels, recording.documents)
    return Skipped(hypothesis.name, _why_undefined(recording, hypothesis))


def label_and_divide(
    recording: Recording, hypothesis: Hypothesis
) -> tuple[Labels, tuple[Claim, Cells] | Skipped]:
    """The labels of one hypothesis over a recording, and how they choose and report."""
    (labels,) = label_recording(recording, [hypothesis], lambda share: None)
    return labels, divide_labels(recording, hypothesis, labels)


def _why_undefined(recording: Recording, hypothesis: Hypothesis) -> str:
    """Say why a hypothesis has no label anywhere, as its longest document lets tell."""
    longest = max(
        range(len(recording.documents)),
        key=lambda k: recording.documents[k].stop - recording.documents[k].start,
    )
    document, _ = recording.labelled(longest)
    reason = undefined_reason(hypothesis, document)
    return reason or _NOWHERE


def _check_labels(hypothesis: Hypothesis, document: Document, labels: Labels) -> None:
    symbols = len(document.text)
    if labels.values.size != symbols:
        raise HypothesisError(
            f"Hypothesis {hypothesis.name!r} gave {labels.values.size:,} labels for "
            f"{document.name!r}, which has {symbols:,} symbols. Give one a symbol."
        )
    expected = np.bool_ if hypothesis.kind == "yes/no" else np.float32
    if labels.values.dtype != expected:
        raise HypothesisError(
            f"Hypothesis {hypothesis.name!r} is {hypothesis.kind}, but gave labels of the type "
            f"{labels.values.dtype} for {document.name!r}. Convert them to {np.dtype(expected)}."
        )
    if not np.isfinite(labels.values[labels.defined]).all():
        raise HypothesisError(
            f"Hypothesis {hypothesis.name!r} gave a number that isn't finite for "
            f"{document.name!r}. Where it has no value, it must be False in `defined`."
        )


def _halves(used: Sequence[RecordedDocument], time: int) -> tuple[NDArray[np.bool_], int]:
    """Return which symbols report, and how many documents do: 0 where one document was cut."""
    reports = np.zeros(time, np.bool_)
    if len(used) == 1:
        document = used[0]
        reports[(document.start + document.stop + 1) // 2 : document.stop] = True
        return reports, 0
    halves = split_documents(used)
    for document, half in zip(used, halves, strict=True):
        reports[document.start : document.stop] = half
    return reports, int(np.count_nonzero(halves))


def _bins(hypothesis: Hypothesis, labels: Labels) -> tuple[NDArray[np.uint16], NDArray[np.float64]]:
    """Return a bin for every symbol, of no meaning where undefined, and each bin's value."""
    if hypothesis.kind == "yes/no":
        return labels.values.astype(np.uint16), np.array([0.0, 1.0])
    defined = labels.values[labels.defined]
    bounds = bin_bounds(defined)
    bins = np.searchsorted(bounds, labels.values).astype(np.uint16)
    own = bins[labels.defined]
    met = np.bincount(own, minlength=bounds.size + 1)
    return bins, np.bincount(own, defined, bounds.size + 1) / met


def _constant(
    half: int,
    used: Sequence[RecordedDocument],
    reporting: int,
    values: NDArray[np.bool_] | NDArray[np.float32],
) -> str:
    """Say why a half can't be scored: it has these values, and they are all one."""
    if reporting:
        documents = reporting if half else len(used) - reporting
        place = f"the half of the documents that {HALVES[half]} ({documents:,} of {len(used):,})"
    else:
        part = ("first", "second")[half]
        place = f"the {part} half of {used[0].name!r}, the only document it is defined in,"
    if not values.size:
        return f"In {place} no symbol has a label. Record more text that it speaks of."
    if values.dtype == np.bool_:
        said = "yes" if values[0] else "no"
    else:
        said = f"{values[0]:g}" if values.min() == values.max() else f"about {values[0]:g}"
    return (
        f"In {place} the label is {said} at all {values.size:,} symbols that have one. "
        "Record text where it changes; of marks of your own, set some there too."
    )
