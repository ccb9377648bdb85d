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


TINY = ("--layers", 1, "--hidden", 8, "--batch", 4, "--length", 16)
SMALL = (*TINY, "--embedding", 4)


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
        # One short document has no interval, so its bounds are left out.
        names = [field.name for field in fields(Finding)]
        assert list(finding) == [name for name in names if name in finding]
        assert names[:10] == list(finding)[:10]
        assert finding["hypothesis"] == "double-quotes"
        assert finding["measure"] == "auroc"
        assert 0 <= finding["score"] <= 1


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ((), "http://127.0.0.1:8501"),
        (("--address", "0.0.0.0", "--port", 9000), "http://localhost:9000"),
        (("--address", "::1"), "http://[::1]:8501"),
    ],
)
def test_serve_says_where_and_lets_streamlit_say_nothing_of_itself(
    run: Run, monkeypatch: pytest.MonkeyPatch, options: tuple[object, ...], url: str
) -> None:
    import streamlit as st

    asked: dict[str, object] = {}
    monkeypatch.setattr(st.App, "run", lambda self, config: asked.update(config))
    served = run("serve", *options)
    assert served.code == 0, served.err
    assert served.out == f"Unitscope: {url} (Ctrl-C ends it)\n"
    assert asked["logger.hideWelcomeMessage"] is True


def test_an_estimate_says_time_and_disk_and_writes_nothing(run: Run, place: Path) -> None:
    before = set(place.rglob("*"))
    asked = ("record", "tiny.safetensors", "text.txt", "--estimate")
    said = run(*asked)
    assert said.code == 0, said.err
    assert re.fullmatch(r"About \d+ s and at most 1 MB on disk for 340 symbols\.\n", said.out), (
        said.out
    )
    told = json.loads(run(*asked, "--json").out)
    assert (told["symbols"], told["bytes"]) == (340, 340 * (2 * 2 * 5 + 30))
    assert told["seconds"] >= 0
    assert set(place.rglob("*")) == before


def test_an_estimate_says_that_the_disk_is_full(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.estimate.free_bytes", lambda folder: 9)
    asked = ("record", "tiny.safetensors", "text.txt", "--estimate")
    assert "free" not in run(*asked).out
    assert "but only 1 MB are free at new: make room" in run(*asked, "-o", "new/x.zarr").out


def test_a_recording_without_a_place_is_one_sentence(run: Run, place: Path) -> None:
    ended = run("record", "tiny.safetensors", "text.txt")
    assert ended.code == 2
    assert "Add -o NAME.zarr, or --estimate" in sentence(ended)


def test_train_goes_on_from_a_checkpoint(run: Run, place: Path) -> None:
    arguments = ("train", "text.txt", "--from", "tiny.safetensors", "--symbols", 200)
    trained = run(*arguments, "--batch", 4, "--length", 16, "-o", "net.safetensors")
    assert trained.code == 0, trained.err
    tiny, net = load_checkpoint("tiny.safetensors"), load_checkpoint("net.safetensors")
    assert net.architecture == tiny.architecture
    assert net.training["started_from"]["name"] == "tiny"


def test_train_takes_every_option(run: Run, place: Path) -> None:
    trained = run(
        *("train", "text.txt", "-o", "net.safetensors", "--symbols", 2000, "--batch", 4),
        *("--length", 16, "--layers", 2, "--hidden", 8, "--tied", "--dropout", 0.2),
        *("--optimizer", "rmsprop", "--weight-decay", 0.01, "--patience", 30, "--device", "cpu"),
        *("--activity-penalty", 0.2, "--change-penalty", 0.1),
        *("--warm-up", 5, "--snapshots", "steps", "--log", "logs/net.jsonl", "--full-precision"),
    )
    assert trained.code == 0, trained.err
    net = load_checkpoint("net.safetensors")
    assert (net.architecture.embedding, net.architecture.tied) == (8, True)
    assert net.training["options"]["optimizer"] == "rmsprop"
    assert net.training["options"]["mixed"] is False
    assert net.training["options"]["activity_penalty"] == 0.2
    assert net.training["options"]["change_penalty"] == 0.1
    assert f"kept step {net.training['best_step']}" in trained.out
    names = [f"step-{step:07}.safetensors" for step in (0, 1, 2, 4, 8, 16)]
    assert sorted(path.name for path in Path("steps").iterdir()) == names
    assert load_checkpoint(f"steps/{names[3]}").training["step"] == 4
    lines = [json.loads(line) for line in Path("logs/net.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(1, 32))
    assert not Path("net.safetensors.resume").exists()


def test_train_takes_what_is_for_the_cells_of_its_top_layers(run: Run, place: Path) -> None:
    trained = run(
        *("train", "text.txt", "--from", "tiny.safetensors", "--freeze", 1, "--symbols", 200),
        *("--cell-penalty", 0.3, "--cell-change-penalty", 1, "--lines-ahead", 0.4),
        *("--line-so-far", 0.2),
        *("--batch", 4, "--length", 16, "-o", "net.safetensors"),
    )
    assert trained.code == 0, trained.err
    options = load_checkpoint("net.safetensors").training["options"]
    assert (options["cell_penalty"], options["cell_change_penalty"]) == (0.3, 1.0)
    assert (options["lines_ahead"], options["line_so_far"]) == (0.4, 0.2)
    assert options["freeze"] == 1


def test_one_hot_input_is_trained(run: Run, place: Path) -> None:
    trained = run(
        "train", "text.txt", "-o", "net.safetensors", "--symbols", 200, *TINY, "--one-hot"
    )
    assert trained.code == 0, trained.err
    assert load_checkpoint("net.safetensors").architecture.embedding is None


def test_progress_is_a_few_plain_lines_where_there_is_no_terminal(run: Run, place: Path) -> None:
    trained = run("train", "text.txt", "-o", "net.safetensors", "--symbols", 4000, *SMALL)
    lines = trained.err.splitlines()
    assert len(lines) == 20 + 6  # milestones, and steps that are powers of two
    assert "\x1b" not in trained.err
    assert re.match(r"step 1 writes: .+", lines[0])
    milestone = r"step 3: training \d\.\d{3} bits/char, choose split \d\.\d{3}, clipped \d+% of"
    assert re.match(milestone, lines[2])


def test_progress_is_a_bar_where_there_is_a_terminal(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "140")
    (place / "wild.txt").write_text("a\x1b[2J\x07[red]\n" * 60)
    trained = run("train", "wild.txt", "-o", "net.safetensors", "--symbols", 4000, *SMALL)
    assert trained.code == 0, trained.err
    assert "\x1b[2J" not in trained.err
    assert "\x07" not in trained.err
    assert r"\x1b" in trained.err
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", trained.err)
    assert "100%" in shown
    status = r"loss \d\.\d{3} nats, \d\.\d{3} bits/char  choose \d\.\d{3}  [\d,]+ symbols/s  "
    assert re.search(status + r"gradient \d+\.\d\d, clipped \d+%", shown)


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
    assert json.loads(found.out)["findings"] == []
    assert [each["hypothesis"] for each in json.loads(found.out)["skipped"]] == ["digit", "capital"]
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


def test_verify_says_that_a_recording_is_sound_and_what_is_not(run: Run, place: Path) -> None:
    assert run("record", "tiny.safetensors", "text.txt", "-o", "x.zarr").code == 0
    sound = run("verify", "x.zarr", "--checkpoint", "tiny.safetensors")
    assert sound.code == 0
    assert "x.zarr is sound" in sound.out
    assert "read again at 1 places" in sound.out
    alone = run("verify", "x.zarr")
    assert alone.code == 0
    assert "nothing is read again" in alone.err
    chunk = place / "x.zarr" / "loss" / "c" / "0"
    chunk.write_bytes(chunk.read_bytes()[:-1] + b"!")
    damaged = run("verify", "x.zarr", "--checkpoint", "tiny.safetensors")
    assert damaged.code == 2
    assert "'loss' is damaged" in damaged.err


def test_record_keeps_more_precision_and_resumes_on_request(run: Run, place: Path) -> None:
    made = run("record", "tiny.safetensors", "text.txt", "-o", "x.zarr", "--precision", "float16")
    assert made.code == 0, made.err
    assert open_recording("x.zarr").precision == "float16"
    resumed = run("record", "tiny.safetensors", "text.txt", "-o", "y.zarr", "--resume")
    assert resumed.code == 2
    assert "no unfinished recording" in resumed.err


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_record_says_where_a_long_text_was_cut(run: Run, place: Path) -> None:
    (place / "long.txt").write_text("some words in lines\n" * 3000)
    made = run("record", "tiny.safetensors", "long.txt", "-o", "x.zarr", "--dask", "local:1")
    assert made.code == 0, made.err
    assert re.search(r"cut at 3 seams, which hold to \d", made.out)
    assert run("verify", "x.zarr", "--checkpoint", "tiny.safetensors").code == 0


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
        ("train text.txt -o x --dropout 1", "dropout must be"),
        ("train text.txt -o x --layers 1 --dropout 0.5", "dropout acts between layers"),
        ("train text.txt -o x --weight-decay -1", "weight_decay must be"),
        ("train text.txt -o x --warm-up 0", "warm_up must be"),
        ("train text.txt -o x --patience 0", "patience must be"),
        ("train one.txt -o x --patience 1", "at least two symbols"),
        ("train text.txt -o x --save-minutes 0", "save_minutes must be"),
        ("train text.txt -o x --seed -1", "seed must be"),
        ("train text.txt -o x --tied --embedding 8", "tied readout needs an embedding"),
        ("train text.txt -o x --tied --one-hot", "tied readout needs an embedding"),
        ("train text.txt -o x --resume", "no training to go on with"),
        ("train text.txt -o x --log folder", "Name a file for --log"),
        ("train text.txt -o x --snapshots text.txt", "Cannot write the checkpoint"),
        ("train text.txt -o x --from tiny.safetensors --one-hot", "leave out --one-hot"),
        ("train text.txt -o x --minutes 0", "minutes must be"),
        ("train text.txt -o x --minutes nan", "minutes must be"),
        ("train text.txt -o x --from missing", "There is no"),
        ("train text.txt -o x --freeze 1", "Name the checkpoint with --from"),
        ("train text.txt -o x --from tiny.safetensors --freeze -1", "freeze must be 0"),
        ("train text.txt -o x --from tiny.safetensors --freeze 2", "must leave a layer to learn"),
        ("train text.txt -o x --cell gru --cell-penalty 1", "There is no cell c"),
        ("train text.txt -o x --lines-ahead -1", "lines_ahead must be"),
        ("train text.txt -o x --line-so-far 101", "line_so_far must be"),
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
        ("record tiny.safetensors text.txt -o x.zarr --tolerance 0", "tolerance must be"),
        ("record tiny.safetensors text.txt -o x.zarr --device abacus", "cannot compute on"),
        ("record tiny.safetensors text.txt -o x.zarr --dask 4", "neither local:N nor"),
        ("record tiny.safetensors text.txt -o what://x.zarr", "Cannot reach what://x.zarr"),
        ("verify missing.zarr", "There is no recording missing.zarr"),
        ("verify RECORDING --checkpoint missing.safetensors", "There is no checkpoint file"),
        ("verify RECORDING --checkpoint tiny.safetensors", "recorded with another network"),
        ("record tiny.safetensors one.txt -o x.zarr --split report", "in the split 'report'"),
        ("search missing.zarr", "There is no recording missing.zarr"),
        ("search text.txt", "is a file"),
        ("search folder.zarr", "is not a recording"),
        ("search RECORDING --hypothesis nonsense", "no hypothesis called “nonsense”"),
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
        "train text.txt -o x --optimizer sgd",
        "train text.txt -o x --device tpu",
        "train text.txt -o x --one-hot --embedding 8",
        "record",
        "record tiny.safetensors -o x.zarr",
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
    for command in ("train", "sample", "record", "search", "export", "serve"):
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
    monkeypatch.setattr("analysis.recorder.write_shard", interrupted)
    ended = run("record", "tiny.safetensors", "text.txt", "-o", "x.zarr")
    assert ended.code == 130
    assert "unitscope: stopped." in ended.err
    assert "Traceback" not in ended.err
    assert set(place.rglob("*")) == before


def test_ctrl_c_while_training_saves_what_was_learned_to_go_on_from(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models import learner

    steps = iter(range(5))

    def stop_soon(*arguments: object) -> object:
        if next(steps, None) is None:
            raise KeyboardInterrupt
        return restart(*arguments)

    restart = learner.restart
    command = ("train", "text.txt", "-o", "net.safetensors", "--symbols", 2000, *SMALL)
    with monkeypatch.context() as patch:
        patch.setattr(learner, "restart", stop_soon)
        ended = run(*command, "--log", "log.jsonl")
    assert ended.code == 0
    assert "stopped early after 306 symbols" in ended.out
    assert "(an estimate)" in ended.out
    assert "The same command with --resume goes on from here." in ended.out
    assert load_checkpoint("net.safetensors").training["interrupted"] is True
    assert "Go on with --resume" in sentence(run(*command))
    assert "learning_rate 0.002, not 0.1" in sentence(
        run(*command, "--resume", "--learning-rate", 0.1)
    )
    whole = run(*command, "--resume", "--log", "log.jsonl")
    assert whole.code == 0, whole.err
    assert "done after" in whole.out
    assert not Path("net.safetensors.resume").exists()
    log = [json.loads(line)["step"] for line in Path("log.jsonl").read_text().splitlines()]
    assert log == list(range(1, 32))
    assert run("train", *command[1:3], "once.safetensors", *command[4:]).code == 0
    resumed, once = load_checkpoint("net.safetensors"), load_checkpoint("once.safetensors")
    assert resumed.sha256 == once.sha256


@pytest.mark.parametrize("is_saved", [True, False])
def test_a_loss_that_is_no_number_says_where_the_last_checkpoint_is(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch, is_saved: bool
) -> None:
    calls = iter(range(1, 100))

    def spoil(logits: torch.Tensor, *arguments: object, **options: object) -> torch.Tensor:
        loss = cross_entropy(logits, *arguments, **options)
        return loss * float("nan") if next(calls) == 9 else loss

    cross_entropy = torch.nn.functional.cross_entropy
    monkeypatch.setattr(torch.nn.functional, "cross_entropy", spoil)
    minutes = 1e-9 if is_saved else 10
    (place / "short.txt").write_text("abcde")  # too short for milestones: each call is a step
    command = ("train", "short.txt", "-o", "net.safetensors", *SMALL, "--save-minutes", minutes)
    said = sentence(run(*command, "--batch", 1))
    assert "no longer a number at step 9 " in said
    if is_saved:
        assert "The last checkpoint before that is net.safetensors; --from net" in said
        assert load_checkpoint("net.safetensors").training["step"] == 8
    else:
        assert "No checkpoint had been saved yet" in said
        assert not Path("net.safetensors").exists()
    assert not Path("net.safetensors.resume").exists()


@pytest.mark.slow
def test_a_terminated_training_saves_what_was_learned(place: Path) -> None:
    command = ("train", "text.txt", "-o", "net.safetensors", "--log", "log.jsonl", *SMALL)
    with start(*command, folder=place) as process:
        while not (place / "log.jsonl").exists():
            assert process.poll() is None
        process.terminate()
        out, _ = process.communicate()
    assert process.returncode == 0
    assert "stopped early after" in out
    step = load_checkpoint("net.safetensors").training["step"]
    assert step >= 50
    kept = torch.load("net.safetensors.resume", weights_only=True)
    assert kept["training"]["progress"]["step"] == step


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
