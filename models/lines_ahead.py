"""A task beside the next symbol: what do the next lines begin with?

What a symbol is followed by says little of where in the text it stands: most symbols of a comment
are followed as those of a docstring are. What the next lines begin with says much more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from models.evaluation import NO_TARGET
from models.side_task import SideTask, weight_sizes
from models.streams import Chunk
from models.vocabulary import Vocabulary

_LINES = 2
_WEIGHT_PENALTY = 0.002  # of the sum of |weight|, for each symbol that is told


class LinesAhead(SideTask):
    """Read-outs of the first symbol of the next line, and of the line after it.

    A line's first symbol is its first one that is no white space; lines that have none are passed
    over. For what it is made of see `SideTask`.
    """

    def __init__(self, units: int, pieces: Sequence[np.ndarray], vocabulary: Vocabulary) -> None:
        super().__init__()
        newline = np.array([symbol == "\n" for symbol in vocabulary.symbols])
        blank = np.array([symbol.isspace() for symbol in vocabulary.symbols])
        self._first = [first_symbols(newline[p], blank[p], p, _LINES) for p in pieces]
        self.readouts = nn.ModuleList(nn.Linear(units, len(vocabulary)) for _ in range(_LINES))

    def forward(self, chunk: Chunk, m: Tensor) -> Tensor:
        """The mean loss of each line ahead in nats, summed over them; see `SideTask`."""
        wanted = torch.from_numpy(self._wanted(chunk)).to(m.device)
        total = m.new_zeros(())
        for readout, symbols in zip(self.readouts, wanted, strict=True):
            if (symbols != NO_TARGET).any():
                loss = nn.functional.cross_entropy(
                    readout(m).flatten(0, 1), symbols.flatten(), ignore_index=NO_TARGET
                )
                total = total + loss
        return total

    def weight_penalty(self) -> Tensor:
        """A little of the weights' size."""
        sizes = [weight_sizes(readout).mean() for readout in self.readouts]
        return _WEIGHT_PENALTY * torch.stack(sizes).sum()

    def _wanted(self, chunk: Chunk) -> np.ndarray:
        """What each read-out is to tell, int64 (line, time, slot)."""
        out = np.full((len(self.readouts), *chunk.symbols.shape), NO_TARGET, dtype=np.int64)
        for column, index, held in chunk.columns():
            first = self._first[index][:, held]
            out[:, : first.shape[1], column] = first
        return out


def first_symbols(
    newline: np.ndarray, blank: np.ndarray, symbols: np.ndarray, lines: int
) -> np.ndarray:
    """The first symbol of each of the next lines.

    Parameters
    ----------
    newline, blank : bool (time,)
        Which symbols end a line, and which are white space, newlines too.
    symbols : integers (time,)
    lines : int

    Returns
    -------
    int32 (line, time)
        A newline belongs to the line that it ends. `NO_TARGET` where the text has ended.
    """
    time = len(symbols)
    ends = np.append(np.flatnonzero(newline), time)
    begins = np.append(np.flatnonzero(~blank), time)
    padded = np.append(symbols.astype(np.int32), NO_TARGET)
    at, found = np.arange(time), []
    for _ in range(lines):
        at = begins[np.searchsorted(begins[:-1], ends[np.searchsorted(ends[:-1], at)])]
        found.append(padded[at])
    return np.stack(found)
