"""A symbol for every row of an imported network, and a row for the symbols it has not learned.

Rows that no text can name (padding, marks such as ``<s>``, rows beyond the vocabulary) keep their
place and their numbers under symbols of a private plane of Unicode. A network that has no row for
unknown symbols is given one more: its embedding is zero, so an unknown symbol moves the state by
what the layers do without input, and its logit is so far below the mean that it is not predicted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from models.importing.errors import ImportingError
from models.vocabulary import UNKNOWN

PRIVATE = 0xF0000
"""Where the symbols of nameless rows begin in Unicode: row n is U+F0000 + n."""
_UNKNOWN_NAMES = {"<unk>", "<UNK>", "[UNK]", "UNK", "unk", "<unknown>", "<oov>", "<OOV>"}
_MARGIN = 12.0  # nats below the mean logit: less than 1e-5 of the probability in all
_MOST_SHOWN = 5


@dataclass(frozen=True)
class Rows:
    """A symbol for each row; `has_unknown` says whether one is the network's own unknown."""

    symbols: tuple[str, ...]
    has_unknown: bool
    notes: tuple[str, ...]


def name_rows(rows: int, tokens: Mapping[int, str]) -> Rows:
    """Give each row a symbol of its own.

    Raises
    ------
    ImportingError
        If the vocabulary has more symbols than the network rows, or is one of words.
    """
    beyond = [row for row in tokens if row >= rows]
    if beyond:
        hint = " Its numbers begin at 1, not 0." if min(tokens) == 1 else ""
        raise ImportingError(
            f"The network has {rows} rows, but the vocabulary goes up to row {max(beyond)}, "
            f"{tokens[max(beyond)]!r}, with {len(tokens)} symbols.{hint} "
            "It belongs to another network; name the right one with --vocabulary."
        )
    long = [token for token in tokens.values() if len(token) > 1]
    if 2 * len(long) > len(tokens):
        raise ImportingError(
            f"The vocabulary is one of words or parts of words ({long[0]!r}). "
            "Unitscope reads networks of single characters."
        )
    symbols = [chr(PRIVATE + row) for row in range(rows)]
    taken: dict[str, int] = {}
    nameless: list[str] = []
    has_unknown = False
    for row, token in sorted(tokens.items()):
        is_unknown = token == UNKNOWN or token in _UNKNOWN_NAMES
        if is_unknown and not has_unknown:
            has_unknown = True
            symbols[row] = UNKNOWN
        elif len(token) == 1 and token not in taken and not 0xD800 <= ord(token) < 0xE000:
            taken[token] = row
            symbols[row] = token
        else:
            nameless.append(f"row {row}, {token!r}")
    return Rows(tuple(symbols), has_unknown, tuple(_notes(rows, tokens, nameless, has_unknown)))


def _notes(
    rows: int, tokens: Mapping[int, str], nameless: list[str], has_unknown: bool
) -> list[str]:
    notes = []
    if rows > len(tokens):
        notes.append(
            f"The network has {rows} rows, the vocabulary {len(tokens)} symbols: the other "
            f"{rows - len(tokens)} keep private symbols from U+F0000 on."
        )
    if nameless:
        more = f" and {len(nameless) - _MOST_SHOWN} more" if len(nameless) > _MOST_SHOWN else ""
        notes.append(
            f"No text can name {'; '.join(nameless[:_MOST_SHOWN])}{more}: such rows keep private "
            "symbols from U+F0000 on."
        )
    if not has_unknown:
        notes.append(
            "It has no row for unknown symbols, so it is given one: they are read as no input "
            "(an embedding of zeros) and never predicted."
        )
    return notes


def with_unknown_row(weight: Tensor) -> Tensor:
    """An embedding's rows, and one of zeros."""
    return torch.cat([weight, weight.new_zeros(1, weight.shape[1])])


def with_unknown_logit(weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """A readout's rows, and one whose logit lies below the mean of the others."""
    return (
        torch.cat([weight, weight.mean(0, keepdim=True)]),
        torch.cat([bias, bias.mean(0, keepdim=True) - _MARGIN]),
    )
