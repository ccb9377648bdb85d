"""A stack of recurrent layers between symbols and the logits of the next symbol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from models.errors import UserError

CellName = Literal["rnn", "lstm", "gru"]
_LAYERS: dict[str, Callable[[int, int], nn.RNNBase]] = {
    "rnn": nn.RNN,
    "lstm": nn.LSTM,
    "gru": nn.GRU,
}

State = tuple[Tensor, ...]
"""One layer's state, each tensor (batch, hidden): ``(h, c)`` for the LSTM, ``(h,)`` otherwise."""


_MOST_WEIGHTS = 500_000_000  # 2 GB in float32


class ArchitectureError(UserError):
    """An architecture cannot be built."""


@dataclass(frozen=True)
class Architecture:
    """What a network is made of, apart from its weights."""

    cell: CellName
    layers: int
    hidden: int
    embedding: int
    symbols: int

    def __post_init__(self) -> None:
        if self.cell not in _LAYERS:
            raise ArchitectureError(f"Unknown cell {self.cell!r}. Known: {', '.join(_LAYERS)}.")
        for name in ("layers", "hidden", "embedding", "symbols"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ArchitectureError(f"{name} must be a whole number above 0, not {value!r}.")
        if self.weights > _MOST_WEIGHTS:
            raise ArchitectureError(
                f"A network of {self} would have {self.weights:,} weights; at most "
                f"{_MOST_WEIGHTS:,} are possible. Choose fewer layers or units."
            )

    @property
    def weights(self) -> int:
        """How many numbers the network learns, biases included."""
        gates = {"rnn": 1, "gru": 3, "lstm": 4}[self.cell] * self.hidden
        inputs = self.embedding + (self.layers - 1) * self.hidden
        layers = gates * (inputs + self.layers * (self.hidden + 2))
        return layers + self.symbols * (self.embedding + self.hidden + 1)

    def __str__(self) -> str:
        return f"{self.layers} x {self.hidden} {self.cell.upper()}"


class RecurrentModel(nn.Module):
    """symbols -> embedding -> recurrent layers -> logits of the next symbol.

    Each layer is one of torch's fused modules of a single layer: training runs at torch's own
    speed, and the weights of a layer are named in one place for every other way of reading them.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        self.embedding = nn.Embedding(architecture.symbols, architecture.embedding)
        widths = [architecture.embedding] + [architecture.hidden] * (architecture.layers - 1)
        layer = _LAYERS[architecture.cell]
        self.layers = nn.ModuleList(layer(width, architecture.hidden) for width in widths)
        self.readout = nn.Linear(architecture.hidden, architecture.symbols)
        if architecture.cell == "lstm":
            self._open_forget_gates()

    def _open_forget_gates(self) -> None:
        # A forget gate that starts open lets the gradient through from the first step
        # (Jozefowicz, Zaremba and Sutskever 2015).
        hidden = self.architecture.hidden
        for layer in self.layers:
            with torch.no_grad():
                layer.get_parameter("bias_ih_l0")[hidden : 2 * hidden] = 1.0
                layer.get_parameter("bias_hh_l0")[hidden : 2 * hidden] = 0.0

    def zero_state(self, batch: int) -> list[State]:
        """h0 = 0 (and c0 = 0) for every layer, each tensor (batch, hidden)."""
        parts = 2 if self.architecture.cell == "lstm" else 1
        shape = (batch, self.architecture.hidden)
        # A tensor each: readers write the next state into it.
        return [
            tuple(self.readout.weight.new_zeros(shape) for _ in range(parts)) for _ in self.layers
        ]

    def forward(self, symbols: Tensor, state: list[State]) -> tuple[Tensor, list[State]]:
        """Read a chunk of symbols.

        Parameters
        ----------
        symbols : Tensor, int64 (time, batch)
        state : list of State
            One for each layer, as `zero_state` or an earlier call gave it.

        Returns
        -------
        logits : Tensor, float (time, batch, symbols)
            Entry t predicts the symbol after symbol t.
        state : list of State
            After the last symbol.
        """
        signal = self.embedding(symbols)
        after: list[State] = []
        for layer, before in zip(self.layers, state, strict=True):
            start = tuple(part.unsqueeze(0) for part in before)
            signal, end = layer(signal, start if len(start) == 2 else start[0])
            parts = end if isinstance(end, tuple) else (end,)
            after.append(tuple(part.squeeze(0) for part in parts))
        return self.readout(signal), after
