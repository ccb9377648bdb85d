"""Which documents train, which choose and which report."""

from __future__ import annotations

import hashlib
from typing import Literal

from models.corpora.documents import Corpus, Document, name_bytes

Split = Literal["train", "choose", "report"]
SPLITS: tuple[Split, ...] = ("train", "choose", "report")


def split_of(name: str) -> Split:
    """Which split a document belongs to, by a hash of its name: 90% train, 5% choose, 5% report.

    The name decides alone, so a document never moves when others come or go.
    """
    percent = int.from_bytes(hashlib.sha256(name_bytes(name)).digest()[:8], "big") % 100
    return "train" if percent < 90 else "choose" if percent < 95 else "report"


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
