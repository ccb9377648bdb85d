"""Read a corpus through a network and keep what every unit did at every symbol.

Documents are read side by side, each from h0 = 0, so the numbers are those of reading them one
after another. Codes go to flat scratch files as they come and from there into the chunks of the
store, so memory does not grow with the text. The store is built beside its final place and moved
there when it is whole.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
import zarr

from analysis.recording import (
    CHUNK_TIME,
    CHUNK_UNITS,
    CODE_SCALE,
    GUESSES,
    SCHEMA_VERSION,
    Recording,
    RecordingError,
    open_recording,
)
from models.checkpoint import Checkpoint
from models.corpora import Corpus
from models.evaluation import carry, restart
from models.reading import SIGNALS, Reading, read
from models.streams import Chunk, read_chunks
from models.vocabulary import code_points

_BATCH = 64
_LENGTH = 128


@dataclass(frozen=True)
class _Column:
    """One array over time on its way to disk: a flat scratch file of rows."""

    name: str
    dtype: np.dtype[Any]
    width: int  # values a row; 0 for an array of one dimension
    dimension: str
    file: BinaryIO

    def write(self, at: int, rows: np.ndarray) -> None:
        self.file.seek(at * self.dtype.itemsize * max(1, self.width))
        self.file.write(np.ascontiguousarray(rows, dtype=self.dtype).data)


def record(
    checkpoint: Checkpoint,
    corpus: Corpus,
    destination: str | Path,
    *,
    signals: Sequence[str] | None = None,
    force: bool = False,
    on_progress: Callable[[int], None] = lambda symbols: None,
) -> Recording:
    """Record a network over a corpus.

    Parameters
    ----------
    checkpoint : Checkpoint
    corpus : Corpus
    destination : str or Path
        The store to make, a folder.
    signals : sequence of str, optional
        Which signals to keep; by default the states: ``h``, and ``c`` for the LSTM.
    force : bool
        Replace a recording that is there already.
    on_progress : callable
        Called with the number of symbols read so far.

    Returns
    -------
    Recording
        Opened from its final place.

    Raises
    ------
    RecordingError
        If the destination exists or cannot be written, a signal is not the cell's, or the network
        knows none of the text's symbols.
    """
    destination = Path(destination)
    kept = _check_signals(checkpoint, signals)
    _check_destination(destination, force)
    encoded = [checkpoint.vocabulary.encode(document.text) for document in corpus.documents]
    _check_known(checkpoint, encoded)
    building: Path | None = None
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        building = Path(
            tempfile.mkdtemp(prefix=f".{destination.name}.unfinished.", dir=destination.parent)
        )
        with ExitStack() as files:
            columns = _open_columns(checkpoint, kept, building / "scratch", files)
            _read_all(checkpoint, corpus, encoded, columns, on_progress)
            _store(building / "store", columns, _attributes(checkpoint, corpus, kept), len(corpus))
        _write_text(building / "store", corpus, encoded)
        if force and destination.exists():  # both moves are instant, whatever happens in between
            destination.rename(building / "replaced")
        (building / "store").rename(destination)
    except OSError as error:
        raise RecordingError(
            f"Cannot write the recording {destination}: {error.strerror or error}. "
            "Choose a folder you can write to, with space left."
        ) from error
    finally:
        if building is not None:
            shutil.rmtree(building, ignore_errors=True)
    return open_recording(destination)


def _check_signals(checkpoint: Checkpoint, signals: Sequence[str] | None) -> tuple[str, ...]:
    cell = checkpoint.architecture.cell
    if signals is None:
        return ("h", "c") if cell == "lstm" else ("h",)
    for signal in signals:
        if signal not in SIGNALS[cell]:
            raise RecordingError(
                f"The cell {cell} has no signal {signal!r}; it has {', '.join(SIGNALS[cell])}."
            )
    if not signals:
        raise RecordingError(f"Name at least one signal of {', '.join(SIGNALS[cell])}.")
    return tuple(dict.fromkeys(signals))


def _check_destination(destination: Path, force: bool) -> None:
    if not os.path.exists(destination):
        return
    if not force:
        raise RecordingError(
            f"{destination} exists already. Choose another name, or add --force to replace it."
        )
    if not _is_recording(destination):
        raise RecordingError(f"{destination} is not a recording, so it is not replaced.")


def _is_recording(folder: Path) -> bool:
    # Its outline is enough: one that cannot be opened any more may be replaced.
    try:
        attributes = json.loads((folder / "zarr.json").read_bytes())["attributes"]
    except (OSError, ValueError, LookupError, TypeError):
        return False
    return isinstance(attributes, dict) and {"checkpoint", "corpus", "sites"} <= attributes.keys()


def _check_known(checkpoint: Checkpoint, encoded: Sequence[np.ndarray]) -> None:
    unknown = checkpoint.vocabulary.unknown
    if all((indices == unknown).all() for indices in encoded):
        raise RecordingError(
            f"The network {checkpoint.name!r} knows none of this text's symbols. "
            "Read it with a network trained on such text."
        )


def _open_columns(
    checkpoint: Checkpoint, signals: Sequence[str], scratch: Path, files: ExitStack
) -> dict[str, _Column]:
    scratch.mkdir(parents=True)
    hidden = checkpoint.architecture.hidden
    shapes: dict[str, tuple[str, int, str]] = {
        f"{layer}/{signal}": ("int8", hidden, "unit")
        for layer in range(checkpoint.architecture.layers)
        for signal in signals
    }
    shapes["loss"] = ("float32", 0, "")
    shapes["next_symbol"] = ("uint16", GUESSES, "rank")
    shapes["next_probability"] = ("float16", GUESSES, "rank")
    return {
        name: _Column(
            name,
            np.dtype(dtype),
            width,
            dimension,
            files.enter_context((scratch / name.replace("/", ".")).open("w+b")),
        )
        for name, (dtype, width, dimension) in shapes.items()
    }


def _read_all(
    checkpoint: Checkpoint,
    corpus: Corpus,
    encoded: Sequence[np.ndarray],
    columns: dict[str, _Column],
    on_progress: Callable[[int], None],
) -> None:
    # Longest first: the slots then run dry together and the last chunks are not thin.
    order = sorted(range(len(encoded)), key=lambda index: -len(encoded[index]))
    state = checkpoint.model.zero_state(_BATCH)
    done = 0
    for start in corpus.starts[:-1][corpus.starts[:-1] < len(corpus)]:
        columns["loss"].write(int(start), np.array([np.nan]))
    for chunk in read_chunks(encoded, order, batch=_BATCH, length=_LENGTH):
        symbols = torch.from_numpy(chunk.symbols)
        reading = read(checkpoint.model, symbols, restart(state, chunk))
        _write_signals(reading, chunk, corpus, columns)
        _write_guesses(reading, chunk, corpus, encoded, columns)
        carry(state, reading.state, chunk)
        done += int(chunk.lengths.sum())
        on_progress(done)


def _rows(chunk: Chunk, corpus: Corpus) -> list[tuple[int, int, int]]:
    """For each slot of a chunk: its column, its first row in the store, its number of rows."""
    first = corpus.starts[chunk.documents] + chunk.starts
    return [(at, int(row), int(n)) for at, (row, n) in enumerate(zip(first, chunk.lengths))]  # noqa: B905


def _write_signals(
    reading: Reading, chunk: Chunk, corpus: Corpus, columns: dict[str, _Column]
) -> None:
    for layer, signals in enumerate(reading.signals):
        for name, value in signals.items():
            column = columns.get(f"{layer}/{name}")
            if column is None:
                continue
            codes = (value * CODE_SCALE).round_().to(torch.int8).numpy()
            for at, row, n in _rows(chunk, corpus):
                column.write(row, codes[:n, at])


def _write_guesses(
    reading: Reading,
    chunk: Chunk,
    corpus: Corpus,
    encoded: Sequence[np.ndarray],
    columns: dict[str, _Column],
) -> None:
    log_probability = reading.logits.log_softmax(dim=2)
    best = min(GUESSES, log_probability.shape[2])
    values, indices = (part.numpy() for part in log_probability.topk(best, dim=2))
    if best < GUESSES:  # a vocabulary of fewer symbols: the last ones again, with probability 0
        pad = ((0, 0), (0, 0), (0, GUESSES - best))
        values = np.pad(values, pad, constant_values=-np.inf)
        indices = np.pad(indices, pad)
    for at, row, n in _rows(chunk, corpus):
        columns["next_symbol"].write(row, indices[:n, at])
        columns["next_probability"].write(row, np.exp(values[:n, at]))
        start = int(chunk.starts[at])
        following = encoded[chunk.documents[at]][start + 1 : start + 1 + n].astype(np.int64)
        steps = np.arange(len(following))
        columns["loss"].write(row + 1, -log_probability.numpy()[steps, at, following])


def _store(
    path: Path, columns: dict[str, _Column], attributes: dict[str, Any], symbols: int
) -> None:
    """Move the scratch files into a Zarr store, one chunk of time after another."""
    root = zarr.create_group(str(path), zarr_format=3, attributes=attributes)
    for column in columns.values():
        shape = (symbols, column.width) if column.width else (symbols,)
        array = root.create_array(
            column.name,
            shape=shape,
            dtype=column.dtype,
            chunks=(
                min(CHUNK_TIME, symbols),
                *([min(CHUNK_UNITS, column.width)] * bool(column.width)),
            ),
            dimension_names=("time", column.dimension)[: len(shape)],
            attributes=_array_attributes(column),
        )
        for start in range(0, symbols, CHUNK_TIME):
            stop = min(start + CHUNK_TIME, symbols)
            row = column.dtype.itemsize * max(1, column.width)
            column.file.seek(start * row)
            block = np.frombuffer(column.file.read((stop - start) * row), dtype=column.dtype)
            array[start:stop] = block.reshape(stop - start, *shape[1:])


def _array_attributes(column: _Column) -> dict[str, Any]:
    if column.dimension == "unit":  # the netCDF convention: xarray gives values, not codes
        return {"scale_factor": 1 / CODE_SCALE, "units": "activation in [-1, 1]"}
    return {"units": "nats"} if column.name == "loss" else {}


def _write_text(path: Path, corpus: Corpus, encoded: Sequence[np.ndarray]) -> None:
    root = zarr.open_group(str(path), mode="r+")
    for name, dtype in (("text", "uint32"), ("symbols", "uint16")):
        root.create_array(
            name,
            shape=(len(corpus),),
            dtype=dtype,
            chunks=(min(CHUNK_TIME, len(corpus)),),
            dimension_names=("time",),
        )
    text, symbols = root["text"], root["symbols"]
    assert isinstance(text, zarr.Array)
    assert isinstance(symbols, zarr.Array)
    text[:] = np.concatenate([code_points(document.text) for document in corpus.documents])
    symbols[:] = np.concatenate(encoded)


def _attributes(checkpoint: Checkpoint, corpus: Corpus, signals: Sequence[str]) -> dict[str, Any]:
    sites = [f"{n}.{signal}" for n in range(checkpoint.architecture.layers) for signal in signals]
    about: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "checkpoint": {
            "name": checkpoint.name,
            "sha256": checkpoint.sha256,
            **checkpoint.architecture.to_json(),
        },
        "corpus": {"name": corpus.name, "sha256": corpus.sha256},
        "sites": sites,
        "precision": "int8",
    }
    about["id"] = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:24]
    about["seam_error"] = 0.0  # no document was cut
    about["versions"] = {
        name: importlib.metadata.version(name) for name in ("unitscope", "torch", "zarr", "numpy")
    }
    about["vocabulary"] = list(checkpoint.vocabulary.symbols)
    about["documents"] = [
        {
            "name": document.name,
            "start": int(start),
            "symbols": len(document.text),
            "sha256": document.sha256,
        }
        for document, start in zip(corpus.documents, corpus.starts[:-1], strict=True)
    ]
    return about
