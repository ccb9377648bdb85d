"""How to train and where a training stands: plain values, free to import without torch."""

from __future__ import annotations

import math
from dataclasses import dataclass

from models.errors import UserError

_MOST_AT_ONCE = 1_000_000  # their logits are in memory together


class TrainingError(UserError):
    """Training cannot start or go on."""


@dataclass(frozen=True)
class TrainingOptions:
    """How to train. Lengths and counts are in symbols."""

    symbols: int = 20_000_000
    batch: int = 32
    length: int = 128
    learning_rate: float = 2e-3
    warm_up: int = 100
    clip: float = 1.0
    seed: int = 0
    minutes: float | None = None  # end by then, however few symbols were read

    def __post_init__(self) -> None:
        for name in ("symbols", "batch", "length", "learning_rate", "clip"):
            if not getattr(self, name) > 0:
                raise TrainingError(f"{name} must be above 0, not {getattr(self, name)}.")
        if self.learning_rate > 1:
            raise TrainingError(f"learning_rate must be at most 1, not {self.learning_rate}.")
        if self.batch * self.length > _MOST_AT_ONCE:
            raise TrainingError(
                f"batch x length must be at most {_MOST_AT_ONCE:,} symbols, not "
                f"{self.batch * self.length:,}."
            )
        if self.warm_up < 1:
            raise TrainingError(f"warm_up must be 1 step or more, not {self.warm_up}.")
        if self.minutes is not None and not self.minutes > 0:
            raise TrainingError(f"minutes must be above 0, not {self.minutes}.")

    @property
    def steps(self) -> int:
        """Weight updates: each reads `batch` x `length` symbols."""
        return max(1, round(self.symbols / (self.batch * self.length)))

    def share_done(self, step: int, seconds: float) -> float:
        """How much of the training is done, 0 to 1: by steps, or by time if that is ahead."""
        by_time = 0.0 if self.minutes is None else seconds / (60 * self.minutes)
        return min(1.0, max(step / self.steps, by_time))


@dataclass(frozen=True)
class Progress:
    """Where a training stands. Losses are in nats per symbol."""

    step: int
    steps: int
    symbols: int
    loss: float
    choose_loss: float | None  # of the last milestone
    gradient_norm: float
    seconds: float
    is_milestone: bool = False  # the choose loss was taken at this step

    @property
    def bits(self) -> float:
        """Training loss in bits per character, smoothed over about 50 steps."""
        return self.loss / math.log(2)

    @property
    def choose_bits(self) -> float:
        """Loss on the choose split in bits per character, NaN before the first milestone."""
        return float("nan") if self.choose_loss is None else self.choose_loss / math.log(2)
