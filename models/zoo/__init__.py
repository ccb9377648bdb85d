"""The checkpoints that ship, each with a card beside it."""

from __future__ import annotations

import os
from pathlib import Path

_FOLDER = Path(__file__).parent


def zoo_checkpoints() -> dict[str, Path]:
    """The files of the shipped checkpoints by name."""
    return {path.stem: path for path in sorted(_FOLDER.glob("*.safetensors"))}


def find_checkpoint(name: str | Path) -> Path:
    """The file of a checkpoint: the path as given, or that of a shipped one of this name."""
    return Path(name) if os.path.exists(name) else zoo_checkpoints().get(str(name), Path(name))
