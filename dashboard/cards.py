"""What a checkpoint's card says: numbers and facts as lines for people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from dashboard.checkpoints import header_of, readable
from models.checkpoint_header import CheckpointHeader
from models.errors import UserError
from models.learning_record import CurvePoint, LearningRecord, read_record

_SPLITS = ("train", "choose", "report")
_HASH = 16  # digits shown
_TITLE = 48
_NOT_TOLD = "not told by the file"


def titles(known: Mapping[str, Path]) -> dict[str, str]:
    """What each checkpoint is called, no two alike."""
    names = {key: _name(path) for key, path in known.items()}
    taken = list(names.values())
    return {
        key: f"{name} ({key})" if taken.count(name) > 1 else name for key, name in names.items()
    }


def _name(path: Path) -> str:
    try:
        name = " ".join(header_of(path).name.split()) or path.name
    except UserError:
        name = path.name
    return name if len(name) <= _TITLE else f"{name[: _TITLE - 1]}…"


def summary(path: Path) -> str:
    """One line under a checkpoint's title: network and loss, or that it cannot be read."""
    try:
        header = header_of(path)
    except UserError:
        return "Cannot be read"
    record = read_record(header.training)
    loss, split = record.report_loss, "report"
    if loss is None:
        loss, split = record.choose_loss, "choose"
    told = "no loss told" if loss is None else f"{nats(loss)} on {split}"
    size = " + ".join(map(str, header.widths)) or f"{header.layers} × {header.hidden}"
    return f"{header.cell.upper()} {size}, {told}"


def network(header: CheckpointHeader) -> str:
    """Architecture, weights and size in one line."""
    layers = "1 layer" if header.layers == 1 else f"{header.layers} layers"
    reads = "one-hot input" if header.embedding is None else f"embedding {header.embedding}"
    units = " and ".join(map(str, header.widths)) or header.hidden
    parts = [
        f"{header.cell.upper()}, {layers} of {units} units",
        *([header.variant] if header.variant else []),
        reads,
        *(["readout tied to it"] if header.tied else []),
        f"{header.symbols:,} symbols",
        f"{amount(header.weights)} weights",
        f"{header.file_bytes / 1e6:.1f} MB" if header.file_bytes >= 1e5 else "less than 0.1 MB",
    ]
    return " · ".join(parts)


def losses(record: LearningRecord) -> list[tuple[str, float]]:
    """The losses that are told, each with the split that it was taken on."""
    taken = (
        ("Loss on the report split", record.report_loss),
        ("Loss on the choose split", record.choose_loss),
        ("Loss in training, at the end", record.train_loss),
    )
    return [(label, loss) for label, loss in taken if loss is not None]


def facts(header: CheckpointHeader, record: LearningRecord) -> list[tuple[str, str]]:
    """Data, split, amount of training, time and file, each with its label."""
    return [
        ("Data", _data(record)),
        ("Split", _split(record)),
        ("Read in training", _read(record)),
        ("Trained for", _time(record)),
        ("File", readable(header.path)),
    ]


def _data(record: LearningRecord) -> str:
    size = None if record.corpus_symbols is None else f"{amount(record.corpus_symbols)} symbols"
    digest = record.corpus_sha256 and f"sha256 {record.corpus_sha256[:_HASH]}…"
    return ", ".join(part for part in (record.corpus, size, digest) if part) or _NOT_TOLD


def _split(record: LearningRecord) -> str:
    counts = [f"{record.documents[s]:,} {s}" for s in _SPLITS if s in record.documents]
    documents = f"{', '.join(counts)} documents" if counts else None
    return "\n".join(part for part in (record.split, documents) if part) or _NOT_TOLD


def _read(record: LearningRecord) -> str:
    if record.symbols is None:
        return _NOT_TOLD
    ended = ", then stopped before its end" if record.interrupted else ""
    before = record.symbols_before
    after = f", after {amount(before)} by the networks it went on from" if before else ""
    return f"{amount(record.symbols)} symbols{after}{ended}"


def _time(record: LearningRecord) -> str:
    if record.minutes is None:
        return _NOT_TOLD
    if record.minutes < 60:
        return f"{record.minutes:.1f} minutes"
    return f"{record.minutes / 60:.1f} hours"


def missing(record: LearningRecord) -> list[str]:
    """What this card cannot show, a sentence each."""
    lacks = []
    if record.report_loss is None:
        why = "its training was stopped before its end" if record.interrupted else "not measured"
        lacks.append(f"No loss on the report split: {why}.")
    if record.sample is None:
        lacks.append("No sample of its text is kept in the file.")
    if not learning_curve(record):
        lacks.append("No loss curve is kept in the file.")
    if not record.snapshots:
        lacks.append("No snapshots were taken while it learned, so its learning cannot be watched.")
    return lacks


def learning_curve(record: LearningRecord) -> Sequence[CurvePoint]:
    """The curve, with what the snapshots add: they begin before its first point."""
    known = {point.symbols for point in record.curve}
    added = [
        CurvePoint(snapshot.symbols, snapshot.train_loss, None)
        for snapshot in record.snapshots
        if snapshot.train_loss is not None and snapshot.symbols not in known
    ]
    return sorted([*record.curve, *added], key=lambda point: point.symbols)


def nats(loss: float) -> str:
    """A loss as it is kept."""
    return f"{loss:.3f} nats"


def bits(loss: float) -> str:
    """The same loss, to the base of two."""
    return f"{loss / math.log(2):.3f} bits/char"


def amount(count: int) -> str:
    """A count as people say it: 123,456 or 12.1 million."""
    if count < 1_000_000:
        return f"{count:,}"
    if count < 1_000_000_000:
        return f"{count / 1e6:.3g} million"
    return f"{count / 1e9:.3g} billion"
