"""Cells of other programs: every way through a network gives the same, and no two are confused."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open

from analysis.recorder import record
from analysis.untrained import untrained_twin
from analysis.verify import verify
from models.cells import STEPS, layer_weights, unroll
from models.checkpoint import Checkpoint, CheckpointError, load_checkpoint, save_checkpoint
from models.checkpoint_header import read_header
from models.corpora import Corpus, Document
from models.evaluation import evaluate
from models.importing.parity import measure_parity
from models.reading import SIGNALS, predict, read
from models.recurrent import Architecture, ArchitectureError, RecurrentModel, State
from models.sampling import SamplingOptions, sample
from models.stepping import make_stepper
from models.training_options import TrainingError, TrainingOptions
from models.training_run import train_checkpoint
from models.vocabulary import UNKNOWN, Vocabulary

SYMBOLS = (*"abcdefgh \n", UNKNOWN)
TIME, BATCH = 9, 3
VARIANTS: dict[str, dict[str, Any]] = {
    "lstm, slope 0.2": {"cell": "lstm", "gate_slope": 0.2},
    "lstm, slope 1/6": {"cell": "lstm", "gate_slope": 1 / 6},
    "gru, slope 0.2": {"cell": "gru", "gate_slope": 0.2},
    "gru, before": {"cell": "gru", "reset_before": True},
    "gru, before, slope 0.2": {"cell": "gru", "reset_before": True, "gate_slope": 0.2},
    "rnn, relu": {"cell": "rnn", "relu": True},
    "lstm, widths": {"cell": "lstm", "widths": (7, 4, 6)},
    "gru, before, widths": {"cell": "gru", "reset_before": True, "widths": (4, 9, 6)},
}


def make_model(name: str, embedding: int | None = 5) -> RecurrentModel:
    torch.manual_seed(2)
    settings = dict(VARIANTS[name])
    layers = len(settings.get("widths", (6, 6)))
    model = RecurrentModel(
        Architecture(layers=layers, hidden=6, embedding=embedding, symbols=len(SYMBOLS), **settings)
    )
    with torch.no_grad():  # large enough that hard sigmoids are clipped now and then
        for parameter in model.parameters():
            parameter.normal_(0, 0.4 if settings.get("relu") else 0.9)
    return model.double()


def make_checkpoint(name: str) -> Checkpoint:
    return Checkpoint("made", make_model(name).float().eval(), Vocabulary(SYMBOLS))


def make_symbols(time: int = TIME) -> torch.Tensor:
    torch.manual_seed(5)
    return torch.randint(0, len(SYMBOLS), (time, BATCH))


def close(one: torch.Tensor, other: torch.Tensor) -> None:
    torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


def as_recorded(name: str, values: torch.Tensor, relu: bool) -> torch.Tensor:
    if name == "c":
        return torch.tanh(values)
    return values / (1 + values) if relu and name == "h" else values


@pytest.mark.parametrize("embedding", [5, None])
@pytest.mark.parametrize("name", VARIANTS)
def test_the_fast_reader_the_equations_and_the_model_agree(
    name: str, embedding: int | None
) -> None:
    model, symbols = make_model(name, embedding), make_symbols()
    made = model.architecture
    reading = read(model, symbols, model.zero_state(BATCH))
    signal = model.embedding(symbols)
    for layer, kept in zip(model.layers, reading.signals, strict=True):
        every = unroll(STEPS[made.cell], signal, layer_weights(layer), variant=made.variant)
        signal = every["h"]
        assert tuple(kept) == SIGNALS[made.cell]
        for key, values in kept.items():
            close(values, as_recorded(key, every[key], made.relu))
            assert values.abs().max() <= 1
    close(reading.logits, model.readout(signal))
    for logits, state in (
        model(symbols, model.zero_state(BATCH)),
        predict(model, symbols, model.zero_state(BATCH)),
    ):
        close(logits, reading.logits)
        for layer_state, read_state in zip(state, reading.state, strict=True):
            for part, read_part in zip(layer_state, read_state, strict=True):
                close(part, read_part)


@pytest.mark.parametrize("embedding", [5, None])
@pytest.mark.parametrize("name", VARIANTS)
def test_stepping_gives_the_logits_of_reading(name: str, embedding: int | None) -> None:
    model, symbols = make_model(name, embedding), make_symbols(20)[:, :1]
    step = make_stepper(model)
    stepped = np.stack([step(int(symbol)).copy() for symbol in symbols[:, 0]])
    expected = read(model, symbols, model.zero_state(1)).logits[:, 0]
    np.testing.assert_allclose(stepped, expected.numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", VARIANTS)
def test_reading_goes_on_from_a_state(name: str) -> None:
    model, symbols = make_model(name), make_symbols(12)
    whole = read(model, symbols, model.zero_state(BATCH))
    first = read(model, symbols[:5], model.zero_state(BATCH))
    second = read(model, symbols[5:], first.state)
    close(torch.cat([first.logits, second.logits]), whole.logits)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_hook_clamps_a_unit_as_steps_by_hand_do(name: str) -> None:
    model, symbols = make_model(name), make_symbols()
    made = model.architecture

    def hook(layer: int, time: int, state: State) -> State:
        changed = tuple(part.clone() for part in state)
        for part in changed if layer == 0 else ():
            part[:, 1] = 0.5
        return changed

    hooked = read(model, symbols, model.zero_state(BATCH), hook)
    states = model.zero_state(BATCH)
    for time, x in enumerate(model.embedding(symbols)):
        for number, layer in enumerate(model.layers):
            signals = STEPS[made.cell](x, *states[number], layer_weights(layer), made.variant)
            parts = tuple(signals[part] for part in ("h", "c") if part in signals)
            states[number] = hook(number, time, parts)
            x = states[number][0]
            close(hooked.signals[number]["h"][time], as_recorded("h", x, made.relu))
        close(hooked.logits[time], model.readout(x))
    same = read(model, symbols, model.zero_state(BATCH), lambda layer, time, state: state)
    assert torch.equal(same.logits, read(model, symbols, model.zero_state(BATCH)).logits)


def test_large_layers_use_packed_weights_with_the_same_numbers() -> None:
    torch.manual_seed(0)
    model = RecurrentModel(
        Architecture("gru", 1, 400, 5, len(SYMBOLS), reset_before=True, gate_slope=0.2)
    )
    symbols = torch.randint(0, len(SYMBOLS), (6, 40))
    packed = read(model, symbols, model.zero_state(40)).logits
    plain = read(model, symbols[:, :20], model.zero_state(20)).logits
    torch.testing.assert_close(packed[:, :20], plain, rtol=0, atol=1e-5)


# One unit, by hand: no two of the variants can be taken for each other.


def hard(x: float, slope: float) -> float:
    return min(1.0, max(0.0, slope * x + 0.5))


def test_the_two_hard_sigmoids_differ_as_their_programs_say() -> None:
    for x in (-4.0, -2.75, -1.0, 0.0, 0.3, 2.75, 4.0):
        keras_2, keras_3 = hard(x, 0.2), min(6.0, max(0.0, x + 3)) / 6
        for slope, expected in ((0.2, keras_2), (1 / 6, keras_3)):
            variant = Architecture("lstm", 1, 1, None, 2, gate_slope=slope).variant
            gate = variant.gate(torch.tensor(x, dtype=torch.float64))
            assert gate.item() == pytest.approx(expected, abs=1e-12)
    # Between 2.5 and 3 one is 1 and the other is not.
    assert hard(2.75, 0.2) == 1.0 != pytest.approx(min(6.0, 2.75 + 3) / 6)


@pytest.mark.parametrize("before", [True, False])
def test_the_reset_gate_acts_where_it_is_said_to(before: bool) -> None:
    """Two units, so that gating before the product mixes what gating after it does not."""
    made = Architecture("gru", 1, 2, None, 3, reset_before=before)
    torch.manual_seed(1)
    model = RecurrentModel(made).double()
    w = layer_weights(model.layers[0])  # type: ignore[arg-type]
    h, x = [0.4, -0.7], [0.0, 1.0, 0.0]

    def dot(row: Sequence[float], column: Sequence[float]) -> float:
        return math.fsum(one * other for one, other in zip(row, column, strict=True))

    def total(row: int, state: Sequence[float]) -> tuple[float, float]:
        from_input = dot(w.ih[row].tolist(), x) + w.b_ih[row].item()
        return from_input, dot(w.hh[row].tolist(), state)

    bias = w.b_hh.tolist()
    r, z = (
        [1 / (1 + math.exp(-sum(total(2 * gate + k, h)) - bias[2 * gate + k])) for k in range(2)]
        for gate in range(2)
    )
    gated = [r[k] * h[k] for k in range(2)]
    expected = []
    for k in range(2):
        from_input, from_state = total(4 + k, gated if before else h)
        from_state += bias[4 + k]
        n = math.tanh(from_input + (from_state if before else r[k] * from_state))
        expected.append((1 - z[k]) * n + z[k] * h[k])
    start = [(torch.tensor([h], dtype=torch.float64),)]
    found = read(model, torch.tensor([[1]]), start).signals[0]["h"][0, 0]
    np.testing.assert_allclose(found.numpy(), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", VARIANTS)
def test_an_unstated_variant_would_be_noticed(name: str) -> None:
    """The same weights without what the variant says give other logits, by far."""
    model, symbols = make_model(name), make_symbols()
    made = model.architecture
    if made.widths and not made.reset_before:
        pytest.skip("widths alone say nothing of the cells")
    plain = RecurrentModel(
        Architecture(
            made.cell, made.layers, made.hidden, made.embedding, made.symbols, widths=made.widths
        )
    ).double()
    plain.load_state_dict(model.state_dict())
    difference = (
        read(model, symbols, model.zero_state(BATCH)).logits
        - read(plain, symbols, plain.zero_state(BATCH)).logits
    )
    assert difference.abs().max() > 1e-3


# Files.


@pytest.mark.parametrize("name", VARIANTS)
def test_a_checkpoint_keeps_the_variant(name: str, tmp_path: Path) -> None:
    made = make_checkpoint(name)
    save_checkpoint(made, tmp_path / "x.safetensors")
    loaded = load_checkpoint(tmp_path / "x.safetensors")
    assert loaded.architecture == made.architecture
    assert str(loaded.architecture) == str(made.architecture)
    header = read_header(tmp_path / "x.safetensors")
    assert header.widths == (made.architecture.widths or ())
    assert header.variant == str(made.architecture.variant)
    assert header.weights == made.architecture.weights
    with safe_open(tmp_path / "x.safetensors", framework="pt") as file:
        metadata = json.loads(file.metadata()["unitscope"])
    assert metadata["schema_version"] == 2  # versions that cannot run it say to update
    state = loaded.model.state_dict()
    assert all(torch.equal(state[k], v.half().float()) for k, v in made.model.state_dict().items())


def test_a_network_of_the_textbook_is_written_as_before(tmp_path: Path) -> None:
    made = Architecture("lstm", 2, 6, 5, len(SYMBOLS))
    assert list(made.to_json()) == ["cell", "layers", "hidden", "embedding", "symbols"]
    checkpoint = Checkpoint("plain", RecurrentModel(made), Vocabulary(SYMBOLS))
    save_checkpoint(checkpoint, tmp_path / "x.safetensors")
    with safe_open(tmp_path / "x.safetensors", framework="pt") as file:
        assert json.loads(file.metadata()["unitscope"])["schema_version"] == 1


def test_networks_that_differ_in_their_variant_alone_have_different_hashes() -> None:
    hashes = set()
    for settings in ({}, {"gate_slope": 0.2}, {"gate_slope": 1 / 6}, {"reset_before": True}):
        torch.manual_seed(1)
        model = RecurrentModel(Architecture("gru", 1, 4, None, len(SYMBOLS), **settings))
        hashes.add(Checkpoint("made", model, Vocabulary(SYMBOLS)).sha256)
    assert len(hashes) == 4


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"cell": "rnn", "gate_slope": 0.2}, "no gates"),
        ({"cell": "lstm", "reset_before": True}, "no reset_before"),
        ({"cell": "gru", "relu": True}, "no relu"),
        ({"cell": "lstm", "gate_slope": 0}, "above 0"),
        ({"cell": "lstm", "gate_slope": "0.2"}, "above 0"),
        ({"cell": "lstm", "gate_slope": math.inf}, "above 0"),
        ({"cell": "gru", "reset_before": 1}, "true or false"),
        ({"cell": "lstm", "widths": (6,)}, "do not fit 2 layers"),
        ({"cell": "lstm", "widths": (6, 7)}, "do not fit 2 layers"),
        ({"cell": "lstm", "widths": (0, 6)}, "above 0"),
        ({"cell": "lstm", "widths": 6}, "one width a layer"),
    ],
)
def test_what_no_cell_has_is_a_sentence(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ArchitectureError, match=said):
        Architecture(layers=2, hidden=6, embedding=None, symbols=5, **settings)


def test_layers_of_one_width_are_said_in_one_way() -> None:
    even = Architecture("lstm", 2, 6, None, 5)
    assert Architecture("lstm", 2, 6, None, 5, widths=(6, 6)) == even
    assert str(Architecture("lstm", 2, 6, None, 5, widths=(4, 6))) == "4 + 6 LSTM"


def test_a_damaged_variant_in_a_file_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_checkpoint(make_checkpoint("lstm, slope 0.2"), path)
    data = path.read_bytes()
    path.write_bytes(data.replace(rb"\"gate_slope\": 0.2", rb"\"gate_slope\": -.2"))
    with pytest.raises(CheckpointError):
        load_checkpoint(path)


# Recorded, evaluated, sampled; not trained.


@pytest.mark.parametrize("name", VARIANTS)
def test_a_recording_holds_what_the_equations_say(name: str, tmp_path: Path) -> None:
    checkpoint = make_checkpoint(name)
    random = np.random.default_rng(1)
    texts = ["".join(random.choice(list("abcdefgh \n"), size)) for size in (700, 40)]
    corpus = Corpus("made", tuple(Document(f"{n}", text) for n, text in enumerate(texts)))
    signals = SIGNALS[checkpoint.architecture.cell]
    recording = record(checkpoint, corpus, tmp_path / "a.zarr", signals=signals)
    assert [recording.units(f"{n}.h") for n in range(checkpoint.architecture.layers)] == list(
        checkpoint.architecture.layer_widths
    )
    verdict = verify(recording, checkpoint)
    assert verdict.problems == ()
    assert verdict.windows == 2
    other = make_checkpoint("gru, slope 0.2")
    if other.sha256 != checkpoint.sha256:
        assert "another network" in verify(recording, other).problems[0]
    assert untrained_twin(recording).architecture == checkpoint.architecture


@pytest.mark.parametrize("name", VARIANTS)
def test_evaluation_and_sampling_run_the_variant(name: str) -> None:
    checkpoint = make_checkpoint(name)
    text = checkpoint.vocabulary.encode("abc defg\nhabc" * 5).astype(np.int64)
    model = checkpoint.model
    logits = read(model, torch.from_numpy(text)[:-1, None], model.zero_state(1)).logits[:, 0]
    expected = torch.nn.functional.cross_entropy(logits, torch.from_numpy(text[1:])).item()
    assert evaluate(model, [text]) == pytest.approx(expected, abs=1e-5)
    best = SamplingOptions(temperature=0)
    written = "".join(itertools.islice(sample(model, checkpoint.vocabulary, "ab", best), 20))
    read_again = checkpoint.vocabulary.encode("ab" + written).astype(np.int64)[:-1, None]
    logits = read(model, torch.from_numpy(read_again), model.zero_state(1)).logits[1:, 0].clone()
    logits[:, checkpoint.vocabulary.unknown] = -torch.inf
    assert written == "".join(SYMBOLS[k] for k in logits.argmax(dim=1).tolist())


def test_training_a_variant_is_refused_in_a_sentence() -> None:
    corpus = Corpus("made", tuple(Document(f"{n}", "abc def gh\n" * 40) for n in range(30)))
    options = TrainingOptions(symbols=64, batch=2, length=16)
    start = make_checkpoint("gru, before")
    with pytest.raises(TrainingError, match="are read, but not trained"):
        train_checkpoint(corpus, options, name="new", start=start)
    # Layers of different widths are torch's own.
    start = make_checkpoint("lstm, widths")
    trained = train_checkpoint(corpus, options, name="new", start=start)
    assert trained.architecture.widths == (7, 4, 6)


@pytest.mark.parametrize("name", VARIANTS)
def test_parity_reads_the_variant_on_and_on(name: str) -> None:
    checkpoint = make_checkpoint(name)
    text = "abc defg\nhabc" * 400  # longer than what is read at a time
    indices = torch.from_numpy(checkpoint.vocabulary.encode(text).astype(np.int64))
    model = checkpoint.model
    logits = read(model, indices[:-1, None], model.zero_state(1)).logits[:, 0]
    nats = torch.nn.functional.cross_entropy(logits, indices[1:]).item()
    assert measure_parity(checkpoint, text).bits == pytest.approx(nats / math.log(2), rel=1e-4)
