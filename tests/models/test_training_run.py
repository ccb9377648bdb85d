"""A corpus becomes a checkpoint that says what it was trained on, how, and how well it went."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from models import training_run
from models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from models.corpora import Corpus, CorpusError, Document
from models.evaluation import evaluate
from models.learning_record import read_record
from models.recurrent import RecurrentModel
from models.training_log import TrainingLog
from models.training_options import Network, Progress, TrainingError, TrainingOptions
from models.training_run import train_checkpoint
from models.vocabulary import UNKNOWN

SMALL = Network(layers=1, hidden=8, embedding=4)
TEXT = "hello, w" * 100


def options(**changes: Any) -> TrainingOptions:
    settings = {"symbols": 800, "batch": 4, "length": 20, "learning_rate": 0.02, "warm_up": 1}
    return TrainingOptions(**{**settings, **changes})


def made_corpus(text: str) -> Corpus:
    return Corpus("made", (Document("a.txt", text),))


def run(text: str = TEXT, changes: dict[str, Any] | None = None, **arguments: Any) -> Checkpoint:
    arguments = {"name": "small", "network": SMALL, **arguments}
    return train_checkpoint(made_corpus(text), options(**changes or {}), **arguments)


def stop(progress: Progress) -> None:
    if progress.step:
        raise KeyboardInterrupt


def weights_of(model: RecurrentModel) -> list[torch.Tensor]:
    return [parameter.detach().clone() for parameter in model.parameters()]


def test_a_training_says_what_it_was_and_how_well_it_went() -> None:
    made = run()
    facts = made.training
    assert made.name == "small"
    assert made.vocabulary.symbols == (UNKNOWN, *sorted("helo, w"))
    assert not made.model.training
    assert facts["corpus"] == "made"
    assert facts["corpus_sha256"] == made_corpus(TEXT).sha256
    assert facts["corpus_symbols"] == 800
    assert "by position" in facts["split"]
    assert facts["documents"] == {"train": 1, "choose": 1, "report": 1}
    assert facts["options"]["symbols"] == 800
    assert facts["symbols"] == 800
    assert facts["step"] == 10
    assert facts["interrupted"] is False
    assert facts["choose_loss"] == evaluate(made.model, [made.vocabulary.encode(TEXT[720:760])])
    assert facts["report_loss"] == evaluate(made.model, [made.vocabulary.encode(TEXT[760:])])
    assert facts["curve"][-1]["symbols"] == 800
    assert "best_step" not in facts


def test_texts_are_written_at_powers_of_two_and_at_the_end() -> None:
    facts = run().training
    assert [sample["step"] for sample in facts["samples"]] == [1, 2, 4, 8]
    assert [sample["symbols"] for sample in facts["samples"]] == [80, 160, 320, 640]
    assert facts["samples"][-1]["choose_loss"] == facts["curve"][7]["choose_loss"]
    for text, length in [(facts["sample"], 400), *((s["text"], 200) for s in facts["samples"])]:
        assert len(text) == length
        assert set(text) <= set("hello, w")


def test_what_a_checkpoint_tells_survives_its_file(tmp_path: Path) -> None:
    made = run()
    save_checkpoint(made, tmp_path / "net.safetensors")
    loaded = load_checkpoint(tmp_path / "net.safetensors")
    assert loaded.training == made.training
    record = read_record(loaded.training)
    assert [snapshot.step for snapshot in record.snapshots] == [1, 2, 4, 8]
    assert len(record.curve) == 10
    assert record.sample == made.training["sample"]


def test_writing_samples_does_not_change_what_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = {
        "changes": {"dropout": 0.3},
        "network": Network(layers=2, hidden=8, embedding=4),
    }
    written = run(**arguments)
    monkeypatch.setattr(training_run._Run, "write_sample", lambda self: None)
    silent = run(**arguments)
    assert silent.training["samples"] == []
    assert silent.sha256 == written.sha256


def test_the_vocabulary_is_that_of_the_training_part_alone() -> None:
    made = run("ab" * 300 + "c" * 80)
    assert made.vocabulary.symbols == (UNKNOWN, "a", "b", "c")
    made = run("ab" * 300 + "c" * 70)
    assert made.vocabulary.symbols == (UNKNOWN, "a", "b")


@pytest.mark.parametrize("text", ["ab", "hello", "aaa"])
def test_a_text_too_short_to_hold_anything_back_is_learned_without_losses(text: str) -> None:
    facts = run(text).training
    assert (facts["choose_loss"], facts["report_loss"], facts["curve"]) == (None, None, [])
    assert set(facts["sample"]) <= set(text)


def test_a_text_of_one_distinct_symbol_is_learned() -> None:
    facts = run("a" * 500, {"symbols": 4000}).training
    assert facts["report_loss"] < 0.05
    assert facts["sample"] == "a" * 400


def test_a_text_of_nothing_but_unknown_symbols_is_learned_and_nothing_written() -> None:
    facts = run(UNKNOWN * 500).training
    assert facts["report_loss"] == 0
    assert "sample" not in facts
    assert facts["samples"] == []


def test_too_little_text_is_a_sentence() -> None:
    with pytest.raises(TrainingError, match="at least two symbols"):
        run("a")
    with pytest.raises(CorpusError, match="holds no text"):
        run("")


def test_dropout_with_nothing_to_act_on_is_a_sentence() -> None:
    with pytest.raises(TrainingError, match="dropout acts between layers"):
        run(changes={"dropout": 0.1})


@pytest.mark.parametrize(
    "network",
    [
        Network("gru", layers=2, hidden=8, embedding=None),
        Network("rnn", layers=1, hidden=8, embedding=8, tied=True),
    ],
    ids=["one-hot", "tied"],
)
def test_other_networks_are_trained(network: Network) -> None:
    made = run(changes={"symbols": 4000}, network=network)
    assert made.architecture.embedding == network.embedding
    assert made.architecture.tied == network.tied
    assert made.training["report_loss"] < 1.0


def test_patience_keeps_the_best_weights_and_says_of_which_step() -> None:
    # Trained on one text, chosen on its reverse: the better the first, the worse the second.
    text = "abcde" * 360 + "edcba" * 40
    facts = run(text, {"symbols": 80 * 400, "patience": 2}).training
    losses = [point["choose_loss"] for point in facts["curve"]]
    best = losses.index(min(losses))
    assert facts["best_step"] == facts["curve"][best]["symbols"] // 80 < facts["step"] < 400
    assert facts["choose_loss"] == pytest.approx(min(losses))
    assert facts["interrupted"] is False


def test_ctrl_c_while_training_gives_a_usable_checkpoint() -> None:
    facts = run("hello " * 100, on_progress=stop).training
    assert facts["interrupted"] is True
    assert facts["symbols"] == 80
    assert facts["choose_loss"] == facts["curve"][-1]["choose_loss"]  # the milestone's
    assert facts["report_loss"] is None
    assert "sample" not in facts


def test_ctrl_c_while_the_losses_are_taken_gives_a_usable_checkpoint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(*arguments: Any) -> float:
        raise KeyboardInterrupt

    monkeypatch.setattr(training_run, "evaluate", interrupt)
    facts = run().training
    assert facts["symbols"] == 800
    assert facts["choose_loss"] == facts["curve"][-1]["choose_loss"]
    assert facts["report_loss"] is None
    assert facts["interrupted"] is True


def test_a_training_goes_on_from_a_checkpoint_with_its_vocabulary() -> None:
    first = run()
    before = weights_of(first.model)
    second = run("hello, you" * 100, {"learning_rate": 1e-6}, start=first)
    assert second.vocabulary == first.vocabulary
    assert second.training["started_from"]["name"] == "small"
    assert second.training["started_from"]["symbols"] == 800
    assert "samples" not in second.training["started_from"]
    for kept, old, new in zip(
        before, weights_of(first.model), weights_of(second.model), strict=True
    ):
        assert torch.equal(kept, old)  # the checkpoint that was given is not changed
        assert not torch.equal(old, new)
        assert torch.allclose(old, new, atol=1e-4)


def test_snapshots_are_whole_checkpoints_that_stay_as_they_were() -> None:
    taken: list[Checkpoint] = []
    last = run(save_minutes=1e-9, on_snapshot=taken.append)
    assert [snapshot.training["step"] for snapshot in taken] == list(range(1, 11))
    assert taken[0].training["interrupted"] is True
    assert taken[0].training["choose_loss"] is not None
    assert len({snapshot.sha256 for snapshot in taken}) == 10
    assert taken[-1].sha256 == last.sha256


def test_doublings_begin_with_the_untrained_network() -> None:
    taken: list[Checkpoint] = []
    run(on_doubling=taken.append)
    assert [checkpoint.training["step"] for checkpoint in taken] == [0, 1, 2, 4, 8]
    assert taken[0].training["symbols"] == 0
    assert [len(checkpoint.training["samples"]) for checkpoint in taken] == [0, 1, 2, 3, 4]


def test_saving_never_is_a_sentence() -> None:
    with pytest.raises(TrainingError, match="save_minutes must be above 0"):
        run(save_minutes=0.0)


def test_the_log_has_a_line_every_fifty_steps_and_at_every_milestone(tmp_path: Path) -> None:
    seen: list[Progress] = []
    log = TrainingLog(tmp_path / "new" / "log.jsonl", append=False)

    def tell(progress: Progress) -> None:
        seen.append(progress)
        log(progress)

    run(changes={"symbols": 80 * 120, "length": 20}, on_progress=tell)
    text = (tmp_path / "new" / "log.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["step"] for line in lines] == sorted({*range(6, 121, 6), 50, 100})
    for line in lines:
        told = seen[line["step"]]
        assert line["symbols"] == told.symbols
        assert line["train_loss"] == told.loss
        assert line["train_bits"] == told.bits
        assert line["choose_loss"] == (told.choose_loss if line["step"] % 6 == 0 else None)
        assert line["gradient_norm"] == told.gradient_norm
        assert line["clipped_share"] == told.clipped_share
        assert line["learning_rate"] == told.learning_rate
        assert line["symbols_per_second"] > 0


def test_a_log_is_replaced_or_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("old\n")
    run(on_progress=TrainingLog(path, append=True))
    assert path.read_text().startswith("old\n")
    run(on_progress=TrainingLog(path, append=False))
    assert len(path.read_text().splitlines()) == 10


def test_a_log_on_a_full_disk_is_a_sentence() -> None:
    with pytest.raises(TrainingError, match=r"Cannot write the log.*No space left"):
        run(on_progress=TrainingLog(Path("/dev/full"), append=True))


def test_a_log_that_is_a_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"Cannot write the log.*another file"):
        run(on_progress=TrainingLog(tmp_path, append=False))
