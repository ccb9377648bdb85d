"""`unitscope inspect` and `unitscope import`: what they say, and that what they write is used."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import foreign
import pytest
import torch

import unitscope
from analysis.recording import open_recording
from models.checkpoint import load_checkpoint

Run = Callable[..., tuple[int, str, str]]
TEXT = "a cab\nbad dec\n" * 40


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = unitscope.main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    handler = signal.getsignal(signal.SIGTERM)
    yield run
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    torch.save(foreign.make_source().state_dict(), "network.pt")
    Path("rows.txt").write_text(foreign.SYMBOLS, "utf-8")
    Path("text.txt").write_text(TEXT, "utf-8")
    return tmp_path


def test_inspect_says_what_it_is_and_that_random_weights_read_wrong(run: Run, place: Path) -> None:
    code, out, err = run("inspect", "network.pt", "--vocabulary", "rows.txt", "--text", "text.txt")
    assert code == 0
    assert "network: 2 x 6 LSTM, an embedding of 5" in out
    assert "bits per character:" in out
    assert "The reading looks wrong" in err


def test_inspect_tries_what_the_vocabulary_could_be(run: Run, place: Path) -> None:
    Path("all.txt").write_text(foreign.SYMBOLS * 9, "utf-8")
    code, out, err = run("inspect", "network.pt", "--text", "all.txt")
    assert code == 2
    assert "with --vocabulary sorted-set:all.txt: bits per character" in out
    assert "no vocabulary says which symbols" in err


def test_what_is_imported_records_and_samples_like_any_other(run: Run, place: Path) -> None:
    command = ("import", "network.pt", "--vocabulary", "rows.txt", "-o", "ours.safetensors")
    code, out, _ = run(*command)
    assert code == 0
    assert "ours.safetensors: 2 x 6 LSTM" in out
    origin = load_checkpoint("ours.safetensors").training["origin"]
    assert origin["format"] == "PyTorch zip archive"
    assert len(origin["sha256"]) == 64
    assert run("record", "ours.safetensors", "text.txt", "-o", "ours.zarr")[0] == 0
    recording = open_recording("ours.zarr")
    assert len(recording) == len(TEXT)
    assert run("sample", "ours.safetensors", "--symbols", "20")[0] == 0
    code, _, err = run(*command)
    assert code == 2
    assert "exists" in err
    assert run(*command, "--force")[0] == 0


def test_inspect_tells_programs_in_json(run: Run, place: Path) -> None:
    command = ("inspect", "network.pt", "--json", "--text", "text.txt")
    code, out, err = run(*command, "--vocabulary", "rows.txt")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert told["architecture"] == {
        "cell": "lstm", "layers": 2, "hidden": 6, "embedding": 5, "symbols": 7,
    }  # fmt: skip
    assert told["symbols"][:7] == list(foreign.SYMBOLS)
    assert told["parity"]["bits"] > told["parity"]["order_0"]
    assert "The reading looks wrong" in told["parity"]["warnings"][0]
    Path("all.txt").write_text(foreign.SYMBOLS * 9, "utf-8")
    code, out, err = run("inspect", "network.pt", "--json", "--text", "all.txt")
    told = json.loads(out)
    assert code == 2
    assert "no vocabulary says" in err
    assert told["vocabulary"] is None
    assert list(told["candidates"]) == [
        "sorted-set:all.txt",
        "sorted-set-lower:all.txt",
    ]


def test_what_the_file_does_not_say_can_be_named(run: Run, place: Path) -> None:
    source = foreign.make_source("rnn")
    torch.save(source.state_dict(), "rnn.pt")
    _, out, _ = run("inspect", "rnn.pt", "--vocabulary", "rows.txt")
    assert "network: 2 x 6 RNN, an embedding of 5" in out
    assert "Name relu with --activation" in out
    command = ("import", "rnn.pt", "--vocabulary", "rows.txt", "-o", "relu.safetensors")
    code, out, _ = run(*command, "--activation", "relu")
    assert code == 0
    assert "relu.safetensors: 2 x 6 RNN (relu)" in out
    assert run("record", "relu.safetensors", "text.txt", "-o", "relu.zarr")[0] == 0
    assert run("verify", "relu.zarr", "--checkpoint", "relu.safetensors")[0] == 0
    assert run("search", "relu.zarr", "-H", "newline")[0] == 0
    assert run("sample", "relu.safetensors", "--symbols", "9")[0] == 0
    code, _, err = run("train", "text.txt", "--from", "relu.safetensors", "-o", "b.safetensors")
    assert code == 2
    assert "are read, but not trained" in err
    code, _, err = run(*command, "--activation", "hard_sigmoid", "--force")
    assert code == 2
    assert "choose tanh, relu" in err


def test_mistakes_are_one_sentence(run: Run, place: Path) -> None:
    code, _, err = run("inspect", "text.txt")
    assert code == 2
    assert "not recognised" in err
    assert run("inspect", "network.pt", "--text", "none")[0] == 2
    assert run("import", os.devnull, "-o", "x.safetensors")[0] == 2
