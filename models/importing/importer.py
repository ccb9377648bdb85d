"""From another program's file to a checkpoint of ours."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from models.checkpoint import Checkpoint
from models.importing.errors import ImportingError
from models.importing.found import FoundNetwork, activated
from models.importing.keras import read_keras_archive, read_keras_hdf5
from models.importing.manifest import read_manifest
from models.importing.npz import read_npz
from models.importing.onnx import read_onnx
from models.importing.pytorch import read_safetensors, read_torch_archive, read_torch_legacy
from models.importing.recognising import Format, recognise
from models.importing.recurrentjs import read_recurrentjs
from models.importing.rows import name_rows, with_unknown_logit, with_unknown_row
from models.importing.torch7 import read_torch7_network
from models.importing.vocabularies import Tokens, candidates, find_tokens, missing
from models.recurrent import RecurrentModel
from models.vocabulary import Vocabulary

_READERS: dict[Format, Callable[[Path], FoundNetwork]] = {
    Format.TORCH_ZIP: read_torch_archive,
    Format.TORCH_LEGACY: read_torch_legacy,
    Format.SAFETENSORS: read_safetensors,
    Format.TORCH7: read_torch7_network,
    Format.TORCH7_ASCII: read_torch7_network,
    Format.JSON: read_recurrentjs,
    Format.NPZ: read_npz,
    Format.ONNX: read_onnx,
    Format.MANIFEST: read_manifest,
    Format.HDF5: read_keras_hdf5,
    Format.KERAS: read_keras_archive,
}
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Origin:
    """Where an imported network comes from: file, hash, how it was laid out, what to know."""

    file: str
    sha256: str
    format: str
    layout: str
    vocabulary: str
    has_readout: bool
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As checkpoints keep it."""
        return {**self.__dict__, "notes": list(self.notes)}


@dataclass(frozen=True)
class Imported:
    """A network of another program as a checkpoint of ours, and its origin."""

    checkpoint: Checkpoint = field(repr=False)
    origin: Origin


@dataclass(frozen=True)
class Opened:
    """A network in another program's file, before its rows have symbols."""

    path: Path
    format: Format
    network: FoundNetwork


def open_network(path: str | Path, activation: str | None = None) -> Opened:
    """Find the network in a file or folder of another program. No code of it runs.

    Parameters
    ----------
    path : str or Path
        A file or folder; its format is told from its content.
    activation : str, optional
        Of its gates, or of an RNN's states, where the file does not say or is wrong: one of
        `models.importing.found.GATE_ACTIVATIONS` or `RNN_ACTIVATIONS`.

    Raises
    ------
    ImportingError
        If it is not recognised, damaged, or holds what cannot be run.
    """
    path = Path(path)
    kind = recognise(path)
    try:
        network = _READERS[kind](path)
        if activation is not None:
            network = activated(network, activation)
        return Opened(path, kind, network)
    except ImportingError as error:
        text = str(error)
        raise error if str(path) in text else ImportingError(f"{path}: {text}") from error


def import_network(
    path: str | Path,
    vocabulary: str | None = None,
    *,
    sample: Path | None = None,
    activation: str | None = None,
) -> Imported:
    """Read another program's network as a checkpoint of ours.

    Parameters
    ----------
    path : str or Path
        A file or folder; its format is told from its content.
    vocabulary : str, optional
        A file, ``string.printable``, ``sorted-set:TEXT`` or ``sorted-set-lower:TEXT``; by default
        what the file says, or a vocabulary file beside it.
    sample : Path, optional
        A text of the kind that it was trained on, to name likely vocabularies by.
    activation : str, optional
        See `open_network`.

    Raises
    ------
    ImportingError
        If it is not recognised, damaged, holds what cannot be run, or has no vocabulary.
    """
    opened = open_network(path, activation)
    tokens = find_tokens(opened.network, opened.path, vocabulary)
    if tokens is None:
        rows = opened.network.rows
        raise missing(rows, opened.path, list(candidates(rows, sample)))
    return with_tokens(opened, tokens)


def with_tokens(opened: Opened, tokens: Tokens) -> Imported:
    """Give an opened network's rows their symbols.

    Raises
    ------
    ImportingError
        If they do not fit each other.
    """
    network = opened.network
    rows = name_rows(network.rows, tokens.by_row)
    symbols = rows.symbols if rows.has_unknown else (*rows.symbols, chr(0xFFFD))
    model = _build(network, len(symbols))
    origin = Origin(
        file=opened.path.name,
        sha256=_hash(opened.path),
        format=opened.format.value,
        layout=network.layout,
        vocabulary=tokens.source,
        has_readout=network.readout is not None,
        notes=(*network.notes, *rows.notes),
    )
    training = {"corpus": f"imported from {opened.path.name}", "origin": origin.to_json()}
    name = opened.path.stem or opened.path.name
    return Imported(Checkpoint(name, model, Vocabulary(symbols), training), origin)


@torch.no_grad()
def _build(network: FoundNetwork, symbols: int) -> RecurrentModel:
    is_extended = symbols > network.rows
    model = RecurrentModel(network.architecture(symbols))
    tensors: dict[str, torch.Tensor] = {}
    for number, w in enumerate(network.layers):
        ih = w.ih
        if number == 0 and network.embedding is None and is_extended:
            ih = with_unknown_row(ih.T).T
        values = {"weight_ih_l0": ih, "weight_hh_l0": w.hh, "bias_ih_l0": w.b_ih}
        values["bias_hh_l0"] = w.b_hh
        tensors |= {f"layers.{number}.{name}": value for name, value in values.items()}
    if network.embedding is not None:
        rows = network.embedding
        tensors["embedding.weight"] = with_unknown_row(rows) if is_extended else rows
    if network.readout is None:
        weight, bias = torch.zeros(network.rows, network.hidden), torch.zeros(network.rows)
    else:
        weight, bias = network.readout
    if is_extended:
        weight, bias = with_unknown_logit(weight, bias)
    model.load_state_dict(tensors | {"readout.weight": weight, "readout.bias": bias})
    return model.eval()


def _hash(path: Path) -> str:
    """SHA-256 of a file, or of the files of a folder with their names."""
    digest = hashlib.sha256()
    files = [path] if path.is_file() else sorted(p for p in path.iterdir() if p.is_file())
    for file in files:
        if file != path:
            digest.update(file.name.encode())
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()
