"""Torch7's networks: torch-rnn's LanguageModel, and the graphs of karpathy/char-rnn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.cells import Weights
from models.importing.errors import ImportingError
from models.importing.found import FoundNetwork, check_shape, reordered, to_tensor
from models.importing.torch7_objects import TorchObject, read_torch7

_ORDER = "ifog"
_SILENT = {"nn.Dropout", "nn.View", "nn.Identity", "nn.LogSoftMax", "cudnn.LogSoftMax"}
_CELLS: Mapping[str, Any] = {"nn.LSTM": "lstm", "nn.VanillaRNN": "rnn"}
_MOST_WALKED = 200_000


def read_torch7_network(path: Path) -> FoundNetwork:
    """A network from a .t7 file.

    Raises
    ------
    ImportingError
        If the file is damaged, or holds no network that can be run.
    """
    top = read_torch7(path.read_bytes())
    fields = top.fields if isinstance(top, TorchObject) else top
    if not isinstance(fields, dict):
        raise ImportingError("It holds a single value, not a network.")
    model = top if isinstance(top, TorchObject) else fields.get("model")
    if isinstance(model, TorchObject) and model.kind == "nn.LanguageModel":
        return _language_model(model)
    if isinstance(fields.get("protos"), dict):
        return _char_rnn(fields)
    kinds = {found.kind for found in _walk(top)}
    named = ", ".join(sorted(kinds)[:5]) if kinds else "no modules"
    what = " (a convolutional network)" if any("Convolution" in kind for kind in kinds) else ""
    raise ImportingError(
        f"It holds {named}{what}, neither torch-rnn's LanguageModel nor karpathy's char-rnn."
    )


def _language_model(model: TorchObject) -> FoundNetwork:
    net = model.fields.get("net")
    modules = _listed(net.fields.get("modules") if isinstance(net, TorchObject) else None)
    embedding: Tensor | None = None
    readout: tuple[Tensor, Tensor] | None = None
    layers: list[Weights] = []
    kinds: set[str] = set()
    for place, module in enumerate(modules):
        name = f"net.modules[{place + 1}]"
        if module.kind == "nn.LookupTable":
            embedding = _tensor(module, "weight", name)
        elif module.kind in _CELLS:
            kinds.add(module.kind)
            width = layers[-1].hh.shape[1] if layers else None
            layers.append(_layer(module, name, width))
        elif module.kind == "nn.Linear":
            readout = (_tensor(module, "weight", name), _tensor(module, "bias", name))
        elif module.kind not in _SILENT:
            raise ImportingError(
                f"Its module {name} is {module.kind}, which Unitscope does not run. It reads "
                "LookupTable, LSTM or VanillaRNN, Dropout, View and Linear."
            )
    if embedding is None or readout is None or len(kinds) != 1:
        raise ImportingError(
            "Its LanguageModel lacks a LookupTable, layers of one kind or a Linear readout."
        )
    return FoundNetwork(
        layout="torch-rnn LanguageModel, gates i f o g",
        cell=_CELLS[kinds.pop()],
        layers=tuple(layers),
        embedding=embedding,
        readout=readout,
        tokens=_tokens(model.fields.get("idx_to_token")),
    )


def _layer(module: TorchObject, name: str, width: int | None) -> Weights:
    weight, bias = _tensor(module, "weight", name), _tensor(module, "bias", name)
    gates = 4 if module.kind == "nn.LSTM" else 1
    hidden = weight.shape[-1] // gates
    inputs = weight.shape[0] - hidden if width is None else width
    check_shape(f"the tensor {name}.weight", weight, (inputs + hidden, gates * hidden))
    check_shape(f"the tensor {name}.bias", bias, (gates * hidden,))
    rows = weight.T
    if gates == 4:
        rows, bias = reordered(rows, _ORDER), reordered(bias, _ORDER)
    return Weights(
        rows[:, :inputs].contiguous(), rows[:, inputs:].contiguous(), bias, torch.zeros_like(bias)
    )


def _char_rnn(fields: Mapping[Any, Any]) -> FoundNetwork:
    """karpathy/char-rnn: nn.Linear modules i2h_N and h2h_N in a graph, one-hot input."""
    graph = fields["protos"].get("rnn")
    options = fields.get("opt")
    kind = options.get("model") if isinstance(options, dict) else None
    if kind not in {None, "lstm"}:
        raise ImportingError(
            f"Its char-rnn network is of the kind {str(kind)[:20]!r}: Unitscope runs that "
            "program's LSTM, not its GRU or RNN, whose graphs have no readout and name no parts."
        )
    named = dict(_annotated(graph))
    layers: list[Weights] = []
    while f"i2h_{len(layers) + 1}" in named:
        number = len(layers) + 1
        if f"h2h_{number}" not in named:
            raise ImportingError(f"Its graph has i2h_{number}, but no h2h_{number}.")
        parts = []
        for name in (f"i2h_{number}", f"h2h_{number}"):
            module = named[name]
            parts += [_tensor(module, "weight", name), _tensor(module, "bias", name)]
        if any(part.shape[0] % 4 for part in parts):
            raise ImportingError(f"The rows of its layer {number} are not those of four gates.")
        w_ih, b_ih, w_hh, b_hh = (reordered(part, _ORDER) for part in parts)
        layers.append(Weights(w_ih, w_hh, b_ih, b_hh))
    if not layers or "decoder" not in named:
        raise ImportingError(
            "Its graph does not name i2h_1, h2h_1 and decoder, as newer versions of char-rnn do, "
            "so its layers cannot be told apart."
        )
    decoder = named["decoder"]
    vocabulary = fields.get("vocab")
    return FoundNetwork(
        layout="karpathy/char-rnn graph, gates i f o g",
        cell="lstm",
        layers=tuple(layers),
        embedding=None,
        readout=(_tensor(decoder, "weight", "decoder"), _tensor(decoder, "bias", "decoder")),
        tokens=_tokens({row: token for token, row in vocabulary.items()})
        if isinstance(vocabulary, dict)
        else None,
    )


def _annotated(graph: object) -> Iterator[tuple[str, TorchObject]]:
    """The Linear modules of a graph whose nodes carry names."""
    for node in _walk(graph):
        data = node.fields.get("data")
        if node.kind != "nngraph.Node" or not isinstance(data, dict):
            continue
        notes, module = data.get("annotations"), data.get("module")
        name = notes.get("name") if isinstance(notes, dict) else None
        if not isinstance(module, TorchObject) or module.kind != "nn.Linear":
            continue
        if isinstance(name, str) and re.fullmatch(r"(i2h|h2h)_\d+|decoder", name):
            yield name, module


def _walk(top: object) -> Iterator[TorchObject]:
    """Every object in a value, each once."""
    waiting, met = [top], set[int]()
    while waiting and len(met) < _MOST_WALKED:
        value = waiting.pop()
        if id(value) in met:
            continue
        if isinstance(value, TorchObject):
            met.add(id(value))
            yield value
            waiting += value.fields.values()
        elif isinstance(value, dict):
            met.add(id(value))
            waiting += value.values()


def _listed(table: object) -> list[TorchObject]:
    if not isinstance(table, dict):
        raise ImportingError("Its network has no list of modules.")
    found = [table.get(float(place + 1)) for place in range(len(table))]
    modules = [module for module in found if isinstance(module, TorchObject)]
    if len(modules) != len(found):
        raise ImportingError("Its list of modules has gaps. The file is damaged.")
    return modules


def _tensor(module: TorchObject, key: str, name: str) -> Tensor:
    value = module.fields.get(key)
    if not isinstance(value, np.ndarray):
        raise ImportingError(f"Its module {name} has no {key}. The file is damaged.")
    return to_tensor(f"{name}.{key}", value)


def _tokens(table: object) -> Mapping[int, str] | None:
    """Rows from 1 as Lua counts, to tokens."""
    if not isinstance(table, dict) or not table:
        return None
    tokens = {}
    for row, token in table.items():
        if not isinstance(row, float) or not row.is_integer() or row < 1:
            raise ImportingError("Its vocabulary does not count its rows from 1. It is damaged.")
        # A byte that is no whole symbol names its row as no text can.
        tokens[int(row) - 1] = token if isinstance(token, str) else f"byte {token!r}"
    return tokens
