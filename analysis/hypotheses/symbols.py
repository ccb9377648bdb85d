"""Hypotheses of your own: any of some symbols."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from analysis.hypotheses.labels import HypothesisError, Kind, Labels, quoted
from models.corpora import Document
from models.vocabulary import code_points

_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\\\": "\\"}


@dataclass(frozen=True)
class SymbolsHypothesis:
    """The symbol is one of a few.

    Parameters
    ----------
    symbols : str
        The symbols in a row. ``\\n``, ``\\t``, ``\\r`` and ``\\\\`` are a newline, a tab, a
        carriage return and a backslash.
    """

    symbols: str

    def __post_init__(self) -> None:
        if not self.symbols:
            raise HypothesisError("symbols: needs symbols to look for, such as symbols:aeiou.")
        for escape in re.finditer(r"(?s)\\.?", self.symbols):
            if escape[0] not in _ESCAPES:
                raise HypothesisError(
                    f"Symbol {escape.start() + 1} of {quoted(self.symbols)} starts "
                    f"{quoted(escape[0])}, which means nothing. "
                    "After a backslash write n, t, r or a backslash."
                )

    @property
    def name(self) -> str:
        """``symbols:`` and the symbols."""
        return f"symbols:{self.symbols}"

    @property
    def kind(self) -> Kind:
        """Always yes/no."""
        return "yes/no"

    @property
    def description(self) -> str:
        """What it claims."""
        return f"The symbol is one of {self.symbols}."

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        meant = re.sub(r"(?s)\\.", lambda escape: _ESCAPES[escape[0]], self.symbols)
        return Labels.everywhere(np.isin(code_points(document.text), code_points(meant)))
