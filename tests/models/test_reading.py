"""What the state that is carried between readings must do."""

from __future__ import annotations

from typing import Any

import numpy as np
import planted
import pytest
import torch

from models.reading import SIGNALS, read
from models.recurrent import Architecture, ArchitectureError, RecurrentModel
from models.streams import read_chunks
from models.training import restart

CELLS = ("lstm", "gru", "rnn")


@pytest.mark.parametrize("cell", CELLS)
def test_no_two_parts_of_the_zero_state_share_memory(cell: Any) -> None:
    state = planted.random_checkpoint(cell).model.zero_state(3)
    parts = [part for layer in state for part in layer]
    assert len(parts) == (4 if cell == "lstm" else 2)
    assert len({part.data_ptr() for part in parts}) == len(parts)
    assert all(part.shape == (3, 5) and not part.any() for part in parts)


@pytest.mark.parametrize("cell", CELLS)
def test_all_signals_lie_between_minus_one_and_one(cell: Any) -> None:
    model = planted.random_checkpoint(cell).model
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(50)
    symbols = torch.randint(0, len(planted.SYMBOLS), (40, 2))
    for layer in read(model, symbols, model.zero_state(2)).signals:
        assert tuple(layer) == SIGNALS[cell]
        for values in layer.values():
            assert values.abs().max() <= 1


@pytest.mark.parametrize("cell", CELLS)
def test_reading_leaves_the_state_that_it_was_given(cell: Any) -> None:
    model = planted.random_checkpoint(cell).model
    symbols = torch.randint(0, len(planted.SYMBOLS), (9, 2))
    state = read(model, symbols, model.zero_state(2)).state
    before = [[part.clone() for part in layer] for layer in state]
    read(model, symbols, state)
    for layer, old in zip(state, before, strict=True):
        for part, old_part in zip(layer, old, strict=True):
            assert torch.equal(part, old_part)


def test_a_state_restarts_where_a_document_begins() -> None:
    model = planted.random_checkpoint().model
    documents = [np.arange(5), np.arange(3), np.arange(4)]
    first, second, _ = read_chunks(documents, [0, 1, 2], batch=2, length=3)
    full = [tuple(torch.ones_like(part) for part in layer) for layer in model.zero_state(2)]
    for layer in restart(full, first):
        assert all(not part.any() for part in layer)
    for h, c in restart(full, second):  # document 0 goes on in slot 0; 2 begins in slot 1
        assert h[0].all()
        assert c[0].all()
        assert not h[1].any()
        assert not c[1].any()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 3])
def test_weights_counts_what_the_network_learns(cell: Any, layers: int) -> None:
    architecture = Architecture(cell, layers, 7, 3, 11)
    model = RecurrentModel(architecture)
    assert architecture.weights == sum(part.numel() for part in model.parameters())


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"cell": "transformer"}, "Unknown cell 'transformer'. Known: rnn, lstm, gru"),
        ({"layers": 0}, "layers must be"),
        ({"hidden": -3}, "hidden must be"),
        ({"embedding": 1.5}, "embedding must be"),
        ({"symbols": "many"}, "symbols must be"),
        ({"hidden": 1_000_000}, "weights; at most 500,000,000"),
        ({"layers": 10**9}, "weights; at most 500,000,000"),
    ],
)
def test_a_network_that_cannot_be_is_refused(changes: dict[str, Any], complaint: str) -> None:
    sizes = {"cell": "lstm", "layers": 2, "hidden": 4, "embedding": 3, "symbols": 5}
    with pytest.raises(ArchitectureError, match=complaint):
        Architecture(**{**sizes, **changes})
