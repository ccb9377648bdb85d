"""Files out of a tar archive that nobody vouches for: in memory, within limits, none unpacked."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Self

from models.corpora.documents import CorpusError
from models.corpora.files import read_file

# Bytes: far beyond any source tree, and within what a small machine bears.
_MOST_FILE = 16 << 20  # of a file that is read
_MOST_TEXT = 256 << 20  # of all files that are read
_MOST_PASSED = 256 << 20  # of a file that is passed over and the header after it
_MOST_IN_ALL = 8 << 30  # of the archive without its compression

_XZ, _GZIP, _BZIP2 = b"\xfd7zXZ\0", b"\x1f\x8b", b"BZh"  # how such files begin
_DAMAGES = (
    tarfile.TarError,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    OverflowError,
    RecursionError,  # headers of headers of headers
    MemoryError,  # a dictionary of gigabytes
)


def is_archive(path: Path) -> bool:
    """Whether a file is a tar archive, or compressed, by how it begins.

    Raises
    ------
    CorpusError
        If it cannot be read.
    """
    head = read_file(path, 512)
    return head.startswith((_XZ, _GZIP, _BZIP2)) or head[257:262] == b"ustar"


def read_archive(path: Path, folder: str, wanted: Callable[[str], object]) -> dict[str, bytes]:
    """The files below one folder of a tar archive that are wanted, by their path from there.

    Parameters
    ----------
    path : Path
        The archive: plain, or compressed by xz, gzip or bzip2.
    folder : str
        Is looked for at the top of the archive and in the folders there. Archives keep the files
        of a folder together: nothing is read after the last of them.
    wanted : callable
        Is asked about a file's path from the folder.

    Raises
    ------
    CorpusError
        If the archive is damaged or larger than any source tree.
    """
    try:
        with _decompressed(path) as raw:
            stream = _Metered(raw)
            with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Member) as archive:
                return _read_members(archive, stream, folder, wanted)
    except _TooLarge as error:
        raise CorpusError(
            f"{path} is not read: {error}, which no source tree holds. "
            "Fetch it again, or unpack it and name the folder."
        ) from error
    except _DAMAGES as error:
        reason = getattr(error, "strerror", None) or error
        raise CorpusError(
            f"{path} cannot be read as a tar archive ({reason}). "
            "Fetch it again, or unpack it and name the folder."
        ) from error


class _TooLarge(Exception):
    """The archive is beyond the limits of this module."""


class _Metered(io.BufferedIOBase):
    """A stream that counts what it gives: what headers say of sizes is not to be trusted."""

    def __init__(self, raw: io.BufferedIOBase) -> None:
        self.source = raw
        self.given = 0
        self.passed = 0  # since the last header

    def read(self, size: int | None = -1) -> bytes:
        data = self.source.read(size)
        if not data:  # nothing reads on after the end of a whole archive
            raise EOFError("it ends early")
        self.given += len(data)
        self.passed += len(data)
        if self.passed > _MOST_PASSED:
            raise _TooLarge(f"a file in it has more than {_MOST_PASSED:,} bytes")
        if self.given > _MOST_IN_ALL:
            raise _TooLarge(f"it has more than {_MOST_IN_ALL:,} bytes")
        return data


class _Member(tarfile.TarInfo):
    """A member whose header is sound: tarfile takes one that it cannot read for the end."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> Self:
        try:
            member = super().fromtarfile(archive)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(str(error)) from error
        if member.size < 0:
            raise tarfile.ReadError("a file in it is shorter than nothing")
        return member


def _decompressed(path: Path) -> io.BufferedIOBase:
    with open(path, "rb") as file:
        head = file.read(8)
    if head.startswith(_XZ):
        return lzma.open(path)
    if head.startswith(_GZIP):
        return gzip.open(path)
    if head.startswith(_BZIP2):
        return bz2.open(path)
    return open(path, "rb")


def _read_members(
    archive: tarfile.TarFile, stream: _Metered, folder: str, wanted: Callable[[str], object]
) -> dict[str, bytes]:
    place = re.compile(rf"(?:[^/]+/)?{re.escape(folder)}/")
    files: dict[str, bytes] = {}
    prefix, total = "", 0
    while (member := archive.next()) is not None:
        stream.passed = 0
        archive.members.clear()  # type: ignore[attr-defined]  # or it keeps them all
        path = member.name.removeprefix("./")
        if not path.startswith(prefix):
            return files
        found = place.match(path)
        if found is None or not member.isreg() or _is_hidden(path):
            continue
        name = path[found.end() :]
        if wanted(name):
            prefix = found[0]
            total += member.size
            if member.size > _MOST_FILE or total > _MOST_TEXT:
                raise _TooLarge(f"{path!r} has {member.size:,} bytes, after {len(files):,} files")
            content = archive.extractfile(member)
            files[name] = b"" if content is None else content.read()
    return files


def _is_hidden(path: str) -> bool:
    # So are paths that lead elsewhere: "..", and "" before a slash.
    return any(part.startswith(".") or not part for part in path.split("/"))
