"""Where the state of a piece that is read again meets the state that it was first read with.

A piece of a long document is first read from a guess. Its trail keeps the states at some marks.
Read again from its left neighbour's last state, it follows another path until the two meet: what
was recorded after that mark holds. A cell that never forgets may keep its difference for ever; as
long as both its values are so large that their tanh is the same, nothing else in the network can
tell, and the difference is carried on by the forget gates alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from analysis.plan import Cut, Piece
from models.cell_readers import CellTrack
from models.recurrent import State

_C, _KEPT, _LOW, _HIGH = 1, 2, 3, 4
"""Parts of an LSTM's marks after h; other cells have h alone."""


@dataclass
class Trail:
    """The marks of one piece, the first at its beginning, the last at its end.

    Attributes
    ----------
    at : int64 (mark,)
        Symbols of the piece read so far.
    values : float32 (mark, part, unit)
        Units of all layers, one after another. Parts: h; for the LSTM also the raw c, and since
        the mark before: the product of the forget gates, the least and the greatest c.
    error : float
        The greatest difference where it met what had been recorded, since it was last read.
    """

    at: np.ndarray
    values: np.ndarray
    error: float = 0.0

    @classmethod
    def unread(cls, piece: Piece, cut: Cut, parts: int, units: int) -> Trail:
        """The trail of a piece before it is read: nothing meets it."""
        at = np.array(mark_positions(piece.length, cut.length), dtype=np.int64)
        return cls(at, np.full((len(at), parts, units), np.nan, dtype=np.float32))

    @property
    def state(self) -> np.ndarray:
        """The state at the end, float32 (part, unit)."""
        return self.values[-1, : self.state_parts]

    @property
    def state_parts(self) -> int:
        """How many of the parts are the state: h, and the LSTM's c."""
        return 2 if self.values.shape[1] > 1 else 1

    def mark_at(self, at: int) -> int | None:
        """The mark after `at` symbols, if there is one."""
        mark = int(np.searchsorted(self.at, at))
        return mark if self.at[mark] == at else None

    def meets(self, mark: int, state: np.ndarray, tolerance: float) -> bool:
        """Whether the piece, in `state` at the mark, goes on as recorded; if so, take it over.

        Parameters
        ----------
        mark : int
        state : float32 (part, unit)
        tolerance : float
            On h and on the raw c (a share of these where they are above 1), but for cells whose
            difference no h of the rest can tell.
        """
        difference = state - self.values[mark, : self.state_parts]
        error = np.abs(difference)
        # Of a large cell, or a large h of a relu network, float32 has no more than so many digits.
        error /= np.maximum(1, np.abs(state))
        open_ = ~(error <= tolerance)
        if open_[0].any():
            return False
        if open_[1:].any():
            carried = np.where(open_[_C], difference[_C], 0)
            if not self._is_hidden(mark, carried, tolerance):
                return False
            self._carry(mark, carried)
        self.error = max(self.error, float(error[~open_].max()))
        return True

    def _is_hidden(self, mark: int, difference: np.ndarray, tolerance: float) -> bool:
        """Whether no later h can tell: each cell's difference is forgotten, or its tanh the same.

        The forget gates only make a difference smaller.
        """
        bound = math.atanh(1 - min(tolerance, 0.5))
        for later in self.values[mark + 1 :]:
            low, high = later[_LOW], later[_HIGH]
            above = np.minimum(low, low + difference) >= bound
            below = np.maximum(high, high + difference) <= -bound
            if not (above | below | (np.abs(difference) <= tolerance)).all():
                return False
            difference = difference * later[_KEPT]
        return True

    def _carry(self, mark: int, difference: np.ndarray) -> None:
        self.values[mark, _C] += difference
        for later in self.values[mark + 1 :]:
            after = difference * later[_KEPT]
            later[_C] += after
            later[_LOW] += np.minimum(difference, after)
            later[_HIGH] += np.maximum(difference, after)
            difference = after


def mark_positions(length: int, step: int) -> list[int]:
    """Where a piece has marks: 0, then 1, 2, 3, 4, 6, 8, 16, 24, ... steps, and its end."""
    steps = (1, 2, 3, 4, 6, *range(8, -(-length // step), 8))
    return sorted({0, length} | {count * step for count in steps if count * step < length})


def flatten(state: Sequence[State], tracks: Sequence[CellTrack] = ()) -> np.ndarray:
    """States, and tracks, of all layers as the parts of marks: float32 (batch, part, unit)."""
    parts = [torch.cat(part, dim=1) for part in zip(*state, strict=True)]
    if tracks:
        of_layers = [(track.kept, track.low, track.high) for track in tracks]
        parts += [torch.cat(part, dim=1) for part in zip(*of_layers, strict=True)]
    return torch.stack(parts, dim=1).float().cpu().numpy()


def unflatten(values: np.ndarray, like: Sequence[State]) -> list[State]:
    """The states of all layers from float32 (batch, part, unit), placed as those of `like`."""
    widths = [layer[0].shape[1] for layer in like]
    whole = torch.from_numpy(np.ascontiguousarray(values)).to(like[0][0])
    layers = torch.split(whole, widths, dim=2)
    return [tuple(part.contiguous() for part in layer.unbind(dim=1)) for layer in layers]


class Tally:
    """Tracks added up since the last mark, for each column of a batch."""

    def __init__(self, columns: int, units: int) -> None:
        self._sums = np.empty((columns, 3, units), dtype=np.float32)
        self.reset(np.arange(columns))

    def reset(self, columns: np.ndarray | int) -> None:
        """Begin again."""
        self._sums[columns] = np.array([1, np.inf, -np.inf], dtype=np.float32)[:, None]

    def add(self, columns: np.ndarray, flat: np.ndarray) -> None:
        """Take in what a chunk's `flatten` gave and put the sums so far in its place."""
        kept, low, high = flat[:, _KEPT], flat[:, _LOW], flat[:, _HIGH]
        sums = self._sums[columns]
        np.multiply(sums[:, 0], kept, out=kept)
        np.minimum(sums[:, 1], low, out=low)
        np.maximum(sums[:, 2], high, out=high)
        self._sums[columns] = flat[:, _KEPT:]
