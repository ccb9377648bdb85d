"""Checks of recordings under way, each in a process of its own, by the server for its visitors."""

from __future__ import annotations

import contextlib
import json
import threading
from pathlib import Path

from dashboard.processes import UnitscopeProcess


class Verification:
    """`unitscope verify` of one recording.

    Parameters
    ----------
    path : str
        The recording's place.
    checkpoint : Path, optional
        The file of its network; without it, the terminal looks among those that ship.

    Raises
    ------
    UserError
        If the process cannot be started.
    """

    def __init__(self, path: str, checkpoint: Path | None = None) -> None:
        self.path = path
        self.share = 0.0
        """Of the chunks that have been read."""
        self.found = ""
        """What was found if it is sound."""
        self.cancelled = False
        named = [] if checkpoint is None else [f"--checkpoint={checkpoint}"]
        self._process = UnitscopeProcess(["verify", path, "--json", *named], self._take)

    @property
    def ended(self) -> bool:
        """Whether all is said."""
        return self._process.ended

    @property
    def error(self) -> str | None:
        """What is wrong with the recording, or why it could not be checked, in a sentence."""
        return self._process.error

    @property
    def warnings(self) -> tuple[str, ...]:
        """What could not be checked, a sentence each."""
        return self._process.warnings

    def cancel(self) -> None:
        """Stop it."""
        self.cancelled = True
        self._process.stop()

    def _take(self, line: str) -> None:
        with contextlib.suppress(ValueError, LookupError, TypeError):  # a line may be cut short
            told = json.loads(line)
            self.share = float(told.get("done", self.share))
            self.found = str(told.get("sound", self.found))


_checks: dict[str, Verification] = {}
_lock = threading.Lock()


def _key(path: str | Path) -> str:
    return str(path) if "://" in str(path) else str(Path(path).resolve())


def verify_in_background(path: str, checkpoint: Path | None = None) -> Verification:
    """Begin to check a recording, or join the check that is under way.

    Raises
    ------
    UserError
        If the process cannot be started.
    """
    with _lock:
        known = _checks.get(_key(path))
        if known is None or known.ended:
            known = _checks[_key(path)] = Verification(path, checkpoint)
        return known


def last_verification(path: str | Path) -> Verification | None:
    """The check of a recording that is under way, or that ended last and was not dismissed."""
    with _lock:
        return _checks.get(_key(path))


def verification_of(path: str | Path) -> Verification | None:
    """The check of a recording that is under way, if any."""
    known = last_verification(path)
    return None if known is None or known.ended else known


def dismiss(check: Verification) -> None:
    """Show a check that has ended no more."""
    with _lock:
        if _checks.get(_key(check.path)) is check:
            del _checks[_key(check.path)]


def stop_verifying() -> None:
    """End all checks: the server stops."""
    with _lock:
        for check in _checks.values():
            check.cancel()
