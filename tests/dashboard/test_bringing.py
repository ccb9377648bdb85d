"""What a person brings of a network, and that nothing of it is left lying about."""

from __future__ import annotations

import os
import time
from pathlib import Path

import foreign
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dashboard.bringing import (
    ACTIVATIONS,
    BringingTask,
    Brought,
    Upload,
    bring,
    free_place,
    safe_name,
    vocabulary_of,
)
from models.checkpoint_header import read_header
from models.errors import UserError
from models.importing.found import GATE_ACTIVATIONS, RNN_ACTIVATIONS

ROWS = Upload("rows.txt", "2", foreign.SYMBOLS.encode())
TEXT = "a cab\nbad dec\n" * 40


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNITSCOPE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def network(tmp_path: Path) -> Upload:
    """A small network of torch, as it comes through a browser."""
    torch.save(foreign.make_source().state_dict(), tmp_path / "network.pt")
    return Upload("../my network.pt", "1", (tmp_path / "network.pt").read_bytes())


def ended(task: BringingTask) -> BringingTask:
    deadline = time.monotonic() + 120
    while not task.ended:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return task


def left(home: Path) -> list[Path]:
    return list((home / "bringing").iterdir())


@given(st.text(max_size=300))
def test_a_safe_name_is_one_file_in_its_folder(name: str) -> None:
    safe = safe_name(name)
    assert safe == os.path.basename(safe)
    assert safe.lstrip(".-") == safe != ""
    assert len(os.fsencode(f"{safe}.safetensors")) < 240


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("lstm.pt", "lstm.pt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\nets\\my net (2).h5", "my-net-2.h5"),
        ("--force", "force"),
        ("..", "network"),
        ("", "network"),
        ("сеть\0.pth", "сеть.pth"),
        ("\ud800", "network"),
    ],
)
def test_a_safe_name_is_near_to_the_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_name_that_is_taken_gets_a_number(home: Path) -> None:
    folder = home / "checkpoints"
    assert free_place("lstm.pt") == folder / "lstm.safetensors"
    folder.mkdir(parents=True)
    (folder / "lstm.safetensors").symlink_to("nowhere")
    assert free_place("lstm.h5") == folder / "lstm-2.safetensors"
    (folder / "lstm-2.safetensors").touch()
    assert free_place("lstm.h5") == folder / "lstm-3.safetensors"


def test_what_is_missing_or_there_twice_is_said(network: Upload) -> None:
    with pytest.raises(UserError, match="no network yet"):
        bring(None, " ", None, "", "")
    with pytest.raises(UserError, match="a dropped file and a path"):
        bring(network, "/a", None, "", "")
    with pytest.raises(UserError, match="two vocabularies"):
        bring(network, "", ROWS, "string.printable", "")
    assert bring(None, "~/a.pt", None, " v ", "t") == Brought(Path.home() / "a.pt", "v", "t")


def test_a_vocabulary_is_a_word_or_a_file_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sample = tmp_path / "folder" / "sample.txt"
    assert vocabulary_of("string.printable", sample) == "string.printable"
    assert vocabulary_of("rows.json", sample) == str(tmp_path / "rows.json")
    assert vocabulary_of("--force", sample) == str(tmp_path / "--force")
    assert vocabulary_of("sorted-set-lower:a", sample) == f"sorted-set-lower:{tmp_path / 'a'}"
    with pytest.raises(UserError, match="paste it as a sample"):
        vocabulary_of("sorted-set:", sample)
    sample.parent.mkdir()
    sample.touch()
    assert vocabulary_of("sorted-set:", sample) == f"sorted-set:{sample}"
    assert vocabulary_of("sorted-set:sample.txt", sample) == f"sorted-set:{sample}"


def test_inspecting_tells_what_it_is_and_leaves_nothing(network: Upload, home: Path) -> None:
    task = ended(BringingTask("inspect", Brought(network, ROWS, TEXT)))
    assert task.error is None
    assert task.lines[0] == "my-network.pt: PyTorch zip archive"
    assert "network: 2 x 6 LSTM, an embedding of 5" in task.lines
    assert "vocabulary: rows.txt" in task.lines
    assert task.lines[-1].startswith("bits per character:")
    assert task.warnings[0].startswith("The reading looks wrong")
    assert left(home) == []
    assert not (home / "checkpoints").exists()


def test_importing_twice_gives_two_checkpoints(network: Upload, home: Path) -> None:
    for name in ("my-network", "my-network-2"):
        task = ended(BringingTask("import", Brought(network, ROWS)))
        assert (task.error, task.warnings) == (None, [])
        assert task.destination == home / "checkpoints" / f"{name}.safetensors"
        header = read_header(task.destination)
        assert header.name == "my-network"
        assert header.training["origin"]["vocabulary"] == "rows.txt"
    assert left(home) == []


def test_the_forms_activation_is_the_networks(home: Path, tmp_path: Path) -> None:
    torch.save(foreign.make_source("rnn").state_dict(), tmp_path / "a.pt")
    network = Upload("a.pt", "1", (tmp_path / "a.pt").read_bytes())
    task = ended(BringingTask("inspect", Brought(network, ROWS)))
    assert any("Name relu as the activation" in line for line in task.lines)
    task = ended(BringingTask("import", Brought(network, ROWS, activation="relu")))
    assert task.destination is not None
    assert read_header(task.destination).variant == "relu"
    assert {*ACTIVATIONS} == {"", *GATE_ACTIVATIONS, *RNN_ACTIVATIONS}


def test_an_lstmvis_project_is_looked_into_and_not_made_a_checkpoint(
    home: Path, tmp_path: Path
) -> None:
    (tmp_path / "lstm.yml").write_text("name: a")
    task = ended(BringingTask("inspect", Brought(tmp_path)))
    assert task.error is not None
    assert "not the configuration of an LSTMVis project" in task.error
    with pytest.raises(UserError, match="Make a recording of it in a terminal"):
        BringingTask("import", Brought(tmp_path))
    assert left(home) == []


def test_a_network_without_a_vocabulary_is_one_sentence(network: Upload, home: Path) -> None:
    task = ended(BringingTask("import", Brought(network)))
    assert task.error is not None
    assert task.error.startswith("my-network.pt has 7 rows, but no vocabulary says which symbols")
    assert "--" not in task.error  # the form has no options
    assert "Name one as the vocabulary: a json" in task.error
    assert left(home) == []
    assert task.destination is not None
    assert not task.destination.exists()


def test_the_vocabulary_that_is_advised_can_be_typed(network: Upload) -> None:
    task = ended(BringingTask("inspect", Brought(network, sample=foreign.SYMBOLS * 9)))
    assert task.lines[-2].startswith("with the vocabulary sorted-set:sample.txt: bits per char")
    said = Brought(network, "sorted-set:sample.txt", foreign.SYMBOLS * 9)
    assert ended(BringingTask("inspect", said)).error is None


def test_what_cannot_be_started_leaves_nothing(home: Path) -> None:
    with pytest.raises(UserError, match="Check the path"):
        BringingTask("inspect", Brought(Path("a\0b")))
    with pytest.raises(UserError, match="paste it as a sample"):
        BringingTask("inspect", Brought(Path("a"), "sorted-set:"))
    assert left(home) == []


def test_one_that_takes_too_long_is_stopped_and_leaves_nothing(tmp_path: Path, home: Path) -> None:
    os.mkfifo(tmp_path / "waits")
    task = BringingTask("inspect", Brought(tmp_path / "waits", ROWS), limit=2)
    assert left(home) != []
    assert "not done after 2 seconds" in str(ended(task).error)
    assert left(home) == []


def test_one_that_nobody_waits_for_ends(tmp_path: Path, home: Path) -> None:
    os.mkfifo(tmp_path / "waits")
    task = BringingTask("inspect", Brought(tmp_path / "waits"))
    task.stop()
    ended(task)
    assert left(home) == []


def test_what_an_ended_server_left_is_removed(network: Upload, home: Path) -> None:
    old = home / "bringing" / "old"
    old.mkdir(parents=True)
    os.utime(old, (1000, 1000))
    (home / "bringing" / "new").mkdir()
    ended(BringingTask("inspect", Brought(Path("none"))))
    assert left(home) == [home / "bringing" / "new"]


def test_a_library_that_cannot_be_written_is_one_sentence(home: Path) -> None:
    home.write_text("a file")
    with pytest.raises(UserError, match="Set UNITSCOPE_HOME"):
        BringingTask("inspect", Brought(Path("none")))
