"""recurrentjs's JSON says what its network said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import foreign
import numpy as np
import pytest

from models.importing.errors import ImportingError
from models.importing.importer import import_network, open_network


def matrix(values: np.ndarray) -> dict[str, Any]:
    table = values.reshape(len(values), -1)
    numbers = {str(at): float(value) for at, value in enumerate(table.flatten())}
    return {"n": table.shape[0], "d": table.shape[1], "w": numbers}


def as_json(source: foreign.Source) -> dict[str, Any]:
    assert source.embedding is not None
    model = {
        "Wil": source.embedding.weight.detach().numpy(),
        "Whd": source.readout.weight.detach().numpy(),
        "bd": source.readout.bias.detach().numpy(),
    }
    for layer in range(source.rnn.num_layers):
        w_ih, w_hh, b_ih, b_hh = (np.split(part, 4) for part in source.arrays(layer))
        for place, gate in enumerate("ifco"):
            model[f"W{gate}x{layer}"] = w_ih[place]
            model[f"W{gate}h{layer}"] = w_hh[place]
            model[f"b{gate}{layer}"] = b_ih[place] + b_hh[place]
    letters = {symbol: row for row, symbol in enumerate(foreign.SYMBOLS)}
    return {
        "generator": "lstm",
        "letterToIndex": letters,
        "model": {name: matrix(values) for name, values in model.items()},
    }


def written(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), "utf-8")
    return path


def test_it_says_what_the_network_said(tmp_path: Path) -> None:
    source = foreign.make_source("lstm")
    foreign.assert_same(import_network(written(tmp_path / "a.json", as_json(source))), source)


def test_its_rnn_has_relu(tmp_path: Path) -> None:
    source = foreign.make_source("rnn")
    value = as_json(foreign.make_source("lstm"))
    assert source.embedding is not None
    model = {
        "Wil": source.embedding.weight.detach().numpy(),
        "Whd": source.readout.weight.detach().numpy(),
        "bd": source.readout.bias.detach().numpy(),
    }
    for layer in range(2):
        w_ih, w_hh, b_ih, b_hh = source.arrays(layer)
        model |= {f"Wxh{layer}": w_ih, f"Whh{layer}": w_hh, f"bhh{layer}": b_ih + b_hh}
    value |= {"generator": "rnn", "model": {name: matrix(part) for name, part in model.items()}}
    imported = import_network(written(tmp_path / "a.json", value))
    foreign.assert_says(imported, foreign.by_hand(source, relu=True), 1e-4)


def test_what_cannot_be_run_is_named(tmp_path: Path) -> None:
    whole = as_json(foreign.make_source("lstm"))
    cases: list[tuple[Any, str]] = [
        ({"a": 1}, "not of a recurrent network"),
        (whole | {"model": {"Whd": matrix(np.ones(3)), "bd": matrix(np.ones(3))}}, "no Wix0"),
        (whole | {"model": whole["model"] | {"bd": {"n": 1 << 40, "d": 9, "w": {}}}}, "0 numbers"),
        (whole | {"model": whole["model"] | {"bd": {"n": 1, "d": 1, "w": {"9": 1}}}}, "gaps"),
        (whole | {"model": whole["model"] | {"Wix1": 3}}, "no matrix 'Wix1'"),
        (whole | {"model": whole["model"] | {"bd": matrix(np.array([np.inf]))}}, "Infinity"),
    ]
    for value, said in cases:
        with pytest.raises(ImportingError, match=said):
            open_network(written(tmp_path / "a.json", value))
