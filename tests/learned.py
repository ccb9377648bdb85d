"""Checkpoints with a made-up history of learning, for what only looks at their cards."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import torch

from models.checkpoint import Checkpoint, save_checkpoint
from models.recurrent import Architecture, RecurrentModel
from models.vocabulary import UNKNOWN, Vocabulary

STEPS = (0, *(2**power for power in range(11)))
SYMBOLS_A_STEP = 4096
TEXT = '''def read_lines(path, *, encoding="utf-8"):
    """Give the lines of a file, without their ends.

    A file that is not there has no lines.
    """
    if not os.path.exists(path):
        return []
    with open(path, encoding=encoding) as file:
        return [line.rstrip("\\n") for line in file]
'''
"""What the made-up network writes once it has learned."""


def made_up_training() -> dict[str, Any]:
    """All that a whole training leaves in a checkpoint, losses falling as they do."""
    last = STEPS[-1] * SYMBOLS_A_STEP
    return {
        "corpus": "made-up code",
        "corpus_sha256": "0123456789abcdef" * 4,
        "corpus_symbols": 1_234_567,
        "split": "by document, by a hash of its name: 90% train, 5% choose, 5% report",
        "documents": {"train": 90, "choose": 5, "report": 6},
        "options": {"learning_rate": 0.002, "batch": 32, "length": 128, "seed": 0},
        "symbols": last,
        "minutes": 93.0,
        "train_loss": loss_at(last),
        "choose_loss": loss_at(last) + 0.09,
        "report_loss": loss_at(last) + 0.12,
        "interrupted": False,
        "sample": TEXT,
        "samples": [_sample(step) for step in STEPS],
        "curve": [_point(last * (at + 1) // 20) for at in range(20)],
    }


def loss_at(symbols: int) -> float:
    """A loss in nats per symbol that begins at log 100 and comes to rest near 1."""
    return 0.9 + (math.log(100) - 0.9) / (1 + symbols / 60_000) ** 0.75


def save_learned(path: Path, training: dict[str, Any], *, name: str = "made-up") -> Path:
    """Write a 1 x 16 LSTM with this history."""
    torch.manual_seed(0)
    vocabulary = Vocabulary((UNKNOWN, *sorted(set(TEXT))))
    model = RecurrentModel(Architecture("lstm", 1, 16, 8, len(vocabulary)))
    save_checkpoint(Checkpoint(name, model.eval(), vocabulary, training), path)
    return path


def _point(symbols: int) -> dict[str, Any]:
    loss = loss_at(symbols)
    return {"symbols": symbols, "train_loss": loss, "choose_loss": loss + 0.09}


def _sample(step: int) -> dict[str, Any]:
    """The text with fewer wrong symbols the later it is; its first line tells the step."""
    chance = random.Random(step)
    wrong = max(0.0, 1 - math.log2(step + 1) / 10)
    symbols = sorted(set(TEXT))
    text = "".join(chance.choice(symbols) if chance.random() < wrong else s for s in TEXT[:200])
    milestone = step // 51 * 51 * SYMBOLS_A_STEP  # when the choose loss was last taken
    return {
        "step": step,
        "symbols": step * SYMBOLS_A_STEP,
        "choose_loss": loss_at(milestone) + 0.09 if milestone else None,
        "text": f"# step {step}\n{text}",
    }
