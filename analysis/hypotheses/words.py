"""Hypotheses about words, sentences and kinds of letter, in any language."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np

from analysis.hypotheses.characters import CharacterHypothesis, find_lines, symbols_where
from analysis.hypotheses.labels import Labels
from models.corpora import Document
from models.vocabulary import code_points

_APOSTROPHES = np.array([ord(mark) for mark in "'’"], dtype=np.uint32)
_MAY_OPEN = "\"'([{“‘«¿¡*_"
_MAY_CLOSE = "\"')]}”’»*_"
_ENDS = ".!?…"


@dataclass(frozen=True)
class Words:
    """The words of a text: letters, digits, accents and ``_``, and apostrophes between letters.

    Parameters
    ----------
    within : ndarray of shape (time,), bool
        Whether the symbol is part of a word.
    starts, stops : ndarray of shape (words,), int64
        First symbol of each word and the one after its last.
    """

    within: np.ndarray
    starts: np.ndarray
    stops: np.ndarray

    def any_of(self, flags: np.ndarray) -> np.ndarray:
        """How many symbols of each word are flagged, (words,)."""
        totals = np.append(0, np.cumsum(flags))
        counts: np.ndarray = totals[self.stops] - totals[self.starts]
        return counts

    def spread(self, per_word: np.ndarray) -> np.ndarray:
        """Give every symbol of a word its word's flag, bool (time,); False elsewhere."""
        flags = np.zeros(self.within.size, dtype=np.bool_)
        flags[self.within] = np.repeat(per_word, self.stops - self.starts)
        return flags


def find_words(codes: np.ndarray) -> Words:
    """Find the words of a text."""
    within = symbols_where(codes, _is_word_symbol)
    if codes.size > 2:
        joins = np.isin(codes[1:-1], _APOSTROPHES) & within[:-2] & within[2:]
        within[1:-1] |= joins
    edges = np.flatnonzero(np.diff(within.astype(np.int8), prepend=0, append=0))
    return Words(within, edges[::2], edges[1::2])


def _is_word_symbol(symbol: str) -> bool:
    return symbol == "_" or unicodedata.category(symbol)[0] in "LMN"


def _flagged(time: int, positions: np.ndarray) -> Labels:
    flags = np.zeros(time, dtype=np.bool_)
    flags[positions] = True
    return Labels.everywhere(flags)


def _word_start(document: Document) -> Labels:
    return _flagged(len(document.text), find_words(code_points(document.text)).starts)


def _word_end(document: Document) -> Labels:
    return _flagged(len(document.text), find_words(code_points(document.text)).stops - 1)


def _word_position(document: Document) -> Labels:
    words = find_words(code_points(document.text))
    position = np.zeros(words.within.size, dtype=np.float32)
    first = np.repeat(words.starts, words.stops - words.starts)
    position[words.within] = np.flatnonzero(words.within) - first + 1
    return Labels.everywhere(position)


def _all_caps(document: Document) -> Labels:
    codes = code_points(document.text)
    words = find_words(codes)
    capitals = words.any_of(symbols_where(codes, str.isupper))
    others = words.any_of(symbols_where(codes, lambda symbol: symbol.islower() or symbol == "_"))
    return Labels.everywhere(words.spread((capitals >= 2) & (others == 0)))


def _sentence_start(document: Document) -> Labels:
    codes = code_points(document.text)
    starts = find_words(codes).starts
    is_space = symbols_where(codes, str.isspace)
    # Back from the word: over opening marks, then white space, then closing marks.
    gap = _before(starts, ~symbols_where(codes, _MAY_OPEN.__contains__))
    end = _before(gap + 1, ~is_space)
    mark = _before(end + 1, ~symbols_where(codes, _MAY_CLOSE.__contains__))
    lines = find_lines(codes)
    blanks = np.append(0, np.cumsum(lines.blank))
    line = np.searchsorted(lines.starts, np.stack([end, starts]), side="right") - 1
    after_blank = blanks[line[1]] > blanks[np.maximum(line[0], 0)]
    ended = np.append(symbols_where(codes, _ENDS.__contains__), False)[mark]
    is_lower = symbols_where(codes, str.islower)[starts]
    begins = (end < 0) | after_blank | ((end < gap) & ended & ~is_lower)
    return _flagged(codes.size, starts[begins])


def _before(positions: np.ndarray, flags: np.ndarray) -> np.ndarray:
    """The last flagged symbol before each position; -1 where there is none."""
    flagged = np.append(-1, np.flatnonzero(flags))
    before: np.ndarray = flagged[np.searchsorted(flagged, positions) - 1]
    return before


def _punctuation(document: Document) -> Labels:
    codes = code_points(document.text)
    return Labels.everywhere(symbols_where(codes, lambda s: unicodedata.category(s)[0] == "P"))


def _vowel(document: Document) -> Labels:
    return Labels.everywhere(symbols_where(code_points(document.text), _is_vowel))


def _is_vowel(symbol: str) -> bool:
    return unicodedata.normalize("NFD", symbol)[0] in "aeiouAEIOU"


WORD_START = CharacterHypothesis(
    "word-start",
    "yes/no",
    "The symbol is the first of a word; an apostrophe between letters is part of the word.",
    _word_start,
)
WORD_END = CharacterHypothesis(
    "word-end",
    "yes/no",
    "The symbol is the last of a word, which only the symbol after it shows.",
    _word_end,
)
WORD_POSITION = CharacterHypothesis(
    "word-position",
    "number",
    "How many symbols of the word have been read, 1 at its first; 0 outside words.",
    _word_position,
)
ALL_CAPS_WORD = CharacterHypothesis(
    "all-caps-word",
    "yes/no",
    "Within a word that has two capital letters or more and no small letter.",
    _all_caps,
)
SENTENCE_START = CharacterHypothesis(
    "sentence-start",
    "yes/no",
    "The symbol begins the first word of the text, of a paragraph, or, unless it is a small "
    "letter, after one of . ! ? … and white space.",
    _sentence_start,
)
PUNCTUATION = CharacterHypothesis(
    "punctuation",
    "yes/no",
    "The symbol is a punctuation mark, of any script; signs such as + and $ are none.",
    _punctuation,
)
VOWEL = CharacterHypothesis(
    "vowel",
    "yes/no",
    "The symbol is one of a e i o u, small or capital, with or without an accent.",
    _vowel,
)
