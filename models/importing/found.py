"""A network as it was found in another program's file, in the one layout that all formats share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from models.cells import STANDARD, Variant, Weights
from models.importing.errors import ImportingError
from models.recurrent import Architecture, CellName

RNN_ACTIVATIONS = ("tanh", "relu")
GATE_ACTIVATIONS: Mapping[str, float | None] = {
    "sigmoid": None,
    "hard_sigmoid": 0.2,
    "hard_sigmoid_keras3": 1 / 6,
}
"""What gates can be, and the slope: Keras 3 took another hard sigmoid than Keras 1 and 2."""
GATES: dict[CellName, int] = {"rnn": 1, "gru": 3, "lstm": 4}


@dataclass(frozen=True)
class FoundNetwork:
    """Layers in torch's layout (gates i f g o, r z n), before a vocabulary is put to their rows.

    An `embedding` of None is one-hot input. A `readout` (weight, bias) of None means that the
    network's own is of a kind that is not run: its states are its own, its predictions are not.
    `tokens` names rows where the file does; `notes` are what whoever imports it must know.
    """

    layout: str
    cell: CellName
    layers: tuple[Weights, ...] = field(repr=False)
    embedding: Tensor | None = field(repr=False)
    readout: tuple[Tensor, Tensor] | None = field(repr=False)
    tokens: Mapping[int, str] | None = field(repr=False, default=None)
    notes: tuple[str, ...] = ()
    variant: Variant = STANDARD

    def __post_init__(self) -> None:
        if not self.layers:
            raise ImportingError("It has no recurrent layer, so there is nothing to look into.")
        self._check_layers()
        expected = (self.rows, self.hidden)
        if self.readout is not None:
            weight, bias = self.readout
            check_shape("the readout's weight", weight, expected)
            check_shape("the readout's bias", bias, expected[:1])

    def _check_layers(self) -> None:
        width = self.inputs
        for number, w in enumerate(self.layers):
            hidden = w.hh.shape[-1]
            rows = GATES[self.cell] * hidden
            name = f"of the {self.cell.upper()} layer {number}"
            check_shape(f"the input weights {name}", w.ih, (rows, width))
            check_shape(f"the recurrent weights {name}", w.hh, (rows, hidden))
            check_shape(f"the input bias {name}", w.b_ih, (rows,))
            check_shape(f"the recurrent bias {name}", w.b_hh, (rows,))
            width = hidden

    def architecture(self, symbols: int) -> Architecture:
        """What it is made of as a network of ours that reads so many symbols."""
        return Architecture(
            self.cell,
            len(self.layers),
            self.hidden,
            None if self.embedding is None else self.inputs,
            symbols,
            gate_slope=self.variant.gate_slope,
            reset_before=self.variant.reset_before,
            relu=self.variant.relu,
            widths=self.widths,
        )

    @property
    def hidden(self) -> int:
        """How many units the last layer has."""
        return self.widths[-1]

    @property
    def widths(self) -> tuple[int, ...]:
        """How many units each layer has."""
        return tuple(w.hh.shape[1] for w in self.layers)

    @property
    def inputs(self) -> int:
        """How many numbers the first layer reads at a time."""
        source = self.layers[0].ih if self.embedding is None else self.embedding
        return source.shape[1]

    @property
    def rows(self) -> int:
        """How many symbols the network reads."""
        return self.inputs if self.embedding is None else self.embedding.shape[0]


def activated(network: FoundNetwork, activation: str) -> FoundNetwork:
    """The network with gates, or states of an RNN, of the kind that a user names.

    Raises
    ------
    ImportingError
        If its cell has none of that kind.
    """
    kinds = RNN_ACTIVATIONS if network.cell == "rnn" else GATE_ACTIVATIONS
    if activation not in kinds:
        raise ImportingError(
            f"There is no activation {activation[:40]!r} of a {network.cell.upper()}: "
            f"choose {', '.join(kinds)}."
        )
    if network.cell == "rnn":
        variant = replace(network.variant, relu=activation == "relu")
    else:
        variant = replace(network.variant, gate_slope=GATE_ACTIVATIONS[activation])
    asked = tuple(note for note in network.notes if "--activation" not in note)
    note = f"Its activation was named when it was imported: {activation}."
    return replace(network, variant=variant, notes=(*asked, note))


def check_shape(name: str, tensor: Tensor, expected: Sequence[int]) -> None:
    """Raise an ImportingError that names the tensor unless it has the expected shape."""
    if tuple(tensor.shape) != tuple(expected):
        raise ImportingError(
            f"{name[0].upper()}{name[1:]} has shape {tuple(tensor.shape)}, but "
            f"{tuple(expected)} was expected from the other tensors. The file may mix several "
            "networks or be damaged; export one network alone."
        )


def to_tensor(name: str, values: np.ndarray) -> Tensor:
    """Float32 values of an array, checked to be numbers.

    Raises
    ------
    ImportingError
        If the array holds no numbers, or NaN or infinity.
    """
    if values.dtype.kind not in "fiu":
        raise ImportingError(f"The tensor {name!r} holds {values.dtype}, not numbers.")
    tensor = torch.from_numpy(np.ascontiguousarray(values.astype(np.float32)))
    check_finite(name, tensor)
    return tensor


def check_finite(name: str, tensor: Tensor) -> None:
    """Raise an ImportingError that names the tensor if it holds NaN or infinity."""
    if not torch.isfinite(tensor).all():
        raise ImportingError(
            f"The tensor {name!r} holds NaN or infinity. Its training broke down; "
            "take an earlier checkpoint."
        )


def cell_of(gates: int, name: str) -> CellName:
    """The cell with this many blocks of rows in its recurrent weights."""
    for cell, number in GATES.items():
        if number == gates:
            return cell
    raise ImportingError(
        f"The tensor {name!r} has {gates} gates, but an RNN has 1, a GRU 3 and an LSTM 4: "
        "it is a cell that Unitscope does not know."
    )


def reordered(rows: Tensor, order: str, wanted: str = "ifgo") -> Tensor:
    """Rows (gates x hidden, ...) with their blocks from one order of letters to another."""
    blocks = dict(zip(order, rows.chunk(len(order), dim=0), strict=True))
    return torch.cat([blocks[letter] for letter in wanted], dim=0)
