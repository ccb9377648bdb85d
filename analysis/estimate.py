"""How long a recording will take and how much disk it will fill, before it is made."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.arrays import GUESSES, Precision, array_specs, encode
from analysis.plan import Cut
from models.corpora import Corpus

# What measures loads torch when it is called; what is measured is read without it.
if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from models.checkpoint import Checkpoint
    from models.recurrent import State

_CUT = Cut()  # as the recorder cuts a text
_SECONDS = 1.5  # of measuring, at most
_MOST_MEASURED = 1 << 20  # symbols


@dataclass(frozen=True)
class Estimate:
    """What a recording will take. `disk_bytes` is an upper bound, `seconds` is not."""

    symbols: int
    seconds: float
    disk_bytes: int

    def sentence(self, folder: str | Path | None = None) -> str:
        """The estimate in words; with a folder, also whether its disk has too little room."""
        said = (
            f"About {duration(self.seconds)} and at most {size(self.disk_bytes)} on disk "
            f"for {self.symbols:,} symbols"
        )
        if folder is None or self.fits(folder):
            return f"{said}."
        return (
            f"{said}, but only {size(free_bytes(folder))} are free at {folder}: "
            "make room there, or read less text."
        )

    def fits(self, folder: str | Path) -> bool:
        """Whether the folder's disk has as much room as the recording may need."""
        return self.disk_bytes <= free_bytes(folder)


def estimate_recording(
    checkpoint: Checkpoint,
    corpus: Corpus,
    *,
    signals: Sequence[str] | None = None,
    precision: Precision = "int8",
) -> Estimate:
    """Measure on a stretch of the text itself how fast the network reads it here and now.

    The rate is that of reading alone, in batches like the recorder's. Left out are the start of the
    process, the reading of the text, the compression and writing of the arrays, what is read again
    where a long document was cut, and slots that have nothing left to read near the end. What else
    the machine does meanwhile counts as it was in that second.

    Parameters
    ----------
    checkpoint : Checkpoint
    corpus : Corpus
    signals : sequence of str, optional
        As `analysis.recorder.record` takes them.
    precision : {"int8", "float16", "float32"}
        How signals are stored.

    Returns
    -------
    Estimate
        Its `disk_bytes` are those of the finished arrays without compression.

    Raises
    ------
    RecordingError
        If a signal is not the cell's, or there is no such precision.
    """
    from analysis.recorder import check_precision, check_signals

    check_precision(precision)
    kept = check_signals(checkpoint, signals)
    specs = array_specs(checkpoint.model.widths, kept, precision)
    row = sum(spec.row_bytes for spec in specs)
    rate = _measure(checkpoint, _stretch(checkpoint, corpus), kept)
    return Estimate(len(corpus), len(corpus) / rate, len(corpus) * row)


def _stretch(checkpoint: Checkpoint, corpus: Corpus) -> np.ndarray:
    """Symbols of the text's beginning, int64 (time, column), as many columns as will be read."""
    import numpy as np

    filled = sum(bool(document.text) for document in corpus.documents)
    columns = min(_CUT.slots, max(filled, -(-len(corpus) // _CUT.least_piece)), len(corpus))
    texts, left = [], _MOST_MEASURED
    for document in corpus.documents:
        texts.append(document.text[:left])
        left -= len(texts[-1])
        if not left:
            break
    symbols = checkpoint.vocabulary.encode("".join(texts)).astype(np.int64)
    return symbols[: len(symbols) // columns * columns].reshape(columns, -1).T


def _measure(checkpoint: Checkpoint, stretch: np.ndarray, kept: Sequence[str]) -> float:
    """Symbols a second, over the longest chunks that were read in the time."""
    import torch

    symbols = torch.from_numpy(stretch).contiguous()
    state = checkpoint.model.zero_state(symbols.shape[1])
    seconds_by_length: dict[int, list[float]] = {}
    # From short to long: even a network that takes seconds a chunk is measured in one or two. Only
    # the longest count: what fits the processor's caches is read up to twice as fast.
    length, at, total = 1, 0, 0.0
    while at < len(symbols):
        chunk = symbols[at : at + length]
        began = time.perf_counter()
        state = _read(checkpoint, chunk, state, kept)
        seconds = time.perf_counter() - began
        seconds_by_length.setdefault(len(chunk), []).append(seconds)
        at, total, length = at + len(chunk), total + seconds, min(2 * length, _CUT.length)
        if total + seconds * length / len(chunk) > _SECONDS:
            break
    longest = max(seconds_by_length)
    counted = seconds_by_length[longest]
    return longest * symbols.shape[1] * len(counted) / max(sum(counted), 1e-9)


def _read(
    checkpoint: Checkpoint, symbols: Tensor, state: list[State], kept: Sequence[str]
) -> list[State]:
    """What the recorder computes for a chunk; the state after it."""
    import torch

    from models.reading import read

    with torch.inference_mode():
        reading = read(checkpoint.model, symbols, state, signals=kept)
        log_probability = reading.logits.log_softmax(dim=2)
        log_probability.topk(min(GUESSES, log_probability.shape[2]), dim=2)
        for signals in reading.signals:
            for values in signals.values():
                encode(values, "int8")
    return reading.state


def free_bytes(folder: str | Path) -> int:
    """Free bytes on the disk of a folder, which need not be there yet."""
    path = Path(os.path.abspath(folder))
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free


def duration(seconds: float) -> str:
    """A time in words, to about two digits: ``40 s``, ``3 min``, ``2.5 h``."""
    if seconds < 59.5:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 3570 else f"{seconds / 3600:.1f} h"


def size(count: int) -> str:
    """Bytes in words, such as ``210 MB``."""
    for unit, name in ((1e12, "TB"), (1e9, "GB")):
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{max(1, round(count / 1e6))} MB"
