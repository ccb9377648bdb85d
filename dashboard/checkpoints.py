"""Which checkpoints there are, what their files say of themselves, and the address of one."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dashboard.library import changed_at, home
from dashboard.state import number_from_query
from models.checkpoint_header import CheckpointHeader, read_header
from models.learning_record import Snapshot
from models.zoo import zoo_checkpoints

_opened: dict[str, Path] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class ModelsView:
    """One state of the Models page, which is also its address."""

    checkpoint: str  # key
    step: int | None = None

    def to_query(self) -> dict[str, str]:
        """As the parameters of an address."""
        step = {} if self.step is None else {"step": str(self.step)}
        return {"checkpoint": self.checkpoint} | step


def step_from_query(query: Mapping[str, str], snapshots: Sequence[Snapshot]) -> int:
    """The step that an address asks for: the last snapshot up to it, or the first of all."""
    wanted = number_from_query(query, "step")
    reached = [snapshot.step for snapshot in snapshots if snapshot.step <= wanted]
    return reached[-1] if reached else snapshots[0].step


def checkpoints_folder() -> Path:
    """Where a user's own checkpoints are looked for."""
    return home() / "checkpoints"


def known_checkpoints(opened: Iterable[str] = ()) -> dict[str, Path]:
    """The checkpoints to choose from, by key: shipped ones, the user's newest first, opened ones.

    A shipped one's key is its name, that of one in the user's folder is its file's name, that of
    one opened by its path is the path.
    """
    own = sorted(checkpoints_folder().glob("*.safetensors"), key=changed_at, reverse=True)
    known = zoo_checkpoints() | {readable(path.name): path for path in own}
    with _lock:
        return known | {key: _opened[key] for key in opened if key in _opened}


def open_checkpoint(typed: str) -> str:
    """Make a checkpoint known by its path, until the server ends, and give its key.

    Raises
    ------
    CheckpointError
        If the file is not a checkpoint.
    """
    path = Path(os.path.expanduser(typed)).absolute()
    read_header(path)
    for key, known in known_checkpoints().items():
        if known.absolute() == path:
            return key
    with _lock:
        _opened[str(path)] = path
    return str(path)


def is_opened(key: str) -> bool:
    """Whether somebody opened a checkpoint by this path since the server started.

    An address alone opens no file: it may come from anywhere.
    """
    with _lock:
        return key in _opened


def header_of(path: Path) -> CheckpointHeader:
    """What a checkpoint's file says of itself, read again only when the file has changed.

    Raises
    ------
    CheckpointError
        As `read_header`.
    """
    return _header_of(path, changed_at(path))


@lru_cache(maxsize=200)
def _header_of(path: Path, changed: int) -> CheckpointHeader:
    return read_header(path)


def readable(path: str | Path) -> str:
    """A file's name as a text that can be sent, whatever bytes it is made of."""
    return os.fsencode(path).decode("utf-8", "replace")
