"""Hypotheses made of one other: earlier or later, at its edges, in another language, renamed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from analysis.hypotheses.labels import Hypothesis, Kind, Labels
from analysis.hypotheses.languages import SUFFIXES, Language, languages_of
from analysis.hypotheses.operators import Expression, ask, written
from models.corpora import Document


@dataclass(frozen=True)
class Lag(Expression):
    """What another hypothesis says some symbols earlier; undefined beyond the document."""

    part: Hypothesis
    symbols: int

    @property
    def kind(self) -> Kind:
        """The other's kind."""
        return self.part.kind

    @property
    def parts(self) -> tuple[Hypothesis, ...]:
        """The hypothesis asked."""
        return (self.part,)

    @property
    def name(self) -> str:
        """Such as ``lag(newline, 3)``."""
        return f"lag({written(self.part)}, {self.symbols})"

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        found = ask(self.part, document)
        time = len(document.text)
        labels = Labels.nowhere(self.kind, time)
        shift = max(-time, min(self.symbols, time))
        now = slice(max(shift, 0), time + min(shift, 0))
        then = slice(max(-shift, 0), time - max(shift, 0))
        labels.values[now] = found.values[then]
        labels.defined[now] = found.defined[then]
        return labels


@dataclass(frozen=True)
class Edge(Expression):
    """Where a yes/no hypothesis begins to hold, or has just ceased to.

    It is defined where the other is at this symbol and the one before; before the first symbol the
    other counts as no.
    """

    part: Hypothesis
    edge: Literal["onset", "offset"]
    kind: ClassVar[Kind] = "yes/no"

    @property
    def parts(self) -> tuple[Hypothesis, ...]:
        """The hypothesis whose edges these are."""
        return (self.part,)

    @property
    def name(self) -> str:
        """Such as ``onset(string)``."""
        return f"{self.edge}({written(self.part)})"

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        labels = ask(self.part, document)
        before = np.append(False, labels.values)[:-1]
        defined = labels.defined & np.append(True, labels.defined)[:-1]
        is_onset = self.edge == "onset"
        edges = labels.values & ~before if is_onset else before & ~labels.values
        return Labels(edges & defined, defined)


@dataclass(frozen=True)
class AsLanguage(Expression):
    """Another hypothesis, asked as if every document's name promised one language."""

    language: Language | Literal["text"]
    part: Hypothesis

    @property
    def kind(self) -> Kind:
        """The other's kind."""
        return self.part.kind

    @property
    def name(self) -> str:
        """Such as ``as(python, string)``."""
        return f"as({self.language}, {written(self.part)})"

    @property
    def languages(self) -> tuple[Language, ...]:
        """None: documents of any name are read."""
        return ()

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        suffixes = (suffix for suffix, language in SUFFIXES.items() if language == self.language)
        return ask(self.part, Document(f"pasted{next(suffixes, '.txt')}", document.text))


@dataclass(frozen=True)
class Named:
    """An expression under a name of its own."""

    name: str
    part: Hypothesis

    @property
    def kind(self) -> Kind:
        """The expression's kind."""
        return self.part.kind

    @property
    def description(self) -> str:
        """What it claims."""
        return self.part.description

    @property
    def languages(self) -> tuple[Language, ...]:
        """The expression's languages."""
        return languages_of(self.part)

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        return ask(self.part, document)
