"""Hypotheses that need only the characters: lines, columns, indentation, kinds of character."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from analysis.hypotheses.labels import Kind, Labels
from models.corpora import Document
from models.vocabulary import code_points

_NEWLINE, _TAB, _SPACE = 10, 9, 32
_TAB_STOP = 8


@dataclass(frozen=True)
class CharacterHypothesis:
    """A claim that follows from the characters alone, in any language."""

    name: str
    kind: Kind
    description: str
    rule: Callable[[Document], Labels] = field(repr=False)

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        return self.rule(document)


def symbols_where(codes: np.ndarray, holds: Callable[[str], bool]) -> np.ndarray:
    """Where a claim about single characters holds, bool (time,). Each character is asked once."""
    table = np.array([holds(chr(code)) for code in range(128)])
    found: np.ndarray = table[np.minimum(codes, 127)]
    rare = np.flatnonzero(codes > 127)
    if rare.size:
        distinct, inverse = np.unique(codes[rare], return_inverse=True)
        found[rare] = np.array([holds(chr(code)) for code in distinct])[inverse]
    return found


@dataclass(frozen=True)
class Lines:
    """Where the lines of a text start. A line holds the newline that ends it.

    Parameters
    ----------
    starts : ndarray of shape (lines + 1,), int64
        Position of each line's first symbol; the last entry is the text's length.
    text_starts : ndarray of shape (lines,), int64
        First symbol of each line that is neither space nor tab; its newline if there is no other.
    blank : ndarray of shape (lines,), bool
        Whether the line holds white space only.
    """

    starts: np.ndarray
    text_starts: np.ndarray
    blank: np.ndarray

    def spread(self, per_line: np.ndarray) -> np.ndarray:
        """Give every symbol its line's value, (time,)."""
        return np.repeat(per_line, np.diff(self.starts))


def find_lines(codes: np.ndarray) -> Lines:
    """Find the lines of a text. Only ``\\n`` ends one: ``\\r`` is a symbol like any other."""
    starts = np.append(0, np.flatnonzero(codes == _NEWLINE) + 1)
    if starts[-1] < codes.size:
        starts = np.append(starts, codes.size)
    is_text = (codes != _SPACE) & (codes != _TAB)
    # \v, \f and \r make no line a line of text, but they do end its indentation.
    is_visible = is_text & ((codes < 11) | (codes > 13))
    return Lines(starts, _next(is_text, starts[:-1]), _is_blank(codes, is_visible, starts))


def _next(flags: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """The first flagged position at or after each position; the length where there is none."""
    flagged = np.append(np.flatnonzero(flags), flags.size)
    return flagged[np.searchsorted(flagged, positions)]


def _is_blank(codes: np.ndarray, is_visible: np.ndarray, starts: np.ndarray) -> np.ndarray:
    first = _next(is_visible, starts[:-1])
    at_end = first == codes.size
    blank: np.ndarray = at_end | (codes[np.minimum(first, codes.size - 1)] == _NEWLINE)
    return blank


def _newline(document: Document) -> Labels:
    return Labels.everywhere(code_points(document.text) == _NEWLINE)


def _column(document: Document) -> Labels:
    lines = find_lines(code_points(document.text))
    column = np.arange(len(document.text)) - lines.spread(lines.starts[:-1])
    return Labels.everywhere(column.astype(np.float32))


def _indent(document: Document) -> Labels:
    codes = code_points(document.text)
    lines = find_lines(codes)
    time = np.arange(codes.size)
    leading = time < lines.spread(lines.text_starts)
    columns = _columns_after(codes, lines, leading)
    # The last leading symbol of a line, or the one before the line, has the line's indentation.
    last = lines.text_starts - 1
    indented = last >= lines.starts[:-1]
    per_line = np.where(indented, columns[last], 0) if codes.size else last
    indent = np.where(leading, columns, lines.spread(per_line))
    defined = ~lines.spread(lines.blank)
    return Labels(np.where(defined, indent, 0).astype(np.float32), defined)


def _columns_after(codes: np.ndarray, lines: Lines, leading: np.ndarray) -> np.ndarray:
    """Columns of indentation after each leading symbol, (time,); other entries mean nothing."""
    is_tab = leading & (codes == _TAB)
    # Columns restart at a line's start and jump at a tab: count from the last of either.
    stops = np.flatnonzero(is_tab)
    before_lines = lines.starts[:-1] - 1
    anchors = np.sort(np.concatenate([before_lines, stops]))
    tabs = np.append(is_tab, False)[anchors]  # the anchor -1 reads the entry appended
    spaces = np.diff(anchors, prepend=-1) - 1
    jumps = np.where(tabs, (spaces // _TAB_STOP + 1) * _TAB_STOP, 0)
    totals = np.cumsum(jumps)
    at_line = np.maximum.accumulate(np.where(tabs, 0, totals))
    columns_at = totals - at_line
    held = np.searchsorted(anchors, np.arange(codes.size), side="right") - 1
    columns: np.ndarray = columns_at[held] + np.arange(codes.size) - anchors[held]
    return columns


def _capital(document: Document) -> Labels:
    return Labels.everywhere(symbols_where(code_points(document.text), str.isupper))


def _digit(document: Document) -> Labels:
    return Labels.everywhere(symbols_where(code_points(document.text), str.isdecimal))


def _whitespace(document: Document) -> Labels:
    return Labels.everywhere(symbols_where(code_points(document.text), str.isspace))


NEWLINE = CharacterHypothesis("newline", "yes/no", r"The symbol is a newline (\n).", _newline)
COLUMN = CharacterHypothesis(
    "column",
    "number",
    "How many symbols stand before this one in its line; the newline is the last of its line.",
    _column,
)
INDENT = CharacterHypothesis(
    "indent",
    "number",
    "Columns of leading white space read so far in this line, then the line's indentation; "
    "a tab goes to the next multiple of 8, blank lines are undefined.",
    _indent,
)
CAPITAL = CharacterHypothesis("capital", "yes/no", "The symbol is a capital letter.", _capital)
DIGIT = CharacterHypothesis(
    "digit", "yes/no", "The symbol is a decimal digit, of any script.", _digit
)
WHITESPACE = CharacterHypothesis(
    "whitespace",
    "yes/no",
    "The symbol is white space: a space, tab, newline and the like.",
    _whitespace,
)
