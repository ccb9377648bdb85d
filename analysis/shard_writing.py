"""Read one shard and write its chunks: what one worker does, on any machine.

Values go to flat scratch files as they come, since pieces end at different times, and from there
into whole chunks of the store. The file that tells how the shard ended is written last: where it
is, the shard is done. Done again, the same bits are written.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import zarr

from analysis.arrays import ArraySpec, Precision, array_specs
from analysis.passes import Reader, ShardText
from analysis.places import Place
from analysis.plan import Cut, Shard
from analysis.recording import CHUNK_TIME
from analysis.shards import read_shard
from analysis.unfinished import WORK
from models.checkpoint import Checkpoint


@dataclass(frozen=True)
class Job:
    """What to read with, what to keep, and where."""

    checkpoint: Checkpoint = field(repr=False)
    signals: tuple[str, ...]
    precision: Precision
    tolerance: float
    place: str  # of the unfinished store
    device: str = "cpu"
    cut: Cut = field(default_factory=Cut)

    @property
    def specs(self) -> tuple[ArraySpec, ...]:
        """The arrays of the store."""
        return array_specs(self.checkpoint.model.widths, self.signals, self.precision)

    def reader(self) -> Reader:
        """The network on its device."""
        model = self.checkpoint.model.to(self.device)
        return Reader(model, self.signals, self.precision, self.cut)


@dataclass(frozen=True)
class WholeText:
    """A shard's text: for the network, and for the store."""

    shard: Shard
    text: ShardText
    points: np.ndarray = field(repr=False)  # uint32 (time,): code points as given


def end_name(shard: Shard) -> str:
    """The file that tells that a shard is done, in its place."""
    return f"{WORK}/{shard.number:06d}.npz"


def write_shard(
    job: Job, whole: WholeText, on_progress: Callable[[int], None] = lambda symbols: None
) -> None:
    """Read a shard and write its chunks and its end.

    Raises
    ------
    OSError
        If there is no room for it, in the store or beside it.
    """
    shard, place = whole.shard, Place(job.place)
    with _scratch(job, shard) as scratch:
        for piece in shard.pieces:
            if not piece.is_guess:
                scratch.write("loss", piece.row, np.array([np.nan]))
        scratch.write("text", shard.start, whole.points)
        for piece, symbols in zip(shard.pieces, whole.text.symbols, strict=True):
            scratch.write("symbols", piece.row, symbols[: piece.length])
        end = read_shard(
            job.reader(),
            shard,
            whole.text,
            scratch.write,
            tolerance=job.tolerance,
            on_progress=on_progress,
        )
        scratch.store(place)
    place.write(end_name(shard), end.to_bytes())


@dataclass(frozen=True)
class _Scratch:
    """Flat files of rows, one an array, of one shard."""

    shard: Shard
    files: Mapping[str, tuple[ArraySpec, BinaryIO]]

    def write(self, name: str, row: int, values: np.ndarray) -> None:
        spec, file = self.files[name]
        file.seek((row - self.shard.start) * spec.row_bytes)
        file.write(np.ascontiguousarray(values, dtype=spec.dtype).data)

    def store(self, place: Place) -> None:
        """Move the rows into the chunks of the store, one chunk of time after another."""
        root = zarr.open_group(place.store(read_only=False), mode="r+")
        for spec, file in self.files.values():
            array = root[spec.name]
            assert isinstance(array, zarr.Array)
            for start in range(self.shard.start, self.shard.stop, CHUNK_TIME):
                stop = min(start + CHUNK_TIME, self.shard.stop)
                file.seek((start - self.shard.start) * spec.row_bytes)
                block = np.frombuffer(file.read((stop - start) * spec.row_bytes), dtype=spec.dtype)
                array[start:stop] = block.reshape(stop - start, *array.shape[1:])


@contextmanager
def _scratch(job: Job, shard: Shard) -> Iterator[_Scratch]:
    # Beside the store, where there is room for it; a store far away has none for scratch files.
    beside = None if Place(job.place).is_url else Path(job.place).parent
    folder = tempfile.mkdtemp(prefix=f"scratch-{shard.number}-", dir=beside)
    try:
        with ExitStack() as files:
            opened = {
                spec.name: (
                    spec,
                    files.enter_context(
                        (Path(folder) / spec.name.replace("/", ".")).open("w+b"),
                    ),
                )
                for spec in job.specs
            }
            yield _Scratch(shard, opened)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
