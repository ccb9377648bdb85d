"""A checkpoint's header is read without its weights, and whatever else a file may be is refused."""

from __future__ import annotations

import contextlib
import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from learned import made_up_training, save_learned
from safetensors.numpy import save_file

from models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from models.checkpoint_header import MOST_HEADER_BYTES, CheckpointError, read_header
from models.zoo import zoo_checkpoints


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return save_learned(tmp_path / "learned.safetensors", made_up_training())


def metadata() -> dict[str, Any]:
    """What a small checkpoint says of itself."""
    architecture = {"cell": "gru", "layers": 1, "hidden": 2, "embedding": None, "symbols": 3}
    return {
        "schema_version": 1,
        "name": "small",
        "architecture": architecture,
        "vocabulary": ["a", "b", "�"],
        "training": {},
    }


def write(path: Path, told: object) -> Path:
    """A safetensors file that tells this of itself, with six numbers in it."""
    text = told if isinstance(told, str) else json.dumps(told)
    save_file({"w": np.zeros((2, 3), np.float16)}, path, metadata={"unitscope": text})
    return path


def complaint(path: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        read_header(path)
    message = str(caught.value)
    assert str(path)[:200] in message
    assert "\n" not in message
    assert len(message) < len(str(path)) + 300
    return message


def test_the_header_tells_what_the_loaded_checkpoint_is(saved: Path) -> None:
    header, whole = read_header(saved), load_checkpoint(saved)
    architecture = whole.architecture
    assert header.name == whole.name == "made-up"
    assert header.training == whole.training == made_up_training()
    assert (header.cell, header.layers, header.hidden) == ("lstm", 1, 16)
    assert (header.embedding, header.symbols) == (architecture.embedding, architecture.symbols)
    assert header.weights == architecture.weights
    assert header.file_bytes == saved.stat().st_size


def test_every_checkpoint_that_ships_has_a_header_that_can_be_read() -> None:
    for name, path in zoo_checkpoints().items():
        header = read_header(path)
        assert header.name == name
        assert header.training["report_loss"] > 0


def test_one_hot_input_and_a_tied_readout_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    header = read_header(write(path, metadata()))
    assert header.embedding is None
    assert not header.tied
    assert header.weights == 6
    told = metadata()
    told["architecture"] |= {"embedding": 2, "tied": True}
    assert read_header(write(path, told)).tied


def test_a_name_is_cut_and_made_of_whole_symbols(tmp_path: Path) -> None:
    told = metadata() | {"name": "\ud800" + "x" * 10_000}
    name = read_header(write(tmp_path / "a.safetensors", told)).name
    assert name.startswith("?x")
    assert len(name) == 200


@pytest.mark.parametrize("kept", [0, 1, 7, 8, 9, 100, -1])
def test_a_truncated_file_is_refused(saved: Path, kept: int) -> None:
    saved.write_bytes(saved.read_bytes()[:kept])
    assert "not a whole safetensors file" in complaint(saved)


@pytest.mark.parametrize("length", [100, MOST_HEADER_BYTES + 1, 2**63, 2**64 - 1])
def test_a_header_that_claims_to_be_longer_than_it_can_be_takes_no_memory(
    tmp_path: Path, length: int
) -> None:
    path = tmp_path / "long.safetensors"
    with path.open("wb") as file:
        file.write(struct.pack("<Q", length))
        file.truncate(max(50, min(length, MOST_HEADER_BYTES + 100)))  # a hole: no space on disk
    assert "not a whole safetensors file" in complaint(path)


def test_tensors_that_do_not_fill_the_file_are_refused(saved: Path) -> None:
    with saved.open("ab") as file:
        file.write(b"more")
    assert "not a whole safetensors file" in complaint(saved)


@pytest.mark.parametrize("name", ["", "missing.safetensors", "x" * 5000, "a\0b"])
def test_what_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    assert "no checkpoint file" in complaint(tmp_path / name)


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "no checkpoint file" in complaint(tmp_path / "pipe")


def test_weights_of_another_program_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"w": np.zeros(3, np.float32)}, path)
    assert "not a Unitscope checkpoint" in complaint(path)


def test_another_schema_is_named(tmp_path: Path) -> None:
    message = complaint(write(tmp_path / "new.safetensors", metadata() | {"schema_version": 3}))
    assert "schema 3" in message


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: told.pop("name"),
        lambda told: told.update(name=3),
        lambda told: told.update(architecture=[]),
        lambda told: told.update(training=3),
        lambda told: told["architecture"].update(cell=None),
        lambda told: told["architecture"].update(layers=True),
        lambda told: told["architecture"].update(hidden=0),
        lambda told: told["architecture"].update(symbols=2.5),
        lambda told: told["architecture"].update(embedding="wide" * 1000),
        lambda told: told["architecture"].pop("embedding"),
    ],
)
def test_damaged_metadata_is_one_sentence(
    tmp_path: Path, spoil: Callable[[dict[str, Any]], object]
) -> None:
    told = metadata()
    spoil(told)
    assert "damaged metadata" in complaint(write(tmp_path / "bad.safetensors", told))


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "3", '"a"', "[" * 100_000, "9" * 5000])
def test_metadata_that_is_no_object_is_one_sentence(tmp_path: Path, text: str) -> None:
    assert "damaged metadata" in complaint(write(tmp_path / "bad.safetensors", text))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(at=st.integers(0, 400), byte=st.integers(0, 255))
def test_one_wrong_byte_never_raises_anything_else(
    tmp_path: Path, tiny_checkpoint: Checkpoint, at: int, byte: int
) -> None:
    path = tmp_path / "tiny.safetensors"
    if not path.exists():
        save_checkpoint(tiny_checkpoint, path)
    content = bytearray(path.read_bytes())
    content[at] = byte
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(content)
    with contextlib.suppress(CheckpointError):
        assert read_header(broken).layers > 0
