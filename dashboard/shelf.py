"""What lies in the library of recordings: whole, unfinished or broken; and how one is removed.

Nothing outside the library's folder is ever removed: not what a link points to, nor what a path
with dots in it means.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from analysis.places import Place
from analysis.plan import Cut
from analysis.recording import Recording, RecordingError
from analysis.unfinished import finished
from analysis.untrained import untrained_place
from dashboard.controls import forget_control
from dashboard.jobs import all_jobs, forget_made
from dashboard.library import (
    changed_at,
    close,
    is_in_library,
    list_recordings,
    open_at,
    open_readable,
    recordings_folder,
)
from dashboard.verifying import verification_of
from models.errors import UserError

Kind = Literal["recording", "unfinished", "broken", "foreign"]

_UNFINISHED = ".zarr.unfinished"
_DELETED = ".deleted-"


@dataclass(frozen=True)
class Entry:
    """One thing in the library, or a recording opened from elsewhere.

    `problem` says in a sentence what is wrong with it. `is_link` is so for what only points to a
    recording elsewhere.
    """

    path: str
    kind: Kind
    size: int
    """Bytes on disk; 0 at a URL, where it is not known."""
    changed: float
    """Seconds since 1970; 0 if not known."""
    recording: Recording | None = None
    problem: str = ""
    in_library: bool = True
    is_link: bool = False
    is_busy: bool = False
    """Whether it is being written."""

    @property
    def name(self) -> str:
        """The last part of its path."""
        name = Path(self.path).name
        return name[1:].removesuffix(".unfinished") if self.kind == "unfinished" else name

    @property
    def can_be_removed(self) -> bool:
        """Whether `remove` takes it."""
        return self.in_library and self.kind != "foreign" and not self.is_busy


def shelf(elsewhere: Iterable[str] = ()) -> list[Entry]:
    """Recordings of the library, newest first, and from elsewhere; then what is not whole."""
    try:
        found = list(recordings_folder().iterdir())
    except OSError:
        found = []
    shown = (path for path in found if not path.name.startswith(".") or _is_unfinished(path))
    own = sorted((_entry(path) for path in shown), key=lambda each: -each.changed)
    others = [_opened(path) for path in elsewhere if not is_in_library(path)]
    opened = [each for each in others if each is not None]
    # False comes before True, and what is alike keeps its order.
    return sorted([*own, *opened], key=lambda each: each.kind != "recording")


def _is_unfinished(path: Path) -> bool:
    return path.name.startswith(".") and path.name.endswith(_UNFINISHED)


def _entry(path: Path) -> Entry:
    changed = changed_at(path / "zarr.json") or changed_at(path)
    size = size_of(path, changed)
    facts = (str(path), size, changed / 1e9)
    if _is_unfinished(path):
        busy = _is_held(path / "lock")
        return _made("unfinished", facts, problem=_how_far(path, busy), is_busy=busy)
    if path.suffix != ".zarr":
        return _made("foreign", facts, problem="This is not a recording, so it is left alone.")
    try:
        recording, problem = open_at(path), ""
    except RecordingError as error:
        recording, problem = None, str(error)
    return _made(
        "broken" if recording is None else "recording",
        facts,
        recording=recording,
        problem=problem,
        is_link=path.is_symlink(),
        is_busy=_is_being_written(path),
    )


def _made(kind: Kind, facts: tuple[str, int, float], **more: object) -> Entry:
    return Entry(facts[0], kind, facts[1], facts[2], **more)  # type: ignore[arg-type]


def _opened(path: str) -> Entry | None:
    try:
        recording = open_at(path)
    except RecordingError:
        return None  # gone since
    if Place(path).is_url:
        return Entry(path, "recording", 0, 0.0, recording, in_library=False)
    changed = changed_at(Path(path) / "zarr.json")
    size = size_of(Path(path), changed)
    return Entry(path, "recording", size, changed / 1e9, recording, in_library=False)


@lru_cache(maxsize=500)
def size_of(path: Path, changed: int) -> int:
    """Bytes of all files in a folder, or of a file; what links point to is not counted."""
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size if os.path.lexists(path) else 0
    total = 0
    for folder, _, files in os.walk(path):
        for name in files:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size
            except OSError:  # gone since
                continue
    return total


def _how_far(path: Path, busy: bool) -> str:
    """What there is of a recording that was stopped, and how to go on with it."""
    if busy:
        return "It is being written by another process."
    done = len(finished(Place(str(path / "store")))) * Cut().shard_time
    total = _symbols_of(path / "store")
    if not done or not total:
        return "It was stopped before there was anything to go on with. It can be deleted."
    target = path.parent / path.name[1:].removesuffix(".unfinished")
    return (
        f"It was stopped after about {min(done, total):,} of {total:,} symbols, which are kept. "
        f"Go on in a terminal: unitscope record CHECKPOINT TEXT -o {target} --resume"
    )


def _symbols_of(store: Path) -> int:
    try:
        return int(json.loads((store / "text" / "zarr.json").read_bytes())["shape"][0])
    except (OSError, ValueError, LookupError, TypeError):
        return 0


def _lock_of(path: Path) -> Path:
    """The file that a process holds while it writes a recording to this place."""
    folder = path if _is_unfinished(path) else path.with_name(f".{path.name}.unfinished")
    return folder / "lock"


def _is_being_written(path: Path) -> bool:
    ours = any(
        job.order.destination.name == path.name and not job.status().finished
        for job in all_jobs()
        if is_in_library(job.order.destination)
    )
    return ours or _is_held(_lock_of(path))


def _is_held(lock: Path) -> bool:
    try:
        with _holding(lock):
            return False
    except BlockingIOError:
        return True


@contextmanager
def _holding(lock: Path) -> Iterator[None]:
    """Keep other processes from writing; raises BlockingIOError where one does."""
    try:
        file = lock.open("r")
    except OSError:  # nobody has begun to write
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def control_of(recording: Recording) -> Path | None:
    """Where in the library the recording of an untrained network lies that was made for this one.

    None if there is none, or another recording of the library with the same id needs it too.
    """
    if not is_in_library(recording.path):
        return None
    place = Path(untrained_place(recording, recordings_folder()).path)
    sharing = [each for each in list_recordings() if each.id == recording.id]
    return place if place.is_dir() and len(sharing) <= 1 else None


def remove(path: str | Path) -> None:
    """Remove a recording of the library, whole, unfinished or broken; of a link, the link alone.

    The recording of an untrained network that was made for it goes with it.

    Raises
    ------
    UserError
        If it is not in the library, is not a recording's folder, is being written or checked, or
        cannot be removed.
    """
    place = _checked(Path(path))
    if _is_being_written(place):
        raise UserError(f"{place.name} is being written. Cancel that, or wait for its end.")
    if verification_of(place) is not None:
        raise UserError(f"{place.name} is being verified. Cancel that, or wait for its end.")
    recording = next(iter(open_readable([place])), None)
    control = None if recording is None else control_of(recording)
    _take_away(place)
    if recording is not None:
        forget_control(recording.id)
    if control is not None:
        _take_away(control)


def _take_away(place: Path) -> None:
    close(place)
    forget_made(place)
    gone = place.with_name(f".{place.name.lstrip('.')}{_DELETED}{secrets.token_hex(4)}")
    try:
        with _holding(_lock_of(place)):
            place.rename(gone)  # at once, so that nobody finds half of it
            if gone.is_symlink() or not gone.is_dir():
                gone.unlink()
            else:
                shutil.rmtree(gone)
    except BlockingIOError as error:
        raise UserError(f"{place.name} is being written. Wait for its end.") from error
    except OSError as error:
        left = gone if os.path.lexists(gone) else place
        raise UserError(
            f"{place.name} cannot be removed whole: {error.strerror}. What is left lies in {left}."
        ) from error


def _checked(path: Path) -> Path:
    """The place itself, sure to be an entry of the library's folder."""
    if not is_in_library(path) or path.name in ("", ".", ".."):
        raise UserError(f"{path} is not in the library, so it is not deleted.")
    place = recordings_folder().resolve() / path.name
    if place.suffix != ".zarr" and not _is_unfinished(place):
        raise UserError(f"{place} is not a recording, so it is not deleted.")
    if not os.path.lexists(place):
        raise UserError(f"{place.name} is not there any more.")
    return place
