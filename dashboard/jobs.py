"""Recordings made in other processes, one after another, by the server for all its visitors."""

from __future__ import annotations

import contextlib
import json
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dashboard.processes import UnitscopeProcess
from models.corpora import Split
from models.errors import UserError

_STOPPED = "The recording was stopped before it was done."


@dataclass(frozen=True)
class Order:
    """What is to be read with what, and where the recording goes.

    `source` is a file, a folder or a corpus's name; `title` is what a person calls it.
    """

    title: str
    checkpoint: Path
    source: str
    destination: Path
    total: int  # symbols
    split: Split | None = None

    def arguments(self) -> list[str]:
        """The command that carries it out."""
        split = ["--split", self.split] if self.split else []
        # --force: one that is there could not be opened, or nobody would record it again.
        options = ["-o", str(self.destination), "--json", "--force", *split]
        return ["record", str(self.checkpoint), self.source, *options]


@dataclass(frozen=True)
class JobStatus:
    """How far a recording is.

    `rate` is in symbols a second, None until it is known. `error` is a sentence if it failed.
    """

    done: int
    total: int
    finished: bool
    error: str | None = None
    waits: bool = False
    rate: float | None = None

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Of reading; None until it is known."""
        return (self.total - self.done) / self.rate if self.rate else None


class RecordingJob:
    """An order on its way: it waits, is carried out by another process, and ends."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.cancelled = False
        self._lock = threading.Lock()
        self._process: UnitscopeProcess | None = None
        self._error: str | None = None
        self._finished = False
        self._done = 0
        self._first: tuple[float, int] | None = None  # when how much had been read
        self._last = (0.0, 0)

    def begin(self, on_end: Callable[[], None]) -> None:
        """Start the process, unless it has started; `on_end` follows when it has ended."""

        def end(error: str | None) -> None:
            self._end(error)
            on_end()

        with self._lock:
            if self._process is not None or self._finished:
                return
            try:
                self._process = UnitscopeProcess(self.order.arguments(), self._take, end)
            except UserError as error:
                self._error, self._finished = str(error), True

    def status(self) -> JobStatus:
        """How far it is now."""
        waits = self._process is None and not self._finished
        return JobStatus(
            self._done, self.order.total, self._finished, self._error, waits, self._rate()
        )

    def cancel(self) -> None:
        """Stop it, or take it out of the queue; nothing half-written stays."""
        with self._lock:
            if self._finished:
                return
            self.cancelled = True
            if self._process is None:
                self._error, self._finished = _STOPPED, True
            else:
                self._process.stop()

    def _take(self, line: str) -> None:
        with contextlib.suppress(ValueError, LookupError, TypeError):  # a line may be cut short
            self._done = int(json.loads(line)["done"])
            self._last = (time.monotonic(), self._done)
            self._first = self._first or self._last

    def _rate(self) -> float | None:
        if self._finished or self._first is None:
            return None
        seconds, symbols = (b - a for a, b in zip(self._first, self._last, strict=True))
        return symbols / seconds if seconds > 0 else None

    def _end(self, error: str | None) -> None:
        if error is not None:
            self._error = _STOPPED if self.cancelled else error
            _remove_unfinished(self.order.destination)
        self._finished = True


def _remove_unfinished(destination: Path) -> None:
    """Remove what a process that was killed could not."""
    for left in destination.parent.glob(f".{destination.name}.unfinished*"):
        shutil.rmtree(left, ignore_errors=True)


_jobs: dict[Path, RecordingJob] = {}  # the order of the queue
_lock = threading.Lock()


def start_recording(order: Order) -> RecordingJob:
    """Start a recording, queue it behind others, or join the one to the same place."""
    with _lock:
        job = _jobs.get(order.destination)
        if job is not None and not job.status().finished:
            return job
        _jobs.pop(order.destination, None)
        _jobs[order.destination] = job = RecordingJob(order)
    _begin_next()
    return job


def _begin_next() -> None:
    """Start the first job that has not finished, if it waits."""
    with _lock:
        for job in _jobs.values():
            if not job.status().finished:
                job.begin(_begin_next)
            if not job.status().finished:
                return


def all_jobs() -> list[RecordingJob]:
    """The jobs under way, waiting, or finished and not yet forgotten, in their order."""
    with _lock:
        return list(_jobs.values())


def running_job() -> RecordingJob | None:
    """The job that the others wait for."""
    unfinished = (job for job in all_jobs() if not job.status().finished)
    return next(unfinished, None)


def forget(job: RecordingJob) -> None:
    """Show a finished job no more."""
    with _lock:
        if _jobs.get(job.order.destination) is job and job.status().finished:
            del _jobs[job.order.destination]


def forget_made(path: str | Path) -> None:
    """Show the job that has made the recording at a path no more: somebody has seen it."""
    made = Path(path).resolve()
    for job in all_jobs():
        status = job.status()
        if status.finished and status.error is None and job.order.destination.resolve() == made:
            forget(job)


def stop_all() -> None:
    """Stop what still runs and start nothing more, when the server ends."""
    with _lock:
        for job in _jobs.values():
            job.cancel()
