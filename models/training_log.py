"""A training as lines of JSON: one object about every 50 steps and at every milestone."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

from models.training_options import Progress, TrainingError

_EVERY = 50


class TrainingLog:
    """Writes the steps that it is told of.

    Parameters
    ----------
    path : Path
        Made with the first line; what was in it is replaced, unless `append`.
    append : bool
        For a training that goes on. The steps between its last save and a kill are there twice.
    """

    def __init__(self, path: Path, *, append: bool) -> None:
        self._path = path
        self._mode = "a" if append else "w"
        self._last: Progress | None = None

    def __call__(self, progress: Progress) -> None:
        """Write a line if one is due.

        Raises
        ------
        TrainingError
            If the file cannot be written.
        """
        if self._last is None:  # told of the beginning, or of the step to go on from
            self._last = progress
        elif progress.step % _EVERY == 0 or progress.is_milestone:
            self._write(progress, self._last)
            self._last = progress

    def _write(self, now: Progress, before: Progress) -> None:
        line = {
            "step": now.step,
            "symbols": now.symbols,
            "seconds": round(now.seconds, 3),
            "train_loss": now.loss,
            "train_bits": now.bits,
            "choose_loss": now.choose_loss if now.is_milestone else None,
            # Infinite where float16 had no room for it, and JSON has no such number.
            "gradient_norm": now.gradient_norm if math.isfinite(now.gradient_norm) else None,
            "clipped_share": now.clipped_share,
            "learning_rate": now.learning_rate,
            "symbols_per_second": round(now.rate_since(before)),
        }
        try:
            # Opened for each line: whatever ends the training, the lines so far are in the file.
            os.makedirs(self._path.parent, exist_ok=True)
            with open(self._path, self._mode, encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        except OSError as error:
            raise TrainingError(
                f"Cannot write the log {self._path}: {error.strerror}. "
                "Choose another file for --log, where there is room."
            ) from error
        self._mode = "a"
