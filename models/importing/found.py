"""A network as it was found in another program's file, in the one layout that all formats share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from models.cells import Weights
from models.importing.errors import ImportingError
from models.recurrent import CellName

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
        width, hidden = self.inputs, self.hidden
        for number, w in enumerate(self.layers):
            rows = GATES[self.cell] * hidden
            name = f"of the {self.cell.upper()} layer {number}"
            check_shape(f"the input weights {name}", w.ih, (rows, width))
            check_shape(f"the recurrent weights {name}", w.hh, (rows, hidden))
            check_shape(f"the input bias {name}", w.b_ih, (rows,))
            check_shape(f"the recurrent bias {name}", w.b_hh, (rows,))
            width = hidden

    @property
    def hidden(self) -> int:
        """How many units each layer has."""
        return self.layers[0].hh.shape[1]

    @property
    def inputs(self) -> int:
        """How many numbers the first layer reads at a time."""
        source = self.layers[0].ih if self.embedding is None else self.embedding
        return source.shape[1]

    @property
    def rows(self) -> int:
        """How many symbols the network reads."""
        return self.inputs if self.embedding is None else self.embedding.shape[0]


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
