"""Networks of ONNX: its LSTM, GRU and RNN operators between an embedding and a readout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from models.cells import Variant, Weights
from models.importing.errors import ImportingError
from models.importing.found import FoundNetwork, check_shape, reordered, to_tensor
from models.importing.onnx_graphs import Graph, Node, read_graph
from models.recurrent import CellName

_CELLS: Mapping[str, CellName] = {"LSTM": "lstm", "GRU": "gru", "RNN": "rnn"}
_ORDERS: Mapping[CellName, tuple[str, str]] = {
    "lstm": ("iofg", "ifgo"),
    "gru": ("zrn", "rzn"),
    "rnn": ("n", "n"),
}
_ACTIVATIONS = {"LSTM": ("Sigmoid", "Tanh", "Tanh"), "GRU": ("Sigmoid", "Tanh"), "RNN": ("Tanh",)}
_ALPHA, _BETA = 0.2, 0.5  # of a HardSigmoid that does not say
_SIXTH = 1e-6  # how far from 1/6 a float32 of it may be
# What only moves numbers about, or makes shapes and first states.
_MOVING = {
    *("Constant", "Shape", "Gather", "Unsqueeze", "Squeeze", "Concat", "Expand", "Transpose"),
    *("Reshape", "Cast", "Slice", "ConstantOfShape", "Identity", "Dropout", "OneHot"),
}
_SILENT = _MOVING | {"Softmax", "LogSoftmax", "Add", "MatMul", "Gemm", "Flatten"}


def read_onnx(path: Path) -> FoundNetwork:
    """A network from an ONNX file.

    Raises
    ------
    ImportingError
        If the file is damaged, or holds no network that can be run.
    """
    graph = read_graph(path)
    places = [at for at, node in enumerate(graph.nodes) if node.kind in _CELLS]
    if not places:
        kinds = list(dict.fromkeys(node.kind for node in graph.nodes))
        what = "a convolutional network" if "Conv" in kinds else "a network"
        if quantised := [kind for kind in kinds if "LSTM" in kind or "Quantize" in kind]:
            what = f"a quantised network ({quantised[0]})"
        raise ImportingError(
            f"It is {what} without LSTM, GRU or RNN operators ({', '.join(kinds[:5])})."
        )
    nodes = [graph.nodes[at] for at in places]
    if len({node.kind for node in nodes}) > 1:
        raise ImportingError("Its layers are of several kinds of cells.")
    for node in graph.nodes[: places[-1]]:
        if node.kind not in _MOVING | _CELLS.keys():
            raise ImportingError(
                f"Its operator {node.kind[:40]!r} comes before a recurrent one, so the states may "
                "depend on it, and Unitscope does not run it."
            )
    layers = tuple(_layer(graph, node) for node in nodes)
    variants = {_variant(node) for node in nodes}
    if len(variants) > 1:
        raise ImportingError("Its layers have different activations, which is not run.")
    embedding = _embedding(graph, places[0], layers[0].ih.shape[1])
    rows = layers[0].ih.shape[1] if embedding is None else embedding.shape[0]
    readout = _readout(graph, graph.nodes[places[-1] + 1 :], layers[-1].hh.shape[1], rows)
    note = (
        "What follows the recurrent layers is not one linear readout and is not run: the network "
        "is imported for its states. Its predictions are uniform and mean nothing."
    )
    return FoundNetwork(
        layout=f"ONNX, {nodes[0].kind} operators",
        cell=_CELLS[nodes[0].kind],
        layers=layers,
        embedding=embedding,
        readout=readout,
        notes=() if readout else (note,),
        variant=variants.pop(),
    )


def _variant(node: Node) -> Variant:
    """What activations the node's cell has, and where a GRU's reset gate acts."""
    plain = _ACTIVATIONS[node.kind]
    named = tuple(name.lower() for name in node.lists.get("activations", plain))
    is_before = node.kind == "GRU" and node.numbers.get("linear_before_reset", 0) != 1
    usual = tuple(name.lower() for name in plain)
    if named == usual:
        return Variant(reset_before=is_before)
    if node.kind == "RNN" and named == ("relu",):
        return Variant(relu=True)
    if node.kind != "RNN" and named == ("hardsigmoid", *usual[1:]):
        return Variant(gate_slope=_slope(node), reset_before=is_before)
    raise ImportingError(
        f"Its {node.kind} has the activations {', '.join(named)[:60]}; Unitscope runs "
        f"{', '.join(plain)}, HardSigmoid for the gates and Relu for an RNN's states."
    )


def _slope(node: Node) -> float:
    """The slope of its HardSigmoid, which is the first activation and the one with numbers."""
    alpha = (*node.floats.get("activation_alpha", ()), _ALPHA)[0]
    beta = (*node.floats.get("activation_beta", ()), _BETA)[0]
    if beta != _BETA or not 0 < alpha < 1e6:
        raise ImportingError(
            f"Its {node.kind} has a HardSigmoid of alpha {alpha:.3g} and beta {beta:.3g}: "
            "Unitscope runs those that are 1/2 at 0."
        )
    # As the programs have it, not as float32 does: 0.2 and 1/6 are said in one way.
    return next((known for known in (0.2, 1 / 6) if abs(alpha - known) < _SIXTH), float(alpha))


def _layer(graph: Graph, node: Node) -> Weights:
    _refuse(graph, node)
    cell = _CELLS[node.kind]
    w_ih, w_hh = (_array(graph, node, place)[0] for place in (1, 2))
    rows = w_ih.shape[0]
    bias = torch.zeros(2 * rows)
    if len(node.inputs) > 3 and node.inputs[3]:
        bias = _array(graph, node, 3)[0]
    check_shape(f"the array {node.inputs[2]!r}", w_hh, (rows, w_hh.shape[-1]))
    check_shape(f"the bias of {node.outputs[:1]}", bias, (2 * rows,))
    order, wanted = _ORDERS[cell]
    if rows != len(order) * w_hh.shape[1]:
        raise ImportingError(f"The rows of {node.inputs[2]!r} are not those of {len(order)} gates.")
    parts = (w_ih, w_hh, *bias.chunk(2))
    return Weights(*(reordered(part, order, wanted) for part in parts))


def _refuse(graph: Graph, node: Node) -> None:
    direction = node.texts.get("direction", "forward")
    if direction != "forward":
        raise ImportingError(
            f"Its {node.kind} is {direction[:20]}: its states depend on what follows."
        )
    if "clip" in node.floats:
        raise ImportingError(f"Its {node.kind} clips its sums, which Unitscope does not run.")
    if node.numbers.get("input_forget") or node.numbers.get("layout"):
        raise ImportingError(f"Its {node.kind} has input_forget or layout, which are not run.")
    if len(node.inputs) > 7 and node.inputs[7]:
        raise ImportingError("Its LSTM has peepholes, which Unitscope does not run.")
    for name in node.inputs[5:7]:
        if np.any(graph.arrays.get(name, 0)):
            raise ImportingError(f"Its {node.kind} starts from a learned state, not from zero.")


def _array(graph: Graph, node: Node, place: int) -> Tensor:
    name = node.inputs[place] if place < len(node.inputs) else ""
    values = graph.arrays.get(name)
    expected = 2 if place == 3 else 3
    if values is None or values.ndim != expected or values.shape[0] != 1:
        found = "is not in the file as float" if values is None else f"has shape {values.shape}"
        raise ImportingError(
            f"The array {name!r} of its {node.kind} {found}; one of {expected} dimensions, the "
            "first 1, was expected."
        )
    return to_tensor(name, values)


def _embedding(graph: Graph, first: int, width: int) -> Tensor | None:
    for node in graph.nodes[:first]:
        values = graph.arrays.get(node.inputs[0]) if node.inputs else None
        if node.kind == "Gather" and values is not None and values.ndim == 2:
            weight = to_tensor(node.inputs[0], values)
            check_shape(f"the embedding {node.inputs[0]!r}", weight, (weight.shape[0], width))
            return weight
    return None


def _readout(
    graph: Graph, nodes: Sequence[Node], hidden: int, rows: int
) -> tuple[Tensor, Tensor] | None:
    """The one linear map that follows, or None."""
    if any(node.kind not in _SILENT for node in nodes):
        return None
    weights: list[Tensor] = []
    bias = torch.zeros(rows)
    for node in nodes:
        held = [graph.arrays[name] for name in node.inputs if name in graph.arrays]
        for array in held if node.kind in {"MatMul", "Gemm", "Add"} else ():
            tensor = to_tensor(node.kind, array)
            if tensor.dim() == 2:
                weights.append(tensor if node.numbers.get("transB") else tensor.T)
            elif tuple(tensor.shape) == (rows,):
                bias = tensor
    if len(weights) != 1 or tuple(weights[0].shape) != (rows, hidden):
        return None
    return weights[0].contiguous(), bias
