"""Read a corpus through a network and keep what every unit did at every symbol.

The corpus is cut into shards (`analysis.plan`), each is read and written by itself
(`analysis.shard_writing`), here or by many workers, and then states are handed on across their
borders (`analysis.settling`). The numbers are those of reading each document from h0 = 0, a symbol
at a time. A folder is built beside its final place and moved there when it is whole; at a URL,
where nothing can be moved, the store says that it is unfinished until it is.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import zarr

from analysis.arrays import PRECISIONS, Precision
from analysis.building import building, check_destination, create_array, create_arrays
from analysis.passes import ShardText
from analysis.places import Place
from analysis.plan import Cut, Shard, plan_shards
from analysis.recording import (
    SCHEMA_VERSION,
    Recording,
    RecordingError,
    open_recording,
)
from analysis.settling import settle
from analysis.shard_writing import Job, WholeText, end_name, write_shard
from analysis.shards import Seams, SeamStates
from analysis.unfinished import WORK, finished
from models.checkpoint import Checkpoint
from models.corpora import Corpus
from models.reading import SIGNALS
from models.vocabulary import code_points

TextOf = Callable[[Shard], WholeText]
ReadShards = Callable[[Job, Sequence[Shard], TextOf, Callable[[int], None]], None]
"""Reads and writes these shards, and tells of the symbols read so far, those of no shard before."""

_PLAN = f"{WORK}/plan.json"


def read_here(
    job: Job, shards: Sequence[Shard], text_of: TextOf, on_progress: Callable[[int], None]
) -> None:
    """Read shards one after another in this process."""
    done = 0
    for shard in shards:
        write_shard(job, text_of(shard), _adding(done, on_progress))
        done += shard.stop - shard.start


def _adding(before: int, on_progress: Callable[[int], None]) -> Callable[[int], None]:
    return lambda symbols: on_progress(before + symbols)


def record(
    checkpoint: Checkpoint,
    corpus: Corpus,
    destination: str | Path,
    *,
    signals: Sequence[str] | None = None,
    precision: Precision = "int8",
    tolerance: float = 1e-5,
    force: bool = False,
    resume: bool = False,
    device: str = "cpu",
    cut: Cut = Cut(),  # noqa: B008 (a frozen value)
    read_shards: ReadShards = read_here,
    on_progress: Callable[[int], None] = lambda symbols: None,
) -> Recording:
    """Record a network over a corpus.

    Parameters
    ----------
    checkpoint : Checkpoint
    corpus : Corpus
    destination : str or Path
        The store to make: a folder, or a URL that fsspec reaches.
    signals : sequence of str, optional
        Which signals to keep; by default the states: ``h``, and ``c`` for the LSTM.
    precision : {"int8", "float16", "float32"}
        How signals are stored.
    tolerance : float
        Where a long document was cut, the state that its right part was recorded from differs by
        no more than this from the left part's last one: h, and c (of which it is a share above 1).
    force : bool
        Replace a recording that is there already: a folder when the new one is whole, at a URL
        before it is begun.
    resume : bool
        Go on with a recording that was stopped; every bit is as if it had not been.
    device : str
        Where torch computes, such as "cpu" or "cuda".
    cut : Cut
        How the corpus is cut for reading.
    read_shards : callable
        Who reads: this process, or `analysis.cluster`'s workers.
    on_progress : callable
        Called with the number of symbols read so far.

    Returns
    -------
    Recording
        Opened from its final place.

    Raises
    ------
    RecordingError
        If the destination exists or cannot be written, a signal is not the cell's, a weight is not
        a number, the network knows none of the text's symbols, or there is nothing to resume.
    """
    target = Place(str(destination))
    kept = check_signals(checkpoint, signals)
    _check_options(checkpoint, precision, tolerance, device)
    check_destination(target, force)
    encoded = [checkpoint.vocabulary.encode(document.text) for document in corpus.documents]
    _check_known(checkpoint, encoded)
    shards = tuple(plan_shards([len(indices) for indices in encoded], cut))
    about = _about(checkpoint, corpus, kept, precision)
    planned = {"id": about["id"], "tolerance": tolerance, "cut": repr(cut), "device": device}

    def text_of(shard: Shard) -> WholeText:
        pieces = shard.pieces
        symbols = [encoded[p.document][p.start : p.start + p.length + 1] for p in pieces]
        texts = [corpus.documents[p.document].text[p.start : p.start + p.length] for p in pieces]
        points = np.concatenate([code_points(text) for text in texts])
        return WholeText(shard, ShardText(pieces, tuple(symbols)), points)

    can_resume = lambda place: bool(finished(place))  # noqa: E731
    with building(target, force=force, resume=resume, can_resume=can_resume) as place:
        job = Job(checkpoint, kept, precision, tolerance, place.path, device, cut)
        done = _begin(place, job, planned, len(corpus), resume)
        left = [shard for shard in shards if end_name(shard) not in done]
        before = len(corpus) - sum(shard.stop - shard.start for shard in left)
        read_shards(job, left, text_of, _adding(before, on_progress))
        seams, states = settle(job, shards, text_of)
        _keep_states(place, states)
        facts = _seam_facts(seams, tolerance) | _contents(checkpoint, corpus)
        _finish(place, about | facts)
    return open_recording(target.path)


def check_signals(checkpoint: Checkpoint, signals: Sequence[str] | None) -> tuple[str, ...]:
    """The signals to keep: those asked for, each once, or the cell's states.

    Raises
    ------
    RecordingError
        If one is not the cell's, or there is none.
    """
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


def check_precision(precision: str) -> None:
    """Refuse a precision that there is not.

    Raises
    ------
    RecordingError
        If it is none of `PRECISIONS`.
    """
    if precision not in PRECISIONS:
        raise RecordingError(f"There is no precision {precision!r}: use {', '.join(PRECISIONS)}.")


def _check_options(checkpoint: Checkpoint, precision: str, tolerance: float, device: str) -> None:
    check_precision(precision)
    if not 0 < tolerance < 1:
        raise RecordingError(f"The tolerance must be between 0 and 1, not {tolerance}.")
    for name, tensor in checkpoint.model.state_dict().items():
        if not torch.isfinite(tensor).all():
            raise RecordingError(
                f"The tensor {name!r} of {checkpoint.name!r} holds values that are not numbers. "
                "Train it again with a lower learning rate, or take an earlier checkpoint."
            )
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise RecordingError(
            f"Torch cannot compute on {device!r} here. Use the device cpu, or cuda with a GPU."
        ) from error


def _check_known(checkpoint: Checkpoint, encoded: Sequence[np.ndarray]) -> None:
    unknown = checkpoint.vocabulary.unknown
    if all((indices == unknown).all() for indices in encoded):
        raise RecordingError(
            f"The network {checkpoint.name!r} knows none of this text's symbols. "
            "Read it with a network trained on such text."
        )


def _begin(place: Place, job: Job, planned: dict[str, Any], symbols: int, resume: bool) -> set[str]:
    """Make the arrays, or find those of the recording that was stopped; the names of its ends."""
    if resume:
        found = place.read(_PLAN)
        if found is None:
            raise RecordingError(
                f"There is no unfinished recording {place.path} to go on with. "
                "Leave --resume out to begin it."
            )
        if json.loads(found) != planned:
            raise RecordingError(
                f"The unfinished recording {place.path} is of another network, text or settings. "
                "Leave --resume out to begin again."
            )
        return finished(place)
    root = zarr.create_group(
        place.store(read_only=False), zarr_format=3, attributes={"unfinished": True}
    )
    create_arrays(root, job.specs, symbols)
    place.write(_PLAN, json.dumps(planned).encode())
    return set()


def _keep_states(place: Place, states: SeamStates) -> None:
    """Store the states at the seams: from there, the recording can be read again and checked."""
    if not len(states.rows):
        return
    root = zarr.open_group(place.store(read_only=False), mode="r+")
    for name, values, dimensions in (
        ("row", states.rows, ("seam",)),
        ("state", states.values, ("seam", "part", "state_unit")),
    ):
        array = create_array(
            root,
            f"seams/{name}",
            values.dtype,
            shape=values.shape,
            chunks=(min(1024, len(values)), *values.shape[1:]),
            dimensions=dimensions,
        )
        array[:] = values


def _finish(place: Place, attributes: dict[str, Any]) -> None:
    """Make the store a recording: it says what it is, then what was needed on the way goes."""
    root = zarr.open_group(place.store(read_only=False), mode="r+")
    root.attrs.put(attributes)
    # Last: whoever is stopped before this can still be gone on with.
    (place / WORK).remove()


def _about(
    checkpoint: Checkpoint, corpus: Corpus, signals: Sequence[str], precision: Precision
) -> dict[str, Any]:
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
        "precision": precision,
    }
    about["id"] = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:24]
    return about


def _seam_facts(seams: Seams, tolerance: float) -> dict[str, Any]:
    return {
        "seams": seams.seams,
        "seam_error": seams.error,
        "tolerance": tolerance,
        "pieces_read_again": seams.pieces_again,
        "symbols_read_again": seams.symbols_again,
    }


def _contents(checkpoint: Checkpoint, corpus: Corpus) -> dict[str, Any]:
    return {
        "versions": {
            name: importlib.metadata.version(name)
            for name in ("unitscope", "torch", "zarr", "numpy")
        },
        "vocabulary": list(checkpoint.vocabulary.symbols),
        "documents": [
            {
                "name": document.name,
                "start": int(start),
                "symbols": len(document.text),
                "sha256": document.sha256,
            }
            for document, start in zip(corpus.documents, corpus.starts[:-1], strict=True)
        ],
    }
