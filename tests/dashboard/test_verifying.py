"""Recordings verified in other processes: how far, what came of it, stopped, not removed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import planted
import pytest

from analysis.recorder import record
from dashboard import library, processes, shelf, verifying
from dashboard.verifying import (
    Verification,
    dismiss,
    last_verification,
    verification_of,
    verify_in_background,
)
from models.checkpoint import load_checkpoint, save_checkpoint
from models.corpora import Corpus, Document
from models.errors import UserError

# Tells that it has begun, then waits for the end.
STAND_IN = """
import json, time
print(json.dumps({"done": 0.25}), flush=True)
print("half a li", end="", flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("UNITSCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(library, "_opened", {})
    monkeypatch.setattr(verifying, "_checks", {})
    yield tmp_path / "home"
    checks = list(verifying._checks.values())
    verifying.stop_verifying()
    for check in checks:
        until(lambda check=check: check.ended)  # type: ignore[misc]


@pytest.fixture
def made(home: Path) -> Path:
    path = home / "recordings" / "a.zarr"
    save_checkpoint(planted.random_checkpoint(), home.parent / "tiny.safetensors")
    checkpoint = load_checkpoint(home.parent / "tiny.safetensors")
    record(checkpoint, Corpus("text", (Document("a.txt", "if x:\n"),)), path)
    return path


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not done():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


def test_a_sound_recording_is_said_to_be_sound(made: Path, tmp_path: Path) -> None:
    check = verify_in_background(str(made), tmp_path / "tiny.safetensors")
    until(lambda: check.ended)
    assert check.error is None
    assert "read again at 1 places" in check.found
    assert check.warnings == ()
    alone = verify_in_background(str(made))
    until(lambda: alone.ended)
    assert alone.error is None
    assert alone.share == 1.0
    assert "chunks" in alone.found
    assert any("nothing is read again" in warning for warning in alone.warnings)


def test_a_damaged_recording_is_told(made: Path) -> None:
    chunk = made / "loss" / "c" / "0"
    chunk.write_bytes(chunk.read_bytes()[:-1] + b"!")
    check = verify_in_background(str(made))
    until(lambda: check.ended)
    assert check.error is not None
    assert "not sound" in check.error
    assert last_verification(made) is check
    dismiss(check)
    assert last_verification(made) is None


def test_what_is_being_verified_is_joined_not_removed_and_can_be_stopped(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "PROGRAM", (sys.executable, "-c", STAND_IN))
    check = verify_in_background(str(made))
    assert verify_in_background(str(made)) is check
    until(lambda: check.share == 0.25)
    with pytest.raises(UserError, match="being verified"):
        shelf.remove(made)
    check.cancel()
    until(lambda: check.ended)
    assert verification_of(made) is None
    shelf.remove(made)
    assert not made.exists()


def test_a_process_that_cannot_start_is_a_sentence(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "PROGRAM", ("/no/such/program",))
    with pytest.raises(UserError):
        Verification(str(made))
