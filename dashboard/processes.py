"""`unitscope` in a process of its own: what it tells on its way, and why it ended."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

from models.errors import UserError

PROGRAM = (sys.executable, "-m", "unitscope")
_MOST_ERROR = 4000  # symbols
_INTERRUPTED = 130  # what it ends with after it has cleaned up
_CLEANS_UP_WITHIN = 5  # seconds
_OURS = "unitscope: "  # how the lines begin that it tells people beside its output


class UnitscopeProcess:
    """One command under way, watched by threads that end with it.

    Parameters
    ----------
    arguments : sequence of str
        The command and its options.
    on_line : callable
        Called with each line of its output, from another thread.
    on_end : callable
        Called once when it has ended, with why it failed or None, from another thread.
    limit : float, optional
        Seconds after which it is stopped.

    Raises
    ------
    UserError
        If it cannot be started.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        on_line: Callable[[str], None],
        on_end: Callable[[str | None], None] = lambda error: None,
        *,
        limit: float | None = None,
    ) -> None:
        try:
            self._process = subprocess.Popen(
                [*PROGRAM, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
            )
        except (OSError, ValueError) as error:  # whatever may be typed as a path
            raise UserError(f"Cannot start to read: {error}. Check the path.") from error
        self._on_line, self._on_end = on_line, on_end
        self._ended = threading.Event()
        self._errors = ""
        self._limit, self._ran_out = limit, False
        self._error_watch = threading.Thread(target=self._watch_errors, daemon=True)
        self._error_watch.start()
        threading.Thread(target=self._watch, daemon=True).start()
        if limit is not None:
            threading.Thread(target=self._watch_time, args=(limit,), daemon=True).start()

    @property
    def pid(self) -> int:
        """Its number among the machine's processes."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it has ended and `on_end` has been called."""
        return self._ended.is_set()

    @property
    def error(self) -> str | None:
        """Why it failed, in a sentence; None if it did not, or not yet."""
        code = self._process.poll()
        if not code:
            return None
        if self._ran_out:
            return (
                f"It was not done after {self._limit:g} seconds, so it was stopped. In a terminal "
                "the same command has no limit."
            )
        if code == _INTERRUPTED:
            return "The reading process was stopped from outside before it was done."
        if code < 0:
            return (
                f"The reading process was killed from outside (signal {-code}) before it was done, "
                "perhaps for want of memory."
            )
        lines = [line for line in self._errors.splitlines() if line.strip()]
        last = lines[-1] if lines else f"The reading process ended with code {code}."
        return last.removeprefix(_OURS)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What it warned of, a sentence each; not why it failed."""
        lines = [line for line in self._errors.splitlines() if line.startswith(_OURS)]
        told = [line.removeprefix(_OURS) for line in lines]
        return tuple(line for line in told if line != self.error)

    def stop(self) -> None:
        """Ask it to clean up and end."""
        if self._process.poll() is None:
            self._process.terminate()

    def _watch(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._on_line(line)
        self._process.wait()
        self._error_watch.join(timeout=1)
        try:
            self._on_end(self.error)
        finally:
            self._ended.set()

    def _watch_time(self, limit: float) -> None:
        if self._ended.wait(limit):
            return
        self._ran_out = True
        self.stop()
        if not self._ended.wait(_CLEANS_UP_WITHIN):
            self._process.kill()

    def _watch_errors(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                self._errors = (self._errors + line)[-_MOST_ERROR:]
