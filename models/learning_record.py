"""What a checkpoint tells of its training: read with care, since a file may say anything."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Far more than any training of ours leaves.
_MOST_POINTS = 10_000
_MOST_SNAPSHOTS = 200
_MOST_TEXT = 20_000


@dataclass(frozen=True)
class CurvePoint:
    """The losses once `symbols` were read, in nats per symbol; None where not taken."""

    symbols: int
    train_loss: float | None
    choose_loss: float | None


@dataclass(frozen=True)
class Snapshot:
    """What the network wrote at one step of its training.

    `choose_loss` is of the last time that it was taken, which may be many steps before; the
    (smoothed) `train_loss` is of this step.
    """

    step: int
    symbols: int
    train_loss: float | None
    choose_loss: float | None
    text: str = field(repr=False)


@dataclass(frozen=True)
class LearningRecord:
    """How a network learned. What is None or empty, the checkpoint does not tell.

    Losses are in nats per symbol. `documents` counts them by split, `symbols` is how many were
    read in training, `symbols_before` by the networks that it went on from, `corpus_symbols` how
    many the data have. `curve` and `snapshots` are in the order of learning; no two snapshots are
    of the same step.
    """

    corpus: str | None
    corpus_sha256: str | None
    corpus_symbols: int | None
    split: str | None
    documents: Mapping[str, int]
    symbols: int | None
    symbols_before: int | None
    minutes: float | None
    train_loss: float | None
    choose_loss: float | None
    report_loss: float | None
    interrupted: bool
    sample: str | None = field(repr=False)
    curve: tuple[CurvePoint, ...] = field(repr=False)
    snapshots: tuple[Snapshot, ...] = field(repr=False)


def read_record(training: Mapping[str, Any]) -> LearningRecord:
    """Make sense of a checkpoint's `training`; what is missing or malformed is left out.

    Checkpoints of older versions, interrupted and imported ones tell less, and that is no error.
    """
    documents = training.get("documents")
    counts = documents.items() if isinstance(documents, Mapping) else ()
    return LearningRecord(
        corpus=_text(training.get("corpus")),
        corpus_sha256=_text(training.get("corpus_sha256")),
        corpus_symbols=_count(training.get("corpus_symbols")),
        split=_text(training.get("split")),
        documents={str(split): n for split, n in counts if _count(n) is not None},
        symbols=_count(training.get("symbols")),
        symbols_before=_symbols_before(training),
        minutes=_number(training.get("minutes")),
        train_loss=_number(training.get("train_loss")),
        choose_loss=_number(training.get("choose_loss")),
        report_loss=_number(training.get("report_loss")),
        interrupted=training.get("interrupted") is True,
        sample=_text(training.get("sample")),
        curve=_read_curve(training.get("curve")),
        snapshots=_read_snapshots(training.get("samples")),
    )


def _symbols_before(training: Mapping[str, Any]) -> int | None:
    """What the networks before this one read, each having gone on from another's weights."""
    total = None
    before: object = training.get("started_from")
    while isinstance(before, Mapping):
        total = (total or 0) + (_count(before.get("symbols")) or 0)
        before = before.get("started_from")
    return total


def _read_curve(points: object) -> tuple[CurvePoint, ...]:
    read = []
    for point in _mappings(points, _MOST_POINTS):
        symbols = _count(point.get("symbols"))
        losses = _number(point.get("train_loss")), _number(point.get("choose_loss"))
        if symbols is not None and losses != (None, None):
            read.append(CurvePoint(symbols, *losses))
    return tuple(sorted(read, key=lambda point: point.symbols))


def _read_snapshots(samples: object) -> tuple[Snapshot, ...]:
    by_step = {}
    for sample in _mappings(samples, _MOST_SNAPSHOTS):
        step, symbols = _count(sample.get("step")), _count(sample.get("symbols"))
        text = _text(sample.get("text"))
        if step is not None and symbols is not None and text:
            losses = _number(sample.get("train_loss")), _number(sample.get("choose_loss"))
            by_step[step] = Snapshot(step, symbols, *losses, text)
    return tuple(by_step[step] for step in sorted(by_step))


def _mappings(values: object, most: int) -> list[Mapping[str, Any]]:
    if not isinstance(values, list):
        return []
    return [value for value in values[:most] if isinstance(value, Mapping)]


def _text(value: object) -> str | None:
    """A text that UTF-8 has room for: JSON can hold halves of symbols."""
    if not isinstance(value, str) or not value:
        return None
    return value[:_MOST_TEXT].encode("utf-8", "replace").decode("utf-8")


def _count(value: object) -> int | None:
    """A whole number that JavaScript knows too."""
    return value if type(value) is int and 0 <= value < 1 << 53 else None


def _number(value: object) -> float | None:
    """A finite number, not negative: what losses and times are."""
    if type(value) is int and value < 1 << 53:
        value = float(value)
    return value if type(value) is float and math.isfinite(value) and value >= 0 else None
