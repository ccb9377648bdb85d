"""From a corpus to a checkpoint: split, vocabulary, training, the losses that go on its card."""

from __future__ import annotations

import contextlib
import copy
import math
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import torch

from models.checkpoint import Checkpoint
from models.corpora import Corpus, Split, split_corpus
from models.recurrent import Architecture, CellName, RecurrentModel
from models.training import TrainingResult, evaluate, train
from models.training_options import Progress, TrainingOptions
from models.vocabulary import build_vocabulary

_SNAPSHOT_SECONDS = 600.0


def train_checkpoint(
    corpus: Corpus,
    options: TrainingOptions,
    *,
    name: str,
    cell: CellName = "lstm",
    layers: int = 2,
    hidden: int = 256,
    embedding: int = 64,
    start: Checkpoint | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    on_snapshot: Callable[[Checkpoint], None] = lambda checkpoint: None,
) -> Checkpoint:
    """Train a character model on the corpus' training split.

    Parameters
    ----------
    corpus : Corpus
    options : TrainingOptions
    name : str
        What the checkpoint is called.
    cell, layers, hidden, embedding
        The network to train.
    start : Checkpoint, optional
        Go on from these weights: the network and the vocabulary are this checkpoint's, and
        `cell`, `layers`, `hidden` and `embedding` say nothing.
    on_progress : callable
        Called after every step.
    on_snapshot : callable
        Called about every ten minutes with the checkpoint so far.

    Returns
    -------
    Checkpoint
        Its `training` holds the data's name and hash, the split, the settings, and the losses in
        nats per symbol on the whole choose and report splits: None after Ctrl-C, which ends
        training early and keeps what was learned, and where a split holds no two symbols.
    """
    torch.manual_seed(options.seed)
    splits, rule = split_corpus(corpus)
    if start is None:
        vocabulary = build_vocabulary(document.text for document in splits["train"])
        model = RecurrentModel(Architecture(cell, layers, hidden, embedding, len(vocabulary)))
    else:
        vocabulary = start.vocabulary
        model = copy.deepcopy(start.model).train()
    encoded = {
        split: [vocabulary.encode(document.text) for document in documents]
        for split, documents in splits.items()
    }
    facts: dict[str, Any] = {
        "corpus": corpus.name,
        "corpus_sha256": corpus.sha256,
        "split": rule,
        "documents": {split: len(documents) for split, documents in splits.items()},
        "python": platform.python_version(),
        "options": asdict(options),
    }
    if start is not None:
        facts["started_from"] = {"name": start.name, **start.training}
    last_snapshot = time.monotonic()

    def watch(progress: Progress) -> None:
        nonlocal last_snapshot
        on_progress(progress)
        if time.monotonic() - last_snapshot > _SNAPSHOT_SECONDS:
            last_snapshot = time.monotonic()
            on_snapshot(Checkpoint(name, model, vocabulary, facts | _so_far(progress)))

    result = train(model, encoded["train"], encoded["choose"], options, watch)
    model.eval()
    losses: dict[Split, float | None] = {"choose": None, "report": None}
    with contextlib.suppress(KeyboardInterrupt):  # what was learned is kept here too
        for split in losses if not result.interrupted else ():
            losses[split] = _loss(model, encoded[split])
    return Checkpoint(name, model, vocabulary, facts | _summary(result, losses))


def _loss(model: RecurrentModel, documents: Sequence[np.ndarray]) -> float | None:
    loss = evaluate(model, documents)
    return None if math.isnan(loss) else loss  # too short a text to hold anything back


def _so_far(progress: Progress) -> dict[str, Any]:
    return {
        "symbols": progress.symbols,
        "minutes": round(progress.seconds / 60, 1),
        "train_loss": progress.loss,
        "choose_loss": progress.choose_loss,
        "report_loss": None,
        "interrupted": True,
    }


def _summary(result: TrainingResult, losses: dict[Split, float | None]) -> dict[str, Any]:
    return {
        "symbols": result.symbols,
        "minutes": round(result.seconds / 60, 1),
        "train_loss": result.train_loss,
        "choose_loss": losses["choose"],
        "report_loss": losses["report"],
        "interrupted": result.interrupted,
        "curve": [
            {"symbols": point.symbols, "train_loss": point.loss, "choose_loss": point.choose_loss}
            for point in result.curve
        ],
    }
