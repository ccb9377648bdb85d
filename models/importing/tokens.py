"""What a file calls a network's rows, from the many ways to write that down."""

from __future__ import annotations

from collections.abc import Mapping

from models.vocabulary import MOST_SYMBOLS

_MOST_TOKENS = 4 * MOST_SYMBOLS


def read_tokens(value: object) -> Mapping[int, str] | None:
    """Row to token, from a text, a list, or a dict in either direction; None if it is none.

    A text is its characters in order. A dict that holds another under a known name, as vocabulary
    files do, is opened.
    """
    if isinstance(value, str):
        return dict(enumerate(value)) or None
    if isinstance(value, (list, tuple)) and len(value) <= _MOST_TOKENS:
        if value and all(isinstance(token, str) for token in value):
            return dict(enumerate(value))
        inside = [read_tokens(part) for part in value if isinstance(part, (list, tuple, dict))]
        return next((tokens for tokens in inside if tokens), None)
    if isinstance(value, Mapping) and 0 < len(value) <= _MOST_TOKENS:
        return _from_mapping(value)
    return None


def _from_mapping(value: Mapping[object, object]) -> Mapping[int, str] | None:
    if all(_is_row(row) and isinstance(token, str) for token, row in value.items()):
        return None if _repeats(value) else {_row(row): str(t) for t, row in value.items()}
    if all(_is_row(row) and isinstance(token, str) for row, token in value.items()):
        return {_row(row): str(token) for row, token in value.items()}
    for key in ("idx_to_token", "token_to_idx", "itos", "stoi", "vocab", "chars"):
        if key in value:
            return read_tokens(value[key])
    return None


def _is_row(value: object) -> bool:
    if isinstance(value, str):
        return value.isascii() and value.isdigit() and len(value) < 8
    if isinstance(value, float):
        return value.is_integer() and 0 <= value < _MOST_TOKENS
    return type(value) is int and 0 <= value < _MOST_TOKENS


def _row(value: object) -> int:
    return int(str(value)) if isinstance(value, str) else int(float(str(value)))


def _repeats(value: Mapping[object, object]) -> bool:
    return len(set(map(str, value.values()))) < len(value)
