"""The fast reader against the equations, the state it carries, and the hook between its steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import planted
import pytest
import torch

from models.cells import gru_step, layer_weights, lstm_step, rnn_step, unroll
from models.evaluation import restart
from models.reading import SIGNALS, Hook, Reading, read
from models.recurrent import Architecture, RecurrentModel, State
from models.streams import read_chunks

STEPS = {"rnn": rnn_step, "lstm": lstm_step, "gru": gru_step}
CELLS = tuple(STEPS)
TIME, BATCH, SYMBOLS = 7, 3, 9
INPUTS = {"embedding": (5, False), "one-hot": (None, False), "tied": (6, True)}


def make_model(cell: str, layers: int, inputs: str = "embedding") -> RecurrentModel:
    torch.manual_seed(2)
    embedding, tied = INPUTS[inputs]
    return RecurrentModel(Architecture(cell, layers, 6, embedding, SYMBOLS, tied)).double()


def make_symbols(time: int = TIME) -> torch.Tensor:
    torch.manual_seed(5)
    return torch.randint(0, SYMBOLS, (time, BATCH))


def close(one: torch.Tensor, other: torch.Tensor) -> None:
    torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_fast_reader_gives_the_signals_of_the_cells(cell: str, layers: int, inputs: str) -> None:
    model, symbols = make_model(cell, layers, inputs), make_symbols()
    reading = read(model, symbols, model.zero_state(BATCH))
    signal = model.embedding(symbols)
    for layer, kept in zip(model.layers, reading.signals, strict=True):
        expected = unroll(STEPS[cell], signal, layer_weights(layer))
        signal = expected["h"]
        assert tuple(kept) == SIGNALS[cell]
        for name, value in kept.items():
            close(value, torch.tanh(expected[name]) if name == "c" else expected[name])
    close(reading.logits, model.readout(signal))


@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("cell", CELLS)
def test_reading_in_chunks_continues_the_state(cell: str, inputs: str) -> None:
    model, symbols = make_model(cell, 2, inputs), make_symbols(12)
    whole = read(model, symbols, model.zero_state(BATCH))
    first = read(model, symbols[:2], model.zero_state(BATCH))
    second = read(model, symbols[2:], first.state)
    close(torch.cat([first.logits, second.logits]), whole.logits)


@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("cell", CELLS)
def test_training_and_reading_agree(cell: str, inputs: str) -> None:
    model, symbols = make_model(cell, 2, inputs), make_symbols()
    logits, state = model(symbols, model.zero_state(BATCH))
    reading = read(model, symbols, model.zero_state(BATCH))
    close(logits, reading.logits)
    for fused, kept in zip(state, reading.state, strict=True):
        for one, other in zip(fused, kept, strict=True):
            close(one, other)


def dense_twin(model: RecurrentModel) -> RecurrentModel:
    """The same network, which multiplies its weights by one-hot vectors from a table."""
    made = model.architecture
    twin = RecurrentModel(Architecture(made.cell, made.layers, made.hidden, SYMBOLS, SYMBOLS))
    twin = twin.to(model.readout.weight.dtype)
    twin.load_state_dict(model.state_dict() | {"embedding.weight": torch.eye(SYMBOLS)})
    return twin


@pytest.mark.parametrize("time", [1, 2, 3, 40])  # fewer symbols than the vocabulary has, and more
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("cell", CELLS)
def test_looking_columns_up_gives_the_bits_of_the_product_with_one_hot_vectors(
    cell: str, dtype: torch.dtype, time: int
) -> None:
    model, symbols = make_model(cell, 2, "one-hot").to(dtype), make_symbols(time)
    looked_up = read(model, symbols, model.zero_state(BATCH))
    multiplied = read(dense_twin(model), symbols, model.zero_state(BATCH))
    assert_same_bits(looked_up, multiplied)


@pytest.mark.parametrize("cell", CELLS)
def test_one_hot_input_is_read_without_a_product(
    cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, symbols = make_model(cell, 1, "one-hot"), make_symbols()
    products: list[tuple[int, ...]] = []
    multiply = torch.addmm

    def watch(bias: torch.Tensor, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        products.append(tuple(right.shape))
        return multiply(bias, left, right)

    monkeypatch.setattr(torch, "addmm", watch)
    read(model, symbols, model.zero_state(BATCH))
    assert products == []  # the state's are added in place
    read(dense_twin(model), symbols, model.zero_state(BATCH))
    assert any(shape[0] == SYMBOLS for shape in products)


def assert_same_bits(one: Reading, other: Reading) -> None:
    for kept, expected in zip(one.signals, other.signals, strict=True):
        assert kept.keys() == expected.keys()
        assert all(torch.equal(kept[name], expected[name]) for name in kept)
    assert torch.equal(one.logits, other.logits)
    for state, expected_state in zip(one.state, other.state, strict=True):
        for part, expected_part in zip(state, expected_state, strict=True):
            assert torch.equal(part, expected_part)


# The hook.


def replace(state: State, unit: int, value: float) -> State:
    """The state with one unit set to a value in every part."""
    changed = tuple(part.clone() for part in state)
    for part in changed:
        part[:, unit] = value
    return changed


def clamp(layer: int, time: int, unit: int, value: float) -> Hook:
    """Set one unit of one layer at one time."""

    def hook(at_layer: int, at_time: int, state: State) -> State:
        here = (at_layer, at_time) == (layer, time)
        return replace(state, unit, value) if here else state

    return hook


def step_by_hand(model: RecurrentModel, symbols: torch.Tensor, hook: Hook) -> Reading:
    """All layers at each time with `models.cells`, the state replaced in between."""
    cell = model.architecture.cell
    states = model.zero_state(BATCH)
    steps: list[list[dict[str, torch.Tensor]]] = [[] for _ in model.layers]
    logits = []
    for time, x in enumerate(model.embedding(symbols)):
        for number, layer in enumerate(model.layers):
            signals = STEPS[cell](x, *states[number], layer_weights(layer))
            state = tuple(signals[part] for part in ("h", "c") if part in signals)
            states[number] = state = hook(number, time, state)
            recorded = {"h": state[0]} | ({"c": torch.tanh(state[1])} if cell == "lstm" else {})
            steps[number].append(signals | recorded)
            x = state[0]
        logits.append(model.readout(x))
    kept = tuple(
        {name: torch.stack([step[name] for step in layer]) for name in layer[0]} for layer in steps
    )
    return Reading(kept, torch.stack(logits), states)


@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_a_hook_that_changes_nothing_gives_the_same_bits(
    cell: str, layers: int, inputs: str
) -> None:
    model, symbols = make_model(cell, layers, inputs).float(), make_symbols()
    calls: list[tuple[int, int]] = []

    def watch(layer: int, time: int, state: State) -> State:
        assert [part.shape for part in state] == [(BATCH, 6)] * (2 if cell == "lstm" else 1)
        calls.append((layer, time))
        return state

    before = read(model, symbols[:2], model.zero_state(BATCH)).state
    hooked = read(model, symbols, before, watch)
    assert_same_bits(hooked, read(model, symbols, before))
    assert calls == [(layer, time) for layer in range(layers) for time in range(TIME)]


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_a_clamped_unit_equals_a_reading_stepped_by_hand(cell: str, layers: int) -> None:
    model, symbols = make_model(cell, layers), make_symbols()
    for layer in range(layers):
        hook = clamp(layer, 3, unit=4, value=0.75)
        hooked = read(model, symbols, model.zero_state(BATCH), hook)
        expected = step_by_hand(model, symbols, hook)
        for kept, wanted in zip(hooked.signals, expected.signals, strict=True):
            for name in SIGNALS[cell]:
                close(kept[name], wanted[name])
        close(hooked.logits, expected.logits)
        for state, wanted_state in zip(hooked.state, expected.state, strict=True):
            for part, wanted_part in zip(state, wanted_state, strict=True):
                close(part, wanted_part)


@pytest.mark.parametrize("cell", CELLS)
def test_clamping_a_unit_once_changes_exactly_what_follows(cell: str) -> None:
    model, symbols = make_model(cell, 3), make_symbols()
    plain = read(model, symbols, model.zero_state(BATCH))
    hooked = read(model, symbols, model.zero_state(BATCH), clamp(1, 3, unit=4, value=0.75))
    # What a layer computed at the time itself from the state before it stays as it was.
    gates = set(SIGNALS[cell]) - {"h", "c"}
    for layer, (kept, was) in enumerate(zip(hooked.signals, plain.signals, strict=True)):
        for name in kept:
            same = (kept[name] == was[name]).all(dim=(1, 2)).tolist()
            first = TIME if layer == 0 else 4 if layer == 1 and name in gates else 3
            assert same == [time < first for time in range(TIME)], (layer, name)
    assert (hooked.signals[1]["h"][3, :, 4] == 0.75).all()
    others = [unit for unit in range(6) if unit != 4]
    assert torch.equal(hooked.signals[1]["h"][3][:, others], plain.signals[1]["h"][3][:, others])
    if cell == "lstm":
        close(hooked.signals[1]["c"][3, :, 4], torch.full((BATCH,), 0.75).double().tanh())
    changed = (hooked.logits != plain.logits).any(dim=2).any(dim=1).tolist()
    assert changed == [time >= 3 for time in range(TIME)]


@pytest.mark.parametrize("cell", CELLS)
def test_a_state_clamped_at_the_end_is_handed_on(cell: str) -> None:
    model, symbols = make_model(cell, 2), make_symbols()
    ended = read(model, symbols, model.zero_state(BATCH), clamp(1, TIME - 1, unit=0, value=0.5))
    assert all((part[:, 0] == 0.5).all() for part in ended.state[1])
    assert not any((part[:, 0] == 0.5).any() for part in ended.state[0])


@pytest.mark.parametrize("cell", CELLS)
def test_a_hook_may_write_into_the_state_that_it_is_given(cell: str) -> None:
    model, symbols = make_model(cell, 2), make_symbols()
    buffer: dict[int, State] = {}

    def ablate_in_place(layer: int, time: int, state: State) -> State:
        for part in state:
            part[:, 2] = 0.0
        return state

    def ablate_in_one_buffer(layer: int, time: int, state: State) -> State:
        kept = buffer.setdefault(layer, tuple(torch.empty_like(part) for part in state))
        for target, part in zip(kept, replace(state, 2, 0.0), strict=True):
            target.copy_(part)
        return kept

    start = read(model, symbols, model.zero_state(BATCH)).state
    before = [tuple(part.clone() for part in layer) for layer in start]
    expected = read(model, symbols, start, lambda layer, time, state: replace(state, 2, 0.0))
    hook: Callable[[int, int, State], State]
    for hook in (ablate_in_place, ablate_in_one_buffer):
        assert_same_bits(read(model, symbols, start, hook), expected)
        for layer, old in zip(start, before, strict=True):
            assert all(torch.equal(part, was) for part, was in zip(layer, old, strict=True))


# The state that is carried between readings.


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


def test_reading_one_hot_input_leaves_the_weights_as_they_were() -> None:
    model = make_model("lstm", 1, "one-hot")
    before = [part.clone() for part in model.parameters()]
    for time in (1, 2, TIME):
        read(model, make_symbols(time), model.zero_state(BATCH))
    assert all(torch.equal(*pair) for pair in zip(model.parameters(), before, strict=True))


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


# What is asked for, and how.


@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_asking_for_some_signals_gives_these_alone_and_the_same(
    cell: str, layers: int, inputs: str
) -> None:
    model, symbols = make_model(cell, layers, inputs), make_symbols()
    every = read(model, symbols, model.zero_state(BATCH))
    for wanted in (("h",), SIGNALS[cell][-1:], SIGNALS[cell][::-1]):
        some = read(model, symbols, model.zero_state(BATCH), signals=wanted)
        for kept, known in zip(some.signals, every.signals, strict=True):
            assert tuple(kept) == wanted
            for name, values in kept.items():
                close(values, known[name])
        close(some.logits, every.logits)
        for state, known_state in zip(some.state, every.state, strict=True):
            for part, known_part in zip(state, known_state, strict=True):
                close(part, known_part)


@torch.no_grad()
def test_tracks_tell_what_became_of_each_cell() -> None:
    model, symbols = make_model("lstm", 2), make_symbols()
    start = read(model, symbols, model.zero_state(BATCH)).state
    reading = read(model, symbols, start, track_cells=True)
    signal = model.embedding(symbols)
    for layer, before, track in zip(model.layers, start, reading.tracks, strict=True):
        expected = unroll(lstm_step, signal, layer_weights(layer), before)
        signal = expected["h"]
        close(track.kept, expected["f"].prod(dim=0))
        close(track.low, expected["c"].amin(dim=0))
        close(track.high, expected["c"].amax(dim=0))
    assert read(model, symbols, start).tracks == ()
    gru = make_model("gru", 1)
    assert read(gru, symbols, gru.zero_state(BATCH), track_cells=True).tracks == ()


def test_weights_laid_out_for_large_products_give_the_same_numbers() -> None:
    torch.manual_seed(0)
    model = RecurrentModel(Architecture("lstm", 2, 400, 5, SYMBOLS))
    symbols = torch.randint(0, SYMBOLS, (9, 40))
    packed = read(model, symbols, model.zero_state(40))
    for start in (0, 20):  # too few columns for it to pay
        part = read(model, symbols[:, start : start + 20], model.zero_state(20))
        for kept, wanted in zip(packed.signals, part.signals, strict=True):
            for name, values in kept.items():
                torch.testing.assert_close(
                    values[:, start : start + 20], wanted[name], rtol=0, atol=1e-5
                )
