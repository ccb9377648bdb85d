"""Which checkpoints the dashboard knows, and the address of one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from learned import made_up_training, save_learned

from dashboard import checkpoints
from dashboard.checkpoints import (
    ModelsView,
    header_of,
    is_opened,
    known_checkpoints,
    open_checkpoint,
    step_from_query,
)
from models.checkpoint_header import CheckpointError
from models.learning_record import Snapshot
from models.zoo import zoo_checkpoints


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the user's checkpoints are."""
    monkeypatch.setenv("UNITSCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(checkpoints, "_opened", {})
    found = tmp_path / "home" / "checkpoints"
    found.mkdir(parents=True)
    return found


def save(path: Path, name: str = "mine") -> Path:
    return save_learned(path, made_up_training(), name=name)


def test_shipped_ones_come_first_then_the_users_newest_first(folder: Path) -> None:
    for age, name in enumerate(("first", "second", "third")):
        os.utime(save(folder / f"{name}.safetensors"), (1000 + age, 1000 + age))
    (folder / "notes.txt").write_text("not a checkpoint")
    own = ["third.safetensors", "second.safetensors", "first.safetensors"]
    assert list(known_checkpoints()) == [*zoo_checkpoints(), *own]


def test_without_a_folder_the_shipped_ones_are_known(folder: Path) -> None:
    folder.rmdir()
    assert known_checkpoints() == zoo_checkpoints()


def test_a_file_name_of_any_bytes_gives_a_key_that_can_be_sent(folder: Path) -> None:
    with open(os.fsencode(folder) + b"/\xff.safetensors", "wb"):
        pass
    (key,) = known_checkpoints().keys() - zoo_checkpoints().keys()
    assert key.encode("utf-8")


def test_one_opened_by_its_path_is_known_to_who_asks_for_it(tmp_path: Path) -> None:
    path = save(tmp_path / "elsewhere.safetensors")
    assert not is_opened(str(path))
    assert str(path) not in known_checkpoints([str(path)])
    key = open_checkpoint(str(path))
    assert is_opened(key)
    assert key not in known_checkpoints()
    assert known_checkpoints([key])[key] == path


def test_the_path_of_one_that_is_listed_already_gives_its_key(folder: Path) -> None:
    assert open_checkpoint(str(save(folder / "mine.safetensors"))) == "mine.safetensors"
    name, shipped = next(iter(zoo_checkpoints().items()))
    assert open_checkpoint(str(shipped)) == name
    assert not is_opened(str(shipped))


@pytest.mark.parametrize("typed", ["", "~", "~nobody/x", "/dev/zero", "/etc/passwd", "a\0b", "."])
def test_what_is_no_checkpoint_is_not_opened(typed: str) -> None:
    with pytest.raises(CheckpointError):
        open_checkpoint(typed)


def test_a_header_is_read_again_only_when_its_file_has_changed(folder: Path) -> None:
    path = save(folder / "mine.safetensors", "before")
    os.utime(path, ns=(1, 1))
    first = header_of(path)
    assert header_of(path) is first
    save(path, "after")
    assert header_of(path).name == "after"
    path.unlink()
    with pytest.raises(CheckpointError, match="no checkpoint file"):
        header_of(path)


SNAPSHOTS = [Snapshot(step, step, None, None, "text") for step in (1, 2, 4, 8)]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("1", 1), ("8", 8), ("5", 4), ("999", 8), ("0", 1), ("-1", 1), ("x", 1), ("²", 1), ("", 1)],
)
def test_a_step_that_was_not_kept_shows_the_one_before(asked: str, shown: int) -> None:
    assert step_from_query({"step": asked}, SNAPSHOTS) == shown


def test_without_a_step_the_first_is_shown() -> None:
    assert step_from_query({}, SNAPSHOTS) == 1


@given(st.text(max_size=20), st.sampled_from(SNAPSHOTS))
def test_an_address_leads_back_to_the_view(checkpoint: str, snapshot: Snapshot) -> None:
    query = ModelsView(checkpoint, snapshot.step).to_query()
    assert query["checkpoint"] == checkpoint
    assert step_from_query(query, SNAPSHOTS) == snapshot.step
    assert "step" not in ModelsView(checkpoint).to_query()
