"""Made-up texts for planted networks to read: lines with quotations and nested brackets."""

from __future__ import annotations

import numpy as np

from models.corpora import Corpus, Document

_LETTERS = list("abcdefghijklmnopqrstuvwxyz")


def planted_corpus(*, documents: int = 12, seed: int = 5) -> Corpus:
    """Texts of random words, 10 to 29 lines each; every quotation and bracket closes in its line.

    Parameters
    ----------
    documents : int, default=12
        How many texts.
    seed : int, default=5
        The same seed gives the same texts.

    Returns
    -------
    Corpus
    """
    random = np.random.default_rng(seed)
    return Corpus(
        "planted",
        tuple(
            Document(f"text-{number}.txt", _text(random, lines=int(random.integers(10, 30))))
            for number in range(documents)
        ),
    )


def _text(random: np.random.Generator, *, lines: int) -> str:
    return "".join(_line(random) + "\n" for _ in range(lines))


def _line(random: np.random.Generator) -> str:
    words = [_word(random) for _ in range(random.integers(2, 9))]
    if random.random() < 0.6:
        _enclose(words, '"', '"', random)
    if random.random() < 0.5:
        depth = int(random.integers(1, 4))
        _enclose(words, "(" * depth, ")" * depth, random)
    return " ".join(words) + "."


def _enclose(words: list[str], opening: str, closing: str, random: np.random.Generator) -> None:
    first, last = np.sort(random.integers(0, len(words), 2))
    words[first] = opening + words[first]
    words[last] += closing


def _word(random: np.random.Generator) -> str:
    return "".join(random.choice(_LETTERS, random.integers(1, 9)))
