"""From a corpus to a checkpoint: split, vocabulary, training, the losses that go on its card."""

from __future__ import annotations

import copy
import itertools
import math
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.cells import STANDARD
from models.checkpoint import Checkpoint
from models.corpora import Corpus, Split, split_corpus
from models.evaluation import evaluate
from models.recurrent import Architecture, RecurrentModel
from models.sampling import SamplingOptions, sample
from models.training import Training
from models.training_options import Network, Progress, TrainingError, TrainingOptions
from models.training_state import restore_training, save_training
from models.vocabulary import Vocabulary, build_vocabulary

_TEMPERATURE = 0.8
_SHORT, _LONG = 200, 400  # symbols written on the way, and at the end


def train_checkpoint(
    corpus: Corpus,
    options: TrainingOptions,
    *,
    name: str,
    network: Network = Network(),  # noqa: B008 (a frozen value)
    start: Checkpoint | None = None,
    save_minutes: float = 10.0,
    resume_path: Path | None = None,
    resume: bool = False,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    on_snapshot: Callable[[Checkpoint], None] = lambda checkpoint: None,
    on_doubling: Callable[[Checkpoint], None] | None = None,
) -> Checkpoint:
    """Train a character model on the corpus' training split.

    Parameters
    ----------
    corpus : Corpus
    options : TrainingOptions
    name : str
        What the checkpoint is called.
    network : Network
        The network to train.
    start : Checkpoint, optional
        Go on from these weights: network and vocabulary are this checkpoint's, and `network` says
        nothing.
    save_minutes : float, default=10.0
        How often `on_snapshot` is called with the checkpoint so far, and `resume_path` written.
    resume_path : Path, optional
        Where to put the training aside: on the way, after Ctrl-C, and when the last step is done.
        It is for the caller to delete once the checkpoint that is returned is safe.
    resume : bool, default=False
        Go on with the training in `resume_path`; on the CPU, every weight comes out as if it had
        never been stopped.
    on_progress : callable
        Called at the beginning and after every step.
    on_snapshot : callable
    on_doubling : callable, optional
        Called with the checkpoint at the beginning and whenever the number of steps is a power of
        two, so that the learning itself can be looked at.

    Returns
    -------
    Checkpoint
        Its `training` holds the data's name and hash, the split, the settings, the curve, texts
        written at steps that are powers of two, and the losses in nats per symbol on the whole
        choose and report splits, None where a split holds no two symbols. Ctrl-C ends training
        early and keeps what was learned: then, as in snapshots, the choose loss is the last
        milestone's estimate and the report loss None.

    Raises
    ------
    TrainingError
        If there is nothing to learn from, the loss stops being a number, or the training cannot
        be put aside or gone on with.
    """
    if not save_minutes > 0:
        raise TrainingError(f"save_minutes must be above 0, not {save_minutes}.")
    run = _prepare(corpus, options, name, network, start)
    if resume and resume_path is not None:
        restore_training(run.training, run.begun_with, resume_path)
    saved = time.monotonic()

    def save() -> None:
        if resume_path is not None:
            save_training(run.training, run.begun_with, resume_path)

    def watch(progress: Progress) -> None:
        nonlocal saved
        if progress.step.bit_count() == 1:
            run.write_sample()
        if progress.step.bit_count() <= 1 and on_doubling is not None:
            on_doubling(run.checkpoint())
        on_progress(run.training.progress)
        if progress.step > 0 and time.monotonic() - saved > 60 * save_minutes:
            on_snapshot(run.checkpoint())
            save()
            saved = time.monotonic()

    result = run.training.run(watch)
    save()
    run.training.keep_best()
    return run.checkpoint() if result.interrupted else run.finish()


@dataclass(frozen=True)
class _Run:
    """One training with all that its checkpoint tells of it."""

    name: str
    vocabulary: Vocabulary
    training: Training
    encoded: dict[Split, list[np.ndarray]]
    facts: dict[str, Any]
    begun_with: dict[str, Any]

    def write_sample(self) -> None:
        """Let the network write at this step, once."""
        if self.training.progress.sample is None and len(self.vocabulary) > 1:
            self.training.add_sample(self._write(_SHORT))

    def _write(self, symbols: int) -> str:
        settings = SamplingOptions(temperature=_TEMPERATURE)
        written = sample(self.training.learner.model, self.vocabulary, "", settings)
        return "".join(itertools.islice(written, symbols))

    def checkpoint(self, **finished: Any) -> Checkpoint:
        """The network as it is now, with what there is to tell of it so far."""
        training, now = self.training, self.training.progress
        facts = {
            "step": now.step,
            "symbols": now.symbols,
            "minutes": round(now.seconds / 60, 1),
            "train_loss": now.loss,
            "choose_loss": now.choose_loss,
            "report_loss": None,
            "clipped_share": now.clipped_share,
            "interrupted": True,
            "curve": [
                {
                    "symbols": point.symbols,
                    "train_loss": point.loss,
                    "choose_loss": point.choose_loss,
                }
                for point in training.curve
            ],
            "samples": [asdict(sample) for sample in training.samples],
        }
        if training.best_step is not None:
            facts["best_step"] = training.best_step
        model = copy.deepcopy(training.learner.model).cpu().eval()
        return Checkpoint(self.name, model, self.vocabulary, self.facts | facts | finished)

    def finish(self) -> Checkpoint:
        """The network at the end of its training, with its losses; Ctrl-C leaves them out."""
        model = self.training.learner.model
        try:
            finished: dict[str, Any] = {
                "choose_loss": _loss(model, self.encoded["choose"]),
                "report_loss": _loss(model, self.encoded["report"]),
                "interrupted": False,
            }
            if len(self.vocabulary) > 1:
                finished["sample"] = self._write(_LONG)
        except KeyboardInterrupt:
            return self.checkpoint()
        return self.checkpoint(**finished)


def _prepare(
    corpus: Corpus,
    options: TrainingOptions,
    name: str,
    network: Network,
    start: Checkpoint | None,
) -> _Run:
    """Split and encode the corpus, and build the network with its first weights."""
    splits, rule = split_corpus(corpus)
    if start is None:
        vocabulary = build_vocabulary(document.text for document in splits["train"])
        architecture = Architecture(**asdict(network), symbols=len(vocabulary))
    else:
        vocabulary, architecture = start.vocabulary, start.architecture
    encoded = {
        split: [vocabulary.encode(document.text) for document in documents]
        for split, documents in splits.items()
    }
    model = _first_model(architecture, options, start)
    training = Training(model, encoded["train"], encoded["choose"], options, vocabulary)
    facts: dict[str, Any] = {
        "corpus": corpus.name,
        "corpus_sha256": corpus.sha256,
        "corpus_symbols": len(corpus),
        "corpus_licence": corpus.licence,
        "corpus_origin": corpus.origin,
        "split": rule,
        "documents": {split: len(documents) for split, documents in splits.items()},
        "python": platform.python_version(),
        "options": asdict(options),
    }
    if start is not None:
        before = {k: v for k, v in start.training.items() if k not in ("sample", "samples")}
        facts["started_from"] = {"name": start.name, **before}
    # The symbols are the corpus', and what its origin says of the rest goes with its hash.
    shape = {k: getattr(architecture, k) for k in ("cell", "layers", "hidden", "embedding", "tied")}
    begun_with = {
        **asdict(options),
        **shape,
        "device": training.learner.device.type,
        "corpus_sha256": corpus.sha256,
        "started_from_sha256": None if start is None else start.sha256,
    }
    return _Run(name, vocabulary, training, encoded, facts, begun_with)


def _first_model(
    architecture: Architecture, options: TrainingOptions, start: Checkpoint | None
) -> RecurrentModel:
    if options.dropout and architecture.layers == 1:
        raise TrainingError(
            "dropout acts between layers, and this network has one. "
            "Leave dropout out, or train more layers."
        )
    if options.freeze and start is None:
        raise TrainingError(
            "freeze leaves layers as a checkpoint has them. "
            "Name the checkpoint with --from, or leave freeze out."
        )
    if architecture.variant != STANDARD:
        raise TrainingError(
            f"The cells of this network ({architecture}) are read, but not trained: torch has no "
            "layer of them. Train a new network, without --from."
        )
    torch.manual_seed(options.seed)
    model = RecurrentModel(architecture, dropout=options.dropout)
    if start is not None:
        model.load_state_dict(start.model.state_dict())
    return model


def _loss(model: RecurrentModel, documents: Sequence[np.ndarray]) -> float | None:
    loss = evaluate(model, documents)
    return None if math.isnan(loss) else loss  # too short a text to hold anything back
