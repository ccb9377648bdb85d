"""The ordered symbols a network reads, and how a text becomes indices into them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.errors import UserError

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""The symbol that stands for every symbol a network has not learned."""
MOST_SYMBOLS = 1 << 16  # rows are kept as uint16
_BLOCK = 1 << 20  # symbols encoded at once: what that takes on the way is many times the text


class VocabularyError(UserError):
    """A vocabulary is malformed."""


@dataclass(frozen=True)
class Vocabulary:
    """Symbols in the order of the network's rows; each is one Unicode code point.

    A symbol that is not in the vocabulary is read as `UNKNOWN`, so a text of n code points always
    gives n indices and positions stay true.
    """

    symbols: tuple[str, ...]

    def __post_init__(self) -> None:
        wrong = [symbol for symbol in self.symbols if len(symbol) != 1]
        if wrong:
            raise VocabularyError(
                f"Every symbol must be one character, but {wrong[0]!r} is not. "
                "Word and sub-word vocabularies cannot be read."
            )
        if len(self.symbols) > MOST_SYMBOLS:
            raise VocabularyError(
                f"The vocabulary has {len(self.symbols):,} symbols; "
                f"at most {MOST_SYMBOLS:,} can be read."
            )
        if len(set(self.symbols)) != len(self.symbols):
            twice = next(s for s, n in Counter(self.symbols).items() if n > 1)
            raise VocabularyError(f"The symbol {twice!r} is in the vocabulary more than once.")
        if UNKNOWN not in self.symbols:
            raise VocabularyError(
                "The vocabulary has no unknown symbol (U+FFFD). Add it as one more row."
            )

    def __len__(self) -> int:
        return len(self.symbols)

    @cached_property
    def unknown(self) -> int:
        """The row of the unknown symbol."""
        return self.symbols.index(UNKNOWN)

    @cached_property
    def _rows(self) -> np.ndarray:
        codes = np.array([ord(symbol) for symbol in self.symbols])
        rows = np.full(int(codes.max()) + 1, self.unknown, dtype=np.uint16)
        rows[codes] = np.arange(len(codes))
        return rows

    def encode(self, text: str) -> np.ndarray:
        """Indices of the text's symbols, uint16 (time,)."""
        indices = np.empty(len(text), dtype=np.uint16)
        for start in range(0, len(text), _BLOCK):
            codes = code_points(text[start : start + _BLOCK])
            known = codes < len(self._rows)
            found = self._rows[np.where(known, codes, 0)]
            indices[start : start + _BLOCK] = np.where(known, found, self.unknown)
        return indices

    def decode(self, indices: Iterable[int]) -> str:
        """The text of a sequence of indices."""
        return "".join(self.symbols[index] for index in indices)


def code_points(text: str) -> np.ndarray:
    """The Unicode code points of a text, uint32 (time,)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def build_vocabulary(texts: Iterable[str], *, least: int = 10) -> Vocabulary:
    """Symbols that occur at least `least` times, in code point order, after the unknown symbol.

    Rarer ones are read as unknown, so that the network learns what to do with a symbol it does
    not know.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    known = sorted(s for s, n in counts.items() if n >= least and s != UNKNOWN)
    if not known:  # a text so short that nothing is frequent
        known = sorted(set(counts) - {UNKNOWN})
    return Vocabulary((UNKNOWN, *known))
