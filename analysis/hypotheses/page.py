"""A document's symbols and what the rules about quotation marks ask of each."""

from __future__ import annotations

from functools import cached_property
from pathlib import PurePosixPath

import numpy as np

from analysis.hypotheses.characters import find_lines, symbols_where
from analysis.hypotheses.languages import GRAMMARS, SUFFIXES
from models.corpora import Document
from models.vocabulary import code_points

_BACKSLASH, _NEWLINE = 92, 10
# Of languages that are not parsed here, but whose plain strings end with their line too.
_OTHER_PROGRAMS = frozenset({".cs", ".go", ".java", ".rs", ".ts"})
_PREFIX_LETTERS = np.array([ord(letter) for letter in "bfrtuBFRTU"], dtype=np.uint32)


class Page:
    """A document's symbols, with what the rules ask about each."""

    def __init__(self, document: Document) -> None:
        suffix = PurePosixPath(document.name).suffix.lower()
        language = SUFFIXES.get(suffix)
        self.is_program = language in GRAMMARS or suffix in _OTHER_PROGRAMS
        self.is_python = language == "python"
        self.is_latex = language == "latex"
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
