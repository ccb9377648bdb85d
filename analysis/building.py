"""A store that is built beside its place, or where it will lie, and is a recording once whole."""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import zarr
from zarr.codecs import Crc32cCodec, ZstdCodec

from analysis.arrays import ArraySpec
from analysis.places import Place
from analysis.recording import CHUNK_TIME, CHUNK_UNITS, RecordingError


def check_destination(target: Place, force: bool) -> None:
    """Refuse to write over what is there, unless it is a recording and is to be replaced.

    Raises
    ------
    RecordingError
        If it is.
    """
    root = target.read("zarr.json")
    if root is None and not target.exists():
        return
    is_begun = target.is_url and _attributes(root).get("unfinished")
    if not force and not is_begun:
        raise RecordingError(
            f"{target.path} exists already. Choose another name, or add --force to replace it."
        )
    # Its outline is enough: one that cannot be opened any more may be replaced.
    if not is_begun and not {"checkpoint", "corpus", "sites"} <= _attributes(root).keys():
        raise RecordingError(f"{target.path} is not a recording, so it is not replaced.")


def _attributes(content: bytes | None) -> dict[str, Any]:
    try:
        attributes = json.loads(content or b"")["attributes"]
    except (ValueError, LookupError, TypeError):
        return {}
    return attributes if isinstance(attributes, dict) else {}


@contextmanager
def building(
    target: Place,
    *,
    force: bool,
    resume: bool = False,
    can_resume: Callable[[Place], bool] = lambda place: False,
) -> Iterator[Place]:
    """Where to build the store; on leaving, it is in its place.

    Where it fails it is removed, unless `can_resume` says that one can go on with what is there.

    Raises
    ------
    RecordingError
        If another process builds it, or it cannot be written.
    """
    place = target if target.is_url else _unfinished(target) / "store"
    try:
        with _alone(target):
            if not resume or (force and target.is_url):
                place.remove()
            try:
                yield place
                if not target.is_url:
                    _move(target, place)
            except BaseException:
                if target.is_url and not can_resume(place):
                    place.remove()
                raise
            finally:
                if not target.is_url and not can_resume(place):
                    shutil.rmtree(_unfinished(target).path, ignore_errors=True)
    except OSError as error:
        is_kept = can_resume(place)
        raise RecordingError(
            f"Cannot write the recording {target.path}: {error.strerror or error}. "
            "Choose a folder you can write to, with space left."
            + (" What has been read is kept: add --resume to go on." if is_kept else "")
        ) from error


def _unfinished(target: Place) -> Place:
    path = Path(target.path)
    return Place(str(path.parent / f".{path.name}.unfinished"))


@contextmanager
def _alone(target: Place) -> Iterator[None]:
    """Hold the folder, so that no second process builds in it."""
    if target.is_url:
        yield
        return
    folder = Path(_unfinished(target).path)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RecordingError(
                f"Another process is writing {target.path}. Wait for it, or choose another name."
            ) from error
        yield


def _move(target: Place, place: Place) -> None:
    """Put the store in its place; both moves are instant, whatever happens in between."""
    final = Path(target.path)
    if final.exists():
        final.rename(Path(_unfinished(target).path) / "replaced")
    Path(place.path).rename(final)


def create_arrays(root: zarr.Group, specs: Sequence[ArraySpec], symbols: int) -> None:
    """Make the arrays of a recording of so many symbols."""
    for spec in specs:
        axes = 2 if spec.width else 1
        create_array(
            root,
            spec.name,
            spec.dtype,
            shape=(symbols, spec.width)[:axes],
            chunks=(min(CHUNK_TIME, symbols), min(CHUNK_UNITS, spec.width))[:axes],
            dimensions=("time", spec.dimension)[:axes],
            attributes=spec.attributes,
            raw=spec.dimension == "unit",
        )


def create_array(
    root: zarr.Group,
    name: str,
    dtype: np.dtype[Any],
    *,
    shape: tuple[int, ...],
    chunks: tuple[int, ...],
    dimensions: tuple[str, ...],
    attributes: Mapping[str, Any] = MappingProxyType({}),
    raw: bool = False,
) -> zarr.Array[Any]:
    """Every chunk carries a checksum, and every chunk is there: what is missing is damage."""
    # Activations shrink by a third at most, and to unpack them would take longer than a search.
    return root.create_array(
        name,
        shape=shape,
        dtype=dtype,
        chunks=chunks,
        dimension_names=dimensions,
        attributes=dict(attributes),
        compressors=(Crc32cCodec(),) if raw else (ZstdCodec(), Crc32cCodec()),
        config={"write_empty_chunks": True},
        overwrite=True,
    )
