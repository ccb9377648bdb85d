"""Captions cut into lines that fit."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

_ADVANCE = 0.58
"""Mean width of a character of DejaVu Sans in its size; it is rather wide."""


def wrap(sentences: Sequence[str], width: float, size: float) -> list[str]:
    """Lines no wider than about `width` points at a size; each sentence begins a line."""
    characters = max(20, int(width / (size * _ADVANCE)))
    return [line for sentence in sentences for line in textwrap.wrap(sentence, characters)]
