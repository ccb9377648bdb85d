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
from functools import cached_property
from pathlib import PurePosixPath

import numpy as np

from analysis.hypotheses.characters import (
    CharacterHypothesis,
    find_lines,
    symbols_where,
)
from analysis.hypotheses.labels import Labels
from models.corpora import Document
from models.vocabulary import code_points

_BACKSLASH, _NEWLINE = 92, 10
_PYTHON = frozenset({".py", ".pyi"})
_C_FAMILY = frozenset({".c", ".h", ".cc", ".cpp", ".hh", ".hpp", ".cs", ".java", ".js", ".ts"})
# Languages whose plain strings end with their line.
_PROGRAMS = _PYTHON | _C_FAMILY | {".go", ".json", ".rs"}
_PREFIX_LETTERS = np.array([ord(letter) for letter in "bfrtuBFRTU"], dtype=np.uint32)


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


class _Page:
    """A document's symbols, with what the rules ask about each."""

    def __init__(self, document: Document) -> None:
        suffix = PurePosixPath(document.name).suffix.lower()
        self.is_program = suffix in _PROGRAMS
        self.is_python = suffix in _PYTHON
        self.is_latex = suffix == ".tex"
        self.codes = code_points(document.text)

    @cached_property
    def line_ends(self) -> np.ndarray:
        """Newlines that end a line for good (no backslash before them), and the text's end."""
        return np.append(self.marks(chr(_NEWLINE)), self.codes.size)

    @cached_property
    def paragraph_ends(self) -> np.ndarray:
        """Newlines before blank lines, and the text's end."""
        lines = find_lines(self.codes)
        before_blank = lines.starts[:-1][lines.blank] - 1
        return np.append(before_blank[before_blank >= 0], self.codes.size)

    def marks(self, mark: str) -> np.ndarray:
        """Positions of a mark, those after an odd number of backslashes left out."""
        positions = np.flatnonzero(self.codes == ord(mark))
        if not np.any(self.codes == _BACKSLASH):
            return positions
        plain = np.flatnonzero(self.codes != _BACKSLASH)
        # The marks themselves are plain: the one before each in `plain` bounds its backslashes.
        before = np.append(-1, plain)[np.searchsorted(plain, positions)]
        unescaped: np.ndarray = positions[(positions - before - 1) % 2 == 0]
        return unescaped

    def around(self, positions: np.ndarray, offset: int, flags: np.ndarray) -> np.ndarray:
        """Flags of the symbols at an offset from each position; False beyond the text."""
        at = positions + offset
        is_there = (at >= 0) & (at < self.codes.size)
        is_there[is_there] = flags[at[is_there]]
        return is_there

    @cached_property
    def is_word(self) -> np.ndarray:
        return symbols_where(self.codes, lambda symbol: symbol.isalnum() or symbol == "_")

    @cached_property
    def is_space(self) -> np.ndarray:
        return symbols_where(self.codes, str.isspace)

    def after_prefix(self, positions: np.ndarray) -> np.ndarray:
        """Whether a Python string prefix (r, b, rb, ...) stands before each mark."""
        if not self.is_python:
            return np.zeros(positions.shape, dtype=np.bool_)
        letter = np.isin(self.codes, _PREFIX_LETTERS)
        one, two = (self.around(positions, -n, letter) for n in (1, 2))
        word_before_one, word_before_two = (
            self.around(positions, -n, self.is_word) for n in (2, 3)
        )
        prefixed: np.ndarray = one & (~word_before_one | (two & ~word_before_two))
        return prefixed


def _double(document: Document) -> Labels:
    page = _Page(document)
    straight = page.marks('"')
    spoken = not page.is_program
    return _inside(
        page,
        _straight_marks(page, straight, straight, spoken=spoken),
        _pairs(page, page.marks("“"), page.marks("”"), spoken=spoken),
    )


def _single(document: Document) -> Labels:
    page = _Page(document)
    straight, curly = page.marks("'"), page.marks("’")
    return _inside(
        page,
        _straight_marks(page, _may_open(page, straight), _may_close(page, straight)),
        _pairs(page, page.marks("‘"), _may_close(page, curly)),
    )


def _may_open(page: _Page, marks: np.ndarray) -> np.ndarray:
    """Single marks that are no apostrophe: none opens right after a letter, prefixes apart.

    In prose none opens after a closing bracket or another mark either: that is a formula's prime.
    """
    opens = ~page.around(marks, -1, page.is_word) | page.after_prefix(marks)
    if not page.is_program:
        is_closing = symbols_where(page.codes, lambda symbol: symbol in ")]}'")
        opens &= page.around(marks, 1, ~page.is_space) & ~page.around(marks, -1, is_closing)
    may_open: np.ndarray = marks[opens]
    return may_open


def _may_close(page: _Page, marks: np.ndarray) -> np.ndarray:
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
    page = _Page(document)
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
    page: _Page,
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
    page: _Page, opens: np.ndarray, closes: np.ndarray, *, spoken: bool = False
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


def _inside(page: _Page, *kinds: _Marks) -> Labels:
    """Label what lies inside any of the kinds of quotation."""
    inside = np.zeros(page.codes.size, dtype=np.bool_)
    for marks in kinds:
        starts, ends = _read_through(marks)
        steps = np.zeros(page.codes.size + 1, dtype=np.int8)
        steps[starts] += 1
        steps[ends] -= 1
        inside |= np.cumsum(steps[:-1], dtype=np.int8) > 0
    return Labels.everywhere(inside)


def _read_through(marks: _Marks) -> tuple[list[int], list[int]]:
    """Starts and ends of the quotations met when reading left to right; they never overlap."""
    starts: list[int] = []
    ends: list[int] = []
    free = 0
    columns = (marks.positions, marks.widths, marks.ends, marks.closed)
    for position, width, end, closed in zip(*(c.tolist() for c in columns), strict=True):
        if position < free:
            continue
        free = position + width
        if closed:
            starts.append(position)
            ends.append(end)
            free = end + 1
    return starts, ends


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
