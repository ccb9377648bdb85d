"""Hypotheses made of others: not, and, or, comparisons, arithmetic, lags, edges, languages."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from analysis.hypotheses.caching import label_document
from analysis.hypotheses.labels import Hypothesis, Kind, Labels
from analysis.hypotheses.languages import SUFFIXES, Language, languages_of
from models.corpora import Document

_BOOLEANS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "or": np.logical_or,
    "and": np.logical_and,
}
_COMPARISONS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_ARITHMETIC: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
SIGNS = {**_BOOLEANS, **_COMPARISONS, **_ARITHMETIC}

# How tightly each binds; what is written in another form needs no parentheses.
_BINDING = {
    "or": 1,
    "and": 2,
    "not": 3,
    **dict.fromkeys(_COMPARISONS, 4),
    **dict.fromkeys("+-", 5),
    **dict.fromkeys("*/", 6),
}
_TIGHTEST = 7


def operand_kind(sign: str) -> Kind:
    """What stands on both sides of a sign."""
    return "yes/no" if sign in _BOOLEANS else "number"


class Expression:
    """What all hypotheses made of others share: they say what they are, and of which languages."""

    binding: ClassVar[int] = _TIGHTEST

    @property
    def parts(self) -> tuple[Hypothesis, ...]:
        """The hypotheses it is made of."""
        return ()

    @property
    def name(self) -> str:
        """The expression in its normal form."""
        raise NotImplementedError

    @property
    def description(self) -> str:
        """What it claims: the expression itself."""
        return f"The expression {self.name}."

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages in which all parts say something."""
        limits = [languages for part in self.parts if (languages := languages_of(part))]
        return tuple(known for known in (limits or [()])[0] if all(known in own for own in limits))


@dataclass(frozen=True)
class Number(Expression):
    """The same number at every symbol."""

    value: float
    kind: ClassVar[Kind] = "number"

    @property
    def name(self) -> str:
        """The number."""
        return f"{self.value:.9g}"

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        return Labels.everywhere(np.full(len(document.text), self.value, dtype=np.float32))


@dataclass(frozen=True)
class Not(Expression):
    """Yes where another says no."""

    part: Hypothesis
    kind: ClassVar[Kind] = "yes/no"
    binding: ClassVar[int] = _BINDING["not"]

    @property
    def parts(self) -> tuple[Hypothesis, ...]:
        """The hypothesis denied."""
        return (self.part,)

    @property
    def name(self) -> str:
        """Such as ``not comment``."""
        return f"not {_within(self.part, self.binding)}"

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        labels = _ask(self.part, document)
        return Labels(~labels.values & labels.defined, labels.defined)


@dataclass(frozen=True)
class Combination(Expression):
    """Two hypotheses with a sign between them; undefined where either is, or no finite number."""

    sign: str
    left: Hypothesis
    right: Hypothesis

    @property
    def kind(self) -> Kind:
        """A number if the sign is one of arithmetic."""
        return "number" if self.sign in _ARITHMETIC else "yes/no"

    @property
    def parts(self) -> tuple[Hypothesis, ...]:
        """Both sides."""
        return (self.left, self.right)

    @property
    def binding(self) -> int:  # type: ignore[override]
        """How tightly its sign binds."""
        return _BINDING[self.sign]

    @property
    def name(self) -> str:
        """Such as ``column > 40 and not comment``."""
        # Signs group from the left, and comparisons do not chain at all.
        is_comparison = self.sign in _COMPARISONS
        left = _within(self.left, self.binding + is_comparison)
        return f"{left} {self.sign} {_within(self.right, self.binding + 1)}"

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        left, right = _ask(self.left, document), _ask(self.right, document)
        defined = left.defined & right.defined
        with np.errstate(all="ignore"):
            values = SIGNS[self.sign](left.values, right.values)
        defined &= np.isfinite(values)
        values[~defined] = 0
        return Labels(values, defined)


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
        found = _ask(self.part, document)
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
        labels = _ask(self.part, document)
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
        return _ask(self.part, Document(f"pasted{next(suffixes, '.txt')}", document.text))


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
        return _ask(self.part, document)


def written(hypothesis: Hypothesis) -> str:
    """A hypothesis as it stands in an expression: ``regex:a`` as ``regex("a")``."""
    form, colon, argument = hypothesis.name.partition(":")
    if isinstance(hypothesis, Expression) or not colon:
        return hypothesis.name
    mark = "'" if '"' in argument and "'" not in argument else '"'
    escaped = argument.replace(mark, f"\\{mark}")
    return f"{form}({mark}{escaped}{mark})"


def _within(part: Hypothesis, binding: int) -> str:
    """A part of an expression, in parentheses if it binds less tightly than what is around it."""
    is_looser = isinstance(part, Expression) and part.binding < binding
    return f"({written(part)})" if is_looser else written(part)


def _ask(part: Hypothesis, document: Document) -> Labels:
    """Labels of a part; those of hypotheses that stand alone are kept."""
    if isinstance(part, Expression):
        return part.label(document)
    return label_document(part, document)
