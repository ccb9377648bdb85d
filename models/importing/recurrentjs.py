"""recurrentjs's JSON, as its character demo saves it: an LSTM or RNN with its weights inline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.cells import Variant, Weights
from models.importing.errors import ImportingError
from models.importing.found import FoundNetwork, check_shape, to_tensor
from models.importing.json_files import read_json
from models.importing.tokens import read_tokens

_GATES = "ifco"  # the order of our rows by its letters: its c is the candidate g


def read_recurrentjs(path: Path) -> FoundNetwork:
    """A network from a JSON file.

    Raises
    ------
    ImportingError
        If the file is damaged, or holds no network that can be run.
    """
    top = read_json(path)
    model = top.get("model") if isinstance(top, Mapping) else None
    if not isinstance(model, Mapping) or not {"Whd", "bd"} <= model.keys():
        raise ImportingError(
            "It is JSON, but not of a recurrent network: there is no model with Whd and bd, as "
            "recurrentjs has it. If the weights lie in files beside it, name their manifest.json."
        )
    is_rnn = "Wxh0" in model
    first, layer = ("Wxh", _rnn_layer) if is_rnn else ("Wix", _layer)
    layers: list[Weights] = []
    while f"{first}{len(layers)}" in model:
        layers.append(layer(model, len(layers)))
    if not layers:
        raise ImportingError("Its model has no Wix0 or Wxh0: it is no LSTM or RNN of recurrentjs.")
    embedding = _matrix(model, "Wil") if "Wil" in model else None
    return FoundNetwork(
        layout="recurrentjs JSON",
        cell="rnn" if is_rnn else "lstm",
        layers=tuple(layers),
        embedding=embedding,
        readout=(_matrix(model, "Whd"), _matrix(model, "bd").flatten()),
        tokens=read_tokens(top.get("letterToIndex")) or read_tokens(top.get("indexToLetter")),
        variant=Variant(relu=is_rnn),
    )


def _rnn_layer(model: Mapping[str, Any], number: int) -> Weights:
    bias = _matrix(model, f"bhh{number}").flatten()
    return Weights(
        _matrix(model, f"Wxh{number}"), _matrix(model, f"Whh{number}"), bias, torch.zeros_like(bias)
    )


def _layer(model: Mapping[str, Any], number: int) -> Weights:
    w_ih = torch.cat([_matrix(model, f"W{gate}x{number}") for gate in _GATES])
    parts = {gate: _matrix(model, f"W{gate}h{number}") for gate in _GATES}
    hidden = parts["i"].shape[0]
    for gate, part in parts.items():
        check_shape(f"the matrix 'W{gate}h{number}'", part, (hidden, hidden))
    bias = torch.cat([_matrix(model, f"b{gate}{number}").flatten() for gate in _GATES])
    return Weights(w_ih, torch.cat(list(parts.values())), bias, torch.zeros_like(bias))


def _matrix(model: Mapping[str, Any], name: str) -> Tensor:
    """A matrix {n, d, w}: rows, columns, and its numbers row by row in a list or object."""
    entry = model.get(name)
    held = entry.get("w") if isinstance(entry, Mapping) else None
    if not isinstance(entry, Mapping) or not isinstance(held, (Mapping, list)):
        raise ImportingError(f"Its model has no matrix {name!r} with its numbers in w.")
    rows, columns = entry.get("n"), entry.get("d")
    numbers = held if isinstance(held, list) else [held.get(str(at)) for at in range(len(held))]
    if type(rows) is not int or type(columns) is not int or rows * columns != len(numbers):
        raise ImportingError(
            f"The matrix {name!r} is said to be {str(rows)[:20]} x {str(columns)[:20]}, but has "
            f"{len(numbers):,} numbers. The file is damaged."
        )
    if not all(isinstance(number, (int, float)) for number in numbers):
        raise ImportingError(f"The matrix {name!r} has gaps among its numbers.")
    return to_tensor(name, np.array(numbers, dtype=np.float64).reshape(rows, columns))
