"""Tasks beside the next symbol, in training alone: cells should tell where in the text they are.

What tells is a linear read-out of the top layer's tanh c with small weights, so that one cell that
tells is worth more than many that do so together. Read-outs are left behind when training ends.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.streams import Chunk


class SideTask(nn.Module, ABC):
    """What the cells are asked for beside the next symbol; all that is wanted is in the text.

    Each task is made of

    units : int
        Of the layer that is read.
    pieces : sequence of integer arrays (time,)
        What is read in training.
    vocabulary : Vocabulary
        What the symbols are.
    """

    @abstractmethod
    def forward(self, chunk: Chunk, m: Tensor) -> Tensor:
        """The mean loss in nats.

        Parameters
        ----------
        chunk : Chunk
            Of the pieces that are read in training.
        m : Tensor, float (time, slot, units)
            The top layer's tanh c.
        """

    @abstractmethod
    def weight_penalty(self) -> Tensor:
        """A little of the size of the read-outs' weights."""


class SideTasks(nn.Module):
    """Several tasks, each with the factor of its loss."""

    def __init__(self, tasks: Sequence[tuple[float, SideTask]]) -> None:
        super().__init__()
        self._factors = [factor for factor, _ in tasks]
        self.tasks = nn.ModuleList(task for _, task in tasks)

    def forward(self, chunk: Chunk, m: Tensor) -> Tensor:
        """What is added to the loss for all of them."""
        total = m.new_zeros(())
        for factor, task in zip(self._factors, self.tasks, strict=True):
            assert isinstance(task, SideTask)
            total = total + factor * task(chunk, m) + task.weight_penalty()
        return total


def weight_sizes(readout: nn.Module) -> Tensor:
    """The sum of the sizes of a read-out's weights for each thing that it tells."""
    return torch.sum(readout.get_parameter("weight").abs(), dim=1)
