"""What ships: each checkpoint small, with a card that tells the same as its file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.checkpoint import load_checkpoint
from models.checkpoint_header import read_header
from models.learning_record import read_record
from models.zoo import find_checkpoint, zoo_checkpoints

SHIPPED = zoo_checkpoints()


def test_the_one_that_the_dashboard_opens_with_is_first() -> None:
    assert next(iter(SHIPPED)) == "python"


def test_a_file_of_the_users_comes_before_a_shipped_one_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_checkpoint("python") == SHIPPED["python"]
    (tmp_path / "python").touch()
    assert find_checkpoint("python") == Path("python")
    assert find_checkpoint("no such one") == Path("no such one")


@pytest.mark.parametrize("step", [0, 256, 4096])
def test_snapshots_of_a_training_ship_by_their_steps(step: int) -> None:
    snapshot = load_checkpoint(find_checkpoint(f"python-2x128/step-{step:07}"))
    assert snapshot.training["step"] == step


@pytest.mark.parametrize("name", SHIPPED)
def test_a_checkpoint_ships_with_a_card_that_tells_its_losses(name: str) -> None:
    path = SHIPPED[name]
    assert path.stat().st_size < 15_000_000
    card = path.with_suffix(".md").read_text(encoding="utf-8")
    record = read_record(read_header(path).training)
    for split, loss in (("choose", record.choose_loss), ("report", record.report_loss)):
        row = re.search(rf"\| loss on the {split} split \| ([0-9.]+) nats", card)
        assert row is not None
        assert row[1] == f"{loss:.3f}"
    assert f"`{(record.corpus_sha256 or '')[:16]}`" in card
    assert record.sample
    assert f"unitscope train {name.split('-')[0]} " in card
