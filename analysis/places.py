"""Where recordings lie: a folder of this machine, or any URL that fsspec reaches."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import UserError

if TYPE_CHECKING:
    from zarr.abc.store import Store


class PlaceError(UserError):
    """A place cannot be reached."""


@dataclass(frozen=True)
class Place:
    """A folder by its path, or a URL such as ``s3://bucket/name.zarr``, with files in it."""

    path: str

    @property
    def is_url(self) -> bool:
        """Whether it is not simply a folder of this machine."""
        return "://" in self.path

    def __truediv__(self, name: str) -> Place:
        return Place(f"{self.path.rstrip('/')}/{name}")

    def store(self, *, read_only: bool) -> Store:
        """What zarr reads and writes here."""
        from zarr.storage import FsspecStore, LocalStore

        if not self.is_url:
            return LocalStore(self.path, read_only=read_only)
        with reaching(self):
            return FsspecStore.from_url(self.path, read_only=read_only)

    def read(self, name: str) -> bytes | None:
        """A file's content; None if there is no such file."""
        if not self.is_url:
            try:
                return (Path(self.path) / name).read_bytes()
            except OSError:
                return None
        files, root = self._files()
        try:
            content: bytes = files.cat_file(f"{root}/{name}")
        except FileNotFoundError:
            return None
        return content

    def write(self, name: str, content: bytes) -> None:
        """Write a file; under its name it is always whole."""
        if self.is_url:
            files, root = self._files()
            files.pipe_file(f"{root}/{name}", content)
            return
        target = Path(self.path) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, target)

    def exists(self) -> bool:
        """Whether there is anything here."""
        if not self.is_url:
            return os.path.exists(self.path)
        files, root = self._files()
        return bool(files.exists(root))

    def names(self, folder: str) -> set[str]:
        """Names of the files in a folder here; none if there is no such folder."""
        if not self.is_url:
            try:
                return set(os.listdir(Path(self.path) / folder))
            except OSError:
                return set()
        files, root = self._files()
        try:
            found = files.ls(f"{root}/{folder}", detail=False, refresh=True)
        except FileNotFoundError:
            return set()
        return {str(name).rsplit("/", 1)[-1] for name in found}

    def remove(self) -> None:
        """Remove all that is here."""
        if not self.is_url:
            shutil.rmtree(self.path, ignore_errors=True)
            return
        files, root = self._files()
        if files.exists(root):
            files.rm(root, recursive=True)

    def _files(self) -> tuple[Any, str]:
        """The file system of a URL, and the path there."""
        from fsspec.core import url_to_fs

        with reaching(self):
            files, root = url_to_fs(self.path)
        return files, root.rstrip("/")


@contextmanager
def reaching(place: Place) -> Iterator[None]:
    """Say in a sentence that a kind of place is unknown, or what is missing to reach it."""
    try:
        yield
    except (ImportError, ValueError) as error:
        raise PlaceError(
            f"Cannot reach {place.path}: {error}. Use a folder, or a URL that fsspec knows, with "
            "its package installed (s3fs for s3://, gcsfs for gs://)."
        ) from error
