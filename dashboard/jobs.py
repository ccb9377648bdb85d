"""Record in another process, so that the app stays quick and its progress can be watched."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class JobStatus:
    """How far a recording is. `error` is a sentence if it failed."""

    done: int
    total: int
    finished: bool
    error: str | None = None

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


class RecordingJob:
    """One `unitscope record` in a process of its own."""

    def __init__(self, checkpoint: Path, texts: Path, destination: Path, total: int) -> None:
        self.destination = destination
        self._done, self._total = 0, total
        command = [sys.executable, "-m", "unitscope", "record", str(checkpoint), str(texts)]
        self._process = subprocess.Popen(
            # --force: one that is there could not be opened, or nobody would record it again.
            [*command, "-o", str(destination), "--json", "--force"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        self._errors = ""
        self._threads = [
            threading.Thread(target=self._watch_progress, daemon=True),
            threading.Thread(target=self._watch_errors, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _watch_progress(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                with contextlib.suppress(ValueError):  # the last line may be cut short
                    self._done = int(json.loads(line)["done"])

    def _watch_errors(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                self._errors = (self._errors + line)[-4000:]

    def status(self) -> JobStatus:
        """How far it is now."""
        code = self._process.poll()
        if code is None:
            return JobStatus(self._done, self._total, finished=False)
        for thread in self._threads:
            thread.join(timeout=1)
        return JobStatus(self._done, self._total, True, self._reason(code))

    def _reason(self, code: int) -> str | None:
        if code == 0:
            return None
        if code < 0 or code == 130:
            return "The recording was stopped before it was done."
        lines = [line for line in self._errors.strip().splitlines() if line]
        last = lines[-1] if lines else f"the reading process ended with code {code}"
        return last.removeprefix("unitscope: ")

    def cancel(self) -> None:
        """Stop it; nothing half-written stays."""
        if self._process.poll() is None:
            self._process.terminate()


_jobs: dict[Path, RecordingJob] = {}
_lock = threading.Lock()


def start_recording(checkpoint: Path, texts: Path, destination: Path, total: int) -> RecordingJob:
    """Start a recording, or join the one under way to the same place."""
    with _lock:
        job = _jobs.get(destination)
        if job is None or job.status().finished:
            _jobs[destination] = job = RecordingJob(checkpoint, texts, destination, total)
        return job


def stop_all() -> None:
    """Stop what still runs, when the server ends."""
    with _lock:
        for job in _jobs.values():
            job.cancel()
