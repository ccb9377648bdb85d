"""ml5's folders: a manifest.json that names tensors, and a file of raw float32 for each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from torch import Tensor

from models.importing.errors import ImportingError
from models.importing.found import FoundNetwork, to_tensor
from models.importing.json_files import read_json
from models.importing.tensorflow import is_tensorflow, tensorflow_network

_FLOAT_BYTES = 4


def read_manifest(path: Path) -> FoundNetwork:
    """A network from a folder with a manifest.json, or from the manifest itself.

    Raises
    ------
    ImportingError
        If a file is missing or of another length than the manifest says, leads out of the folder,
        or the tensors are not those of a network that can be run.
    """
    file = path / "manifest.json" if path.is_dir() else path
    manifest = read_json(file)
    if not isinstance(manifest, dict) or not manifest:
        raise ImportingError(f"{file} does not name tensors.")
    tensors = {name: _tensor(file.parent, name, entry) for name, entry in manifest.items()}
    if not is_tensorflow(tensors):
        raise ImportingError(
            f"{file} names {', '.join(map(repr, list(tensors)[:3]))}, but no recurrent cell of "
            "TensorFlow 1, such as basic_lstm_cell."
        )
    return tensorflow_network(tensors, "ml5, TensorFlow 1 cells")


def _tensor(folder: Path, name: str, entry: Any) -> Tensor:
    shape = entry.get("shape") if isinstance(entry, Mapping) else None
    filename = entry.get("filename") if isinstance(entry, Mapping) else None
    if not isinstance(filename, str) or not isinstance(shape, list):
        raise ImportingError(f"The manifest gives no filename and shape for {name!r}.")
    if not all(type(size) is int and size >= 0 for size in shape):
        raise ImportingError(f"The manifest gives {name!r} the shape {shape}, which is none.")
    if PurePosixPath(filename).name != filename or "\\" in filename:
        raise ImportingError(
            f"The manifest names {filename!r} for {name!r}, which is not a file beside it. "
            "It was made to harm, or for another tool."
        )
    expected = _FLOAT_BYTES * math.prod(shape)
    try:
        found = (folder / filename).stat().st_size
        if found != expected:
            raise ImportingError(
                f"The file {filename!r} has {found:,} bytes, but {name!r} of shape {tuple(shape)} "
                f"needs {expected:,} in float32. Download it again."
            )
        data = (folder / filename).read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, ImportingError):
            raise
        raise ImportingError(
            f"The file {filename!r}, which the manifest names for {name!r}, cannot be read. "
            "Download the whole folder."
        ) from error
    return to_tensor(name, np.frombuffer(data, "<f4").reshape(shape))
