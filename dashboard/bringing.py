"""A network of another program: what a person brings of it, and what is done with that."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Literal

from dashboard.checkpoints import checkpoints_folder
from dashboard.library import changed_at, home
from dashboard.processes import UnitscopeProcess
from models.errors import UserError

Action = Literal["inspect", "import"]

ACTIVATIONS = {
    "": "As the file says",
    "sigmoid": "Gates: sigmoid",
    "hard_sigmoid": "Gates: hard sigmoid of Keras 1 and 2",
    "hard_sigmoid_keras3": "Gates: hard sigmoid of Keras 3",
    "tanh": "RNN: tanh",
    "relu": "RNN: relu",
}
"""As the terminal names activations, and as the form does."""
LIMIT = 120.0
"""Seconds that a file may take."""

_SETS = ("sorted-set-lower:", "sorted-set:")
_SAMPLE = "sample.txt"
_OPTIONS = (
    ("with --vocabulary:", "as the vocabulary:"),
    ("with --vocabulary.", "as the vocabulary."),
    ("--vocabulary", "the vocabulary"),
    ("--text FILE", "a sample"),
    ("with --activation", "as the activation"),
)
_LONGEST = 40  # symbols of a name: their bytes and a number fit into any file system
_LONGEST_SUFFIX = 12
_FORGOTTEN = 3600  # seconds after which a folder belongs to a server that is no more


@dataclass(frozen=True)
class Upload:
    """A file that came through the browser; `id` is its own, whatever its name."""

    name: str
    id: str
    content: bytes = field(repr=False, compare=False)


@dataclass(frozen=True)
class Brought:
    """What a person has of a network; `vocabulary` is as in the terminal, empty if not given."""

    file: Upload | Path
    vocabulary: Upload | str = ""
    sample: str = field(default="", repr=False)
    activation: str = ""  # where the file does not say


def bring(
    file: Upload | None,
    path: str,
    vocabulary_file: Upload | None,
    vocabulary: str,
    sample: str,
    activation: str = "",
) -> Brought:
    """What the form holds, or what is wrong with it.

    Raises
    ------
    UserError
        If there is no network, or two of them, or two vocabularies.
    """
    path, vocabulary = path.strip(), vocabulary.strip()
    if file is not None and path:
        raise UserError("There are a dropped file and a path. Clear one of them.")
    if vocabulary_file is not None and vocabulary:
        raise UserError("There are two vocabularies, a file and a typed one. Clear one of them.")
    if file is None and not path:
        raise UserError("There is no network yet. Drop its file, or give its path.")
    found = file or Path(_whole(path))
    return Brought(found, vocabulary_file or vocabulary, sample, activation)


class BringingTask:
    """`unitscope inspect` or `unitscope import` under way, in a process of its own.

    What was uploaded lies in a folder of the library for as long as the process runs.

    Parameters
    ----------
    action : "inspect" or "import"
    brought : Brought
    limit : float, default=120
        Seconds that it may take.

    Raises
    ------
    UserError
        If the library cannot be written to, or the process not be started.
    """

    def __init__(self, action: Action, brought: Brought, *, limit: float = LIMIT) -> None:
        _check_network(action, brought)
        self.action, self.brought = action, brought
        self.destination = free_place(brought.file.name) if action == "import" else None
        self._lines: list[str] = []
        self._folder = _make_folder()
        try:
            arguments = [action, *_arguments(brought, self._folder)]
            if self.destination is not None:
                arguments.append(f"--output={self.destination}")
            self._process = UnitscopeProcess(
                arguments, self._lines.append, lambda error: self._clean_up(), limit=limit
            )
        except OSError as error:
            self._clean_up()
            raise _cannot_keep(error) from error
        except UserError:
            self._clean_up()
            raise

    @property
    def ended(self) -> bool:
        """Whether all is said, and the uploaded bytes are gone."""
        return self._process.ended

    @property
    def lines(self) -> list[str]:
        """What it has said so far of the network, a line each."""
        return [self._as_in_form(line.rstrip("\n")) for line in list(self._lines)]

    @property
    def warnings(self) -> list[str]:
        """What looks wrong about the network, a sentence each."""
        return [self._as_in_form(warning) for warning in self._process.warnings]

    @property
    def error(self) -> str | None:
        """Why it failed, in a sentence; None if it did not, or not yet."""
        error = self._process.error
        return None if error is None else self._as_in_form(error)

    def stop(self) -> None:
        """Want no answer any more."""
        self._process.stop()

    def _as_in_form(self, told: str) -> str:
        """In the form's words: uploaded files by their own names, the terminal's options by its."""
        for option, field_name in _OPTIONS:
            told = told.replace(option, field_name)
        for part in ("network/", "rows/", ""):
            told = told.replace(f"{self._folder}/{part}", "")
        return told

    def _clean_up(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _check_network(action: Action, brought: Brought) -> None:
    """An LSTMVis project can be looked into, but no checkpoint can be made of it."""
    if action == "inspect" or isinstance(brought.file, Upload):
        return
    from analysis.lstmvis import project_config  # with h5py, which nothing else here needs

    if project_config(brought.file):
        raise UserError(
            "It is an LSTMVis project: it has states and no network. Make a recording of it in a "
            f"terminal, with unitscope import {brought.file} -o NAME.zarr, and open that under "
            "Your own."
        )


def free_place(name: str) -> Path:
    """Where a network of this file's name can be kept without replacing another."""
    stem = PurePosixPath(safe_name(name)).stem
    return next(path for path in _places(stem) if not os.path.lexists(path))


def _places(stem: str) -> Iterator[Path]:
    yield checkpoints_folder() / f"{stem}.safetensors"
    for number in count(2):
        yield checkpoints_folder() / f"{stem}-{number}.safetensors"


def safe_name(name: str) -> str:
    """A name for a file, as near as can be to one that may be anything."""
    last = PurePosixPath(name.replace("\\", "/")).name
    path = PurePosixPath(re.sub(r"[^\w.]+", "-", last).strip(".-"))
    stem = path.stem[:_LONGEST].strip(".-") or "network"
    return stem + path.suffix[:_LONGEST_SUFFIX]


def _arguments(brought: Brought, folder: Path) -> list[str]:
    file, vocabulary = brought.file, brought.vocabulary
    path = _keep(file, folder / "network") if isinstance(file, Upload) else file
    arguments = [str(path)]
    sample = folder / _SAMPLE
    if brought.sample.strip():
        sample.write_bytes(brought.sample.encode("utf-8", "replace"))
        arguments.append(f"--text={sample}")
    if isinstance(vocabulary, Upload):
        arguments.append(f"--vocabulary={_keep(vocabulary, folder / 'rows')}")
    elif vocabulary:
        arguments.append(f"--vocabulary={vocabulary_of(vocabulary, sample)}")
    if brought.activation:
        arguments.append(f"--activation={brought.activation}")
    return arguments


def _keep(upload: Upload, folder: Path) -> Path:
    """Write an uploaded file into a folder of its own: what lies beside a network has a meaning."""
    place = folder / safe_name(upload.name)
    folder.mkdir()
    place.write_bytes(upload.content)
    return place


def vocabulary_of(typed: str, sample: Path) -> str:
    """A vocabulary as the terminal takes it, its file by a whole path.

    `sample` is the file of the text in the form, which may be meant by its name alone.

    Raises
    ------
    UserError
        If it is a text's symbols, and there is no text.
    """
    if typed == "string.printable":
        return typed
    start = next((start for start in _SETS if typed.startswith(start)), "")
    name = typed.removeprefix(start).strip()
    if name in ("", _SAMPLE) and sample.exists():
        return f"{start}{sample}"
    if not name:
        raise UserError(
            f"Which text's symbols? Put its path after {start} or paste it as a sample."
        )
    return f"{start}{_whole(name)}"


def _whole(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))


def _make_folder() -> Path:
    waiting = home() / "bringing"
    try:
        waiting.mkdir(parents=True, exist_ok=True)
        for left in waiting.iterdir():
            if time.time() - changed_at(left) / 1e9 > _FORGOTTEN:
                shutil.rmtree(left, ignore_errors=True)
        return Path(tempfile.mkdtemp(dir=waiting))
    except OSError as error:
        raise _cannot_keep(error) from error


def _cannot_keep(error: OSError) -> UserError:
    return UserError(
        f"Cannot keep the file in {home()}: {error.strerror}. "
        "Set UNITSCOPE_HOME to a folder you can write to."
    )
