"""Truncated backpropagation through time: how a character model learns.

The state is carried from chunk to chunk and detached there, so gradients reach back at most one
chunk while memory does not grow with the text (Williams and Peng 1990).
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from models.recurrent import RecurrentModel, State
from models.streams import Chunk, read_chunks
from models.training_options import Progress, TrainingError, TrainingOptions

_NO_TARGET = -100
_LAST_RATE = 0.01  # the cosine ends at this share of the peak learning rate


@dataclass(frozen=True)
class TrainingResult:
    """What a training came to. The curve holds the points at which the choose loss was taken."""

    symbols: int
    steps: int
    seconds: float
    train_loss: float
    interrupted: bool
    curve: tuple[Progress, ...]


def train(
    model: RecurrentModel,
    documents: Sequence[np.ndarray],
    choose: Sequence[np.ndarray],
    options: TrainingOptions,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> TrainingResult:
    """Train a model in place; a KeyboardInterrupt ends it early and keeps what was learned.

    Parameters
    ----------
    model : RecurrentModel
    documents, choose : sequence of uint16 (time,)
        Symbols to learn from, and symbols on which the loss is taken 20 times on the way.
    options : TrainingOptions
    on_progress : callable
        Called after every step.

    Raises
    ------
    TrainingError
        If the documents hold fewer than two symbols, or the loss stops being a number.
    """
    pieces = cut_pieces(documents, options.batch)
    choose = [document for document in choose if len(document) > 1]
    optimizer = torch.optim.Adam(model.parameters(), lr=options.learning_rate, betas=(0.9, 0.99))
    chunks = read_chunks(
        pieces, _endless(len(pieces), options.seed), batch=options.batch, length=options.length
    )
    every = max(1, options.steps // 20)
    curve: list[Progress] = []
    progress = Progress(0, options.steps, 0, math.log(model.architecture.symbols), None, 0.0, 0.0)
    state = model.zero_state(options.batch)
    began, interrupted = time.monotonic(), False
    try:
        for step, chunk in zip(range(1, options.steps + 1), chunks, strict=False):
            done = options.share_done(step - 1, time.monotonic() - began)
            if done == 1.0:
                break
            for group in optimizer.param_groups:
                group["lr"] = options.learning_rate * rate(step, done, options.warm_up)
            loss, norm, state = _update(model, optimizer, chunk, pieces, state, options.clip)
            progress = _advance(progress, step, chunk, loss, norm, time.monotonic() - began)
            if step % every == 0 and choose:
                loss = evaluate(model, choose, most=100_000)
                progress = replace(progress, choose_loss=loss, is_milestone=True)
                curve.append(progress)
            on_progress(progress)
    except KeyboardInterrupt:
        interrupted = True
    return TrainingResult(
        progress.symbols, progress.step, progress.seconds, progress.loss, interrupted, tuple(curve)
    )


def _update(
    model: RecurrentModel,
    optimizer: torch.optim.Optimizer,
    chunk: Chunk,
    pieces: Sequence[np.ndarray],
    state: list[State],
    clip: float,
) -> tuple[float, float, list[State]]:
    """One step of gradient descent: the chunk's mean loss, the gradient's norm, the next state."""
    logits, state = model(torch.from_numpy(chunk.symbols), restart(state, chunk))
    loss = nn.functional.cross_entropy(
        logits.flatten(0, 1), targets(chunk, pieces).flatten(), ignore_index=_NO_TARGET
    )
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    norm = nn.utils.clip_grad_norm_(model.parameters(), clip)
    if not torch.isfinite(norm):
        raise TrainingError(
            f"The loss or its gradient is no longer a number (loss {loss.item()}). "
            "Lower --learning-rate or --clip."
        )
    optimizer.step()
    return loss.item(), norm.item(), [tuple(part.detach() for part in parts) for parts in state]


def _advance(
    before: Progress, step: int, chunk: Chunk, loss: float, norm: float, seconds: float
) -> Progress:
    weight = max(0.02, 1 / step)
    smooth = before.loss + weight * (loss - before.loss)
    symbols = before.symbols + int(chunk.lengths.sum())
    return Progress(step, before.steps, symbols, smooth, before.choose_loss, norm, seconds)


def rate(step: int, done: float, warm_up: int) -> float:
    """Share of the peak learning rate: linear warm-up over the first steps, under half a cosine."""
    cosine = _LAST_RATE + (1 - _LAST_RATE) * 0.5 * (1 + math.cos(math.pi * done))
    return cosine * min(1.0, step / warm_up)


def cut_pieces(documents: Sequence[np.ndarray], batch: int) -> list[np.ndarray]:
    """Cut long documents so that every slot of a batch has something of its own to read.

    One long text would otherwise be read by all slots in step. A piece that begins within a
    document begins from the zero state, as a document does.
    """
    total = sum(len(document) for document in documents)
    longest = max(2, math.ceil(total / batch))
    pieces = [
        document[start : start + longest]
        for document in documents
        for start in range(0, len(document), longest)
    ]
    pieces = [piece for piece in pieces if len(piece) > 1]
    if not pieces:
        raise TrainingError(
            "There is nothing to learn from: a text of at least two symbols is needed."
        )
    return pieces


def _endless(count: int, seed: int) -> Iterator[int]:
    random = np.random.default_rng(seed)
    return itertools.chain.from_iterable(random.permutation(count) for _ in itertools.count())


def restart(state: list[State], chunk: Chunk) -> list[State]:
    """The state of the chunk's slots, zero where a document begins."""
    slots = torch.from_numpy(chunk.slots)
    keep = torch.from_numpy(~chunk.restarts).unsqueeze(1)
    return [tuple(part[slots] * keep for part in parts) for parts in state]


def carry(state: list[State], after: list[State], chunk: Chunk) -> None:
    """Put the chunk's states into their slots of the carried state."""
    slots = torch.from_numpy(chunk.slots)
    for whole, parts in zip(state, after, strict=True):
        for target, part in zip(whole, parts, strict=True):
            target[slots] = part


def targets(chunk: Chunk, documents: Sequence[np.ndarray]) -> Tensor:
    """The symbol after each symbol, int64 (time, slot); a document's last one has no target."""
    out = np.full(chunk.symbols.shape, _NO_TARGET, dtype=np.int64)
    for column, (index, start) in enumerate(zip(chunk.documents, chunk.starts, strict=True)):
        following = documents[index][start + 1 : start + 1 + chunk.lengths[column]]
        out[: len(following), column] = following
    return torch.from_numpy(out)


@torch.no_grad()
def evaluate(
    model: RecurrentModel,
    documents: Sequence[np.ndarray],
    *,
    batch: int = 64,
    length: int = 128,
    most: int | None = None,
) -> float:
    """Mean loss in nats per symbol, every document read from its start.

    `most` limits the symbols read: the first ones of every document, in equal shares.
    """
    if most is not None:
        share = max(2, most // max(1, len(documents)))
        documents = [document[:share] for document in documents]
    order = sorted(range(len(documents)), key=lambda index: -len(documents[index]))
    state = model.zero_state(batch)
    total, count = 0.0, 0
    for chunk in read_chunks(documents, order, batch=batch, length=length):
        logits, after = model(torch.from_numpy(chunk.symbols), restart(state, chunk))
        wanted = targets(chunk, documents).flatten()
        loss = nn.functional.cross_entropy(
            logits.flatten(0, 1), wanted, ignore_index=_NO_TARGET, reduction="sum"
        )
        total += loss.item()
        count += int((wanted != _NO_TARGET).sum())
        carry(state, after, chunk)
    return total / count if count else float("nan")
