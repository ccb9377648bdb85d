"""A task beside the next symbol: which marks has the line had so far?

A mark is a symbol that is neither a letter nor a digit nor white space. What a line is, is often
said by a mark in it that need not be near: all behind `#` on a line of Python is a comment, even
where it reads like code. A cell that remembers the mark is on behind it and off at the line's end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from models.side_task import SideTask, weight_sizes
from models.streams import Chunk
from models.training_options import TrainingError
from models.vocabulary import Vocabulary

_WEIGHT_PENALTY = 0.001  # of the sum of |weight|


class LineSoFar(SideTask):
    """A read-out of which marks the line has had, the symbol that is read included.

    The marks are those of the vocabulary; its unknown symbol is none. For what it is made of see
    `SideTask`.

    Raises
    ------
    TrainingError
        If no symbol is a mark.
    """

    def __init__(self, units: int, pieces: Sequence[np.ndarray], vocabulary: Vocabulary) -> None:
        super().__init__()
        symbols = np.array(vocabulary.symbols)
        self._pieces = pieces
        self._is_newline = symbols == "\n"
        self._ends = [np.flatnonzero(self._is_newline[piece]) for piece in pieces]
        is_known = np.arange(len(symbols)) != vocabulary.unknown
        self._marks = np.flatnonzero([is_mark(symbol) for symbol in symbols] & is_known)
        if not len(self._marks):
            raise TrainingError(
                "line_so_far is of marks, and this text has none: its symbols are letters, digits "
                "and white space. Leave line_so_far out."
            )
        self.readout = nn.Linear(units, len(self._marks))

    def forward(self, chunk: Chunk, m: Tensor) -> Tensor:
        """The mean loss in nats, summed over the marks; see `SideTask`."""
        had = torch.from_numpy(self._wanted(chunk)).to(m)
        is_read = np.arange(len(m))[:, None] < chunk.lengths  # the rest is padding
        counts = torch.from_numpy(is_read).to(m)
        loss = nn.functional.binary_cross_entropy_with_logits(
            self.readout(m), had, reduction="none"
        )
        return torch.sum((loss * counts.unsqueeze(2)).sum((0, 1)) / counts.sum())

    def weight_penalty(self) -> Tensor:
        """A little of the weights' size."""
        return _WEIGHT_PENALTY * weight_sizes(self.readout).sum()

    def _wanted(self, chunk: Chunk) -> np.ndarray:
        """What the read-out is to tell, bool (time, slot, mark)."""
        out = np.zeros((*chunk.symbols.shape, len(self._marks)), dtype=bool)
        for column, index, held in chunk.columns():
            piece = self._pieces[index]
            read = piece[held]
            line_start = self._line_start(index, held.start)
            before = np.isin(self._marks, piece[line_start : held.start])
            out[: len(read), column] = marks_had(
                self._is_newline[read], read[:, None] == self._marks, before
            )
        return out

    def _line_start(self, piece: int, time: int) -> int:
        """Where the line of the symbol at a time begins in its piece."""
        ends = self._ends[piece]
        passed = np.searchsorted(ends, time)
        return int(ends[passed - 1]) + 1 if passed else 0


def is_mark(symbol: str) -> bool:
    """Whether a symbol is neither a letter nor a digit nor white space."""
    return not (symbol.isalnum() or symbol.isspace())


def marks_had(newline: np.ndarray, mark: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Which marks each symbol's line has had so far, the symbol itself included.

    Parameters
    ----------
    newline : bool (time,)
        Which symbols end a line. At them, nothing has been had.
    mark : bool (time, mark)
        Which mark each symbol is.
    before : bool (mark,)
        What the first symbol's line has had before it.

    Returns
    -------
    bool (time, mark)
    """
    at = np.arange(1, len(newline) + 1)  # 0: before the first
    ended = np.maximum.accumulate(np.where(newline, at, 0))
    last = np.maximum.accumulate(np.where(mark, at[:, None], 0), axis=0)
    had: np.ndarray = (last > ended[:, None]) | (before & (ended == 0)[:, None])
    return had
