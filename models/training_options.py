"""What to train, how, and where a training stands: plain values, free to import without torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from models.errors import UserError

if TYPE_CHECKING:
    from models.recurrent import CellName

OptimizerName = Literal["adam", "adamw", "rmsprop"]
DeviceName = Literal["auto", "cpu", "cuda"]

_MOST_AT_ONCE = 1_000_000  # their logits are in memory together
_MOST = {
    "learning_rate": 1,
    "weight_decay": 1,
    "dropout": 0.95,
    "activity_penalty": 100,
    "change_penalty": 100,
    "cell_penalty": 100,
    "cell_change_penalty": 100,
    "lines_ahead": 100,
    "line_so_far": 100,
}


class TrainingError(UserError):
    """Training cannot start or go on."""


class DivergedError(TrainingError):
    """The loss or its gradient is no longer a number."""


@dataclass(frozen=True)
class Network:
    """The network to train, for whatever vocabulary the text has; see `Architecture`."""

    cell: CellName = "lstm"
    layers: int = 2
    hidden: int = 256
    embedding: int | None = 64
    tied: bool = False


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
    optimizer: OptimizerName = "adamw"
    weight_decay: float = 0.0  # of weights, never of biases
    dropout: float = 0.0  # between layers
    activity_penalty: float = 0.0  # of the mean size of h, see `Learner`
    change_penalty: float = 0.0  # of the mean change of h from symbol to symbol
    cell_penalty: float = 0.0  # of how often an LSTM's cells are not near zero
    cell_change_penalty: float = 0.0  # of the mean change of tanh c from symbol to symbol
    lines_ahead: float = 0.0  # of what the cells tell of the next lines, see `LinesAhead`
    line_so_far: float = 0.0  # of what they tell of the line until now, see `LineSoFar`
    freeze: int = 0  # layers, from the lowest up, that stay as they are; the embedding too
    patience: int | None = None  # milestones without a better choose loss before it ends
    device: DeviceName = "auto"
    mixed: bool = True  # half precision where it pays: on a GPU alone

    def __post_init__(self) -> None:
        for name in ("symbols", "batch", "length", "learning_rate", "clip"):
            if not getattr(self, name) > 0:
                raise TrainingError(f"{name} must be above 0, not {getattr(self, name)}.")
        for name, most in _MOST.items():
            if not 0 <= getattr(self, name) <= most:
                raise TrainingError(
                    f"{name} must be at least 0 and at most {most}, not {getattr(self, name)}."
                )
        if self.batch * self.length > _MOST_AT_ONCE:
            raise TrainingError(
                f"batch x length must be at most {_MOST_AT_ONCE:,} symbols, not "
                f"{self.batch * self.length:,}."
            )
        if self.warm_up < 1:
            raise TrainingError(f"warm_up must be 1 step or more, not {self.warm_up}.")
        if self.dropout and self._reads_cells:
            raise TrainingError(
                "Penalties of cells, lines ahead and the line so far do not go together with "
                "dropout. Leave dropout out, or those."
            )
        if self.freeze < 0:
            raise TrainingError(f"freeze must be 0 layers or more, not {self.freeze}.")
        if self.patience is not None and self.patience < 1:
            raise TrainingError(f"patience must be 1 milestone or more, not {self.patience}.")
        if self.minutes is not None and not self.minutes > 0:
            raise TrainingError(f"minutes must be above 0, not {self.minutes}.")
        for name, known in (("optimizer", OptimizerName), ("device", DeviceName)):
            if getattr(self, name) not in get_args(known):
                raise TrainingError(
                    f"{name} must be one of {', '.join(get_args(known))}, "
                    f"not {getattr(self, name)!r}."
                )
        if not 0 <= self.seed < 1 << 63:
            raise TrainingError(f"seed must be a whole number of at least 0, not {self.seed}.")

    @property
    def _reads_cells(self) -> bool:
        penalised = self.cell_penalty or self.cell_change_penalty
        return bool(penalised or self.lines_ahead or self.line_so_far)

    @property
    def steps(self) -> int:
        """Weight updates: each reads `batch` x `length` symbols."""
        return max(1, round(self.symbols / (self.batch * self.length)))

    @property
    def milestone_steps(self) -> int:
        """Steps from one milestone to the next: there are about 20 in a training."""
        return max(1, self.steps // 20)

    def share_done(self, step: int, seconds: float) -> float:
        """How much of the training is done, 0 to 1: by steps, or by time if that is ahead."""
        by_time = 0.0 if self.minutes is None else seconds / (60 * self.minutes)
        return min(1.0, max(step / self.steps, by_time))


@dataclass(frozen=True)
class Sample:
    """What the network wrote at one step of its training."""

    step: int
    symbols: int
    train_loss: float  # smoothed over about 50 steps, as all losses here in nats per symbol
    choose_loss: float | None  # of the last milestone
    text: str


@dataclass(frozen=True)
class Progress:
    """Where a training stands. Losses are in nats per symbol."""

    step: int
    steps: int
    symbols: int
    loss: float
    choose_loss: float | None  # of the last milestone
    gradient_norm: float  # before clipping
    seconds: float
    learning_rate: float = 0.0
    clipped: int = 0  # steps so far whose gradient was clipped
    is_milestone: bool = False  # the choose loss was taken at this step
    sample: Sample | None = None  # written at this step

    @property
    def bits(self) -> float:
        """Training loss in bits per character, smoothed over about 50 steps."""
        return self.loss / math.log(2)

    @property
    def choose_bits(self) -> float:
        """Loss on the choose split in bits per character, NaN before the first milestone."""
        return float("nan") if self.choose_loss is None else self.choose_loss / math.log(2)

    @property
    def clipped_share(self) -> float:
        """Share of the steps so far whose gradient was clipped."""
        return self.clipped / max(1, self.step)

    def rate_since(self, before: Progress) -> float:
        """Symbols read a second since an earlier step, milestones and saving included."""
        return (self.symbols - before.symbols) / max(self.seconds - before.seconds, 1e-9)
