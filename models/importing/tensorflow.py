"""Networks by TensorFlow 1's names: BasicLSTMCell, GRUCell, BasicRNNCell in a MultiRNNCell."""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from models.cells import Variant, Weights
from models.importing.errors import ImportingError
from models.importing.found import GATES, FoundNetwork, check_shape, reordered
from models.recurrent import CellName

_CELL = re.compile(
    r"(?:^|/)([a-z_]*cell)/((?:(?:gates|candidate)/)?)(weights?|kernel|bias(?:es)?)$"
)
_NUMBER = re.compile(r"(?:^|/)cell_(\d{1,4})/")
_KINDS: Mapping[str, CellName] = {
    "basic_lstm_cell": "lstm",
    "lstm_cell": "lstm",
    "basic_rnn_cell": "rnn",
    "gru_cell": "gru",
}
# The matrices of a layer, and the gates in each.
_PARTS: Mapping[CellName, Mapping[str, int]] = {
    "lstm": {"": 4},
    "rnn": {"": 1},
    "gru": {"gates/": 2, "candidate/": 1},
}
_ORDER = "igfo"
_FORGET_BIAS = 1.0  # of both cells by default; it is no variable, so no file has it
_SILENT = {"Variable", "global_step", "learning_rate", "lr"}


def is_tensorflow(names: Mapping[str, Tensor]) -> bool:
    """Whether any tensor is named as one of TensorFlow 1's recurrent cells."""
    return any(_CELL.search(name) for name in names)


def tensorflow_network(
    tensors: Mapping[str, Tensor], layout: str, tokens: Mapping[int, str] | None = None
) -> FoundNetwork:
    """Find layers, embedding and readout by TensorFlow 1's names.

    An LSTM's layer has one matrix (inputs + hidden, 4 x hidden) with the gates in the order
    i g f o, and the cell adds 1 to the forget gate when it runs, which becomes part of the bias
    here. A GRU's has one for r and z, and one for n, whose reset gate acts before the product.

    Raises
    ------
    ImportingError
        If it is no plain stack of such cells; the tensor at fault is named.
    """
    for name in tensors:
        if name.endswith(("w_f_diag", "w_i_diag", "w_o_diag")):
            raise ImportingError(f"The tensor {name!r} is a peephole: Unitscope runs none.")
    cell, parts = _cells(tensors)
    layers: list[Weights] = []
    for number in sorted(parts):
        width = layers[-1].hh.shape[1] if layers else None
        layers.append(_layer(tensors, cell, parts[number], width))
    used = {name for names in parts.values() for name in names.values()}
    rest = [n for n in tensors if n not in used and n.rsplit("/", 1)[-1] not in _SILENT]
    weight, bias, embedding = _around(tensors, rest, layers)
    note = f"A forget bias of {_FORGET_BIAS} was added, as the cell adds when it runs."
    return FoundNetwork(
        layout=f"{layout}, gates i g f o" if cell == "lstm" else layout,
        cell=cell,
        layers=tuple(layers),
        embedding=embedding,
        readout=(weight.T, bias),
        tokens=tokens,
        notes=(note,) if cell == "lstm" else (),
        variant=Variant(reset_before=cell == "gru"),
    )


def _cells(tensors: Mapping[str, Tensor]) -> tuple[CellName, dict[int, dict[str, str]]]:
    parts: dict[int, dict[str, str]] = {}
    kinds: set[str] = set()
    for name in tensors:
        if match := _CELL.search(name):
            kind, inner, part = match.groups()
            kinds.add(kind)
            number = _NUMBER.search(name)
            key = inner + ("bias" if "bias" in part else "weight")
            parts.setdefault(int(number[1]) if number else 0, {})[key] = name
    if not kinds:
        raise ImportingError("It names no recurrent cell of TensorFlow.")
    if len(kinds) > 1 or kinds - _KINDS.keys():
        raise ImportingError(
            f"Its cells are {', '.join(sorted(kinds))}; Unitscope runs stacks of "
            "basic_lstm_cell, lstm_cell, gru_cell or basic_rnn_cell."
        )
    return _KINDS[kinds.pop()], parts


def _layer(
    tensors: Mapping[str, Tensor], cell: CellName, names: Mapping[str, str], width: int | None
) -> Weights:
    some = next(iter(names.values()))
    if names.keys() != {f"{part}{kind}" for part in _PARTS[cell] for kind in ("weight", "bias")}:
        raise ImportingError(f"Beside the tensor {some!r}, weights or biases are missing.")
    blocks = [_block(tensors, names, part, gates, width) for part, gates in _PARTS[cell].items()]
    if len({rows.shape[1] for rows, _ in blocks}) > 1:
        raise ImportingError(f"The tensors beside {some!r} differ in their inputs. It is damaged.")
    rows, bias = (torch.cat(halves) for halves in zip(*blocks, strict=True))
    hidden = len(rows) // GATES[cell]
    if cell == "lstm":
        rows, bias = reordered(rows, _ORDER), reordered(bias, _ORDER)
        bias[hidden : 2 * hidden] += _FORGET_BIAS
    inputs = rows.shape[1] - hidden
    return Weights(
        rows[:, :inputs].contiguous(), rows[:, inputs:].contiguous(), bias, torch.zeros_like(bias)
    )


def _block(
    tensors: Mapping[str, Tensor],
    names: Mapping[str, str],
    part: str,
    gates: int,
    width: int | None,
) -> tuple[Tensor, Tensor]:
    """Rows (gates x hidden, inputs + hidden) and their bias."""
    name, bias_name = names[f"{part}weight"], names[f"{part}bias"]
    weight, bias = tensors[name], tensors[bias_name]
    if weight.dim() != 2:
        raise ImportingError(
            f"The tensor {name!r} has shape {tuple(weight.shape)}, but a matrix was expected."
        )
    hidden = weight.shape[1] // gates
    inputs = weight.shape[0] - hidden if width is None else width
    check_shape(f"the tensor {name!r}", weight, (inputs + hidden, gates * hidden))
    check_shape(f"the tensor {bias_name!r}", bias, (gates * hidden,))
    return weight.T, bias


def _around(
    tensors: Mapping[str, Tensor], rest: list[str], layers: list[Weights]
) -> tuple[Tensor, Tensor, Tensor | None]:
    """The readout's weight (hidden, symbols) and bias, and the embedding if there is one."""
    width, hidden = layers[0].ih.shape[1], layers[-1].hh.shape[1]
    biases = [n for n in rest if tensors[n].dim() == 1]
    if len(biases) != 1:
        raise ImportingError(
            f"One bias of a readout was expected beside the cells, not {biases[:3]}."
        )
    bias = tensors[biases[0]]
    symbols = bias.shape[0]
    weights = [n for n in rest if tuple(tensors[n].shape) == (hidden, symbols)]
    # A readout of as many symbols as units looks like an embedding: names tell.
    weights.sort(key=lambda n: "emb" in n.lower())
    if not weights:
        raise ImportingError(
            f"No readout of shape ({hidden}, {symbols}) was found for the bias {biases[0]!r}."
        )
    inputs = [n for n in rest if n not in {biases[0], weights[0]}]
    if len(inputs) > 1:
        raise ImportingError(f"What the tensor {inputs[1]!r} does is not known.")
    if not inputs:
        if width != symbols:
            raise ImportingError(
                f"The first layer reads {width} numbers at a time, but there are {symbols} symbols "
                "and no embedding."
            )
        return tensors[weights[0]], bias, None
    check_shape(f"the embedding {inputs[0]!r}", tensors[inputs[0]], (symbols, width))
    return tensors[weights[0]], bias, tensors[inputs[0]]
