"""A training put aside in a file, to go on from there later: float32, optimizer, place and all."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any
from zipfile import is_zipfile

import torch

from models.training import Training
from models.training_options import TrainingError

_VERSION = 2
_MALFORMED = (RuntimeError, LookupError, TypeError, ValueError, AttributeError)


class ResumeError(TrainingError):
    """A training cannot be gone on with, or cannot be put aside."""


def save_training(training: Training, begun_with: Mapping[str, Any], path: Path) -> None:
    """Write all that the rest of a training depends on; a file under this name is always whole.

    Parameters
    ----------
    training : Training
    begun_with : mapping
        The settings and data by name: a training goes on with the same ones alone.
    path : Path

    Raises
    ------
    ResumeError
        If it cannot be written, as on a full disk. What was there before is still there.
    """
    # Torch turns a full disk into an error of its own kind: what is written is made up first.
    content = io.BytesIO()
    torch.save(
        {"version": _VERSION, "begun_with": dict(begun_with), "training": training.to_plain()},
        content,
    )
    # One training writes here, so what a killed one has left half done is written over.
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(content.getbuffer())
        os.replace(partial, path)
    except OSError as error:
        raise ResumeError(
            f"Cannot write {path}: {error.strerror}. What was saved there before is still whole; "
            "make room and go on with --resume."
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def restore_training(training: Training, begun_with: Mapping[str, Any], path: Path) -> None:
    """Bring a new training to where the one in the file was: on the CPU, to the same bits.

    Raises
    ------
    ResumeError
        If there is no such file, it is damaged, or its settings or data were others.
    """
    if not os.path.isfile(path):
        raise ResumeError(f"There is no training to go on with: {path} does not exist.")
    damaged = ResumeError(f"{path} is damaged. Delete it, and begin anew without --resume.")
    if not is_zipfile(path):  # torch would try older formats, none of them ours
        raise damaged
    try:
        kept = torch.load(path, map_location="cpu", weights_only=True)
        version, before, plain = kept["version"], dict(kept["begun_with"]), kept["training"]
    except (UnpicklingError, OSError, EOFError, *_MALFORMED) as error:
        raise damaged from error
    if version != _VERSION:
        raise ResumeError(
            f"{path} was written by another version of Unitscope. "
            "Delete it, and begin anew without --resume."
        )
    _check_same(before, dict(begun_with), path)
    try:
        training.restore(plain)
    except _MALFORMED as error:
        raise damaged from error


def _check_same(before: dict[str, Any], now: dict[str, Any], path: Path) -> None:
    differing = [
        f"{name} {_short(before.get(name))}, not {_short(now.get(name))}"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]
    if differing:
        raise ResumeError(
            f"{path} was begun with {'; '.join(differing)}. "
            "Give the same, or delete it and begin anew without --resume."
        )


def _short(value: object) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) < 20 else f"{text[:12]}..."
