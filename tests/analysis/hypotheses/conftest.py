"""Labels as text, so that a test shows the text and its labels one above the other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analysis.hypotheses import Labels, catalogue
from models.corpora import Document

Draw = Callable[..., str]


@pytest.fixture(scope="session")
def draw() -> Draw:
    """``draw(name, text, file)``: one character a symbol, ``#`` yes, ``.`` no, ``?`` undefined.

    A number is drawn as its digit, from 10 on as a letter.
    """
    return lambda name, text, file="text.txt": drawn(catalogue()[name].label(Document(file, text)))


def drawn(labels: Labels) -> str:
    """The labels as one string."""
    signs = ".#" if labels.values.dtype == bool else "0123456789abcdefghijklmnopqrstuvwxyz"
    return "".join(
        signs[int(value)] if defined else "?"
        for value, defined in zip(labels.values, labels.defined, strict=True)
    )
