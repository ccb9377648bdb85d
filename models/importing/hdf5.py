"""HDF5 files opened with care: nothing outside the file, nothing larger than what is in it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import h5py
import numpy as np

from models.importing.errors import ImportingError

_MOST_RATIO = 1000  # how far compression can have shrunk an array
_MOST_LINKS = 100_000
_MOST_ATTRIBUTE = 16 << 20  # bytes


@contextmanager
def open_hdf5(source: Path | IO[bytes]) -> Iterator[Any]:
    """Open a file whose every link stays inside it.

    Raises
    ------
    ImportingError
        If it is damaged, or a link in it leads to another file.
    """
    try:
        with h5py.File(source, "r") as file:
            _check_links(file)
            yield file
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        if isinstance(error, ImportingError):
            raise
        raise ImportingError(
            f"It begins as an HDF5 file, but is not a whole one ({str(error)[:80]}). "
            "It may be truncated; copy it again."
        ) from error


def _check_links(file: Any) -> None:
    waiting, met, links = [file], set(), 0
    while waiting:
        group = waiting.pop()
        for name in group:
            links += 1
            if links > _MOST_LINKS:
                raise ImportingError(f"It has more than {_MOST_LINKS:,} entries. It is damaged.")
            link = group.get(name, getlink=True)
            if not isinstance(link, h5py.HardLink):
                raise ImportingError(
                    f"Its entry {group.name.rstrip('/')}/{name} is a link to elsewhere, which is "
                    "not followed. Save the network in one file."
                )
            held = group[name]
            if isinstance(held, h5py.Group) and held.id not in met:
                met.add(held.id)
                waiting.append(held)


def read_array(dataset: Any) -> np.ndarray:
    """The values of a dataset of numbers.

    Raises
    ------
    ImportingError
        If it keeps them outside the file, or claims more than the file has.
    """
    check_dataset(dataset)
    return np.asarray(dataset[()])


def check_dataset(dataset: Any) -> None:
    """Refuse what is no dataset, lies in another file, or claims more than the file has.

    Raises
    ------
    ImportingError
        If it is.
    """
    if not isinstance(dataset, h5py.Dataset):
        raise ImportingError("A group was found where an array was expected. It is damaged.")
    if dataset.external or dataset.is_virtual:
        raise ImportingError(f"The array {dataset.name} lies in another file, which is not opened.")
    if dataset.nbytes > _MOST_RATIO * dataset.id.get_storage_size():
        raise ImportingError(
            f"The array {dataset.name} says its shape is {dataset.shape}, but the file holds only "
            f"{dataset.id.get_storage_size():,} bytes of it. It is damaged."
        )


def read_names(attributes: Any, key: str) -> list[str]:
    """A list of texts kept as an attribute, or cut over several ones."""
    keys = (
        [key]
        if key in attributes
        else sorted(
            (k for k in attributes if k.startswith(key) and k[len(key) :].isdigit()),
            key=lambda k: int(k[len(key) :]),
        )
    )
    return [
        read_text(value) for k in keys for value in np.atleast_1d(read_attribute(attributes, k))
    ]


def read_attribute(attributes: Any, key: str) -> Any:
    """The value of an attribute, None if there is none.

    Raises
    ------
    ImportingError
        If it claims to be longer than what describes a model.
    """
    if key not in attributes:
        return None
    held = attributes.get_id(key)
    if held.dtype.itemsize * math.prod(held.shape) > _MOST_ATTRIBUTE:
        raise ImportingError(f"Its attribute {key!r} is too long. The file is damaged.")
    return attributes[key]


def read_text(value: Any) -> str:
    """A text that HDF5 may have as bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
