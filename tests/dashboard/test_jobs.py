"""A recording made in another process: it ends well, with a sentence, or with nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.recorder import record
from analysis.recording import open_recording
from dashboard import jobs
from dashboard.jobs import JobStatus, RecordingJob, start_recording, stop_all
from models.checkpoint import Checkpoint, save_checkpoint
from models.corpora import Corpus, Document

LONG = 4_000_000  # symbols: minutes of reading, so that a job is always stopped on its way


@pytest.fixture(autouse=True)
def no_jobs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(jobs, "_jobs", {})
    yield
    running = list(jobs._jobs.values())
    stop_all()
    for job in running:
        wait(job)


@pytest.fixture
def checkpoint(tiny_checkpoint: Checkpoint, tmp_path: Path) -> Path:
    save_checkpoint(tiny_checkpoint, tmp_path / "tiny.safetensors")
    return tmp_path / "tiny.safetensors"


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("some text\n" * 50)
    return tmp_path / "texts"


def wait(job: RecordingJob) -> JobStatus:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        status = job.status()
        if status.finished:
            return status
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def wait_for_start(job: RecordingJob) -> None:
    deadline = time.monotonic() + 120
    while job.status().done == 0:
        assert time.monotonic() < deadline
        assert not job.status().finished, job.status()
        time.sleep(0.05)


def test_a_job_records_and_tells_how_far_it_is(
    checkpoint: Path, texts: Path, tmp_path: Path
) -> None:
    job = start_recording(checkpoint, texts, tmp_path / "out" / "x.zarr", 500)
    assert job.status().share == 0 or job.status().done > 0
    assert wait(job) == JobStatus(500, 500, finished=True)
    assert job.status().share == 1
    assert open_recording(tmp_path / "out" / "x.zarr").text() == "some text\n" * 50


@pytest.mark.slow
def test_a_job_that_fails_says_why_in_a_sentence(
    checkpoint: Path, texts: Path, tmp_path: Path
) -> None:
    checkpoint.write_bytes(b"no checkpoint")
    status = wait(start_recording(checkpoint, texts, tmp_path / "x.zarr", 500))
    assert status.finished
    assert status.error is not None
    assert "not a whole safetensors file" in status.error
    assert not status.error.startswith("unitscope:")
    assert not (tmp_path / "x.zarr").exists()


@pytest.mark.slow
def test_a_damaged_recording_is_recorded_again(
    checkpoint: Path, texts: Path, tmp_path: Path, tiny_checkpoint: Checkpoint
) -> None:
    corpus = Corpus("old", (Document("a.txt", "old"),))
    record(tiny_checkpoint, corpus, tmp_path / "x.zarr")
    (tmp_path / "x.zarr" / "text" / "zarr.json").unlink()
    assert wait(start_recording(checkpoint, texts, tmp_path / "x.zarr", 500)).error is None
    assert open_recording(tmp_path / "x.zarr").text() == "some text\n" * 50


@pytest.mark.slow
def test_a_cancelled_job_leaves_nothing(checkpoint: Path, texts: Path, tmp_path: Path) -> None:
    (texts / "a.txt").write_text("some text\n" * (LONG // 10))
    job = start_recording(checkpoint, texts, tmp_path / "out" / "x.zarr", LONG)
    wait_for_start(job)
    job.cancel()
    job.cancel()  # an impatient user presses twice
    status = wait(job)
    assert status.finished
    assert status.error == "The recording was stopped before it was done."
    assert 0 < status.share < 1
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.slow
def test_stopping_the_server_stops_every_job(checkpoint: Path, texts: Path, tmp_path: Path) -> None:
    (texts / "a.txt").write_text("some text\n" * (LONG // 10))
    job = start_recording(checkpoint, texts, tmp_path / "out" / "x.zarr", LONG)
    wait_for_start(job)
    stop_all()
    assert wait(job).error is not None
    assert list((tmp_path / "out").iterdir()) == []


class Idle(RecordingJob):
    """A job that waits for its end to be told."""

    def __init__(self, *arguments: object) -> None:
        self.arguments = arguments
        self.ended = False
        self.cancelled = 0

    def status(self) -> JobStatus:
        return JobStatus(0, 10, self.ended)

    def cancel(self) -> None:
        self.cancelled += 1
        self.ended = True


def test_a_second_start_to_the_same_place_joins_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "RecordingJob", Idle)

    def start(name: str) -> RecordingJob:
        return start_recording(tmp_path / "c", tmp_path / "t", tmp_path / name, 10)

    first = start("x.zarr")
    assert start("x.zarr") is first
    assert start("y.zarr") is not first
    first.cancel()
    assert start("x.zarr") is not first


def test_a_share_is_between_nothing_and_all() -> None:
    assert JobStatus(0, 0, finished=False).share == 0
    assert JobStatus(5, 10, finished=False).share == 0.5
    assert JobStatus(12, 10, finished=True).share == 1
