"""A named corpus is read from where `--source` says, in every command that reads text."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

import unitscope
from analysis.recording import open_recording
from models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint


@pytest.fixture(autouse=True)
def place(
    tmp_path: Path, tiny_checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A folder with a network and two chapters of LaTeX."""
    monkeypatch.chdir(tmp_path)
    save_checkpoint(tiny_checkpoint, tmp_path / "tiny.safetensors")
    (tmp_path / "book").mkdir()
    for name in ("one.tex", "two.tex"):
        (tmp_path / "book" / name).write_text("Let $X$ be a scheme.\n" * 20)
    handler = signal.getsignal(signal.SIGTERM)
    yield tmp_path
    signal.signal(signal.SIGTERM, handler)


def test_a_named_corpus_is_recorded_from_its_source() -> None:
    command = "record tiny.safetensors latex --source book -o x.zarr"
    assert unitscope.main(command.split()) == 0
    recording = open_recording("x.zarr")
    assert recording.corpus_name == "latex"
    assert [document.name for document in recording.documents] == ["one.tex", "two.tex"]


def test_the_report_split_of_a_recording_is_the_one_that_training_leaves_out() -> None:
    command = "record tiny.safetensors latex --source book --split report -o x.zarr"
    assert unitscope.main(command.split()) == 0
    assert open_recording("x.zarr").text() == ("Let $X$ be a scheme.\n" * 20)[-21:] * 2


def test_a_named_corpus_is_trained_on_from_its_source() -> None:
    command = "train latex --source book -o net.safetensors --layers 1 --hidden 8 --embedding 4"
    settings = "--symbols 200 --batch 4 --length 16"
    assert unitscope.main([*command.split(), *settings.split()]) == 0
    assert load_checkpoint("net.safetensors").training["corpus"] == "latex"


@pytest.mark.parametrize("command", ["train {} -o x", "record tiny.safetensors {} -o x.zarr"])
def test_a_source_for_no_named_corpus_is_one_sentence(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for texts in ("book --source book", "latex linux --source book", "python --source book"):
        assert unitscope.main(command.format(texts).split()) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("unitscope: ")
        assert "--source" in line
