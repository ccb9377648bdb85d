"""A card says what its checkpoint tells, the split beside each loss, and what is missing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from learned import STEPS, SYMBOLS_A_STEP, made_up_training, save_learned

from dashboard import cards
from models.checkpoint_header import read_header
from models.learning_record import LearningRecord, read_record


def record(without: tuple[str, ...] = (), **changed: Any) -> LearningRecord:
    told = made_up_training() | changed
    return read_record({key: value for key, value in told.items() if key not in without})


def facts(path: Path, told: LearningRecord) -> dict[str, str]:
    return dict(cards.facts(read_header(path), told))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return save_learned(tmp_path / "mine.safetensors", made_up_training())


def test_a_whole_card_has_every_fact(saved: Path) -> None:
    assert facts(saved, record()) == {
        "Data": "made-up code, 1.23 million symbols, sha256 0123456789abcdef…",
        "Split": "by document, by a hash of its name: 90% train, 5% choose, 5% report\n"
        "90 train, 5 choose, 6 report documents",
        "Read in training": "4.19 million symbols",
        "Trained for": "1.6 hours",
        "File": str(saved),
    }
    assert cards.missing(record()) == []


def test_what_the_networks_before_it_read_is_told(saved: Path) -> None:
    before = {"symbols": 2_000_000, "started_from": {"symbols": 500_000, "started_from": "?"}}
    told = facts(saved, record(started_from=before))
    assert told["Read in training"] == (
        "4.19 million symbols, after 2.5 million by the networks it went on from"
    )


def test_a_card_of_nothing_says_so(saved: Path) -> None:
    told = facts(saved, read_record({}))
    assert set(told.values()) == {"not told by the file", str(saved)}
    assert cards.losses(read_record({})) == []
    assert len(cards.missing(read_record({}))) == 4


def test_every_loss_has_its_split_beside_it() -> None:
    told = record(report_loss=1.0, choose_loss=1.5, train_loss=0.5)
    assert cards.losses(told) == [
        ("Loss on the report split", 1.0),
        ("Loss on the choose split", 1.5),
        ("Loss in training, at the end", 0.5),
    ]
    assert cards.nats(1.0) == "1.000 nats"
    assert cards.bits(1.0) == "1.443 bits/char"


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("report_loss", "No loss on the report split: not measured."),
        ("sample", "No sample of its text is kept in the file."),
        ("curve", "No loss curve is kept in the file."),
        (
            "samples",
            "No snapshots were taken while it learned, so its learning cannot be watched.",
        ),
    ],
)
def test_what_is_missing_is_said(lost: str, said: str) -> None:
    assert cards.missing(record(without=(lost,))) == [said]


def test_a_training_that_was_stopped_is_told_from_one_that_was_not() -> None:
    stopped = record(without=("report_loss",), interrupted=True)
    assert "stopped before its end" in cards.missing(stopped)[0]
    assert cards.losses(stopped)[0][0] == "Loss on the choose split"


def test_the_network_is_described_in_one_line(saved: Path) -> None:
    assert cards.network(read_header(saved)) == (
        "LSTM, 1 layer of 16 units · embedding 8 · 38 symbols · 2,614 weights · less than 0.1 MB"
    )


def test_titles_differ_even_where_names_do_not(tmp_path: Path) -> None:
    known = {f"{key}.safetensors": tmp_path / f"{key}.safetensors" for key in "abc"}
    save_learned(known["a.safetensors"], {}, name="one")
    save_learned(known["b.safetensors"], {}, name="one")
    known["c.safetensors"].write_bytes(b"broken")
    assert list(cards.titles(known).values()) == [
        "one (a.safetensors)",
        "one (b.safetensors)",
        "c.safetensors",
    ]


def test_a_long_name_is_cut_where_it_must_be_short(tmp_path: Path) -> None:
    path = save_learned(tmp_path / "a.safetensors", {}, name="long " * 30)
    assert len(cards.titles({"a": path})["a"]) <= 48


def test_a_file_that_cannot_be_read_is_named_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "gone.safetensors"
    assert cards.titles({"key": path}) == {"key": "gone.safetensors"}
    assert cards.summary(path) == "Cannot be read"


def test_the_summary_has_the_best_loss_known_and_its_split(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    cases: tuple[tuple[dict[str, float], str], ...] = (
        ({"report_loss": 1.25, "choose_loss": 1.0}, "1.250 nats on report"),
        ({"choose_loss": 1.0}, "1.000 nats on choose"),
        ({}, "no loss told"),
    )
    for at, (told, said) in enumerate(cases):
        save_learned(path, told)
        os.utime(path, ns=(at, at))  # as if written at different times
        assert cards.summary(path) == f"LSTM 1 × 16, {said}"


def test_the_curve_begins_with_what_the_snapshots_measured() -> None:
    samples = [sample | {"train_loss": 3.0} for sample in made_up_training()["samples"]]
    curve = cards.learning_curve(record(samples=samples))
    assert [point.symbols for point in curve] == sorted(point.symbols for point in curve)
    counts = {point["symbols"] for point in made_up_training()["curve"]}
    assert {point.symbols for point in curve} == counts | {s * SYMBOLS_A_STEP for s in STEPS}
    assert len({point.symbols for point in curve}) == len(curve)
    assert curve[1].symbols == SYMBOLS_A_STEP
    assert curve[1].train_loss == 3.0
    # Their choose loss was taken earlier, at a point that is in the curve already.
    assert curve[1].choose_loss is None


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0"),
        (999_999, "999,999"),
        (12_100_000, "12.1 million"),
        (3_345_577, "3.35 million"),
        (2_000_000_000, "2 billion"),
    ],
)
def test_counts_are_said_as_people_say_them(count: int, said: str) -> None:
    assert cards.amount(count) == said


def test_times_are_in_minutes_below_an_hour(saved: Path) -> None:
    assert facts(saved, record(minutes=12.0))["Trained for"] == "12.0 minutes"
    assert facts(saved, record(minutes=102.0))["Trained for"] == "1.7 hours"
