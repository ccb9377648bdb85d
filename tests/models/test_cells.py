"""The equations and the fast reader against torch.nn: values, gates, gradients."""

from __future__ import annotations

import pytest
import torch

from models.cells import gru_step, layer_weights, lstm_step, rnn_step
from models.reading import SIGNALS, read
from models.recurrent import Architecture, RecurrentModel

CELLS = ("rnn", "lstm", "gru")
TIME, BATCH, INPUTS, HIDDEN = 7, 3, 5, 4


def _torch_layer(cell: str) -> torch.nn.RNNBase:
    layer = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
    torch.manual_seed(1)
    return layer(INPUTS, HIDDEN).double()


def _unroll(cell: str, x: torch.Tensor, layer: torch.nn.RNNBase) -> dict[str, torch.Tensor]:
    w = layer_weights(layer)
    h = c = x.new_zeros(x.shape[1], layer.hidden_size)
    steps = []
    for x_t in x:
        if cell == "lstm":
            signals = lstm_step(x_t, h, c, w)
            c = signals["c"]
        else:
            signals = (rnn_step if cell == "rnn" else gru_step)(x_t, h, w)
        h = signals["h"]
        steps.append(signals)
    return {name: torch.stack([step[name] for step in steps]) for name in steps[0]}


@pytest.mark.parametrize("cell", CELLS)
def test_cell_gives_the_states_of_torch_nn(cell: str) -> None:
    layer = _torch_layer(cell)
    x = torch.randn(TIME, BATCH, INPUTS, dtype=torch.float64)
    ours = _unroll(cell, x, layer)
    outputs, end = layer(x)
    torch.testing.assert_close(ours["h"], outputs, rtol=0, atol=1e-12)
    if cell == "lstm":
        torch.testing.assert_close(ours["c"][-1], end[1][0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_cell_gives_the_gradients_of_torch_nn(cell: str) -> None:
    layer = _torch_layer(cell)
    x = torch.randn(TIME, BATCH, INPUTS, dtype=torch.float64, requires_grad=True)
    along = torch.randn(TIME, BATCH, HIDDEN, dtype=torch.float64)
    parameters = [x, *layer.parameters()]
    ours = torch.autograd.grad((_unroll(cell, x, layer)["h"] * along).sum(), parameters)
    theirs = torch.autograd.grad((layer(x)[0] * along).sum(), parameters)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-10)


@pytest.mark.parametrize("cell", CELLS)
def test_cell_passes_gradcheck(cell: str) -> None:
    layer = _torch_layer(cell)
    x = torch.randn(3, 2, INPUTS, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda value: _unroll(cell, value, layer)["h"], (x,))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_fast_reader_gives_the_signals_of_the_cells(cell: str, layers: int) -> None:
    torch.manual_seed(2)
    model = RecurrentModel(Architecture(cell, layers, 6, 5, 9)).double()
    symbols = torch.randint(0, 9, (TIME, BATCH))
    reading = read(model, symbols, model.zero_state(BATCH))
    signal = model.embedding(symbols)
    for layer, kept in zip(model.layers, reading.signals, strict=True):
        expected = _unroll(cell, signal, layer)
        signal = expected["h"]
        assert tuple(kept) == SIGNALS[cell]
        for name, value in kept.items():
            wanted = torch.tanh(expected[name]) if name == "c" else expected[name]
            torch.testing.assert_close(value, wanted, rtol=0, atol=1e-12)
    torch.testing.assert_close(reading.logits, model.readout(signal), rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_reading_in_chunks_continues_the_state(cell: str) -> None:
    torch.manual_seed(3)
    model = RecurrentModel(Architecture(cell, 2, 6, 5, 9)).double()
    symbols = torch.randint(0, 9, (12, BATCH))
    whole = read(model, symbols, model.zero_state(BATCH))
    first = read(model, symbols[:5], model.zero_state(BATCH))
    second = read(model, symbols[5:], first.state)
    torch.testing.assert_close(
        torch.cat([first.logits, second.logits]), whole.logits, rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("cell", CELLS)
def test_training_and_reading_agree(cell: str) -> None:
    torch.manual_seed(4)
    model = RecurrentModel(Architecture(cell, 2, 6, 5, 9)).double()
    symbols = torch.randint(0, 9, (TIME, BATCH))
    logits, state = model(symbols, model.zero_state(BATCH))
    reading = read(model, symbols, model.zero_state(BATCH))
    torch.testing.assert_close(logits, reading.logits, rtol=0, atol=1e-12)
    for fused, kept in zip(state, reading.state, strict=True):
        for one, other in zip(fused, kept, strict=True):
            torch.testing.assert_close(one, other, rtol=0, atol=1e-12)
