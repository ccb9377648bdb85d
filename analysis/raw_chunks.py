"""Read a chunk of a recording straight from its file, which zarr takes far longer to do.

Signals are stored as they are, a CRC-32C after each chunk, so a chunk is its file less four bytes.
A search reads every chunk there is; this way it waits for memory, not for an event loop.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import zarr

_CHECKSUM_BYTES = 4


def read_raw_chunk(array: zarr.Array[Any], selection: tuple[slice | int, ...]) -> np.ndarray | None:
    """One whole chunk of an array of bytes that lies in a folder of this machine.

    Parameters
    ----------
    array : zarr.Array
    selection : tuple of slice or int
        What is asked for.

    Returns
    -------
    ndarray of int8, shape (time, unit), or None
        Not to be written to. None if that is not exactly one chunk, or if it is stored in another
        way or elsewhere: then zarr must read it.

    Raises
    ------
    OSError
        If the file is missing.
    ValueError
        If it is not as it was written.
    """
    from zarr.storage import LocalStore

    place, store = _chunk_of(array, selection), array.store
    if place is None or not isinstance(store, LocalStore) or not _is_raw(array):
        return None
    long, wide = array.chunks
    content = _read_checked(Path(store.root, array.path, "c", *map(str, place)), long * wide)
    codes = np.frombuffer(content, np.int8).reshape(long, wide)
    time, units = array.shape
    row, column = place
    return codes[: time - row * long, : units - column * wide]


def _chunk_of(array: zarr.Array[Any], selection: tuple[slice | int, ...]) -> tuple[int, int] | None:
    """Row and column of the chunk that is asked for, if it is exactly one."""
    if len(selection) != 2 or array.ndim != 2:
        return None
    place = []
    for asked, size, length in zip(selection, array.chunks, array.shape, strict=True):
        if not isinstance(asked, slice) or asked.start is None:
            return None
        number = asked.start // size
        if (asked.start, asked.stop) != (number * size, min((number + 1) * size, length)):
            return None
        place.append(number)
    return place[0], place[1]


def _is_raw(array: zarr.Array[Any]) -> bool:
    from zarr.codecs import BytesCodec, Crc32cCodec
    from zarr.core.metadata.v3 import ArrayV3Metadata

    metadata = array.metadata
    return (
        array.dtype == np.int8
        and isinstance(metadata, ArrayV3Metadata)
        and tuple(type(codec) for codec in metadata.codecs) == (BytesCodec, Crc32cCodec)
        and metadata.chunk_key_encoding.name == "default"
        and metadata.chunk_key_encoding.encode_chunk_key((0, 0)) == "c/0/0"
    )


def _read_checked(path: Path, size: int) -> bytes:
    import google_crc32c

    with path.open("rb") as file:
        content, checksum = file.read(size), file.read()
    if len(content) < size or len(checksum) != _CHECKSUM_BYTES:
        raise ValueError(f"{path.name} has not the size of a chunk")
    if google_crc32c.value(content) != int.from_bytes(checksum, "little"):
        raise ValueError(f"the checksum of the chunk {path.name} does not hold")
    return content
