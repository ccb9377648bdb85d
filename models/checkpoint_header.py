"""What a checkpoint's file says of itself, read without its weights and without torch."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from models.errors import UserError

SCHEMA_VERSION = 2
PLAIN_VERSION = 1
"""What files of networks say that the first version can say, so that it reads them too."""
METADATA_KEY = "unitscope"
MOST_HEADER_BYTES = 16 << 20
"""Longer headers are not read: 65,536 symbols, a curve and its snapshots need far less."""

_LENGTH_BYTES = 8  # a safetensors file begins with its header's length
_MOST_NAME = 200


class CheckpointError(UserError):
    """A file is not a checkpoint that can be read."""


@dataclass(frozen=True)
class CheckpointHeader:
    """One trained network without its weights.

    `embedding` is None where the first layer reads symbols as they are (one-hot). `hidden` is the
    last layer's width; `widths` are all layers' where they differ, else empty. `variant` says in
    words how the cells differ from the textbook's, mostly "". `weights` counts the numbers in the
    file. `training` is what the file claims, of whatever types:
    `models.learning_record.read_record` makes sense of it.
    """

    path: Path
    file_bytes: int
    name: str
    cell: str
    layers: int
    hidden: int
    embedding: int | None
    symbols: int
    tied: bool
    weights: int
    widths: tuple[int, ...]
    variant: str
    training: Mapping[str, Any] = field(repr=False)


def read_header(path: str | Path) -> CheckpointHeader:
    """Read what a checkpoint's file says of its network and training.

    The sizes of the tensors are checked against the file, their values are not read: a header
    that can be read does not make a checkpoint that can be loaded.

    Raises
    ------
    CheckpointError
        If the file is missing, truncated, or not a Unitscope checkpoint.
    """
    path = Path(path)
    with explaining(path):
        file_bytes = path.stat().st_size
        _check_length(path, file_bytes)
        with safe_open(path, framework="numpy") as file:
            text = metadata_text(path, file)
            names = file.keys()
            weights = sum(math.prod(file.get_slice(name).get_shape()) for name in names)
    return _parse(path, text, file_bytes, weights)


@contextmanager
def explaining(path: Path) -> Iterator[None]:
    """For opening and reading a checkpoint's file: what goes wrong becomes a CheckpointError."""
    if not os.path.isfile(path):  # False, not an error, for whatever may be typed
        raise CheckpointError(
            f"There is no checkpoint file {path}. Check the path and its spelling."
        )
    try:
        yield
    except (SafetensorError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CheckpointError(
            f"{path} is not a whole safetensors file ({reason}). "
            "It may be truncated or of another format; copy or train it again."
        ) from error


def metadata_text(path: Path, file: Any) -> str:
    """What an open safetensors file says of its network, in JSON.

    Raises
    ------
    CheckpointError
        If it says nothing: other programs write such files too.
    """
    text: str | None = (file.metadata() or {}).get(METADATA_KEY)
    if text is None:
        raise CheckpointError(
            f"{path} is a safetensors file, but not a Unitscope checkpoint: it says nothing of "
            "architecture and vocabulary. Train one with `unitscope train`."
        )
    return text


def check_version(metadata: Mapping[str, Any]) -> None:
    """Raise a CheckpointError unless this version reads the metadata's schema."""
    version = metadata["schema_version"]
    if version not in (PLAIN_VERSION, SCHEMA_VERSION):
        raise CheckpointError(
            f"It has checkpoint schema {str(version)[:20]}; this version reads {PLAIN_VERSION} and "
            f"{SCHEMA_VERSION}. "
            "Update Unitscope, or save the checkpoint again."
        )


def _check_length(path: Path, file_bytes: int) -> None:
    """Refuse a header longer than the file, or any of ours, before memory is taken for it."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
    if length > min(MOST_HEADER_BYTES, file_bytes):
        raise SafetensorError("its header does not fit")


def _parse(path: Path, text: str, file_bytes: int, weights: int) -> CheckpointHeader:
    try:
        metadata = json.loads(text)
        check_version(metadata)
        network = metadata["architecture"]
        embedding = network["embedding"]
        return CheckpointHeader(
            path=path,
            file_bytes=file_bytes,
            name=_text(metadata["name"]),
            cell=_text(network["cell"]),
            layers=_count(network["layers"]),
            hidden=_count(network["hidden"]),
            embedding=None if embedding is None else _count(embedding),
            symbols=_count(network["symbols"]),
            tied=network.get("tied", False) is True,
            weights=weights,
            widths=tuple(map(_count, network.get("widths") or ())),
            variant=_variant(network),
            training=dict(metadata["training"]),
        )
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise CheckpointError(
            f"{path} has damaged metadata ({str(error)[:80]}). Save the checkpoint again."
        ) from error


def _variant(network: Mapping[str, Any]) -> str:
    slope = network.get("gate_slope")
    told = [f"hard sigmoid gates of slope {float(slope):.3g}"] if slope is not None else []
    told += ["reset before the product"] if network.get("reset_before") is True else []
    return ", ".join(told + (["relu"] if network.get("relu") is True else []))


def _text(value: object) -> str:
    """A short text that UTF-8 has room for: JSON can hold halves of symbols."""
    if not isinstance(value, str):
        raise TypeError(f"{str(value)[:40]!r} is not a text")
    return value[:_MOST_NAME].encode("utf-8", "replace").decode("utf-8")


def _count(value: object) -> int:
    if type(value) is not int or value < 1:  # True is an int too
        raise ValueError(f"{str(value)[:40]!r} is not a whole number above 0")
    return value
