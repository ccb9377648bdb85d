"""Steps against the exact reader; draws against the distribution that they come from."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import numpy as np
import planted
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax
from scipy.stats import chisquare

from benchmarks.sampling import main
from models.errors import UserError
from models.reading import read
from models.recurrent import Architecture, RecurrentModel
from models.sampling import SamplingError, SamplingOptions, draw, sample
from models.stepping import make_stepper
from models.vocabulary import UNKNOWN, Vocabulary

CELLS = ("lstm", "gru", "rnn")
INPUTS: dict[str, dict[str, Any]] = {
    "embedding": {"embedding": 4},
    "one-hot": {"embedding": None},
    "tied": {"embedding": 6, "tied": True},
}


def random_model(
    cell: Any, layers: int = 2, inputs: str = "embedding", symbols: int = 9
) -> RecurrentModel:
    torch.manual_seed(4)
    model = RecurrentModel(Architecture(cell, layers, 6, symbols=symbols, **INPUTS[inputs]))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.4)  # far enough to move the gates, not so far as to be chaotic
    return model


def sure_model(cell: Any) -> RecurrentModel:
    """What it expects depends on what it has read."""
    model = random_model(cell)
    with torch.no_grad():
        model.get_parameter("embedding.weight").mul_(5)
        model.readout.weight.mul_(20)
    return model


def stepped(model: RecurrentModel, symbols: torch.Tensor) -> torch.Tensor:
    step = make_stepper(model)
    return torch.from_numpy(np.stack([step(int(symbol)).copy() for symbol in symbols]))


def read_at_once(model: RecurrentModel, symbols: torch.Tensor) -> torch.Tensor:
    return read(model, symbols.unsqueeze(1), model.zero_state(1)).logits.squeeze(1)


@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_steps_give_the_logits_of_the_reader(cell: str, layers: int, inputs: str) -> None:
    model = random_model(cell, layers, inputs)
    symbols = torch.randint(0, 9, (50,))
    for tolerance in (1e-5, 1e-12):
        ours, expected = stepped(model, symbols), read_at_once(model, symbols)
        assert ours.dtype == expected.dtype
        torch.testing.assert_close(ours, expected, rtol=0, atol=tolerance)
        model = model.double()


def test_steps_give_the_logits_of_the_planted_network() -> None:
    checkpoint = planted.planted_checkpoint()
    text = planted.planted_corpus().documents[0].text
    symbols = torch.from_numpy(checkpoint.vocabulary.encode(text).astype(np.int64))
    model = checkpoint.model.double()
    torch.testing.assert_close(
        stepped(model, symbols), read_at_once(model, symbols), rtol=0, atol=1e-10
    )


@pytest.mark.parametrize("cell", CELLS)
def test_a_stepper_keeps_the_weights_that_it_was_made_from(cell: str) -> None:
    model = random_model(cell)
    before, symbols = read_at_once(model, torch.arange(9)), torch.arange(9)
    step = make_stepper(model)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    for symbol, expected in zip(symbols, before, strict=True):
        np.testing.assert_allclose(step(int(symbol)), expected, rtol=0, atol=1e-5)


def test_two_steppers_of_one_model_do_not_meet() -> None:
    model = random_model("lstm")
    alone = stepped(model, torch.arange(5))
    one, other = make_stepper(model), make_stepper(model)
    for symbol in range(5):
        logits = one(symbol)
        other(8 - symbol)
        np.testing.assert_array_equal(logits, alone[symbol])


def test_dropout_is_never_applied() -> None:
    model = random_model("lstm").eval()
    expected = read_at_once(model, torch.arange(9))
    model.dropout.p = 0.9
    torch.testing.assert_close(stepped(model.train(), torch.arange(9)), expected, rtol=0, atol=1e-5)


LOGITS = np.array([1.5, -2.0, 0.3, 0.3, 2.2, -0.5, 0.0, 1.0], np.float32)


def drawn(options: SamplingOptions, logits: Any = LOGITS, draws: int = 10_000) -> Any:
    """How often each place was drawn."""
    random = np.random.default_rng(options.seed)
    places = [draw(logits, options, random) for _ in range(draws)]
    return np.bincount(places, minlength=len(logits))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_draws_follow_the_softmax_at_each_temperature(temperature: float) -> None:
    counts = drawn(SamplingOptions(temperature, seed=1))
    scaled = LOGITS.astype(float) / temperature
    assert chisquare(counts, counts.sum() * softmax(scaled)).pvalue > 0.01
    assert chisquare(counts, counts.sum() * softmax(1.3 * scaled)).pvalue < 1e-6


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (SamplingOptions(top_k=3), [4, 0, 7]),
        (SamplingOptions(top_k=4), [4, 0, 7, 2]),  # of equals, the first
        (SamplingOptions(top_k=99), range(8)),
        (SamplingOptions(top_p=1.0), range(8)),
        (SamplingOptions(top_p=0.43), [4]),  # 0.437, 0.217, 0.131, 0.065 twice, ...
        (SamplingOptions(top_p=0.44), [4, 0]),
        (SamplingOptions(top_p=0.66), [4, 0, 7]),
        (SamplingOptions(top_p=1e-9), [4]),
        (SamplingOptions(temperature=0.1, top_p=0.9), [4]),  # the nucleus is taken after
        (SamplingOptions(top_k=2, top_p=0.67), [4, 0]),  # 0.668 and 0.332 of the two
        (SamplingOptions(top_k=2, top_p=0.66), [4]),
    ],
)
def test_draws_follow_the_softmax_over_what_is_kept(options: SamplingOptions, kept: Any) -> None:
    kept = list(kept)
    counts = drawn(options)
    assert counts[kept].sum() == counts.sum()
    if len(kept) > 1:
        share = softmax(LOGITS[kept].astype(float) / options.temperature)
        assert chisquare(counts[kept], share * counts.sum()).pvalue > 0.01


@given(
    arrays(np.float32, st.integers(1, 30), elements=st.floats(-50, 50, width=32)),
    st.floats(1e-12, 1, exclude_min=True),
)
def test_the_nucleus_is_the_smallest_set_that_reaches_top_p(logits: Any, top_p: float) -> None:
    probabilities = softmax(logits.astype(float))
    largest = np.sort(probabilities)[::-1]
    random = np.random.default_rng(0)
    places = {draw(logits, SamplingOptions(top_p=top_p), random) for _ in range(50)}
    # Without the symbols that are at least as probable as the rarest one drawn, p isn't reached.
    rarest = min(probabilities[list(places)])
    assert largest[largest > rarest].sum() < top_p + 1e-9


@given(
    arrays(np.float32, st.integers(1, 30), elements=st.floats(-1e4, 1e4, width=32)),
    st.sampled_from([5e-324, 1e-3, 1.0, 1e300]),
)
def test_a_top_k_of_one_is_temperature_zero(logits: Any, temperature: float) -> None:
    random = np.random.default_rng(0)
    best = draw(logits, SamplingOptions(temperature=0), random)
    assert best == np.argmax(logits)
    assert draw(logits, SamplingOptions(temperature, top_k=1), random) == best


@given(
    arrays(np.float32, st.integers(1, 30), elements=st.floats(-(2.0**100), 2.0**100, width=32)),
    st.floats(0, 1e308),
    st.none() | st.integers(1, 40),
    st.none() | st.floats(0, 1, exclude_min=True),
)
def test_something_is_drawn_whatever_the_logits_and_options(
    logits: Any, temperature: float, top_k: int | None, top_p: float | None
) -> None:
    place = draw(logits, SamplingOptions(temperature, top_k, top_p), np.random.default_rng(0))
    assert 0 <= place < len(logits)


def written(model: RecurrentModel, vocabulary: Vocabulary, prompt: str, **options: Any) -> str:
    return "".join(islice(sample(model, vocabulary, prompt, SamplingOptions(**options)), 200))


VOCABULARY = Vocabulary((UNKNOWN, *"\nabcdefg"))


@pytest.mark.parametrize("cell", CELLS)
def test_the_same_seed_gives_the_same_text(cell: str) -> None:
    model = random_model(cell)
    text = written(model, VOCABULARY, "ab", seed=3)
    assert len(text) == 200
    assert written(model, VOCABULARY, "ab", seed=3) == text
    assert written(model, VOCABULARY, "ab", seed=4) != text


@pytest.mark.parametrize("cell", CELLS)
def test_each_symbol_is_the_most_probable_after_all_before_it(cell: str) -> None:
    model = sure_model(cell)
    text = "abc" + written(model, VOCABULARY, "abc", temperature=0)
    logits = read_at_once(model, torch.from_numpy(VOCABULARY.encode(text).astype(np.int64)))
    best = 1 + logits[2:-1, 1:].argmax(1)  # row 0 is the unknown symbol
    assert VOCABULARY.decode(best.tolist()) == text[3:]
    assert len(set(text[3:])) > 1


@pytest.mark.parametrize("unknown", [0, 4, 8])
@pytest.mark.parametrize("options", [{}, {"temperature": 0}, {"top_k": 1}, {"top_p": 0.5}])
def test_the_unknown_symbol_is_never_drawn(unknown: int, options: dict[str, Any]) -> None:
    symbols = list("\nabcdefg")
    symbols.insert(unknown, UNKNOWN)
    model = random_model("gru")
    with torch.no_grad():
        model.readout.bias[unknown] = 100  # by far what the network expects
    text = written(model, Vocabulary(tuple(symbols)), "ab", **options)
    assert len(text) == 200
    assert UNKNOWN not in text


def test_text_follows_the_softmax_without_the_unknown_symbol() -> None:
    model = random_model("lstm")
    with torch.no_grad():
        model.readout.weight.zero_()  # the same expectation at every step
    text = islice(sample(model, VOCABULARY, "", SamplingOptions(0.8, seed=2)), 8_000)
    counts = np.bincount(VOCABULARY.encode("".join(text)), minlength=9)
    expected = softmax(model.readout.bias.detach().double().numpy()[1:] / 0.8) * 8_000
    assert chisquare(counts[1:], expected).pvalue > 0.01


def test_a_prompt_changes_what_follows() -> None:
    model = sure_model("lstm")
    assert written(model, VOCABULARY, "abcabc") != written(model, VOCABULARY, "gggggg")


def test_what_a_prompt_has_unknown_is_read_as_unknown() -> None:
    model = random_model("lstm")
    assert written(model, VOCABULARY, "a\u00e9b") == written(model, VOCABULARY, f"a{UNKNOWN}b")


@pytest.mark.parametrize(
    ("symbols", "start"),
    [(f"{UNKNOWN}abcdefg\n", "\n"), (f"{UNKNOWN}zabcdefg", "z"), (f"z{UNKNOWN}abcdefg", "z")],
)
def test_without_a_prompt_text_starts_after_a_newline_or_the_first_symbol(
    symbols: str, start: str
) -> None:
    model, vocabulary = random_model("lstm"), Vocabulary(tuple(symbols))
    assert written(model, vocabulary, "") == written(model, vocabulary, start)


def test_training_on_between_two_symbols_changes_nothing() -> None:
    model = random_model("lstm")
    expected = written(model, VOCABULARY, "ab")
    text = sample(model, VOCABULARY, "ab", SamplingOptions())
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    assert "".join(islice(text, 200)) == expected


def test_a_network_that_knows_nothing_cannot_write() -> None:
    model = random_model("lstm", symbols=1)
    with pytest.raises(SamplingError, match="knows no symbol"):
        sample(model, Vocabulary((UNKNOWN,)), "", SamplingOptions())


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"temperature": -0.1}, "temperature must be 0 or a number above it, not -0.1"),
        ({"temperature": float("nan")}, "temperature must be"),
        ({"temperature": float("inf")}, "temperature must be"),
        ({"top_k": 0}, "top_k must be a whole number above 0, not 0"),
        ({"top_k": 1.5}, "top_k must be"),
        ({"top_p": 0.0}, "top_p must be above 0 and at most 1, not 0.0"),
        ({"top_p": 1.1}, "top_p must be"),
        ({"top_p": float("nan")}, "top_p must be"),
        ({"seed": -1}, "seed must be a whole number, 0 or above, not -1"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(SamplingError, match=complaint) as caught:
        SamplingOptions(**options)
    assert isinstance(caught.value, UserError)


def test_the_benchmark_runs(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--tiny"])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert list(figures) == [
        f"sample_{size}_{figure}"
        for size in ("2x256", "2x512")
        for figure in ("symbols_per_s", "vs_torch")
    ]
    assert all(value > 0 for value in figures.values())
