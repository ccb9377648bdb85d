"""Text files and folders of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from models.corpora.documents import CorpusError, Document, decode_document


def read_texts(path: Path) -> list[Document]:
    """A text file as one document, or every text file of a folder, by its path below the folder.

    Raises
    ------
    CorpusError
        If there is no such path, or nothing in it is text.
    """
    if os.path.isdir(path):  # unlike Path's, it takes any path, however long or closed to us
        files = sorted(p for p in path.rglob("*") if p.is_file() and not _is_hidden(p, path))
        found = [d for d in (_read_text(p, p.relative_to(path)) for p in files) if d is not None]
        if not found:
            raise CorpusError(f"No text files in the folder {path}. Name a folder that holds some.")
        return found
    if not os.path.exists(path):
        raise CorpusError(f"There is no file or folder {path}. Check the path and its spelling.")
    document = _read_text(path, Path(path.name))
    if document is None:
        raise CorpusError(
            f"{path} is not a UTF-8 text file (it holds bytes that are not text). "
            "Convert it to UTF-8, or name another file."
        )
    if not document.text:
        raise CorpusError(f"{path} is empty. Name a file with at least one symbol in it.")
    return [document]


def read_folder(folder: Path, wanted: Callable[[str], object]) -> dict[str, bytes]:
    """The files below a folder that are wanted, by their path from there.

    Hidden ones are passed over and so are links: what they lead to is not in the folder.

    Raises
    ------
    CorpusError
        If a file cannot be read.
    """
    return {
        path.relative_to(folder).as_posix(): read_file(path)
        for path in folder.rglob("*")
        if wanted(path.relative_to(folder).as_posix())
        and path.is_file()
        and not path.is_symlink()
        and not _is_hidden(path, folder)
    }


def decode_files(files: Mapping[str, bytes]) -> tuple[Document, ...]:
    """The files that are text and not empty, in the order of their paths."""
    found: Iterable[Document | None] = (
        decode_document(name, files[name]) for name in sorted(files, key=lambda n: n.split("/"))
    )
    return tuple(document for document in found if document is not None and document.text)


def read_file(path: Path, most: int = -1) -> bytes:
    """A file's bytes, or the first `most` of them.

    Raises
    ------
    CorpusError
        If it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read(most)
    except OSError as error:
        raise CorpusError(f"Cannot read {path}: {error.strerror}.") from error


def _is_hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _read_text(path: Path, name: Path) -> Document | None:
    """The file as a document, or None if it is not text."""
    return decode_document(name.as_posix(), read_file(path))
