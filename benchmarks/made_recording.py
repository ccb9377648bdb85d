"""Recordings made up of given texts and codes, laid out as the recorder does, on disk or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import Crc32cCodec, ZstdCodec
from zarr.storage import MemoryStore

from analysis.recording import CHUNK_TIME, CHUNK_UNITS, Recording
from models.corpora import Document
from models.vocabulary import code_points


def make_recording(
    texts: Sequence[str], sites: Mapping[str, NDArray[np.int8]], path: Path | None = None
) -> Recording:
    """Return a recording of documents with these codes; in memory where no path is given.

    Parameters
    ----------
    texts : sequence of str
        One a document.
    sites : mapping of str to ndarray of int8, shape (time, unit)
    path : Path, optional
        A folder to write.

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
        document = Document(f"text-{number}", each)
        documents.append(
            {
                "name": document.name,
                "start": start,
                "symbols": len(each),
                "sha256": document.sha256,
            }
        )
        start += len(each)
    return Recording(str(path), group, {"sites": list(sites), "documents": documents})


def _write(group: zarr.Group, name: str, values: NDArray[np.generic]) -> None:
    chunks = tuple(
        max(1, min(size, most))
        for size, most in zip(values.shape, (CHUNK_TIME, CHUNK_UNITS), strict=False)
    )
    array = group.create_array(
        name,
        shape=values.shape,
        dtype=values.dtype,
        chunks=chunks,
        compressors=(ZstdCodec(), Crc32cCodec()),
    )
    array[:] = values
