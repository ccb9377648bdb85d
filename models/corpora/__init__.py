"""Texts to read: documents, corpora, and the split that keeps some of them unseen."""

from __future__ import annotations

from models.corpora.documents import Corpus, CorpusError, Document, decode_document
from models.corpora.named import NAMED_CORPORA, standard_library
from models.corpora.reading import read_corpus
from models.corpora.splits import SPLITS, Split, split_corpus, split_of

__all__ = [
    "NAMED_CORPORA",
    "SPLITS",
    "Corpus",
    "CorpusError",
    "Document",
    "Split",
    "decode_document",
    "read_corpus",
    "split_corpus",
    "split_of",
    "standard_library",
]
