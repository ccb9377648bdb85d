"""The equations against torch.nn, against themselves gate by gate, and their gradients."""

from __future__ import annotations

import math

import pytest
import torch

from models.cells import Weights, gru_step, layer_weights, lstm_step, rnn_step, unroll

STEPS = {"rnn": rnn_step, "lstm": lstm_step, "gru": gru_step}
LAYERS = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
CELLS = tuple(STEPS)
TIME, BATCH, INPUTS, HIDDEN = 7, 3, 5, 4


def make_stack(cell: str, layers: int) -> torch.nn.RNNBase:
    torch.manual_seed(1)
    return LAYERS[cell](INPUTS, HIDDEN, num_layers=layers).double()


def make_input(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


def make_start(cell: str, layers: int) -> list[torch.Tensor]:
    """h0, and for the LSTM c0, of all layers: (layer, batch, hidden)."""
    return [make_input(layers, BATCH, HIDDEN) for _ in ("hc" if cell == "lstm" else "h")]


def weights_of(stack: torch.nn.RNNBase, layer: int) -> Weights:
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return Weights(*(stack.get_parameter(f"{name}_l{layer}") for name in names))


def unroll_stack(
    cell: str, x: torch.Tensor, stack: torch.nn.RNNBase, start: list[torch.Tensor]
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Outputs of the last layer and end states (layer, batch, hidden), as torch.nn returns them."""
    ends: list[list[torch.Tensor]] = []
    for layer in range(stack.num_layers):
        state = tuple(part[layer] for part in start)
        signals = unroll(STEPS[cell], x, weights_of(stack, layer), state)
        ends.append([signals[name][-1] for name, _ in zip("hc", start, strict=False)])
        x = signals["h"]
    return x, [torch.stack(part) for part in zip(*ends, strict=True)]


def torch_stack(
    x: torch.Tensor, stack: torch.nn.RNNBase, start: list[torch.Tensor]
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    outputs, end = stack(x, tuple(start) if len(start) == 2 else start[0])
    return outputs, list(end) if isinstance(end, tuple) else [end]


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_cell_gives_the_outputs_and_states_of_torch_nn(cell: str, layers: int) -> None:
    stack, x = make_stack(cell, layers), make_input(TIME, BATCH, INPUTS)
    start = make_start(cell, layers)
    ours, our_ends = unroll_stack(cell, x, stack, start)
    theirs, their_ends = torch_stack(x, stack, start)
    for one, other in zip([ours, *our_ends], [theirs, *their_ends], strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-10)


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_cell_gives_the_gradients_of_torch_nn(cell: str, layers: int) -> None:
    stack, x = make_stack(cell, layers), make_input(TIME, BATCH, INPUTS)
    start = make_start(cell, layers)
    learned = [x, *start, *stack.parameters()]
    assert len(learned) == 1 + len(start) + 4 * layers
    along = torch.randn(TIME, BATCH, HIDDEN, dtype=torch.float64)
    along_end = [torch.randn_like(part) for part in start]

    def gradients(outputs: torch.Tensor, ends: list[torch.Tensor]) -> tuple[torch.Tensor, ...]:
        ended = sum((end * to).sum() for end, to in zip(ends, along_end, strict=True))
        return torch.autograd.grad((outputs * along).sum() + ended, learned)

    ours = gradients(*unroll_stack(cell, x, stack, start))
    theirs = gradients(*torch_stack(x, stack, start))
    for one, other in zip(ours, theirs, strict=True):
        assert other.abs().max() > 1e-4  # so that agreeing says something
        torch.testing.assert_close(one, other, rtol=0, atol=1e-10)


@pytest.mark.parametrize("cell", CELLS)
def test_the_state_is_zero_at_first_by_default(cell: str) -> None:
    stack, x = make_stack(cell, 1), make_input(TIME, BATCH, INPUTS)
    ours = unroll(STEPS[cell], x, layer_weights(stack))
    theirs, _ = stack(x)
    torch.testing.assert_close(ours["h"], theirs, rtol=0, atol=1e-10)


@pytest.mark.parametrize("cell", CELLS)
def test_each_step_passes_gradcheck(cell: str) -> None:
    """In every input, state and weight, for every signal that the step returns."""
    w = layer_weights(make_stack(cell, 1))
    state = [make_input(2, HIDDEN) for _ in ("hc" if cell == "lstm" else "h")]

    def step(*values: torch.Tensor) -> tuple[torch.Tensor, ...]:
        x, *before = values[:-4]
        return tuple(STEPS[cell](x, *before, Weights(*values[-4:])).values())

    values = (make_input(2, INPUTS), *state, w.ih, w.hh, w.b_ih, w.b_hh)
    assert torch.autograd.gradcheck(step, values)


@pytest.mark.parametrize("cell", CELLS)
def test_the_unrolled_cell_passes_gradcheck(cell: str) -> None:
    stack = make_stack(cell, 1)
    x = make_input(3, 2, INPUTS)
    assert torch.autograd.gradcheck(
        lambda value: unroll(STEPS[cell], value, layer_weights(stack))["h"], (x,)
    )


# The equations once more, for one unit at a time and with Python's floats alone.


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def dot(row: list[float], column: list[float]) -> float:
    return math.fsum(one * other for one, other in zip(row, column, strict=True))


def parts(w: Weights, gate: int, unit: int, x: list[float], h: list[float]) -> tuple[float, float]:
    """What the input and the state add to one unit's gate: W x + b_ih and W h + b_hh."""
    row = gate * HIDDEN + unit
    from_input = dot(w.ih[row].tolist(), x) + w.b_ih[row].item()
    return from_input, dot(w.hh[row].tolist(), h) + w.b_hh[row].item()


def expected_signals(
    cell: str, w: Weights, unit: int, x: list[float], h: list[float], c: list[float]
) -> dict[str, float]:
    if cell == "rnn":
        return {"h": math.tanh(sum(parts(w, 0, unit, x, h)))}
    if cell == "lstm":
        i, f, g, o = (sum(parts(w, gate, unit, x, h)) for gate in range(4))
        i, f, g, o = sigmoid(i), sigmoid(f), math.tanh(g), sigmoid(o)
        new = f * c[unit] + i * g
        return {"h": o * math.tanh(new), "c": new, "i": i, "f": f, "g": g, "o": o}
    r, z = (sigmoid(sum(parts(w, gate, unit, x, h))) for gate in range(2))
    from_input, from_state = parts(w, 2, unit, x, h)
    n = math.tanh(from_input + r * from_state)
    return {"h": (1 - z) * n + z * h[unit], "r": r, "z": z, "n": n}


@pytest.mark.parametrize("cell", CELLS)
def test_every_gate_is_what_its_equation_says(cell: str) -> None:
    w = layer_weights(make_stack(cell, 1))
    x, h, c = make_input(BATCH, INPUTS), make_input(BATCH, HIDDEN), make_input(BATCH, HIDDEN)
    signals = STEPS[cell](x, h, c, w) if cell == "lstm" else STEPS[cell](x, h, w)
    for column in range(BATCH):
        for unit in range(HIDDEN):
            read = (values[column].tolist() for values in (x, h, c))
            expected = expected_signals(cell, w, unit, *read)
            assert signals.keys() == expected.keys()
            for name, value in expected.items():
                assert signals[name][column, unit].item() == pytest.approx(value, abs=1e-12)
