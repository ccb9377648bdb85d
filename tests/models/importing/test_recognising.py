"""A file is told by its content, and each one that cannot be read by a sentence of its own."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from models.importing.errors import ImportingError
from models.importing.importer import open_network
from models.importing.recognising import Format, recognise


def saved(path: Path, content: object) -> Path:
    torch.save(content, path)
    return path


def test_a_renamed_file_is_told_by_its_content(tmp_path: Path) -> None:
    assert recognise(saved(tmp_path / "network.h5", {})) is Format.TORCH_ZIP
    legacy = tmp_path / "network.safetensors"
    torch.save({}, legacy, _use_new_zipfile_serialization=False)
    assert recognise(legacy) is Format.TORCH_LEGACY


def test_archives_of_arrays_are_told_from_those_of_torch(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", Wxh=np.zeros(3))
    assert recognise(tmp_path / "a.npz") is Format.NPZ


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>", "download page"),
        (b"GGUF\x03\0\0\0", "Transformers"),
        (b"4\n1\n3\nV 1\n", "no whole Torch7 file"),
        (b"\x08\x07\x12\x07pytorch", "not an ONNX model"),
        (b"\x08\x07\x12\x7fpytorch", "ends within a field of 127 bytes"),
        (b"\x80\x04K\x01.", "pickle"),
        (b"PK\x03\x04 and then nothing", "not a whole one"),
        (b"\x93NUMPY\x01\x00", "single NumPy array"),
    ],
)
def test_what_is_not_read_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "some.pt").write_bytes(content)
    with pytest.raises(ImportingError, match=said):
        open_network(tmp_path / "some.pt")


def test_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImportingError, match="is a folder with neither"):
        open_network(tmp_path)
    with pytest.raises(ImportingError, match="No such file"):
        open_network(tmp_path / "none.pt")


def test_an_archive_that_leads_out_of_itself_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "out.pt", "w") as archive:
        archive.writestr("x/data.pkl", b"")
        archive.writestr("../../evil", b"")
    with pytest.raises(ImportingError, match="leads out of the archive"):
        open_network(tmp_path / "out.pt")


def test_an_archive_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Wxh.npy", bytes(64 << 20))
    with pytest.raises(ImportingError, match="far more than weights can"):
        open_network(tmp_path / "bomb.npz")


def test_other_zip_archives_are_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "photos.pt", "w") as archive:
        archive.writestr("photo.jpg", b"")
    with pytest.raises(ImportingError, match="zip archive without a network"):
        open_network(tmp_path / "photos.pt")
