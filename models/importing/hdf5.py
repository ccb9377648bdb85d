"""HDF5 files opened with care: nothing outside the file, nothing larger than what is in it."""

from __future__ import annotations

import math
import mmap
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import h5py
import numpy as np

from models.importing.errors import ImportingError

_MOST_RATIO = 1000  # how far compression can have shrunk an array
_MOST_LINKS = 100_000
_MOST_ATTRIBUTE = 16 << 20  # bytes
_HEAP = b"GCOL\x01\0\0\0"  # how a heap begins
_MOST_HEAPS = 64
_MOST_SEARCHED = 256 << 20  # bytes


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
            _check_heaps(source)
            _check_links(file)
            yield file
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        if isinstance(error, ImportingError):
            raise
        raise ImportingError(
            f"It begins as an HDF5 file, but is not a whole one ({str(error)[:80]}). "
            "It may be truncated; copy it again."
        ) from error


def _check_heaps(source: Path | IO[bytes]) -> None:
    """Refuse a reference to a text that claims far more bytes than the text has.

    Texts of any length lie in heaps; a reference is a length, a heap's address and a number. The
    library takes memory for the length, up to 4 GB, before it looks what is there.
    """
    with ExitStack() as stack:
        data: mmap.mmap | bytes
        if isinstance(source, Path):
            file = stack.enter_context(source.open("rb"))
            data = stack.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        else:
            source.seek(0)
            data = source.read()
        if len(data) > _MOST_SEARCHED:  # what can be claimed is then a few times the file
            return
        heap = data.find(_HEAP)
        for _ in range(_MOST_HEAPS):
            if heap < 0:
                return
            _check_references(data, heap)
            heap = data.find(_HEAP, heap + 1)


def _check_references(data: mmap.mmap | bytes, heap: int) -> None:
    address, texts = heap.to_bytes(8, "little"), _texts_of_heap(data, heap)
    place = data.find(address)
    while place >= 0:
        length, number = (_number(data, at, 4) for at in (place - 4, place + len(address)))
        # By chance other bytes look like a reference; hardly so with a text's number after them.
        if place % 4 == 0 and length > _MOST_ATTRIBUTE and length > texts.get(number, length):
            raise ImportingError(
                f"A text in it claims {length:,} bytes, but has {texts[number]:,}. The file is "
                "damaged; copy it again."
            )
        place = data.find(address, place + 1)


def _texts_of_heap(data: mmap.mmap | bytes, heap: int) -> dict[int, int]:
    """The lengths of a heap's texts by their numbers; together with free space they fill it."""
    end = heap + _number(data, heap + 8, 8)
    at, texts = heap + 16, dict[int, int]()
    while at + 16 <= end <= len(data):
        number, length = _number(data, at, 2), _number(data, at + 8, 8)
        texts[number] = length
        if number == 0:  # what is free; it comes last and counts its own head
            at += length
            break
        at += 16 + -(-length // 8) * 8
    if not 0 <= end - at < 16 or end > len(data):  # the library can look for the end for ever
        raise ImportingError(f"A heap of texts at byte {heap:,} does not add up. It is damaged.")
    return texts


def _number(data: mmap.mmap | bytes, at: int, size: int) -> int:
    return int.from_bytes(data[max(0, at) : max(0, at + size)], "little")


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
        If it is neither text nor number, or claims to be longer than what describes a model.
    """
    if key not in attributes:
        return None
    held = attributes.get_id(key)
    # The library crashes on damaged references to sequences that are no text.
    if held.dtype.kind not in "SOiufb" or (
        held.dtype.kind == "O" and h5py.check_string_dtype(held.dtype) is None
    ):
        raise ImportingError(f"Its attribute {key!r} is neither text nor number. It is damaged.")
    if held.dtype.itemsize * math.prod(held.shape) > _MOST_ATTRIBUTE:
        raise ImportingError(f"Its attribute {key!r} is too long. The file is damaged.")
    return attributes[key]


def read_text(value: Any) -> str:
    """A text that HDF5 may have as bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
