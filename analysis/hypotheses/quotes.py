"""Hypotheses about quotation marks, by rules of plain text: no language is parsed.

The rules, for all three kinds of mark (each is read on its own: a ' inside "..." counts):

- The opening mark is inside, the closing mark is not: a label is about the moment after its symbol.
- A mark after an odd number of backslashes is no mark.
- A quotation ends within its line in a program, within its paragraph in any other text (a blank
  line ends a paragraph), so that a stray mark cannot turn the rest of the document inside out.
- A mark with no partner there is no quotation. One exception: a double mark in prose stays open to
  the end of the paragraph, as speech over several paragraphs is printed.
- In Python three marks in a row open a quotation that only three close, over any number of lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from analysis.hypotheses.characters import CharacterHypothesis, symbols_where
from analysis.hypotheses.labels import Labels
from analysis.hypotheses.lines import spans_to_flags
from analysis.hypotheses.page import Page
from models.corpora import Document

_CLOSING_MARKS = np.array([ord(mark) for mark in "\"'”’"], dtype=np.uint32)


@dataclass(frozen=True)
class _Marks:
    """Marks that may open a quotation, in order, and where each would end, all (marks,).

    `ends` is the last symbol of the closing mark, or of what lies inside where `closed` is by
    a paragraph's end; `widths` are the symbols of the opening marks.
    """

    positions: np.ndarray
    widths: np.ndarray
    ends: np.ndarray
    closed: np.ndarray


def _double(document: Document) -> Labels:
    page = Page(document)
    return _inside(page, *_double_marks(page))


def _double_marks(page: Page) -> tuple[_Marks, _Marks]:
    straight = page.marks('"')
    spoken = not page.is_program
    return (
        _straight_marks(page, straight, straight, spoken=spoken),
        _pairs(page, page.marks("“"), page.marks("”"), spoken=spoken),
    )


def _single(document: Document) -> Labels:
    page = Page(document)
    return _inside(page, *_single_marks(page))


def _single_marks(page: Page) -> tuple[_Marks, _Marks]:
    straight, curly = page.marks("'"), page.marks("’")
    return (
        _straight_marks(page, _may_open(page, straight), _may_close(page, straight)),
        _pairs(page, page.marks("‘"), _may_close(page, curly)),
    )


def _opening(document: Document) -> Labels:
    page = Page(document)
    found = np.zeros(page.codes.size, dtype=np.bool_)
    for marks in (*_double_marks(page), *_single_marks(page)):
        starts, _, widths = _read_through(marks)
        for width in np.unique(widths).tolist():
            found[starts[widths == width, None] + np.arange(width)] = True
    return Labels.everywhere(found)


def _closing(document: Document) -> Labels:
    page = Page(document)
    found = np.zeros(page.codes.size, dtype=np.bool_)
    for marks in (*_double_marks(page), *_single_marks(page)):
        _, ends, widths = _read_through(marks)
        # Speech that a paragraph's end closes ends at no mark.
        is_mark = np.isin(np.append(page.codes, 0)[ends], _CLOSING_MARKS)
        for width in np.unique(widths).tolist():
            found[ends[is_mark & (widths == width), None] - np.arange(width)] = True
    return Labels.everywhere(found)


def _may_open(page: Page, marks: np.ndarray) -> np.ndarray:
    """Single marks that are no apostrophe: none opens right after a letter, prefixes apart.

    In prose none opens after a closing bracket or another mark either: that is a formula's prime.
    """
    opens = ~page.around(marks, -1, page.is_word) | page.after_prefix(marks)
    if not page.is_program:
        is_closing = symbols_where(page.codes, lambda symbol: symbol in ")]}'")
        opens &= page.around(marks, 1, ~page.is_space) & ~page.around(marks, -1, is_closing)
    may_open: np.ndarray = marks[opens]
    return may_open


def _may_close(page: Page, marks: np.ndarray) -> np.ndarray:
    """Single marks that are no apostrophe: none closes between two letters."""
    closes = ~page.around(marks, 1, page.is_word)
    if page.is_program:
        closes |= ~page.around(marks, -1, page.is_word)
    else:
        closes &= page.around(marks, -1, ~page.is_space)
    may_close: np.ndarray = marks[closes]
    return may_close


def _back(document: Document) -> Labels:
    """Runs of marks, as Markdown reads them; in LaTeX, `` opens and '' closes."""
    page = Page(document)
    starts, lengths = _runs(page.marks("`"))
    closing = page.marks("'") if page.is_latex else page.marks("`")
    closing_starts, closing_lengths = _runs(_may_close(page, closing) if page.is_latex else closing)
    kinds = []
    for length in np.unique(lengths).tolist():
        opens = starts[lengths == length]
        closes = closing_starts[closing_lengths == length] + length - 1
        kinds.append(_pairs(page, opens, closes, width=length, ends=page.paragraph_ends))
    return _inside(page, _merge(kinds))


def _runs(marks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First positions and lengths of the runs of neighbouring marks."""
    first = np.flatnonzero(np.diff(marks, prepend=-2) > 1)
    return marks[first], np.diff(np.append(first, marks.size))


def _pairs(
    page: Page,
    opens: np.ndarray,
    closes: np.ndarray,
    *,
    width: int = 1,
    spoken: bool = False,
    ends: np.ndarray | None = None,
) -> _Marks:
    """Where a quotation from each opening mark would end: at the next closing mark, if in time."""
    if ends is None:
        ends = page.line_ends if page.is_program else page.paragraph_ends
    end = np.append(closes, page.codes.size)[np.searchsorted(closes, opens + width)]
    limit = ends[np.searchsorted(ends, opens)]
    closed = (end < limit) | spoken
    return _Marks(opens, np.full(opens.shape, width), np.minimum(end, limit), closed)


def _straight_marks(
    page: Page, opens: np.ndarray, closes: np.ndarray, *, spoken: bool = False
) -> _Marks:
    """Pairs of straight marks; in Python, three in a row are a mark of their own."""
    if not page.is_python:
        return _pairs(page, opens, closes, spoken=spoken)
    triples = closes[:-2][closes[2:] - closes[:-2] == 2]
    is_triple = np.isin(opens, triples)
    text_end = np.array([page.codes.size])
    wide = _pairs(page, opens[is_triple], triples + 2, width=5, ends=text_end)
    plain = _pairs(page, opens[~is_triple], closes)
    return _merge([_Marks(wide.positions, wide.widths - 2, wide.ends, wide.closed), plain])


def _merge(kinds: Iterable[_Marks]) -> _Marks:
    """All the marks in the order of the text."""
    kinds = list(kinds)
    if not kinds:
        nothing = np.zeros(0, dtype=np.int64)
        return _Marks(nothing, nothing, nothing, nothing.astype(np.bool_))
    order = np.argsort(np.concatenate([marks.positions for marks in kinds]), kind="stable")
    return _Marks(
        np.concatenate([marks.positions for marks in kinds])[order],
        np.concatenate([marks.widths for marks in kinds])[order],
        np.concatenate([marks.ends for marks in kinds])[order],
        np.concatenate([marks.closed for marks in kinds])[order],
    )


def _inside(page: Page, *kinds: _Marks) -> Labels:
    """Label what lies inside any of the kinds of quotation."""
    spans = [np.stack(_read_through(marks)[:2], axis=1) for marks in kinds]
    return Labels.everywhere(spans_to_flags(page.codes.size, np.concatenate(spans)))


def _read_through(marks: _Marks) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Starts, ends and mark widths of the quotations met from left to right; none overlap."""
    kept: list[int] = []
    free = 0
    columns = (marks.positions, marks.widths, marks.ends, marks.closed)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for index, (position, width, end, closed) in enumerate(rows):
        if position < free:
            continue
        free = position + width
        if closed:
            kept.append(index)
            free = end + 1
    return marks.positions[kept], marks.ends[kept], marks.widths[kept]


DOUBLE_QUOTES = CharacterHypothesis(
    "double-quotes",
    "yes/no",
    'Inside "..." or “...”, the opening mark included; in programs a quotation ends with its line '
    "(Python's triple ones excepted), elsewhere with its paragraph.",
    _double,
)
SINGLE_QUOTES = CharacterHypothesis(
    "single-quotes",
    "yes/no",
    "Inside '...' or ‘...’, the opening mark included; apostrophes within words (don't) are no "
    "marks, and a mark with no partner is no quotation.",
    _single,
)
BACK_QUOTES = CharacterHypothesis(
    "back-quotes",
    "yes/no",
    "Inside `...` or ``...``, the opening marks included; in LaTeX (.tex) ``...''.",
    _back,
)
OPENING_QUOTE = CharacterHypothesis(
    "opening-quote",
    "yes/no",
    "The symbol opens a quotation, double or single, by the rules of double-quotes and "
    "single-quotes; each of Python's three marks in a row does.",
    _opening,
)
CLOSING_QUOTE = CharacterHypothesis(
    "closing-quote",
    "yes/no",
    "The symbol closes a quotation, double or single; speech that goes on in the next paragraph "
    "is closed by no mark.",
    _closing,
)
