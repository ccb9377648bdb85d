"""PyTorch's files: the zip archive, the stream of torch before 1.6, and safetensors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import numpy as np
import torch
from safetensors import SafetensorError, safe_open

from models.checkpoint_header import METADATA_KEY, MOST_HEADER_BYTES
from models.importing.errors import ImportingError
from models.importing.found import FoundNetwork, check_finite
from models.importing.named_tensors import network_of
from models.importing.recognising import open_archive, read_entry
from models.importing.tokens import read_tokens
from models.importing.torch_objects import network_in
from models.importing.unpickling import Pickled, Storage, StoredTensor, read_pickle

_LENGTH_BYTES = 8


def read_torch_archive(path: Path) -> FoundNetwork:
    """A network from what torch.save writes since 1.6.

    Raises
    ------
    ImportingError
        If the file is damaged, or holds no network that can be run.
    """
    with open_archive(path) as archive:
        pickled = next(n for n in archive.namelist() if PurePosixPath(n).name == "data.pkl")
        folder = PurePosixPath(pickled).parent
        order = str(folder / "byteorder")
        if order in archive.namelist() and read_entry(archive, order) != b"little":
            raise ImportingError("Its numbers are big-endian. Save it on an ordinary machine.")
        top = read_pickle(read_entry(archive, pickled)).value

        def read(tensor: StoredTensor) -> np.ndarray:
            return tensor.over(read_entry(archive, str(folder / "data" / tensor.storage.key)))

        return network_in(top, "PyTorch archive", read)


def read_torch_legacy(path: Path) -> FoundNetwork:
    """A network from what torch.save wrote before 1.6: pickles, then storages one after another.

    Raises
    ------
    ImportingError
        If the file is damaged, or holds no network that can be run.
    """
    data = path.read_bytes()
    parts: list[Pickled] = []
    start = 0
    for _ in range(5):  # a magic number, the protocol, the machine, the object, storages' keys
        parts.append(read_pickle(data[start:]))
        start += parts[-1].length
    machine, top, keys = (part.value for part in parts[2:])
    if not isinstance(machine, dict) or machine.get("little_endian") is not True:
        raise ImportingError("Its numbers are big-endian. Save it on an ordinary machine.")
    stored = _legacy_storages(data, start, keys, parts[3].storages)

    def read(tensor: StoredTensor) -> np.ndarray:
        if tensor.storage.key not in stored:
            raise ImportingError("A tensor's numbers are not in the file. It may be truncated.")
        return tensor.over(stored[tensor.storage.key])

    return network_in(top, "PyTorch stream before 1.6", read)


def _legacy_storages(
    data: bytes, start: int, keys: object, storages: Mapping[str, Storage]
) -> dict[str, bytes]:
    """Where the keys say they follow each other: a count of numbers, then the numbers."""
    found: dict[str, bytes] = {}
    for key in keys if isinstance(keys, list) else ():
        if key not in storages:
            raise ImportingError("Its list of storages is malformed. The file is damaged.")
        numbers = int.from_bytes(data[start : start + _LENGTH_BYTES], "little")
        start += _LENGTH_BYTES
        length = numbers * storages[key].number_bytes
        if start + length > len(data):
            raise ImportingError("A tensor's numbers are not in the file. It may be truncated.")
        found[key] = data[start : start + length]
        start += length
    return found


def read_safetensors(path: Path) -> FoundNetwork:
    """A network from a safetensors file with torch's names.

    Raises
    ------
    ImportingError
        If the file is damaged, or holds no network that can be run.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
    if length > min(MOST_HEADER_BYTES, path.stat().st_size):
        raise ImportingError(
            f"{path} begins as a safetensors file, but its header of {length:,} bytes does not "
            "fit. It is truncated or damaged; copy it again."
        )
    try:
        with safe_open(path, framework="pt") as file:
            told = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ImportingError(
            f"{path} is not a whole safetensors file ({error}). Copy or download it again."
        ) from error
    if METADATA_KEY in told:
        raise ImportingError(f"{path} is a Unitscope checkpoint already. Use it as it is.")
    found = {name: tensor.to(torch.float32) for name, tensor in tensors.items()}
    for name, tensor in found.items():
        check_finite(name, tensor)
    return network_of(found, "safetensors with torch's names", _tokens(told))


def _tokens(told: dict[str, str]) -> dict[int, str] | None:
    for key in ("vocab", "tokens", "chars", "idx_to_token"):
        text = told.get(key)
        if text is None:
            continue
        try:
            tokens = read_tokens(json.loads(text))
        except (ValueError, RecursionError):
            tokens = read_tokens(text)
        if tokens:
            return dict(tokens)
    return None
