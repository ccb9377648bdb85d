"""What kind of file it is, from its content: the suffix is never asked."""

from __future__ import annotations

import struct
import zipfile
import zlib
from enum import Enum
from pathlib import Path, PurePosixPath

from models.importing.errors import ImportingError
from models.importing.torch7_objects import is_ascii

_HEAD_BYTES = 4096
_MOST_RATIO = 200  # how far weights can shrink in an archive
_SPARE_BYTES = 1 << 20
_LEGACY_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_AFTER_VERSION = b"\x12\x1a\x22\x3a\x42"  # the fields of an ONNX model that can come next
KNOWN = (
    "PyTorch (.pt, .pth), safetensors, Torch7 (.t7), Keras (.h5, .hdf5, .keras), "
    "ml5's folder with manifest.json, ONNX, recurrentjs's JSON and .npz"
)


class Format(Enum):
    """A kind of file that can be read, by the name it goes by."""

    TORCH_ZIP = "PyTorch zip archive"
    TORCH_LEGACY = "PyTorch before 1.6"
    SAFETENSORS = "safetensors"
    TORCH7 = "Torch7 binary"
    TORCH7_ASCII = "Torch7 ASCII"
    MANIFEST = "manifest.json with raw tensors"
    HDF5 = "Keras HDF5"
    KERAS = "Keras 3 archive"
    NPZ = "NumPy npz"
    JSON = "JSON"
    ONNX = "ONNX"


# What is known, and not read: how the file begins, and what to say.
_REFUSED = (
    (b"GGUF", "a GGUF file, which holds Transformers for llama.cpp"),
    (b"PAR1", "a Parquet table"),
    (b"\x93NUMPY", "a single NumPy array; put all of a network's arrays into one .npz"),
    (b"\x80", "a Python pickle of an unknown kind; save the weights with torch.save or np.savez"),
    (b"\x1f\x8b", "compressed with gzip; unpack it first"),
)


def recognise(path: Path) -> Format:
    """Tell the format of a file or folder.

    Raises
    ------
    ImportingError
        If there is no such file, it is empty, or of no kind that is known.
    """
    if path.is_dir():
        if (path / "manifest.json").is_file():
            return Format.MANIFEST
        raise ImportingError(
            f"{path} is a folder with neither ml5's manifest.json nor LSTMVis's lstm.yml. Name a "
            "checkpoint file inside it."
        )
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ImportingError(f"Cannot read {path}: {reason}. Check the path.") from error
    if not head:
        raise ImportingError(f"{path} is empty. Copy or download it again.")
    found = _by_content(path, head)
    if found is None:
        for start, what in _REFUSED:
            if head.startswith(start):
                raise ImportingError(f"{path} is {what}.")
        raise ImportingError(
            f"{path} is not recognised: its content is none of {KNOWN}. "
            "It may be truncated, or a download page instead of the file."
        )
    return found


def _by_content(path: Path, head: bytes) -> Format | None:
    if head.startswith(b"PK"):
        return _of_archive(path)
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return Format.HDF5
    if len(head) > 2 and head[0] == 8 and head[1] < 64 and head[2] in _AFTER_VERSION:
        return Format.ONNX
    if head.startswith(_LEGACY_TORCH):
        return Format.TORCH_LEGACY
    if is_ascii(head):
        return Format.TORCH7_ASCII
    if len(head) > 8 and head[8:9] == b"{":
        length = int.from_bytes(head[:8], "little")
        if length >= 2 and (length < path.stat().st_size or head[6:8] == b"\0\0"):
            return Format.SAFETENSORS
    if head.lstrip().startswith(b"{"):
        return Format.JSON if b'"filename"' not in head else Format.MANIFEST
    if len(head) >= 16 and struct.unpack("<i", head[:4])[0] in (3, 4):
        index, following = struct.unpack("<ii", head[4:12])
        if 0 < index < 1 << 24 and 0 <= following < 1 << 24:  # a table or an object, numbered
            return Format.TORCH7
    return None


def _of_archive(path: Path) -> Format:
    with open_archive(path) as archive:
        names = [PurePosixPath(name) for name in archive.namelist()]
    if any(name.name == "constants.pkl" for name in names):
        raise ImportingError(
            f"{path} is a TorchScript program, not a checkpoint. Save the module's state_dict "
            "with torch.save instead."
        )
    if any(name.name == "data.pkl" for name in names):
        return Format.TORCH_ZIP
    if {"config.json", "model.weights.h5"} <= {str(name) for name in names}:
        return Format.KERAS
    if names and all(name.suffix == ".npy" for name in names):
        return Format.NPZ
    raise ImportingError(
        f"{path} is a zip archive without a network: neither PyTorch's data.pkl, nor Keras's "
        "model.weights.h5, nor NumPy's arrays are in it. If the checkpoint is packed in it, "
        "unpack it first."
    )


def open_archive(path: Path) -> zipfile.ZipFile:
    """Open a zip archive whose entries stay inside it and unpack to no more than is plausible.

    Raises
    ------
    ImportingError
        If it is damaged, an entry's name leads elsewhere, or it would unpack to far too much.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ImportingError(
            f"{path} begins as a zip archive, but is not a whole one ({error}). "
            "Copy or download it again."
        ) from error
    total = 0
    for entry in archive.infolist():
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts:
            archive.close()
            raise ImportingError(
                f"{path} has an entry {entry.filename!r} that leads out of the archive. "
                "It was made to harm; do not use it."
            )
        total += entry.file_size
    if total > _MOST_RATIO * path.stat().st_size + _SPARE_BYTES:
        archive.close()
        raise ImportingError(
            f"{path} would unpack to {total:,} bytes, far more than weights can. "
            "It is damaged, or made to fill the memory."
        )
    return archive


def read_entry(archive: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of one entry of an archive.

    Raises
    ------
    ImportingError
        If there is no such entry, or it is damaged.
    """
    try:
        return archive.read(name)
    except UnicodeDecodeError as error:
        raise ImportingError(
            f"The archive's entry {name!r} is damaged: its own name is no text. Copy it again."
        ) from error
    except KeyError:
        raise ImportingError(
            f"The archive has no entry {name!r}. It may be truncated; copy it again."
        ) from None
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, ValueError, zlib.error) as error:
        raise ImportingError(
            f"The archive's entry {name!r} is damaged ({error}). Copy it again."
        ) from error
