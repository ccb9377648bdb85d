"""Hypotheses of your own: spans that somebody marked, or listed in a CSV file."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from analysis.hypotheses.labels import HypothesisError, Kind, Labels, quoted
from models.corpora import Document

Mark = tuple[str, int, int]

_GREATEST = float(np.finfo(np.float32).max)
_COLUMNS = ("document", "start", "stop")


@dataclass(frozen=True)
class MarkedSpans:
    """Inside spans that were marked by hand; undefined in documents without a mark.

    Parameters
    ----------
    name : str
    spans : tuple of (str, int, int)
        Document's name, first symbol, and the one after the last symbol.
    values : tuple of float, optional
        A number for each span makes the labels numbers, undefined outside of the spans; where
        spans overlap, the later one counts.
    """

    name: str
    spans: tuple[Mark, ...] = field(repr=False)
    values: tuple[float, ...] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for index, (document, start, stop) in enumerate(self.spans):
            if not 0 <= start < stop:
                raise HypothesisError(
                    f"Mark {index + 1} of {self.name!r}, in {document!r}, goes from {start:,} to "
                    f"{stop:,}. A mark starts at 0 or later and stops after its start."
                )
        if self.values is not None and len(self.values) != len(self.spans):
            raise HypothesisError(
                f"{self.name!r} has {len(self.spans):,} marks and {len(self.values):,} values. "
                "Give each mark one value."
            )

    @property
    def kind(self) -> Kind:
        """A number if the marks have values."""
        return "yes/no" if self.values is None else "number"

    @property
    def description(self) -> str:
        """What it claims."""
        what = "Inside" if self.values is None else "The value of"
        return f"{what} one of {len(self.spans):,} marked spans."

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        time = len(document.text)
        marks = self._by_document.get(document.name, [])
        labels = Labels.nowhere(self.kind, time)
        for start, stop, value in marks:
            if stop > time:
                raise HypothesisError(
                    f"A mark of {self.name!r} stops at {stop:,}, but {document.name!r} has "
                    f"{time:,} symbols. Mark the text as it is now."
                )
            labels.values[start:stop] = value
            labels.defined[start:stop] = True
        if self.values is None and marks:
            labels.defined[:] = True
        return labels

    @cached_property
    def _by_document(self) -> dict[str, list[tuple[int, int, float]]]:
        found = defaultdict(list)
        values = self.values or (1.0,) * len(self.spans)
        for (document, start, stop), value in zip(self.spans, values, strict=True):
            found[document].append((start, stop, value))
        return dict(found)


def parse_marks(written: str) -> MarkedSpans:
    """Read marks as a page's address has them: ``{"a.py": [[10, 20], [50, 60]]}``.

    Parameters
    ----------
    written : str
        JSON: documents' names, and first symbol and the one after the last of each mark.

    Returns
    -------
    MarkedSpans
        Called ``marks:`` and what was written.

    Raises
    ------
    HypothesisError
        If it is not written so, or a mark stops before it starts.
    """
    try:
        spans = tuple(
            (document, *map(_whole, bounds))
            for document, marks in json.loads(written).items()
            for bounds in marks
        )
    except (ValueError, TypeError, AttributeError, RecursionError):
        spans = ()
    if not spans or any(len(span) != 3 for span in spans):
        raise HypothesisError(
            f"{quoted(written, 60)} are no marks. Write them as in "
            'marks:{"a.py": [[10, 20], [50, 60]]}, or select text in the app.'
        )
    return MarkedSpans(f"marks:{written}", tuple((name, a, b) for name, a, b in spans))


def add_mark(expression: str, documents: Iterable[Mark], start: int, stop: int) -> str:
    """Return the expression of the marks so far and one more.

    Parameters
    ----------
    expression : str
        What is looked for now; if that is not marks, the new one is the first.
    documents : iterable of (str, int, int)
        Names of a recording's documents, and where they lie in it.
    start, stop : int
        What is marked, in the recording; each document that it touches gets its part.
    """
    form, _, written = expression.partition(":")
    marks: dict[str, list[list[int]]] = defaultdict(list)
    if form == "marks":
        for name, first, last in parse_marks(written).spans:
            marks[name].append([first, last])
    for name, begin, end in documents:
        first, last = max(start, begin) - begin, min(stop, end) - begin
        if first < last and [first, last] not in marks[name]:
            marks[name].append([first, last])
    kept = {name: sorted(own) for name, own in marks.items() if own}
    return "marks:" + json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _whole(bound: object) -> int:
    if not isinstance(bound, int) or isinstance(bound, bool):
        raise TypeError
    return bound


def read_marks(path: str | Path) -> MarkedSpans:
    """Read spans from a CSV file with the columns document, start, stop and perhaps value.

    Parameters
    ----------
    path : str or Path
        Its text is UTF-8. A column ``value`` that holds numbers makes the labels numbers.

    Returns
    -------
    MarkedSpans
        Called ``csv:`` and the path. It holds what the file holds now.

    Raises
    ------
    HypothesisError
        If there is no such file, or a row is not as it should be; the message has its line.
    """
    name = f"csv:{path}"
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = list(_rows(str(path), csv.DictReader(file)))
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        if isinstance(error, HypothesisError):
            raise
        raise HypothesisError(
            f"{str(path)!r} cannot be read as a CSV file: {error}. Name a file in UTF-8 with the "
            "columns document,start,stop[,value]."
        ) from None
    if not rows:
        raise HypothesisError(f"{str(path)!r} holds no row below its heading. Add a span to it.")
    spans = tuple(mark for mark, _, _ in rows)
    if all(value is None for _, value, _ in rows):
        return MarkedSpans(name, spans)
    for _, value, line in rows:
        if value is None:
            raise HypothesisError(
                f"Line {line} of {str(path)!r} has no value and others do. Give all or none one."
            )
    return MarkedSpans(name, spans, tuple(value for _, value, _ in rows if value is not None))


def _rows(path: str, reader: csv.DictReader[str]) -> Iterator[tuple[Mark, float | None, int]]:
    """Spans and their values, with the line of each."""
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or [])]
    if missing:
        raise HypothesisError(
            f"Line 1 of {path!r} names no column {missing[0]!r}. "
            "Begin the file with document,start,stop or document,start,stop,value."
        )
    for row in reader:
        try:
            start, stop = int(row["start"]), int(row["stop"])
            value = float(row["value"]) if row.get("value") else None
        except (TypeError, ValueError):
            start, stop, value = -1, -1, None
        is_finite = value is None or abs(value) <= _GREATEST
        if not 0 <= start < stop or not is_finite or not row["document"] or None in row:
            raise HypothesisError(
                f"Line {reader.line_num} of {path!r} is no span: {_written(row)!r}. Write a "
                "document's name, two whole numbers, the first smaller, and perhaps a number."
            )
        yield (row["document"], start, stop), value, reader.line_num


def _written(row: dict[str, str]) -> str:
    return ",".join(str(cell) for cell in row.values() if cell is not None)[:200]
