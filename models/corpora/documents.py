"""Documents, and ordered lists of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from models.errors import UserError


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
    """An ordered list of documents.

    `licence` is the one its texts are under, as an SPDX expression, or None where it is not known.
    `origin` is what a named corpus was read from: a version, or a file or folder by its name alone.
    Neither is part of its hash.
    """

    name: str
    documents: tuple[Document, ...] = field(repr=False)
    licence: str | None = None
    origin: str | None = None

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
            digest.update(name_bytes(document.name) + f"\0{document.sha256}\n".encode())
        return digest.hexdigest()

    def __len__(self) -> int:
        return int(self.starts[-1])


def name_bytes(name: str) -> bytes:
    """A document's name as bytes, to hash."""
    # A file's name need not be UTF-8: Python keeps its other bytes as lone surrogates.
    return name.encode("utf-8", "surrogatepass")


def decode_document(name: str, data: bytes) -> Document | None:
    """A document from raw bytes, or None if they are not UTF-8 text. Line ends stay as they are."""
    if b"\0" in data:
        return None
    try:
        return Document(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None
