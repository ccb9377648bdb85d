"""A trained network in one safetensors file: weights, architecture, vocabulary, how it learned."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from models.checkpoint_header import (
    METADATA_KEY,
    PLAIN_VERSION,
    SCHEMA_VERSION,
    CheckpointError,
    check_version,
    explaining,
    metadata_text,
)
from models.errors import UserError
from models.recurrent import Architecture, RecurrentModel
from models.vocabulary import Vocabulary

_MOST_CLAIMED = 4  # times the weights that a file holds


@dataclass(frozen=True)
class Checkpoint:
    """One trained network. `training` is a summary for people: data, losses, settings."""

    name: str
    model: RecurrentModel = field(repr=False)
    vocabulary: Vocabulary = field(repr=False)
    training: Mapping[str, Any] = field(repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        rows = self.architecture.symbols
        if len(self.vocabulary) != rows:
            raise CheckpointError(
                f"The network reads {rows} symbols, but the vocabulary has "
                f"{len(self.vocabulary)}. They must be equal."
            )

    @property
    def architecture(self) -> Architecture:
        """What the network is made of."""
        return self.model.architecture

    @cached_property
    def sha256(self) -> str:
        """Hash of architecture, vocabulary and weights, in hex: the same network, the same hash."""
        digest = hashlib.sha256(
            json.dumps([self.architecture.to_json(), self.vocabulary.symbols]).encode()
        )
        for name, tensor in sorted(_held_tensors(self.model).items()):
            digest.update(name.encode())
            digest.update(tensor.to(torch.float32).contiguous().numpy().tobytes())
        return digest.hexdigest()


def save_checkpoint(checkpoint: Checkpoint, path: str | Path) -> None:
    """Write a checkpoint with float16 weights; a file under the final name is always whole.

    Raises
    ------
    CheckpointError
        If the folder cannot be written to, or a weight is no number that float16 can hold.
    """
    path = Path(path)
    metadata = {
        "schema_version": PLAIN_VERSION if checkpoint.architecture.is_plain else SCHEMA_VERSION,
        "name": checkpoint.name,
        "architecture": checkpoint.architecture.to_json(),
        "vocabulary": list(checkpoint.vocabulary.symbols),
        "training": dict(checkpoint.training),
    }
    tensors = {
        name: tensor.to(torch.float16).contiguous()
        for name, tensor in _held_tensors(checkpoint.model).items()
    }
    for name, tensor in tensors.items():
        _check_finite(name, tensor)
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        save_file(tensors, temporary, metadata={METADATA_KEY: json.dumps(metadata)})
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CheckpointError(
            f"Cannot write the checkpoint {path}: {reason}. Choose a folder you can write to."
        ) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _held_tensors(model: RecurrentModel) -> dict[str, torch.Tensor]:
    """What a file holds of a network: a tied readout's weights once, as the embedding's."""
    tensors = {name: tensor.detach() for name, tensor in model.state_dict().items()}
    if model.architecture.tied:
        del tensors["readout.weight"]
    return tensors


def load_checkpoint(path: str | Path) -> Checkpoint:
    """Read a checkpoint; weights become float32.

    Raises
    ------
    CheckpointError
        If the file is missing, truncated, not a Unitscope checkpoint, or a tensor has the wrong
        shape or values that are not numbers.
    """
    path = Path(path)
    with explaining(path), safe_open(path, framework="pt") as file:
        text = metadata_text(path, file)
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    return _assemble(path, text, tensors)


def _assemble(path: Path, text: str, tensors: dict[str, torch.Tensor]) -> Checkpoint:
    try:
        metadata = json.loads(text)
        check_version(metadata)
        architecture = Architecture(**metadata["architecture"])
        vocabulary = Vocabulary(tuple(metadata["vocabulary"]))
        model = _build(architecture, tensors)
        return Checkpoint(str(metadata["name"]), model, vocabulary, dict(metadata["training"]))
    except UserError as error:
        raise CheckpointError(f"{path}: {error}") from error
    except (LookupError, TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} has damaged metadata: {error!r}. Save it again.") from error


def _build(architecture: Architecture, tensors: dict[str, torch.Tensor]) -> RecurrentModel:
    if architecture.layers > len(tensors):
        raise CheckpointError(
            f"The file has {len(tensors)} tensors, too few for {architecture.layers:,} layers. "
            "It was not saved by Unitscope."
        )
    # What the file says of itself is not believed: it takes no more memory than it brings.
    # (Building on torch's meta device would do the same, and cost 2 s of imports.)
    held = sum(tensor.numel() for tensor in tensors.values())
    if architecture.weights > _MOST_CLAIMED * held:
        raise CheckpointError(
            f"The file holds {held:,} weights, but {architecture} has {architecture.weights:,}. "
            "It was not saved by Unitscope."
        )
    model = RecurrentModel(architecture)
    _check_tensors(model, tensors)
    if architecture.tied:
        tensors = tensors | {"readout.weight": tensors["embedding.weight"]}
    model.load_state_dict(tensors)  # copies into float32; what is tied stays tied
    return model.eval()


def _check_tensors(model: RecurrentModel, tensors: dict[str, torch.Tensor]) -> None:
    expected = _held_tensors(model)
    for name in sorted(expected.keys() ^ tensors.keys()):
        state = "is missing" if name in expected else "should not be there"
        raise CheckpointError(f"The tensor {name!r} {state}. The file was not saved by Unitscope.")
    for name, tensor in tensors.items():
        if tensor.shape != expected[name].shape:
            raise CheckpointError(
                f"The tensor {name!r} has shape {tuple(tensor.shape)}, but the architecture "
                f"({model.architecture}) needs {tuple(expected[name].shape)}."
            )
        _check_finite(name, tensor)


def _check_finite(name: str, tensor: torch.Tensor) -> None:
    if not torch.isfinite(tensor).all():
        raise CheckpointError(
            f"The tensor {name!r} holds NaN, or numbers that float16 has no room for. "
            "Train it again with a lower learning rate."
        )
