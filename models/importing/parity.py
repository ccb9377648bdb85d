"""Whether an imported network reads text as it should: its bits beside two simple guesses."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from models.cells import STANDARD
from models.checkpoint import Checkpoint
from models.importing.errors import ImportingError
from models.recurrent import RecurrentModel
from models.stepping import make_stepper

MOST_SYMBOLS = 50_000
_CHUNK = 2048
_MOST_UNKNOWN = 0.02
_MOST_NAMED = 10


@dataclass(frozen=True)
class Parity:
    """Bits per character on a sample: the network's, a uniform guess's, an order-0 guess's.

    The order-0 guess knows how often each symbol occurs in the sample and nothing else. Symbols
    that are unknown to the network are read, but not counted as something to predict.
    """

    bits: float
    uniform: float
    order_0: float
    unknown_share: float
    unknown: str  # the commonest of them
    symbols: int

    @property
    def warnings(self) -> tuple[str, ...]:
        """What looks wrong about the reading."""
        found = []
        if not self.bits < self.order_0:
            found.append(
                "The reading looks wrong: the network predicts the sample worse than the symbols' "
                "frequencies alone do. The vocabulary or its order may be another's, or the text "
                "of another kind than it was trained on."
            )
        if self.unknown_share > _MOST_UNKNOWN:
            found.append(
                f"{self.unknown_share:.1%} of the sample's symbols are unknown to the network, "
                f"{self.unknown!r} first of all: the vocabulary may be damaged or another's."
            )
        return tuple(found)


@torch.inference_mode()
def measure_parity(checkpoint: Checkpoint, text: str, *, most: int = MOST_SYMBOLS) -> Parity:
    """Read a sample from its start, as a recording would, and compare.

    Parameters
    ----------
    checkpoint : Checkpoint
    text : str
    most : int, default=50,000
        How many symbols to read at most.

    Raises
    ------
    ImportingError
        If the sample has no two symbols that the network knows.
    """
    vocabulary = checkpoint.vocabulary
    indices = vocabulary.encode(text[:most]).astype(np.int64)
    read = _reader(checkpoint.model)
    nats = 0.0
    for start in range(0, len(indices) - 1, _CHUNK):
        part = torch.from_numpy(indices[start : start + _CHUNK + 1])
        known = part[1:] != vocabulary.unknown
        nats += float(cross_entropy(read(part[:-1])[known], part[1:][known], reduction="sum"))
    counts = np.bincount(indices[1:], minlength=len(vocabulary))
    counts[vocabulary.unknown] = 0
    counted = int(counts.sum())
    is_unknown = np.flatnonzero(indices == vocabulary.unknown)
    unknown = Counter(text[place] for place in is_unknown)
    if counted == 0:
        raise ImportingError("The sample has no two symbols that the network knows. Take another.")
    shares = counts[counts > 0] / counted
    return Parity(
        bits=nats / counted / math.log(2),
        uniform=math.log2(len(vocabulary)),
        order_0=float(-(shares * np.log2(shares)).sum()),
        unknown_share=len(is_unknown) / len(indices),
        unknown="".join(symbol for symbol, _ in unknown.most_common(_MOST_NAMED)),
        symbols=counted,
    )


def _reader(model: RecurrentModel) -> Callable[[torch.Tensor], torch.Tensor]:
    """What reads one chunk after another: symbols (time,) to logits (time, symbols)."""
    if model.architecture.variant != STANDARD:  # without fused layers, stepping is the fastest
        step = make_stepper(model)
        return lambda part: torch.from_numpy(np.stack([step(s).copy() for s in part.tolist()]))
    state = model.zero_state(1)

    def read(part: torch.Tensor) -> torch.Tensor:
        nonlocal state
        logits: torch.Tensor
        logits, state = model(part[:, None], state)
        return logits[:, 0]

    return read
