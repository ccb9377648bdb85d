"""Documents laid side by side in a batch: many are read at once, each from its own start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Chunk:
    """The next `length` symbols of up to `batch` documents, one document a slot.

    A slot whose document ends within the chunk is padded with symbol 0 to the chunk's length; it
    starts its next document in the next chunk. Slots with nothing left to read are left out.
    """

    symbols: np.ndarray  # int64 (time, slot)
    slots: np.ndarray  # int64 (slot,): which row of the carried state each column continues
    documents: np.ndarray  # int64 (slot,): index of the document read
    starts: np.ndarray  # int64 (slot,): position in the document of the first symbol
    lengths: np.ndarray  # int64 (slot,): symbols read before the padding

    @property
    def restarts(self) -> np.ndarray:
        """Whether each column begins its document, bool (slot,): its state must be zero."""
        begins: np.ndarray = self.starts == 0
        return begins

    def columns(self) -> Iterator[tuple[int, int, slice]]:
        """Each column's number, the document it reads, and what it holds of that one's symbols."""
        parts = zip(self.documents, self.starts, self.lengths, strict=True)
        for column, (document, start, length) in enumerate(parts):
            yield column, document, slice(start, start + length)


def read_chunks(
    documents: Sequence[np.ndarray], order: Iterable[int], *, batch: int, length: int
) -> Iterator[Chunk]:
    """Read documents in the given order, `batch` at a time, `length` symbols a chunk.

    Parameters
    ----------
    documents : sequence of integer arrays (time,)
        Indices of the symbols of each document.
    order : iterable of int
        Which document a slot that has become free takes next; may be endless.
    batch, length : int
        Slots, and symbols a chunk.
    """
    waiting = iter(order)
    reading = np.full(batch, -1, dtype=np.int64)
    position = np.zeros(batch, dtype=np.int64)
    while True:
        for slot in np.flatnonzero(reading < 0):
            reading[slot] = _next_nonempty(documents, waiting)
            position[slot] = 0
        slots = np.flatnonzero(reading >= 0)
        if not len(slots):
            return
        parts = [documents[reading[s]][position[s] : position[s] + length] for s in slots]
        lengths = np.array([len(part) for part in parts], dtype=np.int64)
        symbols = np.zeros((int(lengths.max()), len(slots)), dtype=np.int64)
        for column, part in enumerate(parts):
            symbols[: len(part), column] = part
        yield Chunk(symbols, slots, reading[slots].copy(), position[slots].copy(), lengths)
        position[slots] += lengths
        for slot in slots:
            if position[slot] >= len(documents[reading[slot]]):
                reading[slot] = -1


def _next_nonempty(documents: Sequence[np.ndarray], waiting: Iterator[int]) -> int:
    return next((index for index in waiting if len(documents[index])), -1)
