"""Truncated backpropagation through time: how a character model learns.

Steps, milestones at which the loss on other text is taken, and when to end.
"""

from __future__ import annotations

import itertools
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from types import FrameType
from typing import Any

import numpy as np
from torch import Tensor

from models.evaluation import evaluate, spread_windows
from models.learner import Learner
from models.line_so_far import LineSoFar
from models.lines_ahead import LinesAhead
from models.recurrent import RecurrentModel
from models.side_task import SideTasks
from models.streams import Chunk, read_chunks
from models.training_options import Progress, Sample, TrainingError, TrainingOptions
from models.vocabulary import Vocabulary

_LAST_RATE = 0.01  # the cosine ends at this share of the peak learning rate
_MILESTONE_SYMBOLS = 100_000
_STOPS = (signal.SIGINT, signal.SIGTERM)
_SIDE_TASKS: dict[str, type[LinesAhead | LineSoFar]] = {
    "line_so_far": LineSoFar,
    "lines_ahead": LinesAhead,
}  # by the option that is the factor of each; their first weights are drawn in this order


@dataclass(frozen=True)
class TrainingResult:
    """What a training came to. The curve holds the points at which the choose loss was taken.

    `best_step` is the step whose weights were kept, where patience asks for the best ones.
    """

    symbols: int
    steps: int
    seconds: float
    train_loss: float
    interrupted: bool
    curve: tuple[Progress, ...]
    best_step: int | None = None


@dataclass(frozen=True)
class _Best:
    """The milestone with the lowest choose loss, and the weights it was taken with."""

    step: int
    loss: float
    weights: dict[str, Tensor]


class Training:
    """One training as it goes; between any two steps it can be kept, to go on from there.

    Parameters
    ----------
    model : RecurrentModel
        Trained in place.
    documents, choose : sequence of uint16 (time,)
        Symbols to learn from, and symbols on which the loss is taken about 20 times on the way.
    options : TrainingOptions
    vocabulary : Vocabulary, optional
        What the symbols are; `lines_ahead` and `line_so_far` need it.

    Raises
    ------
    TrainingError
        If the documents hold fewer than two symbols, patience has no text to choose on, what
        cells are to tell has no vocabulary, or a `Learner` cannot be made.
    """

    def __init__(
        self,
        model: RecurrentModel,
        documents: Sequence[np.ndarray],
        choose: Sequence[np.ndarray],
        options: TrainingOptions,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        self.options = options
        self._pieces = cut_pieces(documents, options.batch)
        choose = [document for document in choose if len(document) > 1]
        if options.patience is not None and not choose:
            raise TrainingError(
                "patience needs text that is held back, and this text is too short for that. "
                "Leave patience out, or give more text."
            )
        self._choose = spread_windows(choose, _MILESTONE_SYMBOLS)
        self.learner = Learner(model, options, self._make_tasks(model, vocabulary))
        chance = math.log(model.architecture.symbols)
        self.progress = Progress(0, options.steps, 0, chance, None, 0.0, 0.0)
        self.curve: tuple[Progress, ...] = ()
        self.samples: tuple[Sample, ...] = ()
        self._best: _Best | None = None

    def _make_tasks(self, model: RecurrentModel, vocabulary: Vocabulary | None) -> SideTasks | None:
        asked = {name: factor for name in _SIDE_TASKS if (factor := getattr(self.options, name))}
        if not asked:
            return None
        if vocabulary is None:
            raise TrainingError(
                f"{' and '.join(asked)} cannot do without the vocabulary, which says what ends a "
                "line."
            )
        units = model.widths[-1]
        return SideTasks(
            [(asked[name], _SIDE_TASKS[name](units, self._pieces, vocabulary)) for name in asked]
        )

    def run(self, on_progress: Callable[[Progress], None]) -> TrainingResult:
        """Train to the end, or until a KeyboardInterrupt, which keeps what was learned.

        `on_progress` is told of the beginning and of every step.

        Raises
        ------
        DivergedError
            If the loss stops being a number.
        """
        began = time.monotonic() - self.progress.seconds
        # The order of the documents comes from the seed: passing over the chunks that were read
        # takes about a thousandth of the time that it took to learn from them.
        chunks = itertools.islice(self._read_chunks(), self.progress.step, None)
        interrupted = False
        try:
            while True:
                # What is due at a step comes before the next one, so that a training that was
                # stopped anywhere first does what it had not done yet.
                self._take_milestone()
                on_progress(self.progress)
                done = self.options.share_done(self.progress.step, time.monotonic() - began)
                if done == 1.0 or self._is_patience_over():
                    break
                with _undivided():
                    self._learn(next(chunks), done)
                    self.progress = replace(self.progress, seconds=time.monotonic() - began)
        except KeyboardInterrupt:
            interrupted = True
        now = self.progress
        return TrainingResult(
            now.symbols, now.step, now.seconds, now.loss, interrupted, self.curve, self.best_step
        )

    def _read_chunks(self) -> Iterator[Chunk]:
        order = _endless(len(self._pieces), self.options.seed)
        lengths = np.array([len(piece) for piece in self._pieces])
        for chunk in read_chunks(
            self._pieces, order, batch=self.options.batch, length=self.options.length
        ):
            # Where each slot has only its piece's last symbol left, there is nothing to guess.
            if (chunk.starts + 1 < lengths[chunk.documents]).any():
                yield chunk

    def _learn(self, chunk: Chunk, done: float) -> None:
        before, step = self.progress, self.progress.step + 1
        learning_rate = self.options.learning_rate * rate(step, done, self.options.warm_up)
        loss, norm = self.learner.learn(chunk, self._pieces, step=step, learning_rate=learning_rate)
        self.progress = replace(
            before,
            step=step,
            symbols=before.symbols + int(chunk.lengths.sum()),
            loss=before.loss + max(0.02, 1 / step) * (loss - before.loss),
            gradient_norm=norm,
            learning_rate=learning_rate,
            clipped=before.clipped + (norm > self.options.clip),
            is_milestone=False,
            sample=None,
        )

    def _take_milestone(self) -> None:
        """Take the choose loss if it is due at this step."""
        now = self.progress
        is_due = now.step > 0 and now.step % self.options.milestone_steps == 0
        if now.is_milestone or not is_due or not self._choose.parts:
            return
        loss = evaluate(self.learner.model, self._choose)
        with _undivided():
            self.progress = replace(now, choose_loss=loss, is_milestone=True)
            self.curve = (*self.curve, self.progress)
            if self.options.patience is not None and (self._best is None or loss < self._best.loss):
                self._best = _Best(now.step, loss, self.learner.to_plain()["weights"])

    @property
    def best_step(self) -> int | None:
        """The step with the lowest choose loss, where patience looks for it."""
        return None if self._best is None else self._best.step

    def _is_patience_over(self) -> bool:
        if self._best is None or self.options.patience is None:
            return False
        since = sum(point.step > self._best.step for point in self.curve)
        return since >= self.options.patience

    def add_sample(self, text: str) -> None:
        """Remember what the network wrote at this step."""
        now = self.progress
        sample = Sample(now.step, now.symbols, now.loss, now.choose_loss, text)
        self.samples = (*self.samples, sample)
        self.progress = replace(now, sample=sample)

    def keep_best(self) -> None:
        """Put the weights with the lowest choose loss back, where patience asks for them."""
        if self._best is not None:
            self.learner.model.load_state_dict(self._best.weights)
            self.progress = replace(self.progress, choose_loss=self._best.loss)

    def to_plain(self) -> dict[str, Any]:
        """All that the rest of the training depends on, as tensors and containers."""
        return {
            "learner": self.learner.to_plain(),
            "progress": asdict(self.progress),
            "curve": [asdict(point) for point in self.curve],
            "samples": [asdict(sample) for sample in self.samples],
            "best": None if self._best is None else vars(self._best),
        }

    def restore(self, plain: dict[str, Any]) -> None:
        """Go on from what `to_plain` gave: on the CPU, to the same bits."""
        self.learner.restore(plain["learner"])
        self.progress = _progress(plain["progress"])
        self.curve = tuple(_progress(point) for point in plain["curve"])
        self.samples = tuple(Sample(**sample) for sample in plain["samples"])
        self._best = None if plain["best"] is None else _Best(**plain["best"])


def _progress(plain: dict[str, Any]) -> Progress:
    sample = plain["sample"]
    return Progress(**plain | {"sample": None if sample is None else Sample(**sample)})


def train(
    model: RecurrentModel,
    documents: Sequence[np.ndarray],
    choose: Sequence[np.ndarray],
    options: TrainingOptions,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> TrainingResult:
    """Train a model in place, from its first step to the last; see `Training`."""
    training = Training(model, documents, choose, options)
    result = training.run(on_progress)
    training.keep_best()
    return result


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


@contextmanager
def _undivided() -> Iterator[None]:
    """Hold Ctrl-C and SIGTERM back until the block has ended, so that nothing is half done."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread alone
        return
    held: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        held.append(number)

    # A handler that is None was not installed by Python, which could not put it back.
    handlers = {number: signal.getsignal(number) for number in _STOPS}
    before = {number: handler for number, handler in handlers.items() if handler is not None}
    try:
        for number in before:
            signal.signal(number, hold)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for stop in held:
            signal.raise_signal(stop)
