"""The terminal: whole runs, and one sentence with exit code 2 for every mistake."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import planted
import pytest
import torch
from safetensors.torch import save_file

import unitscope
from analysis.recording import Recording, open_recording
from analysis.search import Finding
from models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint

ROOT = Path(unitscope.__file__).parent


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Run one command in this process."""

    def run(*arguments: object) -> Ended:
        capsys.readouterr()
        try:
            code = unitscope.main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = int(ended.code or 0)
        return Ended(code, *capsys.readouterr())

    handler = signal.getsignal(signal.SIGTERM)
    yield run
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def place(tmp_path: Path, tiny_checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with good and bad files of every kind, and the one where commands run."""
    monkeypatch.chdir(tmp_path)
    save_checkpoint(tiny_checkpoint, tmp_path / "tiny.safetensors")
    whole = (tmp_path / "tiny.safetensors").read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(whole[:300])
    (tmp_path / "pickle.safetensors").write_bytes(b"\x80\x04\x95 pickle")
    save_file({"x": torch.zeros(1)}, tmp_path / "other.safetensors")
    (tmp_path / "text.txt").write_text('some "text" here\n' * 20)
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "one.txt").write_text("a")
    (tmp_path / "greek.txt").write_text("\u0391\u0392\u0393")
    (tmp_path / "binary.bin").write_bytes(b"\0\1\2")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder.zarr").mkdir()
    return tmp_path


def sentence(ended: Ended) -> str:
    """The one line that says what was wrong."""
    lines = [line for line in ended.err.splitlines() if line.startswith("unitscope: ")]
    assert len(lines) == 1, ended.err
    assert "Traceback" not in ended.err
    assert re.search(r"[.?!]$", lines[0])
    return lines[0]


SMALL = ("--layers", 1, "--hidden", 8, "--embedding", 4, "--batch", 4, "--length", 16)


def test_train_record_and_search_a_text(run: Run, place: Path) -> None:
    trained = run("train", "text.txt", "-o", "net.safetensors", "--symbols", 2000, *SMALL)
    assert trained.code == 0, trained.err
    assert "net.safetensors: done after" in trained.out
    assert load_checkpoint("net.safetensors").name == "net"
    recorded = run("record", "net.safetensors", "text.txt", "-o", "x.zarr", "--signals", "h,c,f")
    assert recorded.code == 0, recorded.err
    assert "340 symbols of 1 documents" in recorded.out
    assert "unknown" not in recorded.out
    assert open_recording("x.zarr").sites == ("0.h", "0.c", "0.f")
    found = run("search", "x.zarr", "--json", "--top", 2, "--hypothesis", "double-quotes")
    assert found.code == 0, found.err
    findings = json.loads(found.out)["findings"]
    assert len(findings) == 2
    for finding in findings:
        assert list(finding) == [field.name for field in fields(Finding)]
        assert finding["hypothesis"] == "double-quotes"
        assert finding["measure"] == "auroc"
        assert 0 <= finding["score"] <= 1


def test_train_goes_on_from_a_checkpoint(run: Run, place: Path) -> None:
    arguments = ("train", "text.txt", "--from", "tiny.safetensors", "--symbols", 200)
    trained = run(*arguments, "--batch", 4, "--length", 16, "-o", "net.safetensors")
    assert trained.code == 0, trained.err
    tiny, net = load_checkpoint("tiny.safetensors"), load_checkpoint("net.safetensors")
    assert net.architecture == tiny.architecture
    assert net.training["started_from"]["name"] == "tiny"


@pytest.mark.parametrize("cell", ["gru", "rnn"])
def test_other_cells_are_trained_and_recorded(run: Run, place: Path, cell: str) -> None:
    trained = run(
        "train", "text.txt", "-o", "net.safetensors", "--cell", cell, "--symbols", 200, *SMALL
    )
    assert trained.code == 0, trained.err
    assert run("record", "net.safetensors", "text.txt", "-o", "x.zarr").code == 0
    assert open_recording("x.zarr").sites == ("0.h",)


def test_search_names_the_planted_unit_first(run: Run, recording: Recording) -> None:
    found = run("search", recording.path, "--hypothesis", "double-quotes", "--top", 1, "--json")
    (finding,) = json.loads(found.out)["findings"]
    assert finding["unit"] == f"0.h.{planted.PLACES['quote']}"
    assert finding["score"] == 1.0
    table = run("search", recording.path, "--hypothesis", "double-quotes", "--top", 1).out
    assert f"0.h.{planted.PLACES['quote']}" in table
    assert "double-quotes" in table


def test_search_says_what_it_could_not_score(run: Run, recording: Recording) -> None:
    found = run(
        "search", recording.path, "--json", "--hypothesis", "digit", "--hypothesis", "capital"
    )
    assert found.code == 0
    assert json.loads(found.out) == {"findings": []}
    assert re.search(r"^unitscope: digit: .+", found.err, re.MULTILINE)
    assert re.search(r"^unitscope: capital: .+", found.err, re.MULTILINE)


def test_progress_can_be_had_as_lines_of_json(run: Run, place: Path) -> None:
    recorded = run("record", "tiny.safetensors", "text.txt", "-o", "x.zarr", "--json")
    assert recorded.code == 0
    lines = [json.loads(line) for line in recorded.out.splitlines()]
    assert lines[-1] == {"done": 340, "total": 340}
    assert recorded.err == ""


def test_record_says_how_much_the_network_does_not_know(run: Run, place: Path) -> None:
    (place / "mixed.txt").write_text("abcXYZ")
    recorded = run("record", "tiny.safetensors", "mixed.txt", "-o", "x.zarr")
    assert "50.00% of the symbols are unknown" in recorded.out


def test_force_replaces_a_recording(run: Run, place: Path) -> None:
    assert run("record", "tiny.safetensors", "text.txt", "-o", "x.zarr").code == 0
    assert run("record", "tiny.safetensors", "one.txt", "-o", "x.zarr", "--force").code == 0
    assert open_recording("x.zarr").text() == "a"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("train missing.txt -o x", "There is no file or folder missing.txt"),
        ("train empty.txt -o x", "empty.txt is empty"),
        ("train binary.bin -o x", "not a UTF-8 text file"),
        ("train latin.txt -o x", "not a UTF-8 text file"),
        ("train folder -o x", "No text files in the folder folder"),
        ("train one.txt -o x", "at least two symbols"),
        (f"train {'n' * 300} -o x", "There is no file or folder"),
        ("train text.txt -o empty.txt/x", "Cannot write to"),
        ("train text.txt -o x --layers 0", "layers must be"),
        ("train text.txt -o x --hidden -1", "hidden must be"),
        ("train text.txt -o x --hidden 100000", "weights; at most"),
        ("train text.txt -o x --embedding 0", "embedding must be"),
        ("train text.txt -o x --symbols 0", "symbols must be"),
        ("train text.txt -o x --batch 0", "batch must be"),
        ("train text.txt -o x --batch 1000000000", "batch x length must be"),
        ("train text.txt -o x --length -5", "length must be"),
        ("train text.txt -o x --learning-rate 0", "learning_rate must be"),
        ("train text.txt -o x --learning-rate nan", "learning_rate must be"),
        ("train text.txt -o x --learning-rate inf", "learning_rate must be"),
        ("train text.txt -o x --clip 0", "clip must be"),
        ("train text.txt -o x --minutes 0", "minutes must be"),
        ("train text.txt -o x --minutes nan", "minutes must be"),
        ("train text.txt -o x --from missing", "There is no"),
        ("train text.txt -o x --from tiny.safetensors --hidden 8", "leave out --hidden"),
        ("train text.txt -o folder --symbols 64", "it is a folder"),
        ("record missing.safetensors text.txt -o x.zarr", "There is no checkpoint file"),
        ("record folder text.txt -o x.zarr", "There is no checkpoint file"),
        (f"record {'n' * 300} text.txt -o x.zarr", "There is no checkpoint file"),
        ("record cut.safetensors text.txt -o x.zarr", "not a whole safetensors file"),
        ("record pickle.safetensors text.txt -o x.zarr", "not a whole safetensors file"),
        ("record empty.txt text.txt -o x.zarr", "not a whole safetensors file"),
        ("record other.safetensors text.txt -o x.zarr", "not a Unitscope checkpoint"),
        ("record tiny.safetensors missing.txt -o x.zarr", "There is no file or folder"),
        ("record tiny.safetensors empty.txt -o x.zarr", "is empty"),
        ("record tiny.safetensors binary.bin -o x.zarr", "not a UTF-8 text file"),
        ("record tiny.safetensors folder -o x.zarr", "No text files"),
        ("record tiny.safetensors greek.txt -o x.zarr", "knows none of this text's symbols"),
        ("record tiny.safetensors text.txt -o folder.zarr", "exists already"),
        ("record tiny.safetensors text.txt -o folder.zarr --force", "not a recording"),
        ("record tiny.safetensors text.txt -o text.txt --force", "not a recording"),
        ("record tiny.safetensors text.txt -o empty.txt/x.zarr", "Cannot write the recording"),
        (f"record tiny.safetensors text.txt -o {'n' * 300}.zarr", "Cannot write the recording"),
        ("record tiny.safetensors text.txt -o x.zarr --signals h,q", "no signal 'q'"),
        ("record tiny.safetensors text.txt -o x.zarr --signals ,", "no signal ''"),
        ("record tiny.safetensors one.txt -o x.zarr --split report", "in the split 'report'"),
        ("search missing.zarr", "There is no recording missing.zarr"),
        ("search text.txt", "is a file"),
        ("search folder.zarr", "is not a recording"),
        ("search RECORDING --hypothesis nonsense", "no hypothesis called 'nonsense'"),
        ("search RECORDING --hypothesis newlin", "Did you mean newline"),
        ("search RECORDING --top 0", "at least 1"),
        ("search RECORDING --top -3", "at least 1"),
    ],
)
def test_a_mistake_is_one_sentence_and_leaves_nothing(
    run: Run, place: Path, recording: Recording, command: str, words: str
) -> None:
    before = {path: path.lstat().st_mtime_ns for path in place.rglob("*")}
    ended = run(*command.replace("RECORDING", recording.path).split())
    assert ended.code == 2, ended
    assert words in sentence(ended)
    assert ended.out == ""
    after = {path: path.lstat().st_mtime_ns for path in place.rglob("*")}
    assert set(after) == set(before)
    assert all(after[path] == before[path] for path in before if path.is_file())


@pytest.mark.parametrize(
    "command",
    [
        "",
        "fly",
        "train",
        "train text.txt",
        "train text.txt -o x --cell transformer",
        "train text.txt -o x --layers two",
        "train text.txt -o x --batch 1.5",
        "record",
        "record tiny.safetensors -o x.zarr",
        "record tiny.safetensors text.txt",
        "record tiny.safetensors text.txt -o x.zarr --split all",
        "search",
        "search x.zarr --top many",
        "search x.zarr --nonsense",
    ],
)
def test_a_command_that_is_not_understood_shows_its_usage(
    run: Run, place: Path, command: str
) -> None:
    ended = run(*command.split())
    assert ended.code == 2
    assert ended.err.startswith("usage: unitscope")
    assert re.search(r"^unitscope.*: error: ", ended.err, re.MULTILINE)


def test_every_command_has_help(run: Run) -> None:
    whole = run("--help")
    assert whole.code == 0
    for command in ("train", "record", "search", "export", "serve"):
        assert command in whole.out
        ended = run(command, "--help")
        assert ended.code == 0
        assert f"usage: unitscope {command}" in ended.out
    assert run("--version").out.startswith("unitscope 0.")


def interrupted(*arguments: object, **options: object) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_while_recording_leaves_nothing(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(place.rglob("*"))
    monkeypatch.setattr("analysis.recorder._store", interrupted)
    ended = run("record", "tiny.safetensors", "text.txt", "-o", "x.zarr")
    assert ended.code == 130
    assert "unitscope: stopped." in ended.err
    assert "Traceback" not in ended.err
    assert set(place.rglob("*")) == before


def test_ctrl_c_while_training_saves_what_was_learned(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models import training

    steps = iter(range(5))

    def stop_soon(*arguments: object) -> object:
        if next(steps, None) is None:
            raise KeyboardInterrupt
        return restart(*arguments)

    restart = training.restart
    monkeypatch.setattr(training, "restart", stop_soon)
    ended = run("train", "text.txt", "-o", "net.safetensors", *SMALL)
    assert ended.code == 0
    assert "stopped early after" in ended.out
    assert "not taken" in ended.out
    assert load_checkpoint("net.safetensors").training["interrupted"] is True


def start(*arguments: object, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "unitscope", *map(str, arguments)]
    return subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_mistake_ends_the_process_with_2(place: Path) -> None:
    with start("search", "missing.zarr", folder=place) as process:
        out, err = process.communicate()
    assert (process.returncode, out) == (2, "")
    assert err == (
        "unitscope: There is no recording missing.zarr. Make one with `unitscope record`.\n"
    )


@pytest.mark.slow
def test_a_terminated_recording_leaves_nothing(place: Path) -> None:
    (place / "long.txt").write_text("some text\n" * 400_000)
    before = set(place.rglob("*"))
    with start(
        "record", "tiny.safetensors", "long.txt", "-o", "x.zarr", "--json", folder=place
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["total"] == 4_000_000
        process.terminate()
        _, err = process.communicate()
    assert process.returncode == 130
    assert err == "unitscope: stopped.\n"
    assert set(place.rglob("*")) == before


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error(place: Path, recording: Recording) -> None:
    command = f"{sys.executable} -m unitscope search {recording.path} --top 500 | true"
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=place,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in ended.stderr
    assert "BrokenPipe" not in ended.stderr
