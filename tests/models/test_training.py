"""Training learns, stops when it is told to, and its losses are those of the equations."""

from __future__ import annotations

import itertools
import math
import os
import signal
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models import learner, training
from models.evaluation import evaluate
from models.recurrent import Architecture, RecurrentModel
from models.streams import read_chunks
from models.training import TrainingResult, cut_pieces, rate, train
from models.training_options import DivergedError, Progress, TrainingError, TrainingOptions

HELLO = np.array([0, 1, 2, 2, 3] * 64, dtype=np.uint16)


def small_model(cell: Any = "lstm", symbols: int = 4) -> RecurrentModel:
    torch.manual_seed(0)
    return RecurrentModel(Architecture(cell, 1, 16, 4, symbols))


def options(**changes: Any) -> TrainingOptions:
    settings = {"symbols": 160 * 40, "batch": 4, "length": 20, "learning_rate": 0.02, "warm_up": 1}
    return TrainingOptions(**{**settings, **changes})


def weights_of(model: RecurrentModel) -> list[torch.Tensor]:
    return [parameter.detach().clone() for parameter in model.parameters()]


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_a_repeated_word_is_learned_to_near_nothing(cell: Any) -> None:
    model = small_model(cell)
    before = evaluate(model, [HELLO])
    assert before == pytest.approx(math.log(4), abs=0.3)
    result = train(model, [HELLO], [], options(symbols=80 * 150))
    assert evaluate(model, [HELLO]) < 0.05
    assert result.train_loss < before
    assert not result.interrupted
    assert result.steps == 150


def test_the_same_seed_gives_the_same_weights() -> None:
    random = np.random.default_rng(0)
    documents = [random.integers(0, 4, n).astype(np.uint16) for n in (50, 60, 7, 90)]
    trained = []
    for seed in (1, 1, 2):
        model = small_model()
        train(model, documents, [], options(seed=seed, symbols=800))
        trained.append(weights_of(model))
    assert all(torch.equal(one, other) for one, other in zip(*trained[:2], strict=True))
    assert not all(torch.equal(one, other) for one, other in zip(*trained[1:], strict=True))


def test_no_gradient_crosses_the_boundary_of_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    states: list[Any] = []

    def watch(state: Any, chunk: Any) -> Any:
        states.append((state, bool(chunk.restarts.any())))
        return original(state, chunk)

    original = learner.restart
    monkeypatch.setattr(learner, "restart", watch)
    model = small_model()
    train(model, [HELLO], [], options(symbols=80 * 10))
    assert len(states) == 10
    carried = [state for state, restarts in states if not restarts]
    assert carried, "no chunk went on from another"
    for parts in carried:
        for part in itertools.chain.from_iterable(parts):
            assert part.grad_fn is None
            assert not part.requires_grad
            assert part.any(), "the state is carried over, not dropped"


def test_the_gradient_of_a_chunk_is_that_of_a_state_held_fixed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    norms: list[float] = []
    model = small_model()
    still = options(symbols=80 * 3, learning_rate=1e-30, clip=1e9)
    train(model, [HELLO], [], still, lambda progress: norms.append(progress.gradient_norm))
    pieces = cut_pieces([HELLO], still.batch)
    chunks = read_chunks(pieces, np.random.default_rng(0).permutation(4), batch=4, length=20)
    state = model.zero_state(4)
    for norm, chunk in zip(norms[1:], chunks, strict=False):
        symbols = torch.from_numpy(chunk.symbols)
        wanted = torch.from_numpy(
            np.stack(
                [
                    pieces[d][s + 1 : s + 21]
                    for d, s in zip(chunk.documents, chunk.starts, strict=True)
                ],
                1,
            ).astype(np.int64)
        )
        logits, after = model(symbols, state)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), wanted.flatten())
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        assert norm == pytest.approx(math.sqrt(sum(g.square().sum().item() for g in gradients)))
        state = [tuple(part.detach() for part in parts) for parts in after]


def test_ctrl_c_keeps_what_was_learned() -> None:
    model = small_model()
    before = weights_of(model)

    def interrupt(progress: Progress) -> None:
        if progress.step == 7:
            raise KeyboardInterrupt

    result = train(model, [HELLO], [HELLO], options(), interrupt)
    assert result.interrupted
    assert (result.steps, result.symbols) == (7, 7 * 80)
    assert math.isfinite(result.train_loss)
    assert not any(
        torch.equal(one, new) for one, new in zip(before, model.parameters(), strict=True)
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_middle_of_a_step_waits_for_its_end(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raise_interrupt(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(learner, "restart", kill_at_step(7, number))
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        signal.signal(number, raise_interrupt)
        model, whole = small_model(), small_model()
        result = train(model, [HELLO], [], options())
    finally:
        after = {each: signal.getsignal(each) for each in handlers}
        for each, handler in handlers.items():
            signal.signal(each, handler)
    assert result.interrupted
    assert result.steps == 7
    assert after == handlers | {number: raise_interrupt}

    def stop(progress: Progress) -> None:
        if progress.step == 7:
            raise KeyboardInterrupt

    monkeypatch.undo()
    train(whole, [HELLO], [], options(), stop)
    assert all(
        torch.equal(one, other)
        for one, other in zip(weights_of(model), weights_of(whole), strict=True)
    )


def kill_at_step(step: int, number: signal.Signals) -> Any:
    """A `restart` that sends a signal to this process at its n-th call."""
    calls = itertools.count(1)
    original = learner.restart

    def restart(*arguments: Any) -> Any:
        if next(calls) == step:
            os.kill(os.getpid(), number)
        return original(*arguments)

    return restart


def test_training_ends_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(0, 2.0)  # two seconds between any two looks at it
    monkeypatch.setattr(training.time, "monotonic", lambda: next(clock))
    result = train(small_model(), [HELLO], [], options(minutes=1.0))
    assert 5 < result.steps < 20 < options().steps
    assert not result.interrupted


def test_a_loss_that_is_no_number_names_its_step_and_changes_no_weight() -> None:
    model = small_model()
    before: list[torch.Tensor] = []

    def spoil(progress: Progress) -> None:
        if progress.step == 6:
            with torch.no_grad():
                model.readout.bias[0] = float("nan")
            before.extend(weights_of(model))

    with pytest.raises(DivergedError, match=r"no longer a number at step 7 .*--learning-rate"):
        train(model, [HELLO], [], options(), spoil)
    after = weights_of(model)
    assert all(
        torch.equal(one, other)
        for one, other in zip(before, after, strict=True)
        if not one.isnan().any()
    )


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_other_optimizers_learn_too(optimizer: Any) -> None:
    model = small_model()
    train(model, [HELLO], [], options(symbols=80 * 60, optimizer=optimizer))
    assert evaluate(model, [HELLO]) < 0.5


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "rmsprop"])
def test_weight_decay_pulls_weights_and_no_bias_towards_zero(optimizer: Any) -> None:
    made = learner.Learner(small_model(), options(optimizer=optimizer, weight_decay=0.1))
    before = weights_of(made.model)
    for parameter in made.model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    made.optimizer.step()
    for old, new in zip(before, weights_of(made.model), strict=True):
        if old.ndim == 1:
            assert torch.equal(old, new)
        else:
            assert new.norm() < old.norm()
            if optimizer == "adamw":
                torch.testing.assert_close(new, old * (1 - 0.02 * 0.1))


def mean_activity(model: RecurrentModel) -> tuple[float, float]:
    """Mean |h| and mean change of h on the text, summed over layers."""
    with torch.no_grad():
        hidden, _ = model.read_layers(torch.from_numpy(HELLO).long()[:, None], model.zero_state(1))
    return (
        sum(h.abs().mean().item() for h in hidden),
        sum(h.diff(dim=0).abs().mean().item() for h in hidden),
    )


@pytest.mark.parametrize("name", ["activity_penalty", "change_penalty"])
def test_a_penalty_makes_smaller_what_it_is_named_after(name: str) -> None:
    reached = []
    for factor in (0.0, 1.0):
        model = small_model()
        result = train(model, [HELLO], [], options(symbols=80 * 60, **{name: factor}))
        assert result.train_loss < 1.5
        reached.append(mean_activity(model)[name == "change_penalty"])
    assert reached[1] < 0.7 * reached[0]


def test_penalties_are_in_the_gradient_and_not_in_the_loss() -> None:
    plain, penalised = (
        learner.Learner(small_model(), options(activity_penalty=factor, change_penalty=factor))
        for factor in (0.0, 0.5)
    )
    chunk = next(read_chunks([HELLO], iter([0]), batch=1, length=20))
    losses, norms = zip(
        *(made.learn(chunk, [HELLO], step=1, learning_rate=0.01) for made in (plain, penalised)),
        strict=True,
    )
    assert losses[0] == losses[1]
    assert norms[0] != norms[1]


def test_a_chunk_of_one_symbol_has_no_change_to_penalise() -> None:
    penalties = {"change_penalty": 1.0, "cell_change_penalty": 1.0}
    result = train(small_model(), [HELLO], [], options(symbols=20, length=1, **penalties))
    assert np.isfinite(result.train_loss)


@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
def test_half_precision_learns_with_weights_in_single_precision(
    half: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a GPU alone gets, tried where there is none.
    monkeypatch.setattr(learner, "_half_precision", lambda device: half)
    model = small_model("gru")  # a CPU may lack the LSTM in half precision
    result = train(model, [HELLO], [], options(symbols=80 * 60))
    assert result.train_loss < 1.0
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert evaluate(model, [HELLO]) < 0.5


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(TrainingError, match=r"no GPU.*cpu or auto"):
        train(small_model(), [HELLO], [], options(device="cuda"))


def test_the_steps_whose_gradient_was_clipped_are_counted() -> None:
    seen: list[Progress] = []
    train(small_model(), [HELLO], [], options(symbols=80 * 20, clip=0.3), seen.append)
    clipped = np.cumsum([progress.gradient_norm > 0.3 for progress in seen])
    assert [progress.clipped for progress in seen] == clipped.tolist()
    assert 0 < clipped[-1] < 20
    assert seen[-1].clipped_share == clipped[-1] / 20


def two_layers(dropout: float) -> RecurrentModel:
    torch.manual_seed(0)
    return RecurrentModel(Architecture("lstm", 2, 8, 4, 4), dropout=dropout)


def test_dropout_acts_in_training_and_never_in_evaluation() -> None:
    model, plain = two_layers(0.5), two_layers(0.0)
    assert model.training
    assert evaluate(model, [HELLO]) == evaluate(plain, [HELLO])
    assert model.training
    losses = [train(each, [HELLO], [], options(symbols=80)).train_loss for each in (model, plain)]
    assert losses[0] != losses[1]


def stubborn() -> tuple[np.ndarray, np.ndarray]:
    """A text to learn from, and one that becomes less likely the better it is learned."""
    return HELLO, np.array([3, 2, 1, 0, 0] * 30, dtype=np.uint16)


def test_training_ends_when_patience_is_over_and_keeps_the_best_weights() -> None:
    learn, choose = stubborn()
    model = small_model()
    result = train(model, [learn], [choose], options(symbols=80 * 400, patience=3))
    losses = [point.choose_loss for point in result.curve]
    best = int(np.argmin(losses))
    assert result.best_step == result.curve[best].step
    assert result.steps == result.best_step + 3 * options(symbols=80 * 400).milestone_steps < 400
    assert evaluate(model, [choose]) == losses[best]
    assert not result.interrupted


def test_without_patience_the_last_weights_are_kept() -> None:
    learn, choose = stubborn()
    model = small_model()
    result = train(model, [learn], [choose], options(symbols=80 * 100))
    assert result.steps == 100
    assert result.best_step is None
    assert (
        evaluate(model, [choose])
        == result.curve[-1].choose_loss
        != min(point.choose_loss for point in result.curve)
    )


def test_patience_without_a_text_to_choose_on_is_a_sentence() -> None:
    with pytest.raises(TrainingError, match="patience needs text that is held back"):
        train(small_model(), [HELLO], [HELLO[:1]], options(patience=1))


@pytest.mark.parametrize("length", [2, 3, 19, 21])
def test_a_text_shorter_than_a_chunk_is_learned(length: int) -> None:
    text = HELLO[:length]
    model = small_model()
    before = evaluate(model, [text])
    result = train(model, [text], [], options(symbols=20 * 30, batch=1))
    assert evaluate(model, [text]) < before
    assert result.steps == 30
    assert math.isfinite(result.train_loss)  # 21: the last symbol is alone in its chunk


def test_a_text_of_one_distinct_symbol_is_learned() -> None:
    model = small_model(symbols=2)
    train(model, [np.ones(100, dtype=np.uint16)], [], options(symbols=80 * 30))
    assert evaluate(model, [np.ones(50, dtype=np.uint16)]) < 0.05


@pytest.mark.parametrize("documents", [[], [HELLO[:0]], [HELLO[:1], HELLO[:1]]])
def test_nothing_to_learn_from_is_a_sentence(documents: list[np.ndarray]) -> None:
    with pytest.raises(TrainingError, match="at least two symbols"):
        train(small_model(), documents, [], options())


@pytest.mark.parametrize("choose", [[], [HELLO[:0]], [HELLO[:1], HELLO[:0]]])
def test_without_a_text_to_choose_on_there_are_no_milestones(choose: list[np.ndarray]) -> None:
    seen: list[Progress] = []
    result = train(small_model(), [HELLO], choose, options(), seen.append)
    assert result.curve == ()
    assert not any(progress.is_milestone for progress in seen)
    assert all(math.isnan(progress.choose_bits) for progress in seen)


def test_progress_is_told_at_the_beginning_and_after_every_step() -> None:
    seen: list[Progress] = []
    result = train(small_model(), [HELLO], [HELLO[:50]], options(symbols=80 * 40), seen.append)
    assert [progress.step for progress in seen] == list(range(41))
    assert [progress.symbols for progress in seen][:3] == [0, 80, 160]
    assert [progress.step for progress in seen if progress.is_milestone] == list(range(2, 41, 2))
    assert result.curve == tuple(progress for progress in seen if progress.is_milestone)
    assert seen[-1].bits == pytest.approx(seen[-1].loss / math.log(2))


@given(st.lists(st.integers(0, 300), max_size=12), st.integers(1, 40))
def test_pieces_give_every_slot_its_own_text_and_lose_no_more_than_single_symbols(
    lengths: list[int], batch: int
) -> None:
    documents = [1000 * n + np.arange(length) for n, length in enumerate(lengths)]
    if not any(length > 1 for length in lengths):
        with pytest.raises(TrainingError):
            cut_pieces(documents, batch)
        return
    pieces = cut_pieces(documents, batch)
    assert all(len(piece) > 1 for piece in pieces)
    kept = np.concatenate(pieces)
    assert len(set(kept.tolist())) == len(kept)
    assert len(kept) >= sum(lengths) - len(lengths)
    assert max(len(piece) for piece in pieces) <= max(2, math.ceil(sum(lengths) / batch))


def test_the_rate_warms_up_and_falls_along_half_a_cosine() -> None:
    assert rate(1, 0.0, 100) == pytest.approx(0.01)
    assert rate(50, 0.0, 100) == pytest.approx(0.5)
    assert rate(1000, 0.5, 100) == pytest.approx(0.505)
    assert rate(1000, 1.0, 100) == pytest.approx(0.01)


@pytest.mark.parametrize(
    "changes",
    [
        {"symbols": 0},
        {"batch": -1},
        {"length": 0},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"clip": -1.0},
        {"warm_up": 0},
        {"learning_rate": 1e38},
        {"learning_rate": float("inf")},
        {"batch": 10**12},
        {"length": 10**12},
        {"minutes": 0.0},
        {"minutes": float("nan")},
        {"optimizer": "sgd"},
        {"weight_decay": -0.1},
        {"weight_decay": float("nan")},
        {"dropout": 1.0},
        {"dropout": -0.1},
        {"activity_penalty": -0.1},
        {"activity_penalty": float("inf")},
        {"change_penalty": float("nan")},
        {"cell_penalty": -0.1},
        {"cell_change_penalty": float("nan")},
        {"lines_ahead": -0.4},
        {"line_so_far": float("nan")},
        {"freeze": -1},
        {"patience": 0},
        {"device": "tpu"},
        {"seed": -1},
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_named(changes: dict[str, Any]) -> None:
    with pytest.raises(TrainingError, match=f"{next(iter(changes))}.* must be"):
        TrainingOptions(**changes)


def test_a_result_is_a_plain_value() -> None:
    result = train(small_model(), [HELLO], [], options(symbols=80))
    assert result == TrainingResult(80, 1, result.seconds, result.train_loss, False, ())
