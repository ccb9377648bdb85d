"""A stack of recurrent layers between symbols and the logits of the next symbol."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, Literal

import torch
from torch import Tensor, nn

from models.cells import STANDARD, STEPS, Variant, layer_weights, unroll
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
    """What a network is made of, apart from its weights.

    An `embedding` of None is one-hot input: the first layer has a column of weights for each
    symbol. In a `tied` network the readout's weights are the embedding's (Press and Wolf 2017).
    `widths` are the layers' where they differ; `hidden` is then the last one's. The rest is what
    `models.cells.Variant` says of the cells.
    """

    cell: CellName
    layers: int
    hidden: int
    embedding: int | None
    symbols: int
    tied: bool = False
    gate_slope: float | None = None
    reset_before: bool = False
    relu: bool = False
    widths: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if self.cell not in _LAYERS:
            raise ArchitectureError(f"Unknown cell {self.cell!r}. Known: {', '.join(_LAYERS)}.")
        for name in ("layers", "hidden", "embedding", "symbols"):
            value = getattr(self, name)
            if name == "embedding" and value is None:
                continue
            if not isinstance(value, int) or value < 1:
                raise ArchitectureError(f"{name} must be a whole number above 0, not {value!r}.")
        self._check_tied()
        self._check_variant()
        self._check_widths()
        if self.weights > _MOST_WEIGHTS:
            raise ArchitectureError(
                f"A network of {self} would have {self.weights:,} weights; at most "
                f"{_MOST_WEIGHTS:,} are possible. Choose fewer layers or units."
            )

    def _check_tied(self) -> None:
        if not isinstance(self.tied, bool):
            raise ArchitectureError(f"tied must be true or false, not {self.tied!r}.")
        if self.tied and self.embedding != self.hidden:
            width = "one-hot input" if self.embedding is None else f"one of width {self.embedding}"
            raise ArchitectureError(
                f"A tied readout needs an embedding as wide as the layers, {self.hidden}, not "
                f"{width}. Choose embedding={self.hidden}, or leave the readout untied."
            )

    def _check_variant(self) -> None:
        slope = self.gate_slope
        is_slope = isinstance(slope, (int, float)) and not isinstance(slope, bool)
        if slope is not None and not (is_slope and 0 < slope < math.inf):
            raise ArchitectureError(f"gate_slope must be a number above 0, not {slope!r}.")
        for name, cells in (("reset_before", {"gru"}), ("relu", {"rnn"})):
            value = getattr(self, name)
            if not isinstance(value, bool):
                raise ArchitectureError(f"{name} must be true or false, not {value!r}.")
            if value and self.cell not in cells:
                raise ArchitectureError(f"The cell {self.cell} has no {name}.")
        if slope is not None and self.cell == "rnn":
            raise ArchitectureError("The cell rnn has no gates, so no gate_slope.")

    def _check_widths(self) -> None:
        if self.widths is None:
            return
        is_listed = isinstance(self.widths, (tuple, list))  # JSON has a list
        widths = tuple(self.widths) if is_listed else ()
        if not all(type(width) is int and width > 0 for width in widths):
            raise ArchitectureError(f"widths must be whole numbers above 0, not {widths!r}.")
        if len(widths) != self.layers or widths[-1] != self.hidden:
            raise ArchitectureError(
                f"widths {self.widths!r} do not fit {self.layers} layers, the last of "
                f"{self.hidden} units. Give one width a layer."
            )
        # Said in one way alone: the same network has the same hash.
        object.__setattr__(self, "widths", None if len(set(widths)) == 1 else widths)

    @property
    def variant(self) -> Variant:
        """How its cells differ from the textbook's."""
        return Variant(self.gate_slope, self.reset_before, self.relu)

    @property
    def layer_widths(self) -> tuple[int, ...]:
        """How many units each layer has."""
        return self.widths or (self.hidden,) * self.layers

    @property
    def inputs(self) -> int:
        """How many numbers the first layer reads at a time."""
        return self.symbols if self.embedding is None else self.embedding

    @property
    def weights(self) -> int:
        """How many numbers the network learns, biases included, tied ones counted once."""
        gates = {"rnn": 1, "gru": 3, "lstm": 4}[self.cell]
        if self.widths is None:  # no sum over layers, of which a file may claim any number
            inputs = self.inputs + (self.layers - 1) * self.hidden
            layers = gates * self.hidden * (inputs + self.layers * (self.hidden + 2))
        else:
            pairs = zip((self.inputs, *self.widths), self.widths, strict=False)
            layers = gates * sum(width * (below + width + 2) for below, width in pairs)
        vectors = (self.embedding or 0) + (0 if self.tied else self.hidden)
        return layers + self.symbols * (vectors + 1)

    @property
    def is_plain(self) -> bool:
        """Whether the first version of checkpoints can say it: cells of the textbook, one width."""
        return self.variant == STANDARD and self.widths is None

    def to_json(self) -> dict[str, Any]:
        """The fields as files have them; those with defaults only where they differ from these.

        What is written and hashed of a network from before a choice stays as it was.
        """
        optional = {field.name: field.default for field in fields(self)}
        return {
            name: value
            for name, value in asdict(self).items()
            if optional[name] is MISSING or value != optional[name]
        }

    def __str__(self) -> str:
        size = f"{self.layers} x {self.hidden}" if self.widths is None else self.widths
        if not isinstance(size, str):
            size = " + ".join(map(str, size))
        told = str(self.variant)
        return f"{size} {self.cell.upper()}" + (f" ({told})" if told else "")


class OneHot(nn.Module):
    """symbols -> one-hot vectors, for torch's fused layers, which read dense input alone.

    Written straight into zeros: a fifth of the time of `torch.nn.functional.one_hot`, which goes
    through int64, and no table of symbols x symbols in memory.
    """

    def __init__(self, symbols: int) -> None:
        super().__init__()
        self.symbols = symbols
        # Says in which precision and where the layers compute; it is no part of a checkpoint.
        self.register_buffer("one", torch.ones(()), persistent=False)

    def forward(self, symbols: Tensor) -> Tensor:
        """Float (..., symbols) from int64 (...)."""
        zeros = self.get_buffer("one").new_zeros(*symbols.shape, self.symbols)
        return zeros.scatter_(-1, symbols.unsqueeze(-1), 1.0)


class RecurrentModel(nn.Module):
    """symbols -> embedding or one-hot -> recurrent layers -> logits of the next symbol.

    Each layer is one of torch's fused modules of a single layer: training runs at torch's own
    speed, and the weights of a layer are named in one place for every other way of reading them.

    Parameters
    ----------
    architecture : Architecture
    dropout : float, default=0.0
        Share of a layer's outputs that the next layer does not see, in training only (Zaremba,
        Sutskever and Vinyals 2014). Its place is ``model.dropout.p``; it is not saved.
    """

    def __init__(self, architecture: Architecture, dropout: float = 0.0) -> None:
        super().__init__()
        self.architecture = architecture
        self.embedding: nn.Embedding | OneHot = (
            OneHot(architecture.symbols)
            if architecture.embedding is None
            else nn.Embedding(architecture.symbols, architecture.embedding)
        )
        widths = architecture.layer_widths
        layer = _LAYERS[architecture.cell]
        # Of variants too: then it only holds the weights.
        pairs = zip((architecture.inputs, *widths), widths, strict=False)
        self.layers = nn.ModuleList(layer(below, width) for below, width in pairs)
        self.dropout = nn.Dropout(dropout)
        self.readout = nn.Linear(architecture.hidden, architecture.symbols)
        if architecture.tied:
            self.embedding.weight = self.readout.weight
        self._set_first_weights()

    @torch.no_grad()
    def _set_first_weights(self) -> None:
        """Where torch's own first weights would learn slowly, others."""
        hidden = self.architecture.hidden
        if self.architecture.tied:
            # Small enough that an untrained network gives all symbols about the same probability
            # (torch's embeddings, of size 1, would not), and no smaller: they are its input too.
            self.readout.weight.normal_(0, 2 / hidden**0.5)
        if self.architecture.embedding is None:
            # A column is read alone, so it is as large as an embedding's vector. Torch expects a
            # sum over many inputs and makes it so small that symbols hardly tell at first.
            self.layers[0].get_parameter("weight_ih_l0").normal_()
        if self.architecture.cell == "lstm":
            # A forget gate that starts open lets the gradient through from the first step
            # (Jozefowicz, Zaremba and Sutskever 2015).
            for layer, width in zip(self.layers, self.widths, strict=True):
                layer.get_parameter("bias_ih_l0")[width : 2 * width] = 1.0
                layer.get_parameter("bias_hh_l0")[width : 2 * width] = 0.0

    @property
    def widths(self) -> tuple[int, ...]:
        """How many units each layer has."""
        return self.architecture.layer_widths

    def zero_state(self, batch: int) -> list[State]:
        """h0 = 0 (and c0 = 0) for every layer, each tensor (batch, hidden)."""
        parts = 2 if self.architecture.cell == "lstm" else 1
        # A tensor each: readers write the next state into it.
        return [
            tuple(self.readout.weight.new_zeros(batch, width) for _ in range(parts))
            for width in self.widths
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
        hidden, after = self.read_layers(symbols, state)
        return self.readout(hidden[-1]), after

    def read_layers(self, symbols: Tensor, state: list[State]) -> tuple[list[Tensor], list[State]]:
        """Read a chunk as `forward` does, up to the readout.

        Returns
        -------
        hidden : list of Tensor, float (time, batch, hidden)
            The h of each layer, before dropout; entry t after symbol t.
        state : list of State
            After the last symbol.
        """
        signal = self.embedding(symbols)
        hidden: list[Tensor] = []
        after: list[State] = []
        for number, (layer, before) in enumerate(zip(self.layers, state, strict=True)):
            if number > 0:
                signal = self.dropout(signal)
            assert isinstance(layer, nn.RNNBase)
            signal, end = self._read_layer(layer, signal, before)
            hidden.append(signal)
            after.append(end)
        return hidden, after

    def _read_layer(self, layer: nn.RNNBase, signal: Tensor, state: State) -> tuple[Tensor, State]:
        variant = self.architecture.variant
        if variant == STANDARD:
            return read_fused(layer, signal, state)
        step = STEPS[self.architecture.cell]
        every = unroll(step, signal, layer_weights(layer), state, variant)
        parts = ("h", "c")[: len(state)]
        return every["h"], tuple(every[part][-1] for part in parts)


def read_fused(layer: nn.RNNBase, signal: Tensor, state: State) -> tuple[Tensor, State]:
    """Read a chunk with one of torch's fused layers.

    Returns
    -------
    h : Tensor, float (time, batch, hidden)
    state : State
        After the last symbol.
    """
    start = tuple(part.unsqueeze(0) for part in state)
    h, end = layer(signal, start if len(start) == 2 else start[0])
    parts = end if isinstance(end, tuple) else (end,)
    return h, tuple(part.squeeze(0) for part in parts)
