"""How a query asks for any of several words."""

from __future__ import annotations


def any_of(words: str) -> str:
    """Alternatives of a query: each word of a text as a token of the language."""
    return " ".join(f'"{word}"' for word in words.split())
