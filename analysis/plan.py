"""How a corpus is cut for reading: shards that are read apart, pieces that are read side by side.

The plan depends on the lengths of the documents and on nothing else, so whoever reads, and in
whatever order, reads the same pieces in the same company, and gets the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.recording import CHUNK_TIME


@dataclass(frozen=True)
class Cut:
    """Sizes, in symbols but for `slots`: how many pieces are read side by side.

    A shard is what is read, kept and read again as a whole; its time is whole chunks of the store.
    Long pieces make the share that is read again small, many slots make the products large.
    """

    shard_time: int = 32 * CHUNK_TIME
    slots: int = 128
    length: int = 64  # read at a time by each slot
    least_piece: int = 16_384


@dataclass(frozen=True)
class Piece:
    """Symbols of one document that are read from one state."""

    document: int
    start: int  # position in the document
    length: int
    row: int  # of the recording
    hands_on: bool  # whether the document goes on after it

    @property
    def is_guess(self) -> bool:
        """Whether its first state is a guess until its left neighbour has been read."""
        return self.start > 0


@dataclass(frozen=True)
class Shard:
    """Rows `start` up to `stop` of the recording, and the pieces that fill them, in order."""

    number: int
    start: int
    stop: int
    pieces: tuple[Piece, ...]

    @property
    def chain(self) -> int:
        """How many pieces, from the first on, go on with a document of the shard before."""
        first = self.pieces[0]
        if not first.is_guess:
            return 0
        return sum(piece.document == first.document for piece in self.pieces)

    @property
    def seams(self) -> tuple[int, ...]:
        """Pieces whose left neighbour is in this shard too."""
        return tuple(n for n, piece in enumerate(self.pieces) if n > 0 and piece.is_guess)


def plan_shards(lengths: Sequence[int], cut: Cut) -> Iterator[Shard]:
    """Cut documents of these lengths into shards.

    Parameters
    ----------
    lengths : sequence of int
        Symbols of each document.
    cut : Cut

    Yields
    ------
    Shard
        In the order of their rows; none is empty.
    """
    total = sum(lengths)
    document, start = 0, 0  # of the next symbol
    for number, first in enumerate(range(0, total, cut.shard_time)):
        stop = min(first + cut.shard_time, total)
        target = _piece_length(stop - first, cut)
        pieces: list[Piece] = []
        row = first
        while row < stop:
            length = min(lengths[document] - start, stop - row)
            hands_on = start + length < lengths[document]
            pieces += _cut_part(Piece(document, start, length, row, hands_on), target, cut)
            row, start = row + length, start + length
            if not hands_on:
                document, start = document + 1, 0
        yield Shard(number, first, stop, tuple(pieces))


def _piece_length(rows: int, cut: Cut) -> int:
    """Enough to fill the slots, a whole number of times `cut.length`."""
    least = max(cut.least_piece, -(-rows // cut.slots))
    return -(-least // cut.length) * cut.length


def _cut_part(part: Piece, target: int, cut: Cut) -> Iterator[Piece]:
    """The pieces of what a shard has of a document.

    Each that hands its state on is a whole number of times `cut.length`, since what a slot reads
    is padded to that; what is left over before a shard's end is a piece of its own.
    """
    tail = part.length % cut.length if part.hands_on else 0
    body = part.length - tail
    starts = range(0, body, target) if body > 2 * target else range(min(1, body))
    stops = [*starts[1:], body][: len(starts)]
    spans = list(zip(starts, stops, strict=True)) + [(body, part.length)] * bool(tail)
    for first, last in spans:
        yield Piece(
            part.document,
            part.start + first,
            last - first,
            part.row + first,
            part.hands_on or last < part.length,
        )
