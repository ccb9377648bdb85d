"""From Keras's layers, in the order of the model, to ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.cells import Weights
from models.importing.errors import ImportingError
from models.importing.found import FoundNetwork, cell_of, check_shape, reordered, to_tensor
from models.recurrent import CellName

_ORDERS: Mapping[CellName, tuple[str, str]] = {
    "lstm": ("ifgo", "ifgo"),
    "gru": ("zrn", "rzn"),
    "rnn": ("n", "n"),
}
_KERAS_1 = re.compile(r"_([WUb])_([icfozrh])$")


@dataclass(frozen=True)
class KerasLayer:
    """One layer: its arrays in Keras's order, by name; class and settings if the file has them."""

    name: str
    arrays: Mapping[str, np.ndarray] = field(repr=False)
    kind: str | None = None
    settings: Mapping[str, Any] = field(repr=False, default_factory=dict)

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Of its arrays, in order."""
        return [array.shape for array in self.arrays.values()]

    @property
    def is_recurrent(self) -> bool:
        """Whether its first two arrays are kernels of gates x hidden columns."""
        if len(self.shapes) < 2 or any(len(shape) != 2 for shape in self.shapes[:2]):
            return False
        (_, columns), (hidden, other) = self.shapes[0], self.shapes[1]
        return columns == other and hidden > 0 and other % hidden == 0 and len(self.shapes) <= 3

    def tensors(self) -> list[Tensor]:
        """Its arrays as float32."""
        return [to_tensor(f"{self.name}/{name}", array) for name, array in self.arrays.items()]


def network_of_layers(layers: Sequence[KerasLayer], layout: str) -> FoundNetwork:
    """The recurrent network in a model's layers.

    What follows the last recurrent layer cannot change its states: where it is one Dense layer it
    is the readout, and where it is anything else the network is imported for its states alone.

    Raises
    ------
    ImportingError
        If a layer before or between the recurrent ones, or one of these, cannot be run.
    """
    weighted = [_from_keras_1(layer) for layer in layers if layer.arrays]
    for layer in weighted:
        _refuse_by_name(layer)
    places = [place for place, layer in enumerate(weighted) if layer.is_recurrent]
    if not places:
        _refuse_others(weighted)
    first, last = places[0], places[-1]
    for layer in (*weighted[: max(0, first - 1)], *weighted[first : last + 1]):
        if not layer.is_recurrent:
            raise ImportingError(
                f"The layer {layer.name!r} comes before a recurrent one, so the states depend on "
                "it, and Unitscope does not run it. One embedding, or none, can be there."
            )
    found = [_recurrent(layer) for layer in weighted[first : last + 1]]
    cells = {cell for cell, _, _ in found}
    if len(cells) > 1:
        raise ImportingError(f"Its layers are of several kinds: {', '.join(sorted(cells))}.")
    weights = tuple(layer for _, layer, _ in found)
    embedding = _embedding(weighted[0], weights[0]) if first else None
    rows = weights[0].ih.shape[1] if embedding is None else embedding.shape[0]
    readout, note = _readout(weighted[last + 1 :], weights[-1].hh.shape[1], rows)
    notes = [note, *dict.fromkeys(text for _, _, told in found for text in told)]
    return FoundNetwork(
        layout=layout,
        cell=cells.pop(),
        layers=weights,
        embedding=embedding,
        readout=readout,
        notes=tuple(text for text in notes if text),
    )


def _refuse_by_name(layer: KerasLayer) -> None:
    names = f"{layer.kind or ''} {layer.name} {' '.join(layer.arrays)}".lower()
    if "bidirectional" in names or "backward_" in names:
        raise ImportingError(
            f"The layer {layer.name!r} is bidirectional, so its states depend on the text that "
            "follows: Unitscope does not run such layers."
        )
    if layer.settings.get("go_backwards"):
        raise ImportingError(f"The layer {layer.name!r} reads the text from its end.")


def _refuse_others(layers: Sequence[KerasLayer]) -> None:
    names = ", ".join(repr(layer.name) for layer in layers[:4]) or "none with weights"
    if any(len(shape) > 2 for layer in layers for shape in layer.shapes):
        attends = any("attention" in f"{layer.name}{layer.kind}".lower() for layer in layers)
        what = "a Transformer" if attends else "a convolutional network"
    else:
        what = "a network without recurrent layers"
    raise ImportingError(f"It is {what} (layers {names}). Unitscope reads SimpleRNN, GRU and LSTM.")


def _from_keras_1(layer: KerasLayer) -> KerasLayer:
    """Keras 1 has three arrays for each gate; join them as later versions do."""
    parts: dict[tuple[str, str], np.ndarray] = {}
    for name, array in layer.arrays.items():
        if match := _KERAS_1.search(name):
            parts[match[1], match[2]] = array
    letters = {letter for _, letter in parts}
    if letters == {"z", "r", "h"}:
        raise ImportingError(
            f"The layer {layer.name!r} is a GRU of Keras 1, whose reset gate acts before the "
            "matrix product: Unitscope runs the GRU that has it after."
        )
    if letters != {"i", "c", "f", "o"} or len(parts) != 12:
        return layer
    try:
        joined = {
            name: np.concatenate([parts[part, letter] for letter in "ifco"], axis=-1)
            for name, part in (("kernel", "W"), ("recurrent_kernel", "U"), ("bias", "b"))
        }
    except ValueError as error:
        raise ImportingError(f"The gates of {layer.name!r} differ in shape.") from error
    return KerasLayer(layer.name, joined, layer.kind, layer.settings)


def _recurrent(layer: KerasLayer) -> tuple[CellName, Weights, list[str]]:
    kernel, recurrent, *rest = layer.tensors()
    hidden, columns = recurrent.shape
    gates = columns // hidden
    cell = cell_of(gates, f"{layer.name}/recurrent_kernel")
    bias = rest[0] if rest else torch.zeros(columns)
    is_cudnn = tuple(bias.shape) == (2 * columns,)
    notes = _check_settings(layer, cell, is_cudnn)
    w_ih, w_hh = kernel.T, recurrent.T
    if is_cudnn:  # each gate's block as cuDNN keeps it: row-major (hidden, inputs)
        w_ih = torch.cat([k.reshape(hidden, -1) for k in kernel.chunk(gates, dim=1)])
        w_hh = torch.cat(recurrent.chunk(gates, dim=1))
        bias = bias.reshape(2, columns)
    if cell == "gru":
        is_after = layer.settings.get("reset_after", bias.dim() == 2)
        if bias.dim() != 2 and (rest or not is_after):
            raise ImportingError(
                f"The GRU {layer.name!r} has reset_after=False: its reset gate acts before the "
                "matrix product, and Unitscope runs the GRU that has it after."
            )
    check_shape(f"the bias of {layer.name!r}", bias, (*((2,) if bias.dim() == 2 else ()), columns))
    b_ih, b_hh = bias if bias.dim() == 2 else (bias, torch.zeros(columns))
    order, wanted = _ORDERS[cell]
    return (
        cell,
        Weights(
            *(reordered(part.contiguous(), order, wanted) for part in (w_ih, w_hh, b_ih, b_hh))
        ),
        notes,
    )


def _check_settings(layer: KerasLayer, cell: CellName, is_cudnn: bool) -> list[str]:
    """Refuse activations that are not run. Returns what is not known of them, or worth knowing."""
    told = layer.settings
    gate = told.get("recurrent_activation", told.get("inner_activation", "sigmoid"))
    for name, expected in ((told.get("activation", "tanh"), "tanh"), (gate, "sigmoid")):
        if name != expected:
            raise ImportingError(
                f"The layer {layer.name!r} has the activation {str(name)[:40]!r} where Unitscope "
                f"runs {expected}. Networks with it cannot be read yet."
            )
    notes = []
    if not told and cell != "rnn" and not is_cudnn:
        notes.append(
            "The file does not say which activations its gates have, so they are read as sigmoid: "
            "Keras before 2.3 had hard_sigmoid unless told otherwise."
        )
    if told.get("return_sequences") is False:
        notes.append(
            "It was trained on windows of text from the zero state: far into a document its "
            "states may be of a kind that it has not met in training."
        )
    return notes


def _embedding(layer: KerasLayer, first: Weights) -> Tensor:
    (weight, *others) = layer.tensors()
    if others or weight.dim() != 2 or layer.kind not in {None, "Embedding"}:
        raise ImportingError(
            f"The layer {layer.name!r} comes before the recurrent ones and is no embedding: "
            "Unitscope does not run it."
        )
    check_shape(f"the embedding {layer.name!r}", weight, (weight.shape[0], first.ih.shape[1]))
    return weight


def _readout(
    layers: Sequence[KerasLayer], hidden: int, rows: int
) -> tuple[tuple[Tensor, Tensor] | None, str]:
    if len(layers) == 1 and layers[0].shapes in ([(hidden, rows), (rows,)], [(hidden, rows)]):
        weight, *bias = layers[0].tensors()
        return (weight.T.contiguous(), bias[0] if bias else torch.zeros(rows)), ""
    names = ", ".join(f"{layer.name!r} {layer.shapes}" for layer in layers) or "no layer"
    return None, (
        f"After the recurrent layers comes {names}, which is not run: the network is imported for "
        "its states, which do not depend on it. Its predictions are uniform and mean nothing."
    )
