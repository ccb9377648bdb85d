"""What one symbol looks like in a cell of its own, in every figure and export.

Nothing that would act on its neighbours is drawn as it is: a right-to-left override in a text must
not reorder a row, nor a combining mark leave its cell.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

UNSEEN = "\N{WHITE VERTICAL RECTANGLE}"
"""Stands for a symbol without a shape, and in pictures for one that the font lacks."""
NEWLINE = "\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}"
TAB = "\N{RIGHTWARDS ARROW}"


@lru_cache(maxsize=4096)
def glyph(symbol: str) -> str:
    """What is drawn for a symbol: itself, or a mark if it has no shape or would move others.

    Newline is an arrow down and left, tab an arrow to the right; other control characters are their
    control pictures, invisible ones a rectangle; a combining mark stands on a dotted circle.
    """
    if symbol in "\n\t":
        return NEWLINE if symbol == "\n" else TAB
    if symbol == "\x7f":
        return "\N{SYMBOL FOR DELETE}"
    if ord(symbol) < ord(" "):
        return chr(0x2400 + ord(symbol))
    category = unicodedata.category(symbol)
    if category in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}:
        return UNSEEN
    return "\N{DOTTED CIRCLE}" + symbol if category[0] == "M" else symbol


@lru_cache(maxsize=4096)
def cells(symbol: str) -> int:
    """How many cells of a row a symbol takes: 2 for wide ones (CJK, emoji), else 1."""
    return 2 if unicodedata.east_asian_width(symbol) in {"W", "F"} else 1


@lru_cache(maxsize=4096)
def runs_on(symbol: str) -> bool:
    """Whether a symbol may share one run of text with its neighbours and keep its place.

    Not so for wide symbols, marks, and symbols written from right to left.
    """
    if symbol < "\x7f":
        return symbol >= " "
    plain = glyph(symbol) == symbol and cells(symbol) == 1
    return plain and unicodedata.bidirectional(symbol) not in {"R", "AL", "AN"}
