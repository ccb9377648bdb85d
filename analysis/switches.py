"""When a unit counts as on: a side and a threshold."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import Literal

import numpy as np

from analysis.arrays import CODE_SCALE, GATES
from analysis.recording import Unit
from models.errors import UserError

Direction = Literal[1, -1]
DEFAULT_THRESHOLD = 0.3


class MatchingError(UserError):
    """A range, a unit's switch or a band that nothing can be matched with."""


@dataclass(frozen=True)
class Switch:
    """A unit, and when it is on.

    Attributes
    ----------
    unit : str
        The unit's name, as in "1.c.78".
    direction : {1, -1}
        1 if it is on where it is high, -1 if it is on where it is low.
    threshold : float
        On is a value of at least this where the direction is 1, of at most this where it is -1.
        Compared as 8-bit codes, whatever the recording's precision.
    """

    unit: str
    direction: Direction
    threshold: float

    def __post_init__(self) -> None:
        Unit.parse(self.unit)
        if self.direction not in (1, -1):
            raise MatchingError(
                f"The direction of {self.unit} must be 1 or -1, not {self.direction!r}."
            )
        if not -1 <= self.threshold <= 1:  # NaN neither
            raise MatchingError(
                f"The threshold of {self.unit} must lie between -1 and 1, not {self.threshold}."
            )

    @classmethod
    def default(
        cls, unit: str, direction: Direction = 1, distance: float = DEFAULT_THRESHOLD
    ) -> Switch:
        """On where the unit is clearly off its middle, to one side.

        A state's middle is 0, a gate's is 0.5, and a gate has half as far to go: at a distance of
        0.3 a state is on from 0.3 up or from -0.3 down, a gate from 0.65 up or from 0.35 down.
        """
        middle, reach = middle_and_reach(Unit.parse(unit).signal)
        return cls(unit, direction, middle + direction * reach * distance)

    @property
    def first_code(self) -> int:
        """The code where it begins to be on."""
        exact = self.threshold * CODE_SCALE
        # 0.65 x 127 must not be missed by a last bit.
        return ceil(exact - 1e-6) if self.direction == 1 else floor(exact + 1e-6)

    def is_on(self) -> np.ndarray:
        """Whether each code is on, bool (256,); entry k is about the code k as uint8."""
        return self.direction * (_CODES - self.first_code) >= 0

    def strength(self) -> np.ndarray:
        """How far beyond the threshold each code is, float32 (256,), as `is_on` is indexed.

        0 at the threshold and where it is off, 1 where the signal goes no further.
        """
        middle, reach = middle_and_reach(Unit.parse(self.unit).signal)
        last = CODE_SCALE * (middle + self.direction * reach)
        room = max(1.0, self.direction * (last - self.first_code))
        beyond = self.direction * (_CODES - self.first_code) / room
        return np.clip(beyond, 0, 1).astype(np.float32)


_CODES = np.arange(256, dtype=np.uint8).view(np.int8).astype(np.int64)


def middle_and_reach(signal: str) -> tuple[float, float]:
    """The middle of a signal's values, and how far they go to either side of it."""
    return (0.5, 0.5) if signal in GATES else (0.0, 1.0)
