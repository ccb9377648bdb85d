"""NumPy's .npz archives with names that tell: torch's, TensorFlow's, or min-char-rnn's."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from models.cells import Weights
from models.importing.errors import ImportingError
from models.importing.found import FoundNetwork, check_shape, to_tensor
from models.importing.named_tensors import network_of
from models.importing.recognising import open_archive, read_entry
from models.importing.tensorflow import is_tensorflow, tensorflow_network

_MIN_CHAR_RNN = ("Wxh", "Whh", "Why", "bh", "by")


def read_npz(path: Path) -> FoundNetwork:
    """A network from an .npz file.

    Raises
    ------
    ImportingError
        If the file is damaged, or its names or shapes are not those of a network.
    """
    tensors: dict[str, Tensor] = {}
    tokens: dict[int, str] | None = None
    with open_archive(path) as archive:
        for entry in archive.namelist():
            name = entry.removesuffix(".npy")
            values = _array(name, read_entry(archive, entry))
            if values.dtype.kind == "U" and values.ndim == 1:
                tokens = dict(enumerate(values.tolist()))
            elif values.dtype.kind in "fiu":
                tensors[name] = to_tensor(name, values)
    if set(_MIN_CHAR_RNN) <= tensors.keys():
        return _min_char_rnn(tensors, tokens)
    if is_tensorflow(tensors):
        return tensorflow_network(tensors, "npz, TensorFlow 1 cells", tokens)
    return network_of(tensors, "npz with torch's names", tokens)


def _array(name: str, data: bytes) -> np.ndarray:
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if read is None:
            raise ValueError(f"version {version}")
        shape, _, kind = read(stream)
        if kind.hasobject:
            raise ImportingError(
                f"The array {name!r} holds Python objects, which are not read. Save it as numbers."
            )
        if math.prod(shape) * kind.itemsize != len(data) - stream.tell():
            raise ImportingError(
                f"The array {name!r} says its shape is {shape}, but it has "
                f"{len(data) - stream.tell():,} bytes. The file is damaged."
            )
        return np.load(io.BytesIO(data), allow_pickle=False)  # type: ignore[no-any-return]
    except (ValueError, EOFError, OSError) as error:
        if isinstance(error, ImportingError):
            raise
        raise ImportingError(f"The array {name!r} is damaged ({str(error)[:80]}).") from error


def _min_char_rnn(tensors: dict[str, Tensor], tokens: dict[int, str] | None) -> FoundNetwork:
    """Karpathy's script of a hundred lines: one-hot input, one tanh layer, column vectors."""
    w_ih, w_hh, weight, bias, out = (tensors[name] for name in _MIN_CHAR_RNN)
    if w_hh.dim() != 2 or w_ih.dim() != 2:
        raise ImportingError("The arrays 'Wxh' and 'Whh' are not matrices.")
    hidden, symbols = w_hh.shape[0], w_ih.shape[1]
    check_shape("the array 'Why'", weight, (symbols, hidden))
    check_shape("the array 'bh'", bias.flatten(), (hidden,))
    return FoundNetwork(
        layout="min-char-rnn's npz",
        cell="rnn",
        layers=(Weights(w_ih, w_hh, bias.flatten(), torch.zeros(hidden)),),
        embedding=None,
        readout=(weight, out.flatten()),
        tokens=tokens,
    )
