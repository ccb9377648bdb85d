"""Recordings of untrained networks, made in processes of their own, one for a recording."""

from __future__ import annotations

import threading
import time

from analysis.recording import Recording, RecordingError, open_recording
from analysis.untrained import untrained_place
from dashboard.processes import UnitscopeProcess

_ASKED = "newline"  # a hypothesis that takes no time: the recording is what is wanted
_controls: dict[str, Control] = {}
_lock = threading.Lock()


class Control:
    """An untrained network's recording of the same texts, under way or there.

    The process that makes it also checks one that is there already, which needs torch.

    Attributes
    ----------
    recording : Recording or None
        Once it is there.
    error : str or None
        Why it could not be made, in a sentence.
    """

    def __init__(self, of: Recording) -> None:
        self.recording: Recording | None = None
        self.error: str | None = None
        self._began = time.monotonic()
        folder = of.path.rstrip("/").rpartition("/")[0] or "."
        self._place = untrained_place(of, folder).path
        self._process = UnitscopeProcess(
            ["search", of.path, "-H", _ASKED, "--untrained", "--top", "1", "--shifts", "0"],
            lambda line: None,
            self._end,
        )

    @property
    def is_running(self) -> bool:
        """Whether it is still being made."""
        return self.recording is None and self.error is None

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return time.monotonic() - self._began

    def cancel(self) -> None:
        """Stop it."""
        self._process.stop()

    def _end(self, error: str | None) -> None:
        if error is None:
            try:
                self.recording = open_recording(self._place)
            except RecordingError as problem:
                error = str(problem)
        self.error = error


def begin_control(recording: Recording) -> Control:
    """The control of a recording, begun if there is none or it failed.

    Raises
    ------
    UserError
        If no process can be started.
    """
    with _lock:
        control = _controls.get(recording.id)
        if control is None or control.error is not None:
            control = _controls[recording.id] = Control(recording)
        return control


def known_control(recording_id: str) -> Control | None:
    """The control of a recording, if somebody has asked for one."""
    with _lock:
        return _controls.get(recording_id)


def forget_control(recording_id: str) -> None:
    """Stop it, as if nobody had asked."""
    with _lock:
        control = _controls.pop(recording_id, None)
    if control is not None and control.is_running:
        control.cancel()


def stop_controls() -> None:
    """End all that are under way: the server stops."""
    with _lock:
        ids = list(_controls)
    for recording_id in ids:
        forget_control(recording_id)
