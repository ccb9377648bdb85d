"""Training learns, stops when it is told to, and its losses are those of the equations."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import planted
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models import training, training_run
from models.checkpoint import Checkpoint
from models.corpora import Corpus, Document
from models.recurrent import Architecture, RecurrentModel
from models.streams import read_chunks
from models.training import TrainingResult, cut_pieces, evaluate, rate, train
from models.training_options import Progress, TrainingError, TrainingOptions
from models.training_run import train_checkpoint
from models.vocabulary import UNKNOWN

HELLO = np.array([0, 1, 2, 2, 3] * 64, dtype=np.uint16)


def small_model(cell: Any = "lstm", symbols: int = 4) -> RecurrentModel:
    torch.manual_seed(0)
    return RecurrentModel(Architecture(cell, 1, 16, 4, symbols))


def options(**changes: Any) -> TrainingOptions:
    settings = {"symbols": 160 * 40, "batch": 4, "length": 20, "learning_rate": 0.02, "warm_up": 1}
    return TrainingOptions(**{**settings, **changes})


def weights_of(model: RecurrentModel) -> list[torch.Tensor]:
    return [parameter.detach().clone() for parameter in model.parameters()]


def alone(model: RecurrentModel, documents: Sequence[np.ndarray]) -> tuple[float, int]:
    """Summed loss in nats and count, each document read whole on its own."""
    total, count = 0.0, 0
    for document in documents:
        if len(document) < 2:
            continue
        symbols = torch.from_numpy(document.astype(np.int64))
        with torch.no_grad():
            logits, _ = model(symbols[:-1, None], model.zero_state(1))
        probability = logits[:, 0].double().softmax(dim=1)
        total -= probability[torch.arange(len(symbols) - 1), symbols[1:]].log().sum().item()
        count += len(symbols) - 1
    return total, count


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

    original = training.restart
    monkeypatch.setattr(training, "restart", watch)
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
    for norm, chunk in zip(norms, chunks, strict=False):
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


@settings(max_examples=20)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=9), st.integers(1, 4), st.integers(1, 9))
def test_evaluation_is_the_loss_of_each_document_read_alone(
    lengths: list[int], batch: int, length: int
) -> None:
    model = planted.random_checkpoint().model
    random = np.random.default_rng(sum(lengths))
    documents = [random.integers(0, len(planted.SYMBOLS), n).astype(np.uint16) for n in lengths]
    total, count = alone(model, documents)
    loss = evaluate(model, documents, batch=batch, length=length)
    if count:
        assert loss == pytest.approx(total / count, abs=1e-5)
    else:
        assert math.isnan(loss)


def test_evaluation_of_a_part_reads_the_beginnings() -> None:
    model = planted.random_checkpoint().model
    random = np.random.default_rng(4)
    documents = [random.integers(0, len(planted.SYMBOLS), n).astype(np.uint16) for n in (9, 80, 50)]
    total, count = alone(model, [document[:20] for document in documents])
    assert evaluate(model, documents, most=60) == pytest.approx(total / count, abs=1e-5)


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


def test_training_ends_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(0, 2.0)  # two seconds between any two looks at it
    monkeypatch.setattr(training.time, "monotonic", lambda: next(clock))
    result = train(small_model(), [HELLO], [], options(minutes=1.0))
    assert 5 < result.steps < 20 < options().steps
    assert not result.interrupted


def test_a_loss_that_is_no_number_is_a_sentence() -> None:
    model = small_model()
    with torch.no_grad():
        model.readout.bias[0] = float("nan")
    with pytest.raises(TrainingError, match=r"no longer a number.*--learning-rate"):
        train(model, [HELLO], [], options())


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


def test_progress_is_told_after_every_step() -> None:
    seen: list[Progress] = []
    result = train(small_model(), [HELLO], [HELLO[:50]], options(symbols=80 * 40), seen.append)
    assert [progress.step for progress in seen] == list(range(1, 41))
    assert [progress.symbols for progress in seen][:3] == [80, 160, 240]
    assert [progress.step for progress in seen if progress.is_milestone] == list(range(2, 41, 2))
    assert result.curve == tuple(progress for progress in seen if progress.is_milestone)
    assert seen[-1].bits == pytest.approx(seen[-1].loss / math.log(2))
    assert seen[0].loss != seen[0].choose_loss


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
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_named(changes: dict[str, Any]) -> None:
    with pytest.raises(TrainingError, match=f"{next(iter(changes))}.* must be"):
        TrainingOptions(**changes)


def run(text: str, **changes: Any) -> Checkpoint:
    corpus = Corpus("made", (Document("a.txt", text),))
    start = changes.pop("start", None)
    on_progress = changes.pop("on_progress", lambda progress: None)
    return train_checkpoint(
        corpus,
        options(symbols=800, **changes),
        name="small",
        layers=1,
        hidden=8,
        embedding=4,
        start=start,
        on_progress=on_progress,
    )


def test_a_training_says_what_it_was_and_how_well_it_went() -> None:
    text = "hello, w" * 100
    made = run(text)
    facts = made.training
    assert made.name == "small"
    assert made.vocabulary.symbols == (UNKNOWN, *sorted("helo, w"))
    assert not made.model.training
    assert facts["corpus"] == "made"
    assert facts["corpus_sha256"] == Corpus("made", (Document("a.txt", text),)).sha256
    assert "by position" in facts["split"]
    assert facts["documents"] == {"train": 1, "choose": 1, "report": 1}
    assert facts["options"]["symbols"] == 800
    assert facts["symbols"] == 800
    assert facts["interrupted"] is False
    held_out = [made.vocabulary.encode(text[760:])]
    total, count = alone(made.model, held_out)
    assert facts["report_loss"] == pytest.approx(total / count, abs=1e-5)
    assert facts["curve"][-1]["symbols"] == 800


def test_the_vocabulary_is_that_of_the_training_part_alone() -> None:
    made = run("ab" * 300 + "c" * 80)
    assert made.vocabulary.symbols == (UNKNOWN, "a", "b", "c")
    made = run("ab" * 300 + "c" * 70)
    assert made.vocabulary.symbols == (UNKNOWN, "a", "b")


@pytest.mark.parametrize("text", ["ab", "hello"])
def test_a_text_too_short_to_hold_anything_back_is_learned_without_losses(text: str) -> None:
    facts = run(text).training
    assert (facts["choose_loss"], facts["report_loss"], facts["curve"]) == (None, None, [])


def test_a_text_of_one_symbol_is_a_sentence() -> None:
    with pytest.raises(TrainingError, match="at least two symbols"):
        run("a")


def test_ctrl_c_while_training_gives_a_usable_checkpoint() -> None:
    def interrupt(progress: Progress) -> None:
        raise KeyboardInterrupt

    facts = run("hello " * 100, on_progress=interrupt).training
    assert facts["interrupted"] is True
    assert facts["symbols"] == 80
    assert (facts["choose_loss"], facts["report_loss"]) == (None, None)


def test_ctrl_c_while_the_losses_are_taken_gives_a_usable_checkpoint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(*arguments: Any) -> float:
        raise KeyboardInterrupt

    monkeypatch.setattr(training_run, "evaluate", interrupt)
    facts = run("hello, w" * 100).training
    assert facts["symbols"] == 800
    assert (facts["choose_loss"], facts["report_loss"]) == (None, None)


def test_a_training_goes_on_from_a_checkpoint_with_its_vocabulary() -> None:
    first = run("hello, w" * 100)
    before = weights_of(first.model)
    second = run("hello, you" * 100, start=first, learning_rate=1e-6)
    assert second.vocabulary == first.vocabulary
    assert second.training["started_from"]["name"] == "small"
    assert second.training["started_from"]["symbols"] == 800
    for kept, old, new in zip(
        before, weights_of(first.model), weights_of(second.model), strict=True
    ):
        assert torch.equal(kept, old)  # the checkpoint that was given is not changed
        assert not torch.equal(old, new)
        assert torch.allclose(old, new, atol=1e-4)


def test_snapshots_are_whole_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_run, "_SNAPSHOT_SECONDS", 0.0)
    taken: list[Checkpoint] = []
    train_checkpoint(
        Corpus("made", (Document("a.txt", "hello " * 100),)),
        options(symbols=160),
        name="small",
        hidden=8,
        on_snapshot=taken.append,
    )
    assert [snapshot.training["symbols"] for snapshot in taken] == [80, 160]
    assert taken[0].training["interrupted"] is True
    assert len(taken[0].sha256) == 64


def test_a_result_is_a_plain_value() -> None:
    result = train(small_model(), [HELLO], [], options(symbols=80))
    assert result == TrainingResult(80, 1, result.seconds, result.train_loss, False, ())
