"""Recordings in other processes: one at a time, ended well, with a sentence, or with nothing."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.recorder import record
from analysis.recording import open_recording
from dashboard import jobs, processes
from dashboard.jobs import (
    JobStatus,
    Order,
    RecordingJob,
    all_jobs,
    forget,
    running_job,
    start_recording,
    stop_all,
)
from models.checkpoint import Checkpoint, save_checkpoint
from models.corpora import Corpus, Document

LONG = 4_000_000  # symbols: minutes of reading, so that a job is always stopped on its way
STOPPED = "The recording was stopped before it was done."

# Reads without torch: tells of two chunks, half a second apart, then waits to be let go.
STAND_IN = """
import json, os, pathlib, sys, time
place = pathlib.Path(sys.argv[sys.argv.index("-o") + 1])
(place.parent / f".{place.name}.unfinished.x").mkdir(parents=True)
for done in (2, 4):
    print(json.dumps({"done": done, "total": 10}), flush=True)
    time.sleep(0.2)
print("half a li", end="", flush=True)
while not (place.parent / "go").exists():
    time.sleep(0.02)
(place.parent / f".{place.name}.unfinished.x").rename(place)
"""


@pytest.fixture(autouse=True)
def no_jobs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(jobs, "_jobs", {})
    yield
    running = all_jobs()
    stop_all()
    for job in running:
        wait(job)


@pytest.fixture
def checkpoint(tiny_checkpoint: Checkpoint, tmp_path: Path) -> Path:
    save_checkpoint(tiny_checkpoint, tmp_path / "tiny.safetensors")
    return tmp_path / "tiny.safetensors"


@pytest.fixture
def order(checkpoint: Path, tmp_path: Path) -> Order:
    """Some text to read to out/x.zarr."""
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("some text\n" * 50)
    place = tmp_path / "out" / "x.zarr"
    return Order("some text", checkpoint, str(tmp_path / "texts"), place, 500)


@pytest.fixture
def long_order(order: Order) -> Order:
    Path(order.source, "a.txt").write_text("some text\n" * (LONG // 10))
    return replace(order, total=LONG)


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Order]:
    """Orders that a small program carries out, until there is a file ``go``."""
    monkeypatch.setattr(processes, "PROGRAM", (sys.executable, "-c", STAND_IN))
    return lambda name: Order(name, tmp_path / "c", "t", tmp_path / "out" / f"{name}.zarr", 10)


def wait(
    job: RecordingJob, until: Callable[[JobStatus], object] = lambda s: s.finished
) -> JobStatus:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        status = job.status()
        if until(status):
            return status
        assert not status.finished, status
        time.sleep(0.02)
    raise AssertionError("the job did not come so far")


def test_a_job_records_and_tells_how_far_it_is(order: Order) -> None:
    job = start_recording(order)
    assert job.status().share == 0 or job.status().done > 0
    assert wait(job) == JobStatus(500, 500, finished=True)
    assert job.status().share == 1
    assert open_recording(order.destination).text() == "some text\n" * 50


@pytest.mark.slow
def test_a_job_that_fails_says_why_in_a_sentence(order: Order) -> None:
    order.checkpoint.write_bytes(b"no checkpoint")
    status = wait(start_recording(order))
    assert status.finished
    assert status.error is not None
    assert "not a whole safetensors file" in status.error
    assert not status.error.startswith("unitscope:")
    assert not order.destination.exists()


@pytest.mark.slow
def test_a_damaged_recording_is_recorded_again(order: Order, tiny_checkpoint: Checkpoint) -> None:
    record(tiny_checkpoint, Corpus("old", (Document("a.txt", "old"),)), order.destination)
    (order.destination / "text" / "zarr.json").unlink()
    assert wait(start_recording(order)).error is None
    assert open_recording(order.destination).text() == "some text\n" * 50


@pytest.mark.slow
def test_a_cancelled_job_leaves_nothing(long_order: Order) -> None:
    job = start_recording(long_order)
    wait(job, lambda status: status.done > 0)
    job.cancel()
    job.cancel()  # an impatient user presses twice
    status = wait(job)
    assert status.error == STOPPED
    assert 0 < status.share < 1
    assert list(long_order.destination.parent.iterdir()) == []


@pytest.mark.slow
def test_stopping_the_server_stops_every_job(long_order: Order) -> None:
    place = long_order.destination.with_name("y.zarr")
    job, waiting = (
        start_recording(long_order),
        start_recording(replace(long_order, destination=place)),
    )
    wait(job, lambda status: status.done > 0)
    stop_all()
    assert wait(job).error == wait(waiting).error == STOPPED
    assert list(place.parent.iterdir()) == []


def test_a_second_job_waits_until_the_first_has_ended(
    stand_in: Callable[[str], Order], tmp_path: Path
) -> None:
    first, second, third = (start_recording(stand_in(name)) for name in "abc")
    wait(first, lambda status: status.done == 4)
    assert (second.status().waits, third.status().waits) == (True, True)
    assert running_job() is first
    second.cancel()
    assert second.status() == JobStatus(0, 10, finished=True, error=STOPPED)
    (tmp_path / "out" / "go").touch()
    assert wait(first).error is None
    assert wait(third).error is None
    assert [job.order.title for job in all_jobs()] == ["a", "b", "c"]
    assert running_job() is None
    forget(second)
    assert second not in all_jobs()
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"go", "a.zarr", "c.zarr"}


def test_the_next_job_begins_when_one_is_cancelled(stand_in: Callable[[str], Order]) -> None:
    first, second = (start_recording(stand_in(name)) for name in "ab")
    wait(first, lambda status: status.done > 0)
    forget(first)  # which only a finished one can be
    assert all_jobs() == [first, second]
    first.cancel()
    assert wait(first).error == STOPPED
    assert wait(second, lambda status: status.done > 0).waits is False


def test_a_killed_job_is_a_sentence_and_can_be_begun_again(
    stand_in: Callable[[str], Order], tmp_path: Path
) -> None:
    job = start_recording(stand_in("a"))
    wait(job, lambda status: status.done > 0)
    assert job._process is not None
    os.kill(job._process.pid, signal.SIGKILL)
    status = wait(job)
    assert status.error is not None
    assert "killed from outside (signal 9)" in status.error
    assert list((tmp_path / "out").iterdir()) == []
    (tmp_path / "out" / "go").touch()
    again = start_recording(job.order)
    assert again is not job
    assert wait(again).error is None


def test_progress_tells_the_rate_and_the_time_left(stand_in: Callable[[str], Order]) -> None:
    job = start_recording(stand_in("a"))
    assert job.status().seconds_left is None
    status = wait(job, lambda status: status.done == 4)
    assert status.rate is not None
    assert status.seconds_left == pytest.approx(6 / status.rate)


def test_a_second_start_to_the_same_place_joins_the_first(stand_in: Callable[[str], Order]) -> None:
    first = start_recording(stand_in("a"))
    assert start_recording(stand_in("a")) is first
    assert start_recording(stand_in("b")) is not first
    first.cancel()
    wait(first)
    assert start_recording(stand_in("a")) is not first


def test_what_cannot_be_started_is_a_sentence(order: Order) -> None:
    status = start_recording(replace(order, source="/a\0b")).status()
    assert status.finished
    assert status.error is not None
    assert status.error.startswith("Cannot start to read: ")


def test_a_share_is_between_nothing_and_all() -> None:
    assert JobStatus(0, 0, finished=False).share == 0
    assert JobStatus(5, 10, finished=False).share == 0.5
    assert JobStatus(12, 10, finished=True).share == 1
