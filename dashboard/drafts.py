"""What is being written on the Search page: its text, what is known of it, and earlier ones.

A draft is counted and painted at every key; units are searched for when it is asked for. What
cannot be read, as half a pattern cannot, leaves the last one that could in sight.
"""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

MOST_EARLIER = 12


@dataclass(frozen=True)
class Draft:
    """An expression as it stands in the field.

    Attributes
    ----------
    text : str
        As written.
    good : str
        The last one that could be read; this one, if it can.
    error : str or None
        Why this one cannot.
    since : float
        When it was changed last, by the clock that never goes back.
    """

    text: str
    good: str
    error: str | None = None
    since: float = field(default_factory=time.monotonic)

    @property
    def expression(self) -> str:
        """The text as an expression."""
        return self.text.strip()

    def written(self, text: str) -> Draft:
        """The draft after its text was changed; whether it can be read is not known yet."""
        return Draft(text, self.good)

    def read(self) -> Draft:
        """It can be read."""
        return Draft(self.text, self.expression or self.good, None, self.since)

    def refused(self, error: str) -> Draft:
        """It cannot, and why."""
        return Draft(self.text, self.good, error, self.since)

    def rests(self, seconds: float) -> bool:
        """Whether it was left alone for so long."""
        return time.monotonic() - self.since >= seconds


def with_earlier(expression: str, earlier: Sequence[str]) -> tuple[str, ...]:
    """Earlier searches, the latest first, each once, with one more."""
    rest = (each for each in earlier if each != expression)
    return (expression, *rest)[:MOST_EARLIER]


def next_place(spans: NDArray[np.int64], position: int) -> int | None:
    """Where the first span after a symbol begins; from the start again after the last.

    Parameters
    ----------
    spans : ndarray of int64, shape (span, 2)
        Rising and apart.
    position : int
    """
    return _nth(spans, bisect_right(spans[:, 0], position))


def previous_place(spans: NDArray[np.int64], position: int) -> int | None:
    """Where the last span before a symbol begins; from the end again before the first."""
    return _nth(spans, bisect_left(spans[:, 0], position) - 1)


def _nth(spans: NDArray[np.int64], number: int) -> int | None:
    return int(spans[number % len(spans), 0]) if len(spans) else None


def place_number(spans: NDArray[np.int64], position: int) -> int:
    """Which span, from 1, begins at a symbol or last before it; 0 before the first."""
    return bisect_right(spans[:, 0], position)


def first_in_sight(spans: NDArray[np.int64], sight: tuple[int, int]) -> bool:
    """Whether a span touches the symbols in sight."""
    following = bisect_right(spans[:, 1], sight[0])
    return following < len(spans) and bool(spans[following, 0] < sight[1])
