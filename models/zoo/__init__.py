"""The checkpoints that ship, each with a card beside it."""

from __future__ import annotations

import os
from pathlib import Path

_FOLDER = Path(__file__).parent
FLAGSHIP = "python"
"""The name of the one that the dashboard opens with."""


def zoo_checkpoints() -> dict[str, Path]:
    """The files of the shipped checkpoints by name, the flagship first."""
    names = {path.stem: path for path in sorted(_FOLDER.glob("*.safetensors"))}
    return dict(sorted(names.items(), key=lambda item: item[0] != FLAGSHIP))


def zoo_snapshots() -> dict[str, Path]:
    """The files of networks as they were during their training, by names that tell the step."""
    found = sorted(_FOLDER.glob("*/*.safetensors"))
    return {path.relative_to(_FOLDER).with_suffix("").as_posix(): path for path in found}


def find_checkpoint(name: str | Path) -> Path:
    """The file of a checkpoint: the path as given, or that of a shipped one of this name.

    Snapshots from a training ship too, by names such as ``python-2x128/step-0000256``.
    """
    if os.path.exists(name):
        return Path(name)
    shipped = {path.relative_to(_FOLDER): path for path in _FOLDER.rglob("*.safetensors")}
    return shipped.get(Path(f"{name}.safetensors"), Path(name))
