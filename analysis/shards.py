"""Read one shard: every piece from a guess, then hand states on until every seam holds."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.passes import Reader, ShardText, Sink, is_ragged, read_again, read_all
from analysis.plan import Shard
from analysis.trails import Trail

ReadAgain = Callable[[list[int], list[np.ndarray]], np.ndarray]
"""Reads pieces again, each from a state; how many symbols of each."""


@dataclass(frozen=True)
class Seams:
    """What it took to make seams hold."""

    seams: int = 0
    error: float = 0.0
    symbols_again: int = 0
    pieces_again: int = 0  # that were read again from end to end

    def __add__(self, other: Seams) -> Seams:
        return Seams(
            self.seams + other.seams,
            max(self.error, other.error),
            self.symbols_again + other.symbols_again,
            self.pieces_again + other.pieces_again,
        )


@dataclass(frozen=True)
class SeamStates:
    """The state from which the piece after each seam is recorded."""

    rows: np.ndarray  # int64 (seam,): of the recording
    values: np.ndarray  # float32 (seam, part, unit)


@dataclass(frozen=True)
class ShardEnd:
    """What a shard hands to the next: the trails that a better first state may change.

    `trails` are of the chain, the pieces that go on with the shard before's last document. `state`
    is the last piece's, and `next_loss` the loss of the first symbol after the shard.
    """

    trails: tuple[Trail, ...]
    state: np.ndarray  # float32 (part, unit); of no meaning where no document goes on
    next_loss: float
    seams: Seams
    states: SeamStates

    def to_bytes(self) -> bytes:
        """As a file has it."""
        arrays: dict[str, np.ndarray] = {"state": self.state}
        arrays["next_loss"] = np.array(self.next_loss)
        arrays["rows"], arrays["states"] = self.states.rows, self.states.values
        arrays["seams"] = np.array(
            [self.seams.seams, self.seams.symbols_again, self.seams.pieces_again], dtype=np.int64
        )
        arrays["errors"] = np.array([self.seams.error, *(trail.error for trail in self.trails)])
        for number, trail in enumerate(self.trails):
            arrays[f"at{number}"], arrays[f"values{number}"] = trail.at, trail.values
        file = io.BytesIO()
        np.savez(file, allow_pickle=False, **arrays)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> ShardEnd:
        """Read what `to_bytes` gave."""
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            error, *errors = arrays["errors"].tolist()
            trails = tuple(
                Trail(arrays[f"at{number}"], arrays[f"values{number}"], own)
                for number, own in enumerate(errors)
            )
            seams, symbols, pieces = arrays["seams"].tolist()
            return cls(
                trails,
                arrays["state"],
                float(arrays["next_loss"]),
                Seams(seams, error, symbols, pieces),
                SeamStates(arrays["rows"], arrays["states"]),
            )


def read_shard(
    reader: Reader,
    shard: Shard,
    text: ShardText,
    sink: Sink,
    *,
    tolerance: float,
    on_progress: Callable[[int], None] = lambda symbols: None,
) -> ShardEnd:
    """Read a shard as if its first document began in it, if it does not; its seams hold.

    `on_progress` is told of the symbols read for the first time.
    """
    trails = {
        number: reader.unread(piece)
        for number, piece in enumerate(shard.pieces)
        if piece.is_guess or piece.hands_on
    }
    losses: list[float] = []
    within = sink_within(shard, sink, losses)

    def again(numbers: list[int], states: list[np.ndarray]) -> np.ndarray:
        return read_again(reader, text, numbers, states, trails, within, tolerance)

    read_all(reader, text, trails, within, on_progress)
    zero = np.zeros((min(2, reader.parts), reader.units), dtype=np.float32)
    for number in trails:
        if is_ragged(shard.pieces[number], reader.cut):
            has_left = shard.pieces[number].is_guess and number > 0
            again([number], [trails[number - 1].state if has_left else zero])
    seams = hand_on(trails, shard.seams, again, tolerance)
    return ShardEnd(
        tuple(trails[number] for number in range(shard.chain)),
        trails[len(shard.pieces) - 1].state if shard.pieces[-1].hands_on else zero,
        losses[-1] if losses else float("nan"),
        seams,
        _states(shard, trails, zero),
    )


def sink_within(shard: Shard, sink: Sink, losses: list[float]) -> Sink:
    """A sink of what lies within a shard; the loss of the symbol after it is added to `losses`."""

    def within(name: str, row: int, values: np.ndarray) -> None:
        if name == "loss" and row + len(values) > shard.stop:
            losses.append(float(values[-1]))
            values = values[:-1]
        sink(name, row, values)

    return within


def _states(shard: Shard, trails: dict[int, Trail], zero: np.ndarray) -> SeamStates:
    guessed = [number for number, piece in enumerate(shard.pieces) if piece.is_guess]
    values = [trails[number].values[0, : len(zero)] for number in guessed]
    rows = np.array([shard.pieces[number].row for number in guessed], dtype=np.int64)
    return SeamStates(rows, np.array(values, dtype=np.float32).reshape(-1, *zero.shape))


def hand_on(
    trails: dict[int, Trail],
    seams: Sequence[int],
    again: ReadAgain,
    tolerance: float,
    *,
    side_by_side: bool = True,
) -> Seams:
    """Give each piece its left neighbour's last state, until that changes nothing any more.

    Parameters
    ----------
    trails : dict of int to Trail
    seams : sequence of int
        Pieces that take over from the one before, in order.
    again : callable
    tolerance : float
    side_by_side : bool, default=True
        Read all at once whose first state is wrong, as long as each time there is clearly less to
        read. After that, and if false, go from left to right: then each is read once more at most.

    Returns
    -------
    Seams
    """
    before = math.inf
    done = Seams(len(seams))
    while True:
        unmet = [n for n in seams if not trails[n].meets(0, trails[n - 1].state, tolerance)]
        if not unmet:
            break
        numbers = unmet if side_by_side else unmet[:1]
        read = again(numbers, [trails[number - 1].state for number in numbers])
        whole = sum(int(n == trails[k].at[-1]) for n, k in zip(read, numbers, strict=True))
        done += Seams(0, 0.0, int(read.sum()), whole)
        side_by_side = side_by_side and read.sum() < 0.75 * before
        before = read.sum()
    return replace(done, error=max((trails[number].error for number in seams), default=0.0))
