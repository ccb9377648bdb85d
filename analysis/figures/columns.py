"""Time cut into columns: one a symbol, or fewer that keep what stands out in each."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

EXCERPT = 24
"""Symbols of the text that a pooled column is labelled with, at most."""
_BLOCK = 65_536


@dataclass(frozen=True)
class Columns:
    """The codes of a range in columns, with the text that each column stands for.

    Parameters
    ----------
    codes : int8 (columns, unit)
        In each column the code of largest magnitude, its sign kept; at a tie the positive one.
    edges : int64 (columns + 1,)
        Times at which the columns start, and the end.
    excerpts : tuple of str
        For each column the first of its symbols, at most `EXCERPT`.
    """

    codes: np.ndarray = field(repr=False)
    edges: np.ndarray = field(repr=False)
    excerpts: tuple[str, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.excerpts)

    @property
    def pooled(self) -> bool:
        """Whether some column stands for more than one symbol."""
        return int(self.edges[-1] - self.edges[0]) > len(self)


def signed_extremes(codes: np.ndarray, columns: int) -> np.ndarray:
    """Pool time into at most so many columns, all but equally long.

    Parameters
    ----------
    codes : int8 (time, unit)

    Returns
    -------
    int8 (columns, unit)
        In each column the code of largest magnitude, its sign kept; at a tie the positive one.
    """
    return _extremes(codes, _edges(len(codes), columns))


def cut_columns(codes: np.ndarray, text: str, first_time: int, limit: int) -> Columns:
    """Codes that are in memory, int8 (time, unit), in at most `limit` columns."""

    def read(start: int, stop: int) -> np.ndarray:
        return codes[start - first_time : stop - first_time]

    return read_columns(read, text, first_time, limit)


def read_columns(
    read: Callable[[int, int], np.ndarray], text: str, first_time: int, limit: int
) -> Columns:
    """A range that may be too long to hold, read a block at a time.

    Parameters
    ----------
    read : callable
        Gives the codes from one time up to another, int8 (time, unit).
    text : str
        The text of the range, one code point a symbol; its length is the range's.
    """
    edges = _edges(len(text), limit)
    columns = len(edges) - 1
    longest = int(np.diff(edges).max())
    per_read = max(1, _BLOCK // longest)
    parts = []
    for first in range(0, columns, per_read):
        part = edges[first : first + per_read + 1]
        codes = read(first_time + int(part[0]), first_time + int(part[-1]))
        parts.append(_extremes(codes, part - part[0]))
    shown = np.minimum(np.diff(edges), EXCERPT)
    excerpts = tuple(
        text[at : at + n] for at, n in zip(edges.tolist(), shown.tolist(), strict=False)
    )
    return Columns(np.concatenate(parts), edges + first_time, excerpts)


def _edges(symbols: int, limit: int) -> np.ndarray:
    columns = min(symbols, limit)
    return np.arange(columns + 1, dtype=np.int64) * symbols // columns


def _extremes(codes: np.ndarray, edges: np.ndarray) -> np.ndarray:
    if len(edges) - 1 == len(codes):
        return codes
    highest = np.maximum.reduceat(codes, edges[:-1], axis=0)
    lowest = np.minimum.reduceat(codes, edges[:-1], axis=0)
    return np.where(-lowest.astype(np.int16) > highest, lowest, highest)


def round_times(first: int, stop: int, at_most: int) -> list[int]:
    """Round numbers inside a range, evenly spaced, for an axis to name."""
    steps = (digit * 10**zeros for zeros in itertools.count() for digit in (1, 2, 5))
    step = next(step for step in steps if (stop - first) / step <= at_most)
    return list(range(-(-first // step) * step, stop, step))
