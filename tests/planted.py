"""The planted network and texts that tests share, and small networks with random weights."""

from __future__ import annotations

import torch

from models.checkpoint import Checkpoint
from models.planted import SYMBOLS, planted_lstm
from models.planted_text import planted_corpus
from models.recurrent import Architecture, CellName, RecurrentModel
from models.vocabulary import Vocabulary

__all__ = [
    "HIDDEN",
    "PLACES",
    "SYMBOLS",
    "planted_checkpoint",
    "planted_corpus",
    "random_checkpoint",
]

HIDDEN = 16
PLACES = {"quote": 11, "column": 2, "depth": 13, "newline": 6}
"""Where in the first layer the planted units hide."""


def planted_checkpoint() -> Checkpoint:
    """A 2 x 16 LSTM over `SYMBOLS` with the units of `PLACES` in its first layer."""
    return planted_lstm(layers=2, hidden=HIDDEN, seed=7, places=PLACES).checkpoint


def random_checkpoint(
    cell: CellName = "lstm", *, layers: int = 2, symbols: tuple[str, ...] = SYMBOLS
) -> Checkpoint:
    """A small network whose random weights move its gates, yet not so far as to be chaotic."""
    torch.manual_seed(3)
    model = RecurrentModel(Architecture(cell, layers, 5, 4, len(symbols)))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.5)
    return Checkpoint("tiny", model.eval(), Vocabulary(symbols))
