"""Recordings made up of given texts and codes, laid out as the recorder does, on disk or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import Crc32cCodec
from zarr.storage import MemoryStore

from analysis.recording import CHUNK_TIME, CHUNK_UNITS, Recording
from models.corpora import Document
from models.vocabulary import code_points


def slow_walk(
    shape: tuple[int, ...], memory: float, random: np.random.Generator
) -> NDArray[np.float32]:
    """Return values about 1 in size that forget slowly along the first axis."""
    from scipy.signal import lfilter

    noise = random.standard_normal(shape, dtype=np.float32)
    filtered = lfilter([np.sqrt(1 - memory**2)], [1.0, -memory], noise, axis=0)
    return np.asarray(filtered, np.float32)


def make_codes(time: int, units: int, random: np.random.Generator) -> list[NDArray[np.int8]]:
    """Return codes of unrelated slow units, in blocks of shape (time, unit)."""
    widths = [min(CHUNK_UNITS, units - start) for start in range(0, units, CHUNK_UNITS)]
    walks = (slow_walk((time, width), 0.98, random) for width in widths)
    return [np.round(127 * np.tanh(walk)).astype(np.int8) for walk in walks]


def make_recording(
    texts: Sequence[str],
    sites: Mapping[str, NDArray[np.int8]],
    path: Path | None = None,
    suffix: str = "",
) -> Recording:
    """Return a recording of documents with these codes; in memory where no path is given.

    Parameters
    ----------
    texts : sequence of str
        One a document.
    sites : mapping of str to ndarray of int8, shape (time, unit)
    path : Path, optional
        A folder to write.
    suffix : str
        Of the documents' names: tells their language.

    Returns
    -------
    Recording
        What reads text and codes; it has no losses and no guesses.
    """
    group = zarr.create_group(MemoryStore() if path is None else str(path), zarr_format=3)
    text = np.concatenate([code_points(each) for each in texts])
    _write(group, "text", np.asarray(text, np.uint32))
    for site, codes in sites.items():
        _write(group, site.replace(".", "/"), codes)
    documents, start = [], 0
    for number, each in enumerate(texts):
        document = Document(f"text-{number}{suffix}", each)
        documents.append(
            {
                "name": document.name,
                "start": start,
                "symbols": len(each),
                "sha256": document.sha256,
            }
        )
        start += len(each)
    group.attrs.put({"sites": list(sites), "documents": documents})
    return Recording(str(path), group, dict(group.attrs))


def make_long_recording(
    texts: Sequence[str], units: int, blocks: Sequence[NDArray[np.int8]], path: Path
) -> Recording:
    """Write a recording whose chunks are given ones over and over: longer than memory is large.

    Parameters
    ----------
    texts : sequence of str
        One a document.
    units : int
        Of its one site, 0.h.
    blocks : sequence of ndarray of int8, shape (65,536, 16)
    path : Path
        A folder to write.
    """
    recording = make_recording(texts, {}, path, ".py")
    time = len(recording)
    array = _create(recording.arrays, "0/h", (time, units), np.dtype(np.int8))
    number = 0
    for start in range(0, time, CHUNK_TIME):
        for first in range(0, units, CHUNK_UNITS):
            stop, last = min(start + CHUNK_TIME, time), min(first + CHUNK_UNITS, units)
            array[start:stop, first:last] = blocks[number % len(blocks)][
                : stop - start, : last - first
            ]
            number += 1
    recording.arrays.attrs["sites"] = ["0.h"]
    return open_made(path)


def open_made(path: Path) -> Recording:
    """Open a made-up recording again: it lacks what `open_recording` asks for."""
    group = zarr.open_group(str(path), mode="r")
    return Recording(str(path), group, dict(group.attrs))


def _write(group: zarr.Group, name: str, values: NDArray[np.generic]) -> None:
    _create(group, name, values.shape, values.dtype)[:] = values


def _create(
    group: zarr.Group, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> zarr.Array[Any]:
    chunks = tuple(
        max(1, min(size, most))
        for size, most in zip(shape, (CHUNK_TIME, CHUNK_UNITS), strict=False)
    )
    return group.create_array(
        name, shape=shape, dtype=dtype, chunks=chunks, compressors=(Crc32cCodec(),)
    )
