"""Texts to read: documents, corpora, and the split that keeps some of them unseen."""

from __future__ import annotations

import hashlib
import os
import re
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from models.errors import UserError

Split = Literal["train", "choose", "report"]
SPLITS: tuple[Split, ...] = ("train", "choose", "report")

# Folders of the standard library that hold tests or other people's packages.
_NOT_LIBRARY = {"test", "tests", "idle_test", "site-packages", "dist-packages", "__pycache__"}
# Tables that programs wrote: character maps, help topics, build settings. No person writes such
# Python, and they are a fifth of the whole.
_TABLES = re.compile(r"encodings/|pydoc_data/|_sysconfigdata")


class CorpusError(UserError):
    """A text cannot be read, or there is nothing in it."""


@dataclass(frozen=True)
class Document:
    """One named text. Every position in it counts Unicode code points from its start."""

    name: str
    text: str = field(repr=False)

    @cached_property
    def sha256(self) -> str:
        """Hash of the text alone, in hex."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Corpus:
    """An ordered list of documents."""

    name: str
    documents: tuple[Document, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not any(document.text for document in self.documents):
            raise CorpusError(
                f"The corpus {self.name!r} holds no text: every file is empty or there is none. "
                "Name at least one text file with something in it."
            )

    @cached_property
    def starts(self) -> np.ndarray:
        """Offsets of the documents in symbols, int64 (documents + 1,); the last is the total."""
        lengths = [len(document.text) for document in self.documents]
        return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)

    @cached_property
    def sha256(self) -> str:
        """Hash over the names and texts of all documents, in order."""
        digest = hashlib.sha256()
        for document in self.documents:
            digest.update(_name_bytes(document.name) + f"\0{document.sha256}\n".encode())
        return digest.hexdigest()

    def __len__(self) -> int:
        return int(self.starts[-1])


def split_of(name: str) -> Split:
    """Which split a document belongs to, by a hash of its name: 90% train, 5% choose, 5% report.

    The name decides alone, so a document never moves when others come or go.
    """
    percent = int.from_bytes(hashlib.sha256(_name_bytes(name)).digest()[:8], "big") % 100
    return "train" if percent < 90 else "choose" if percent < 95 else "report"


def _name_bytes(name: str) -> bytes:
    # A file's name need not be UTF-8: Python keeps its other bytes as lone surrogates.
    return name.encode("utf-8", "surrogatepass")


def split_corpus(corpus: Corpus) -> tuple[dict[Split, tuple[Document, ...]], str]:
    """Divide a corpus for training, choosing and reporting.

    Returns
    -------
    splits : dict of split name to documents
    rule : str
        How it was divided, in words: by document, or, when some split would be empty (few files),
        by position: the last 5% of every document reports and the 5% before it chooses.
    """
    documents = [document for document in corpus.documents if document.text]
    by_name: dict[Split, tuple[Document, ...]] = {
        split: tuple(d for d in documents if split_of(d.name) == split) for split in SPLITS
    }
    if all(by_name.values()):
        return by_name, "by document, by a hash of its name: 90% train, 5% choose, 5% report"
    cuts = {"train": (0.0, 0.90), "choose": (0.90, 0.95), "report": (0.95, 1.0)}
    by_position: dict[Split, tuple[Document, ...]] = {
        split: tuple(_part(document, *cuts[split]) for document in documents) for split in SPLITS
    }
    return (
        by_position,
        "by position in each document: first 90% train, next 5% choose, last 5% report",
    )


def _part(document: Document, first: float, last: float) -> Document:
    start, stop = (round(len(document.text) * share) for share in (first, last))
    return Document(document.name, document.text[start:stop])


def standard_library(split: Split | None = None) -> Corpus:
    """CPython's own standard library on this machine; documents are its files.

    Tests are left out, and so are the tables that programs wrote: `encodings`, `pydoc_data` and
    `_sysconfigdata*`. `split` keeps only the documents of one split, and reads no others.
    """
    root = Path(sysconfig.get_path("stdlib"))
    names = (path.relative_to(root).as_posix() for path in sorted(root.rglob("*.py")))
    documents = (
        decode_document(name, (root / name).read_bytes())
        for name in names
        if not _NOT_LIBRARY.intersection(name.split("/")[:-1])
        and not _TABLES.match(name)
        and split in (None, split_of(name))
    )
    # A handful of files are in another encoding on purpose: no document.
    return Corpus("python", tuple(d for d in documents if d is not None and d.text))


def read_corpus(sources: Sequence[str | Path], *, split: Split | None = None) -> Corpus:
    """Read text files, folders of text files, or a corpus by its name.

    Parameters
    ----------
    sources : sequence of str or Path
        ``"python"`` is the standard library. A file is one document with the file's name; a
        folder gives every text file in it, named by the path below the folder, sorted.
    split : {"train", "choose", "report"}, optional
        Keep only the documents of this split (by name, see `split_of`).

    Raises
    ------
    CorpusError
        If a source does not exist, is binary, cannot be read, or nothing is left to read.
    """
    documents: list[Document] = []
    for source in sources:
        if str(source) == "python" and not os.path.exists(source):
            documents.extend(standard_library(split).documents)
        else:
            documents.extend(_read_source(Path(source)))
    if split is not None:
        documents = _only(split, documents)
    name = str(sources[0]) if len(sources) == 1 else f"{sources[0]} and {len(sources) - 1} more"
    return Corpus(Path(name).name or name, tuple(documents))


def _only(split: Split, documents: Sequence[Document]) -> list[Document]:
    kept = [document for document in documents if split_of(document.name) == split]
    if not any(document.text for document in kept):
        raise CorpusError(
            f"None of the {len(documents):,} documents is in the split {split!r}, which the names "
            "of documents decide. Leave the split out, or name more files."
        )
    return kept


def _read_source(path: Path) -> Iterable[Document]:
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


def _is_hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _read_text(path: Path, name: Path) -> Document | None:
    """The file as a document, or None if it is not text. Line ends stay as they are."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"Cannot read {path}: {error.strerror}.") from error
    return decode_document(name.as_posix(), data)


def decode_document(name: str, data: bytes) -> Document | None:
    """A document from raw bytes, or None if they are not UTF-8 text."""
    if b"\0" in data:
        return None
    try:
        return Document(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None
