"""Hypotheses made of others by signs: not, and, or, comparisons, arithmetic."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from analysis.hypotheses.caching import label_document
from analysis.hypotheses.labels import Hypothesis, Kind, Labels
from analysis.hypotheses.languages import Language, languages_of
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
        return f"not {within(self.part, self.binding)}"

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        labels = ask(self.part, document)
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
        left = within(self.left, self.binding + is_comparison)
        return f"{left} {self.sign} {within(self.right, self.binding + 1)}"

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        left, right = ask(self.left, document), ask(self.right, document)
        defined = left.defined & right.defined
        with np.errstate(all="ignore"):
            values = SIGNS[self.sign](left.values, right.values)
        defined &= np.isfinite(values)
        values[~defined] = 0
        return Labels(values, defined)


def written(hypothesis: Hypothesis) -> str:
    """A hypothesis as it stands in an expression: ``regex:a`` as ``regex("a")``."""
    form, colon, argument = hypothesis.name.partition(":")
    if isinstance(hypothesis, Expression) or not colon:
        return hypothesis.name
    mark = "'" if '"' in argument and "'" not in argument else '"'
    escaped = argument.replace(mark, f"\\{mark}")
    return f"{form}({mark}{escaped}{mark})"


def within(part: Hypothesis, binding: int) -> str:
    """A part of an expression, in parentheses if it binds less tightly than what is around it."""
    is_looser = isinstance(part, Expression) and part.binding < binding
    return f"({written(part)})" if is_looser else written(part)


def ask(part: Hypothesis, document: Document) -> Labels:
    """Labels of a part; those of hypotheses that stand alone are kept."""
    if isinstance(part, Expression):
        return part.label(document)
    return label_document(part, document)
