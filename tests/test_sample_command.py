"""`unitscope sample` as a person meets it."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import planted
import pytest

import unitscope
from models import sampling
from models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from models.sampling import SamplingOptions, sample
from models.vocabulary import UNKNOWN, Vocabulary

ROOT = Path(unitscope.__file__).parent

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    tmp_path: Path,
    tiny_checkpoint: Checkpoint,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Run]:
    """Run `unitscope sample tiny.safetensors ...` in this process: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    save_checkpoint(tiny_checkpoint, "tiny.safetensors")

    def run(*arguments: object) -> tuple[int, str, str]:
        code = unitscope.main(["sample", "tiny.safetensors", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out, err

    handler = signal.getsignal(signal.SIGTERM)
    yield run
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def expected(run: Run) -> Callable[..., str]:
    """What the network writes after a prompt."""
    saved = load_checkpoint("tiny.safetensors")  # its weights were rounded

    def expected(prompt: str, symbols: int, **options: Any) -> str:
        text = sample(saved.model, saved.vocabulary, prompt, SamplingOptions(**options))
        return "".join(islice(text, symbols))

    return expected


def set_stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="ascii"))


def test_sample_prints_the_prompt_and_goes_on(run: Run, expected: Callable[..., str]) -> None:
    text = expected("the ", 20)
    assert not text.endswith("\n")
    assert run("--prompt", "the ", "--symbols", 20) == (0, f"the {text}\n", "")
    assert run("--prompt", "the ", "--symbols", 20, "--no-prompt") == (0, f"{text}\n", "")


def test_sample_writes_500_symbols(run: Run, expected: Callable[..., str]) -> None:
    code, out, err = run()
    assert (code, err) == (0, "")
    assert out.removesuffix("\n") == expected("", 500).removesuffix("\n")


def test_a_last_newline_is_not_doubled(run: Run, expected: Callable[..., str]) -> None:
    symbols = expected("", 500).index("\n") + 1
    assert run("--symbols", symbols) == (0, expected("", symbols), "")


def test_sample_draws_as_it_is_asked_to(run: Run, expected: Callable[..., str]) -> None:
    options: dict[str, Any] = {"temperature": 2.0, "top_k": 9, "top_p": 0.8, "seed": 5}
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    assert run("--symbols", 50, *flags)[1].removesuffix("\n") == expected("", 50, **options)
    assert run("--symbols", 50, *flags)[1] != run("--symbols", 50)[1]


def test_a_prompt_comes_from_stdin(
    run: Run, expected: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_stdin(monkeypatch, "so \u00e9\n".encode())
    code, out, err = run("--prompt", "-", "--symbols", 20)
    assert code == 0
    assert out.removesuffix("\n") == "so \u00e9\n" + expected(f"so {UNKNOWN}\n", 20)
    assert "1 of the prompt's 5 symbols are unknown" in err


def test_a_note_names_what_a_prompt_has_unknown(run: Run) -> None:
    code, out, err = run("--prompt", "a\u00e9\x1b\u00e9", "--symbols", 5)
    assert code == 0
    assert out.startswith("a\u00e9\x1b\u00e9")
    assert err == (
        "unitscope: 3 of the prompt's 4 symbols are unknown to this network: '\u00e9', '\\x1b'.\n"
    )
    assert run("--prompt", "ABCDEFGHIJKLM")[2].endswith("'I', 'J' and more.\n")


def test_a_shipped_checkpoint_is_found_by_name(run: Run, capsys: Any) -> None:
    assert unitscope.main(["sample", "python", "--symbols", "5", "--prompt", "import "]) == 0
    assert capsys.readouterr().out.startswith("import ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--temperature -1", "temperature must be 0 or a number above it, not -1.0."),
        ("--temperature nan", "temperature must be"),
        ("--top-k 0", "top_k must be"),
        ("--top-p 0", "top_p must be"),
        ("--top-p 1.5", "top_p must be"),
        ("--seed -1", "seed must be"),
        ("--symbols 0", "--symbols must be above 0, not 0."),
    ],
)
def test_a_mistake_is_one_sentence(run: Run, arguments: str, words: str) -> None:
    code, out, err = run(*arguments.split())
    assert (code, out) == (2, "")
    assert err.startswith(f"unitscope: {words}")
    assert err.count("\n") == 1


def test_a_prompt_that_is_no_text_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    set_stdin(monkeypatch, b"caf\xe9!")
    code, out, err = run("--prompt", "-")
    assert (code, out) == (2, "")
    assert err.startswith("unitscope: The prompt on stdin is not UTF-8 text: byte 3 fits nowhere.")


def test_a_checkpoint_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert unitscope.main(["sample", "missing"]) == 2
    assert "There is no checkpoint file missing" in capsys.readouterr().err


def test_ctrl_c_leaves_the_text_so_far_and_a_newline(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*arguments: Any) -> Iterator[str]:
        yield from "abc\n"
        raise KeyboardInterrupt

    monkeypatch.setattr(sampling, "sample", stopped)
    assert run("--prompt", "x") == (0, "xabc\n\n", "")


class Terminal(io.TextIOWrapper):
    """Stdout that is a terminal of a poor encoding."""

    def isatty(self) -> bool:
        return True


def test_what_a_network_writes_cannot_steer_the_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    symbols = (*planted.SYMBOLS[:-2], "\x1b", "\u00e9")
    checkpoint = planted.random_checkpoint(symbols=symbols)
    assert Vocabulary(symbols) == checkpoint.vocabulary
    save_checkpoint(checkpoint, "tiny.safetensors")
    terminal = Terminal(io.BytesIO(), encoding="ascii")
    assert "\x1b" in run("--symbols", 300)[1]  # a file gets what the network wrote
    monkeypatch.setattr(sys, "stdout", terminal)
    assert run("--symbols", 300)[0] == 0
    shown = terminal.buffer.getvalue().decode("ascii")  # type: ignore[attr-defined]
    assert len(shown.removesuffix("\n")) == 300
    assert "\x1b" not in shown
    assert "?" in shown


def start(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "unitscope", "sample", *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


@pytest.mark.slow
def test_text_streams_until_ctrl_c(run: Run) -> None:
    with start("tiny.safetensors", "--symbols", 10**9, "--prompt", "abc") as process:
        assert process.stdout is not None
        assert process.stdout.read(50).startswith("abc")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert out.endswith("\n")


@pytest.mark.slow
def test_a_reader_that_goes_away_ends_the_text(run: Run) -> None:
    with start("tiny.safetensors", "--symbols", 10**9) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(50)
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0
