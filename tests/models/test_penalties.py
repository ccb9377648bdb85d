"""What training adds to its loss, against plain sums over a network read step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from models import learner
from models.cells import layer_weights
from models.penalties import change, presence, remembered, size
from models.reading import read
from models.recurrent import Architecture, RecurrentModel
from models.streams import read_chunks
from models.training import train
from models.training_options import TrainingError, TrainingOptions

HELLO = np.array([0, 1, 2, 2, 3] * 64, dtype=np.uint16)
TIME, BATCH, INPUTS, HIDDEN = 7, 3, 4, 5


def test_sizes_changes_and_presence_are_their_formulas() -> None:
    signal = torch.tensor([0.0, 0.1, -0.3, 0.9]).reshape(4, 1, 1)
    assert size(signal).item() == pytest.approx((0.0 + 0.1 + 0.3 + 0.9) / 4)
    assert change(signal).item() == pytest.approx((0.1 + 0.4 + 1.2) / 3)
    shares = (0.0, 0.1 / 0.2, 0.3 / 0.4, 0.9 / 1.0)
    assert presence(signal).item() == pytest.approx(sum(shares) / 4)


def test_one_time_has_no_change() -> None:
    assert change(torch.ones(1, 2, 3)).item() == 0.0


def test_a_unit_that_is_seldom_on_costs_less_than_one_always_a_little_on() -> None:
    seldom, always = torch.zeros(10, 1, 1), torch.full((10, 1, 1), 0.1)
    seldom[3] = 1.0
    assert size(seldom).item() == pytest.approx(size(always).item())
    assert presence(seldom) < 0.2 * presence(always)


def stepwise(layer: torch.nn.LSTM, x: torch.Tensor, before: tuple[torch.Tensor, ...]) -> Any:
    """The tanh c of a layer from torch's own unfused cell, float (time, batch, hidden)."""
    w, state, cells = layer_weights(layer), before, []
    for now in x:
        state = torch.lstm_cell(now, state, w.ih, w.hh, w.b_ih, w.b_hh)
        cells.append(torch.tanh(state[1]))
    return torch.stack(cells)


def test_what_a_layer_remembers_is_its_tanh_c_with_the_same_gradient() -> None:
    torch.manual_seed(0)
    layer = torch.nn.LSTM(INPUTS, HIDDEN)
    x = torch.randn(TIME, BATCH, INPUTS, requires_grad=True)
    before = tuple(torch.tanh(torch.randn(BATCH, HIDDEN)) for _ in range(2))
    leaves = (x, *layer.parameters())
    h, _ = layer(x, tuple(part.unsqueeze(0) for part in before))
    found, wanted = remembered(layer, x, h, before), stepwise(layer, x, before)
    torch.testing.assert_close(found, wanted)
    for penalty in (presence, change):
        torch.testing.assert_close(
            torch.autograd.grad(penalty(found), leaves, retain_graph=True),
            torch.autograd.grad(penalty(wanted), leaves, retain_graph=True),
            rtol=1e-4,
            atol=1e-6,
        )


def test_what_a_layer_remembers_in_half_precision_is_as_precise_as_its_h() -> None:
    torch.manual_seed(0)
    layer, x = torch.nn.LSTM(INPUTS, HIDDEN), torch.randn(TIME, BATCH, INPUTS)
    before = (torch.zeros(BATCH, HIDDEN), torch.zeros(BATCH, HIDDEN))
    h, _ = layer(x)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = remembered(layer, x, h.bfloat16(), before)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, stepwise(layer, x, before), rtol=0.03, atol=0.003)


def small_model(cell: Any = "lstm", layers: int = 1) -> RecurrentModel:
    torch.manual_seed(0)
    return RecurrentModel(Architecture(cell, layers, 16, 4, 4))


def options(**changes: Any) -> TrainingOptions:
    given = {"symbols": 80 * 60, "batch": 4, "length": 20, "learning_rate": 0.02, "warm_up": 1}
    return TrainingOptions(**{**given, **changes})


def cells_of(model: RecurrentModel) -> list[torch.Tensor]:
    symbols = torch.from_numpy(HELLO).long()[:, None]
    reading = read(model, symbols, model.zero_state(1), signals=("c",))
    return [signals["c"] for signals in reading.signals]


@pytest.mark.parametrize(
    ("name", "measure"), [("cell_penalty", presence), ("cell_change_penalty", change)]
)
def test_a_penalty_of_cells_makes_smaller_what_it_is_named_after(name: str, measure: Any) -> None:
    reached = []
    for factor in (0.0, 0.5):
        model = small_model()
        result = train(model, [HELLO], [], options(**{name: factor}))
        assert result.train_loss < 1.5
        reached.append(measure(cells_of(model)[0]).item())
    assert reached[1] < 0.7 * reached[0]


def test_penalties_of_cells_are_those_of_every_layer_that_learns() -> None:
    for freeze in (0, 1):
        model = small_model(layers=2)
        given = options(cell_penalty=0.3, cell_change_penalty=1.0, freeze=freeze)
        made = learner.Learner(model, given)
        chunk = next(read_chunks([HELLO], iter([0]), batch=1, length=20))
        cells = [c[:20] for c in cells_of(model)[freeze:]]
        wanted = sum(0.3 * presence(c).item() + 1.0 * change(c).item() for c in cells)
        symbols, before = torch.from_numpy(chunk.symbols), model.zero_state(1)
        hidden, _ = model.read_layers(symbols, before)
        found = made._of_cells(chunk, made._cells(symbols, hidden, before))
        assert found.item() == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("name", ["cell_penalty", "cell_change_penalty"])
@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_cells_that_a_network_has_not_are_not_penalised(cell: Any, name: str) -> None:
    with pytest.raises(TrainingError, match=f"no cell .* {cell} layers"):
        learner.Learner(small_model(cell), options(**{name: 0.1}))


def test_penalties_of_cells_and_dropout_do_not_go_together() -> None:
    with pytest.raises(TrainingError, match="dropout"):
        options(dropout=0.2, cell_penalty=0.1)
