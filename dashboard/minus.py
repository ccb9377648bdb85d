"""Numbers as the dashboard shows them: with a minus sign, not a hyphen."""

from __future__ import annotations

import re

_HYPHEN = re.compile(r"(?<![\w.)-])-(?=\.?\d)")


def true_minus(text: str) -> str:
    """The text with a minus sign before each number that has a hyphen there.

    Files and the terminal keep the hyphen: programs read it. So does what stands between two words
    or two numbers, as in ``half-life`` and ``20-90``.
    """
    return _HYPHEN.sub("\N{MINUS SIGN}", text)
