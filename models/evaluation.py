"""The loss of a model on documents read side by side, and the state that it carries through them.

A document's first symbol is read from the zero state, the state then goes from chunk to chunk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from models.reading import predict
from models.recurrent import RecurrentModel, State
from models.streams import Chunk, read_chunks

NO_TARGET = -100
_BLOCK = 768  # symbols that count in one window ...
_WARM_UP = 256  # ... after this many that only set the state


@dataclass(frozen=True)
class Windows:
    """Parts of documents. The first `uncounted` symbols of each only set the state."""

    parts: tuple[np.ndarray, ...] = field(repr=False)  # integers (time,)
    uncounted: tuple[int, ...] = field(repr=False)


def spread_windows(documents: Sequence[np.ndarray], most: int) -> Windows:
    """Choose at most about `most` symbols that stand for the whole of the documents.

    If there are no more than that, they are all taken, each document from its start. Otherwise
    the documents are cut into blocks of 768 symbols, and blocks at even distances are taken, so
    that beginnings, middles and ends count as often as they occur. Reading starts from the zero
    state 256 symbols before a block, or where the document does; these symbols are not counted.
    What a network would remember from further back is missing: its loss on a window is an
    estimate, a little above that of reading the whole.
    """
    if sum(len(document) for document in documents) <= most:
        return Windows(tuple(documents), (0,) * len(documents))
    blocks = [
        (index, start)
        for index, document in enumerate(documents)
        for start in range(0, len(document) - 1, _BLOCK)
    ]
    wanted = max(1, most // (_BLOCK + _WARM_UP))
    taken = np.linspace(0, len(blocks), min(wanted, len(blocks)), endpoint=False, dtype=np.int64)
    parts, uncounted = [], []
    for index, start in (blocks[block] for block in taken):
        first = max(0, start - _WARM_UP)
        # The symbol after the block is the last one's target.
        parts.append(documents[index][first : start + _BLOCK + 1])
        uncounted.append(start - first)
    return Windows(tuple(parts), tuple(uncounted))


@torch.no_grad()
def evaluate(
    model: RecurrentModel,
    documents: Sequence[np.ndarray] | Windows,
    *,
    batch: int = 64,
    length: int = 128,
) -> float:
    """Mean loss in nats per symbol without dropout, every document read from its start.

    Parameters
    ----------
    model : RecurrentModel
    documents : sequence of integer arrays (time,), or Windows
    batch, length : int
        Documents read at once, and symbols read at a time: the loss does not depend on them.

    Returns
    -------
    float
        NaN if no document has a second symbol.
    """
    windows = documents if isinstance(documents, Windows) else Windows(tuple(documents), ())
    order = sorted(range(len(windows.parts)), key=lambda index: -len(windows.parts[index]))
    state = model.zero_state(batch)
    total, count = 0.0, 0
    was_training = model.training
    model.eval()
    try:
        for chunk in read_chunks(windows.parts, order, batch=batch, length=length):
            symbols = on_device(chunk.symbols, state)
            logits, after = predict(model, symbols, restart(state, chunk))
            wanted = targets(chunk, windows.parts, windows.uncounted).flatten()
            loss = nn.functional.cross_entropy(
                logits.flatten(0, 1),
                wanted.to(logits.device),
                ignore_index=NO_TARGET,
                reduction="sum",
            )
            total += loss.item()
            count += int((wanted != NO_TARGET).sum())
            carry(state, after, chunk)
    finally:
        model.train(was_training)
    return total / count if count else float("nan")


def on_device(values: np.ndarray, state: list[State]) -> Tensor:
    """The values as a tensor where the state is."""
    return torch.from_numpy(values).to(state[0][0].device)


def restart(state: list[State], chunk: Chunk) -> list[State]:
    """The state of the chunk's slots, zero where a document begins."""
    slots = on_device(chunk.slots, state)
    keep = on_device(~chunk.restarts, state).unsqueeze(1)
    return [tuple(part[slots] * keep for part in parts) for parts in state]


def carry(state: list[State], after: list[State], chunk: Chunk) -> None:
    """Put the chunk's states into their slots of the carried state."""
    slots = on_device(chunk.slots, state)
    for whole, parts in zip(state, after, strict=True):
        for target, part in zip(whole, parts, strict=True):
            target[slots] = part


def targets(chunk: Chunk, documents: Sequence[np.ndarray], uncounted: Sequence[int] = ()) -> Tensor:
    """The symbol after each symbol, int64 (time, slot).

    `NO_TARGET` for a document's last symbol, and for its first ones that are not counted.
    """
    out = np.full(chunk.symbols.shape, NO_TARGET, dtype=np.int64)
    for column, index, held in chunk.columns():
        following = documents[index][held.start + 1 : held.stop + 1]
        out[: len(following), column] = following
        if uncounted:
            out[: max(0, uncounted[index] - held.start), column] = NO_TARGET
    return torch.from_numpy(out)
