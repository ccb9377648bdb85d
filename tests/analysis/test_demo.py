"""Planted networks of every seed, and the demo that searches one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

import unitscope
from analysis.demo import CLAIMS, Outcome, run_demo
from analysis.hypotheses import catalogue
from analysis.recorder import record
from analysis.recording import open_recording
from models.checkpoint import load_checkpoint
from models.corpora import Document
from models.planted import PAIR_UNITS, PlantingError, planted_lstm, planted_pair
from models.planted_text import planted_corpus


def check(outcomes: tuple[Outcome, ...], least: float = 0.999) -> None:
    """Each planted unit is first, all but perfect, and no random one ties with it."""
    assert [outcome.hypothesis for outcome in outcomes] == list(CLAIMS.values())
    for outcome in outcomes:
        assert outcome.is_found
        assert outcome.first.direction == 1
        assert outcome.first.score >= least
        other = outcome.next_best
        assert other is not None
        assert other.choose_score < outcome.first.choose_score
        assert other.score < outcome.first.score


@pytest.mark.parametrize("seed", range(10))
def test_the_search_puts_planted_units_first_whatever_the_seed(seed: int, tmp_path: Path) -> None:
    planted = planted_lstm(hidden=24, seed=seed)
    check(run_demo(planted, planted_corpus(seed=seed), tmp_path / "planted.zarr"))


@pytest.mark.slow
def test_the_search_finds_planted_units_among_a_thousand(tmp_path: Path) -> None:
    planted = planted_lstm(layers=2, hidden=512, seed=1)
    outcomes = run_demo(planted, planted_corpus(documents=30, seed=1), tmp_path / "planted.zarr")
    check(outcomes)


def test_a_seed_gives_the_same_network_and_another_seed_another_place() -> None:
    first, again, other = (planted_lstm(hidden=64, seed=seed) for seed in (0, 0, 1))
    assert first.checkpoint.sha256 == again.checkpoint.sha256
    assert first.places == again.places != other.places


def test_the_places_in_the_guide_are_those_of_the_demo() -> None:
    guide = (Path(unitscope.__file__).parent / "docs" / "matching.md").read_text("utf-8")
    places = planted_lstm(seed=0).places
    for name in ("quote", "column", "newline"):
        assert f"0.h.{places[name]}" in guide
    assert planted_corpus(seed=0).documents[0].text[339:345] in guide


def test_making_a_network_leaves_the_random_state_alone() -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    planted_lstm(hidden=8)
    planted_pair(hidden=8)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("make", [planted_lstm, planted_pair])
def test_a_layer_too_narrow_to_plant_in_is_an_error(make: type) -> None:
    with pytest.raises(PlantingError, match="A layer of 1 units has no room"):
        make(hidden=1)


def test_two_units_of_the_pair_know_together_what_neither_knows_alone(tmp_path: Path) -> None:
    pair = planted_pair(hidden=32, seed=2)
    recording = record(pair.checkpoint, planted_corpus(), tmp_path / "pair.zarr")
    texts = [recording.document_text(k).text for k in range(len(recording.documents))]
    inside = np.concatenate([np.cumsum(np.array(list(text)) == '"') % 2 for text in texts])
    low, high = (
        recording.unit_codes(f"0.h.{pair.places[name]}").astype(int) for name in PAIR_UNITS
    )
    assert set(((high - low) * (inside == 1))[inside == 1].tolist()) == {254}
    assert (high == low)[inside == 0].all()
    for codes in (low, high):
        assert roc_auc_score(inside, codes) < 0.995


def test_parenthesis_depth_holds_the_opening_mark_and_not_the_closing_one() -> None:
    labels = catalogue()["parenthesis-depth"].label(Document("x", "a((b)c)"))
    assert labels.values.tolist() == [0, 1, 2, 2, 1, 1, 0]
    assert labels.defined.all()


def test_the_demo_command_writes_its_network_text_and_recording(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo"
    command = ["demo", "planted", "-o", str(folder), "--hidden", "16", "--seed", "3"]
    assert unitscope.main(command) == 0
    out = capsys.readouterr().out
    assert out.count(" found\n") == 4
    places = planted_lstm(hidden=16, seed=3).places
    assert all(f"0.h.{place} " in out for place in places.values())
    loaded = load_checkpoint(folder / "planted.safetensors")
    assert (loaded.architecture.layers, loaded.architecture.hidden) == (2, 16)
    assert load_checkpoint(folder / "pair.safetensors").architecture.cell == "rnn"
    recording = open_recording(folder / "planted.zarr")
    read = "".join((folder / "texts" / d.name).read_text("utf-8") for d in recording.documents)
    assert read == recording.text()
    assert unitscope.main(command) == 0  # again, over its own files


def test_the_demo_exits_with_1_where_a_unit_was_not_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Outcome, "is_found", False)
    with pytest.raises(SystemExit) as ended:
        unitscope.main(["demo", "planted", "-o", str(tmp_path), "--hidden", "4"])
    assert ended.value.code == 1
    assert "NOT FOUND" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--seed", "-1"], "--seed must be 0 or above"),
        (["--hidden", "3"], "has no room for the 4 planted ones"),
        (["-o", "FILE"], "Cannot write the checkpoint"),
    ],
)
def test_a_mistake_is_one_sentence(
    options: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    options = [option.replace("FILE", str(tmp_path / "file")) for option in options]
    output = [] if "-o" in options else ["-o", str(tmp_path / "out")]
    assert unitscope.main(["demo", "planted", *output, *options]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
