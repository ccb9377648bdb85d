"""From Keras's layers, in the order of the model, to ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.cells import STANDARD, Variant, Weights
from models.importing.errors import ImportingError
from models.importing.found import FoundNetwork, cell_of, check_shape, reordered, to_tensor
from models.recurrent import CellName

_ORDERS: Mapping[CellName, tuple[str, str]] = {
    "lstm": ("ifgo", "ifgo"),
    "gru": ("zrn", "rzn"),
    "rnn": ("n", "n"),
}
_SLOPES = {1: 0.2, 2: 0.2, 3: 1 / 6}  # of hard_sigmoid, by Keras's version
_NEWEST = 3
_KERAS_1 = re.compile(r"_([WUb])_([icfozrh])$")


@dataclass(frozen=True)
class KerasLayer:
    """One layer: its arrays in Keras's order, by name; class and settings if the file has them."""

    name: str
    arrays: Mapping[str, np.ndarray] = field(repr=False)
    kind: str | None = None
    settings: Mapping[str, Any] = field(repr=False, default_factory=dict)
    version: str = ""  # of Keras, empty if the file has none

    @property
    def major(self) -> int:
        """Keras's version, 1, 2 or 3; what does not say is taken for 2."""
        return int(self.version[0]) if self.version[:1] in {"1", "2", "3"} else 2

    @property
    def has_hard_default(self) -> bool:
        """Whether gates were hard sigmoids unless told otherwise: in Keras before 2.3."""
        numbers = re.match(r"(\d{1,4})\.(\d{1,4})", self.version)
        is_own = numbers is not None and not self.version.endswith("-tf")
        return is_own and numbers is not None and (int(numbers[1]), int(numbers[2])) < (2, 3)

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
    cells, variants = {held.cell for held in found}, {held.variant for held in found}
    if len(cells) > 1 or len(variants) > 1:
        kinds = sorted({f"{held.cell} {held.variant}".strip() for held in found})
        raise ImportingError(f"Its layers are of several kinds: {', '.join(kinds)}.")
    weights = tuple(held.weights for held in found)
    embedding = _embedding(weighted[0], weights[0]) if first else None
    rows = weights[0].ih.shape[1] if embedding is None else embedding.shape[0]
    readout, note = _readout(weighted[last + 1 :], weights[-1].hh.shape[1], rows)
    notes = [note, *dict.fromkeys(text for held in found for text in held.notes)]
    return FoundNetwork(
        layout=layout,
        cell=cells.pop(),
        layers=weights,
        embedding=embedding,
        readout=readout,
        notes=tuple(text for text in notes if text),
        variant=variants.pop(),
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
    order = next((o for o in ("ifco", "zrh") if letters == set(o)), "")
    if not order or len(parts) != 3 * len(order):
        return layer
    try:
        joined = {
            name: np.concatenate([parts[part, letter] for letter in order], axis=-1)
            for name, part in (("kernel", "W"), ("recurrent_kernel", "U"), ("bias", "b"))
        }
    except ValueError as error:
        raise ImportingError(f"The gates of {layer.name!r} differ in shape.") from error
    return replace(layer, arrays=joined, version=layer.version or "1.0")


@dataclass(frozen=True)
class _Found:
    """A recurrent layer in our layout, and what is not known of it, or worth knowing."""

    cell: CellName
    weights: Weights
    variant: Variant
    notes: tuple[str, ...]


def _recurrent(layer: KerasLayer) -> _Found:
    kernel, recurrent, *rest = layer.tensors()
    hidden, columns = recurrent.shape
    gates = columns // hidden
    cell = cell_of(gates, f"{layer.name}/recurrent_kernel")
    bias = rest[0] if rest else torch.zeros(columns)
    is_cudnn = tuple(bias.shape) == (2 * columns,)
    variant = STANDARD if is_cudnn else _activations(layer, cell)
    notes = _notes(layer, cell, is_cudnn)
    w_ih, w_hh = kernel.T, recurrent.T
    if is_cudnn:  # each gate's block as cuDNN keeps it: row-major (hidden, inputs)
        w_ih = torch.cat([k.reshape(hidden, -1) for k in kernel.chunk(gates, dim=1)])
        w_hh = torch.cat(recurrent.chunk(gates, dim=1))
        bias = bias.reshape(2, columns)
    if cell == "gru" and bias.dim() != 2:
        # With a bias its shape tells; without one the settings do, or what the version does.
        is_after = not rest and layer.settings.get("reset_after", layer.major == _NEWEST)
        variant = replace(variant, reset_before=not is_after)
    check_shape(f"the bias of {layer.name!r}", bias, (*((2,) if bias.dim() == 2 else ()), columns))
    b_ih, b_hh = bias if bias.dim() == 2 else (bias, torch.zeros(columns))
    order, wanted = _ORDERS[cell]
    parts = (reordered(p.contiguous(), order, wanted) for p in (w_ih, w_hh, b_ih, b_hh))
    return _Found(cell, Weights(*parts), variant, tuple(notes))


def _activations(layer: KerasLayer, cell: CellName) -> Variant:
    """What the layer's activations are, by its settings or by its version's defaults."""
    told = layer.settings
    activation = told.get("activation", "tanh")
    if activation != "tanh" and not (cell == "rnn" and activation == "relu"):
        runs = "tanh or relu" if cell == "rnn" else "tanh"
        raise ImportingError(
            f"The layer {layer.name!r} has the activation {str(activation)[:40]!r} where Unitscope "
            f"runs {runs}. Networks with it cannot be read."
        )
    if cell == "rnn":
        return Variant(relu=activation == "relu")
    default = "hard_sigmoid" if layer.has_hard_default else "sigmoid"
    gate = told.get("recurrent_activation", told.get("inner_activation", default))
    if gate not in {"sigmoid", "hard_sigmoid"}:
        raise ImportingError(
            f"The gates of {layer.name!r} have the activation {str(gate)[:40]!r}: Unitscope runs "
            "sigmoid and hard_sigmoid."
        )
    return Variant(gate_slope=_SLOPES[layer.major] if gate == "hard_sigmoid" else None)


def _notes(layer: KerasLayer, cell: CellName, is_cudnn: bool) -> list[str]:
    """What is not known of a layer, or worth knowing."""
    told, notes = layer.settings, []
    if not told and not is_cudnn:
        gates = "hard_sigmoid" if layer.has_hard_default else "sigmoid"
        what = "are read as tanh" if cell == "rnn" else f"of the gates are read as {gates}"
        since = f"Keras {layer.version}" if layer.version else "Keras from 2.3 on"
        notes.append(
            f"The file does not say which activations its layers have. They {what}, the default of "
            f"{since}. Name another with --activation; a sample shows which one fits."
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
