"""Any text at all: corpora by their names, files, folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeGuard

from models.corpora.documents import Corpus, CorpusError, Document
from models.corpora.files import read_texts
from models.corpora.named import NAMED_CORPORA
from models.corpora.splits import Split, split_corpus


def read_corpus(
    sources: Sequence[str | Path], *, split: Split | None = None, source: Path | None = None
) -> Corpus:
    """Read text files, folders of text files, or corpora by their names.

    Parameters
    ----------
    sources : sequence of str or Path
        A str that is one of `NAMED_CORPORA` is that corpus, and "./linux" a file or folder of the
        name. A file is one document with the file's name; a folder gives every text file in it,
        named by the path below the folder, sorted.
    split : {"train", "choose", "report"}, optional
        Keep only this split, as training on the same sources would make it (see `split_corpus`).
    source : Path, optional
        Where the one named corpus in `sources` lies.

    Raises
    ------
    CorpusError
        If a source does not exist, is binary, cannot be read, or nothing is left to read; or if
        `source` goes with no corpus.
    """
    if source is not None:
        _check_one_named(sources)
    documents: list[Document] = []
    licences: list[str | None] = []
    origins: list[str | None] = []
    for each in sources:
        if _is_name(each):
            named = NAMED_CORPORA[each](source)
            documents.extend(named.documents)
            licences.append(named.licence)
            origins.append(named.origin)
        else:
            documents.extend(read_texts(Path(each)))
            licences.append(None)
            origins.append(None)
    name = str(sources[0]) if len(sources) == 1 else f"{sources[0]} and {len(sources) - 1} more"
    corpus = Corpus(
        Path(name).name or name,
        tuple(documents),
        licence=_joined(" AND ", licences),
        origin=_joined(", ", origins),
    )
    return corpus if split is None else _only(split, corpus)


def _is_name(source: str | Path) -> TypeGuard[str]:
    return isinstance(source, str) and source in NAMED_CORPORA


def _check_one_named(sources: Sequence[str | Path]) -> None:
    names = ", ".join(NAMED_CORPORA)
    if len(sources) != 1:
        raise CorpusError(
            f"--source says where one corpus lies, and {len(sources)} are named. "
            f"Name one of {names}, or leave --source out."
        )
    if not _is_name(sources[0]):
        raise CorpusError(
            f"--source says where a corpus lies that has a name ({names}), and {sources[0]} is "
            "none. Leave --source out, or name one of them."
        )


def _joined(word: str, values: Sequence[str | None]) -> str | None:
    """The different values in one string, None if one is not known."""
    known = [value for value in values if value is not None]
    return word.join(dict.fromkeys(known)) if len(known) == len(values) else None


def _only(split: Split, corpus: Corpus) -> Corpus:
    splits, _ = split_corpus(corpus)
    kept = tuple(document for document in splits[split] if document.text)
    if not kept:
        raise CorpusError(
            f"{len(corpus):,} symbols are too few to be split: none is in the split {split!r}. "
            "Leave the split out, or name more text."
        )
    return replace(corpus, documents=kept)
