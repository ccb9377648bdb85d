"""The same short passages of the text under every unit found, so that units can be compared.

All units are shown where the hypothesis begins to hold, and each where it errs most.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import CODE_SCALE
from analysis.excerpts import TextReader
from analysis.findings import Finding
from analysis.gathering import codes_of, columns_of, over_spans
from analysis.labelling import label_recording

if TYPE_CHECKING:
    from analysis.hypotheses.labels import Hypothesis, Labels
    from analysis.recording import RecordedDocument, Recording

WIDTH = 96
SHARED = 3
_BEFORE = 1 / 3  # of a passage lies before the place where the hypothesis begins to hold
_MOST_CONSIDERED = 4_096  # places, of a text that may have millions
_MOST_READ = 4_194_304  # symbols in which a unit's errors are looked for
_AT_ONCE = 16  # units whose codes are held


@dataclass(frozen=True)
class Excerpt:
    """A short passage inside one document.

    Attributes
    ----------
    document : str
    start, stop : int
        Positions in the recording.
    text : str
    marks : tuple of (int, int)
        Where the hypothesis holds, counted from `start`.
    """

    document: str
    start: int
    stop: int
    text: str
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Error:
    """The passage in which a unit errs most.

    Attributes
    ----------
    excerpt : Excerpt
    codes : ndarray of int8, shape (time,)
        The unit's, over the passage.
    missed, false_alarms : int
        Symbols of the passage where the hypothesis holds and the unit does not say so, and the
        other way round, by the threshold of the finding.
    """

    excerpt: Excerpt
    codes: NDArray[np.int8] = field(repr=False, compare=False)
    missed: int
    false_alarms: int


@dataclass(frozen=True)
class Multiples:
    """Passages of the text, and what each unit does over them.

    Attributes
    ----------
    shared : tuple of Excerpt
        The same for all units.
    codes : mapping of str to list of ndarray of int8
        For each unit, one array (time,) a shared passage.
    errors : mapping of str to Error
        Of units that err somewhere.
    """

    shared: tuple[Excerpt, ...]
    codes: Mapping[str, list[NDArray[np.int8]]] = field(repr=False)
    errors: Mapping[str, Error] = field(repr=False)


def small_multiples(
    recording: Recording,
    hypothesis: Hypothesis,
    findings: Sequence[Finding],
    *,
    shared: int = SHARED,
    width: int = WIDTH,
    errors: bool = True,
    seed: int = 0,
    progress: Callable[[float], None] = lambda share: None,
) -> Multiples:
    """Choose passages and read the units found over them.

    Parameters
    ----------
    recording : Recording
    hypothesis : Hypothesis
    findings : sequence of Finding
        Of this hypothesis.
    shared : int, default=3
        Passages for all units: where the hypothesis begins to hold, of different documents as far
        as there are; of a number, passages in which it changes; anywhere if it never does.
    width : int, default=96
        Symbols of a passage, at most.
    errors : bool, default=True
        Look for each unit's errors too, which reads it over the whole text (its first 4 million
        symbols). Only of yes/no hypotheses.
    seed : int, default=0
        Draws the passages.
    progress : callable, optional
        Called with the share done; what it raises stops it.

    Returns
    -------
    Multiples
    """
    (labels,) = label_recording(recording, [hypothesis], lambda share: None)
    reader = TextReader(recording)
    holds = labels.values.astype(bool) & labels.defined if _is_yes_no(labels) else None
    spans = choose_windows(_onsets(labels), recording.documents, shared, width, seed)
    excerpts = tuple(_excerpt(reader, holds, start, stop) for start, stop in spans)
    units = [finding.unit for finding in findings]
    codes: dict[str, list[NDArray[np.int8]]] = {unit: [] for unit in units}
    for site, columns, own in columns_of(recording, units):
        for span in spans:
            block = over_spans(recording, site, columns, [span])
            for place, column in own:
                codes[units[place]].append(block[:, column].copy())
    found: dict[str, Error] = {}
    if errors and holds is not None:
        for first in range(0, len(findings), _AT_ONCE):
            some = findings[first : first + _AT_ONCE]
            block = codes_of(recording, [finding.unit for finding in some])[:_MOST_READ]
            for k, finding in enumerate(some):
                error = _worst(recording, reader, finding, block[:, k], holds, labels, width)
                if error is not None:
                    found[finding.unit] = error
                progress((first + k + 1) / len(findings))
    return Multiples(excerpts, codes, found)


def choose_windows(
    onsets: NDArray[np.int64],
    documents: Sequence[RecordedDocument],
    count: int,
    width: int,
    seed: int = 0,
) -> list[tuple[int, int]]:
    """Draw windows of the text around some places, each inside its document, none over another.

    Parameters
    ----------
    onsets : ndarray of int64, shape (place,)
        Where to look; anywhere if there is none.
    documents : sequence of RecordedDocument
    count, width : int
        Windows, at most, and symbols of one, at most.
    seed : int, default=0

    Returns
    -------
    list of (int, int)
        Start and stop, rising. Of different documents first.
    """
    draw = np.random.default_rng(seed)
    if not onsets.size:
        onsets = draw.integers(0, documents[-1].stop, _MOST_CONSIDERED)
    if onsets.size > _MOST_CONSIDERED:
        onsets = draw.choice(onsets, _MOST_CONSIDERED, replace=False)
    onsets = draw.permutation(onsets)
    starts = np.array([document.start for document in documents])
    owners = np.searchsorted(starts, onsets, side="right") - 1
    _, firsts = np.unique(owners, return_index=True)
    # The first place of each document comes before all second places.
    order = [*sorted(firsts.tolist()), *np.delete(np.arange(onsets.size), firsts).tolist()]
    chosen: list[tuple[int, int]] = []
    for k in order:
        window = _window(documents[owners[k]], int(onsets[k]) - int(width * _BEFORE), width)
        if all(window[1] <= start or stop <= window[0] for start, stop in chosen):
            chosen.append(window)
        if len(chosen) == count:
            break
    return sorted(chosen)


def _window(document: RecordedDocument, start: int, width: int) -> tuple[int, int]:
    start = max(document.start, min(start, document.stop - width))
    return start, min(document.stop, start + width)


def _is_yes_no(labels: Labels) -> bool:
    return labels.values.dtype == np.bool_


def _onsets(labels: Labels) -> NDArray[np.int64]:
    """Where it begins to hold; of a number, where it changes."""
    if _is_yes_no(labels):
        holds = labels.values & labels.defined
        return np.flatnonzero(holds & ~np.append(False, holds[:-1])).astype(np.int64)
    known = labels.defined & np.append(False, labels.defined[:-1])
    return np.flatnonzero(known & (np.diff(labels.values, prepend=0) != 0)).astype(np.int64)


def _excerpt(reader: TextReader, holds: NDArray[np.bool_] | None, start: int, stop: int) -> Excerpt:
    marks: tuple[tuple[int, int], ...] = ()
    if holds is not None:
        edges = np.flatnonzero(np.diff(holds[start:stop].astype(np.int8), prepend=0, append=0))
        marks = tuple((a, b) for a, b in edges.reshape(-1, 2).tolist())
    name = reader.document_at(start).name
    return Excerpt(name, start, stop, reader.text(start, stop), marks)


def _worst(
    recording: Recording,
    reader: TextReader,
    finding: Finding,
    codes: NDArray[np.int8],
    holds: NDArray[np.bool_],
    labels: Labels,
    width: int,
) -> Error | None:
    """Where most symbols of a window are told wrongly."""
    if finding.threshold is None:
        return None
    says = says_yes(codes, finding)
    wrong = (says != holds[: codes.size]) & labels.defined[: codes.size]
    total = np.append(0, np.cumsum(wrong, dtype=np.int32))
    if not total[-1]:
        return None
    width = min(width, codes.size)
    middle = int(np.argmax(total[width:] - total[:-width])) + width // 2
    start, stop = _window(reader.document_at(middle), middle - width // 2, width)
    stop = min(stop, codes.size)
    here = wrong[start:stop]
    missed = int(np.count_nonzero(here & holds[start:stop]))
    return Error(
        _excerpt(reader, holds, start, stop),
        codes[start:stop].copy(),
        missed,
        int(np.count_nonzero(here)) - missed,
    )


def says_yes(codes: NDArray[np.int8], finding: Finding) -> NDArray[np.bool_]:
    """Where a unit says yes, by the threshold of its finding; bool (time,).

    Parameters
    ----------
    codes : ndarray of int8, shape (time,)
    finding : Finding
        Of a yes/no hypothesis.
    """
    assert finding.threshold is not None
    code = round(finding.threshold * CODE_SCALE)
    return codes >= code if finding.direction > 0 else codes <= code
