"""What a hypothesis says about a document: one label a symbol, or nothing there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np

from models.corpora import Document
from models.errors import UserError

Kind = Literal["yes/no", "number"]
_TYPES = {"yes/no": np.dtype(np.bool_), "number": np.dtype(np.float32)}


class HypothesisError(UserError):
    """A hypothesis does not exist, or its labels do not fit its document."""


def quoted(text: str, most: int = 200) -> str:
    """What a person has written, in quotation marks, as it stands there: no backslash is doubled.

    What cannot be seen is named as Python names it, and what is very long is cut.
    """
    shown = text if len(text) <= most else f"{text[:most]}..."
    return "“" + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in shown) + "”"


def no_such_hypothesis(name: str, known: Iterable[str]) -> str:
    """That nothing has this name: with the nearest names, or where a person finds all."""
    near = difflib.get_close_matches(name, known, n=3)
    hint = (
        f"Did you mean {', '.join(near)}?"
        if near
        else "`unitscope hypotheses` lists all; in the app, “What can be written” does."
    )
    return f"There is no hypothesis called {quoted(name)}. {hint}"


@dataclass(frozen=True)
class Labels:
    """One label a symbol. Entry `t` is about the moment after symbol `t` has been read.

    So whatever is opened by a mark and closed by a mark holds the opening mark and not the last
    symbol of the closing one: after that symbol the reader is outside again.

    Parameters
    ----------
    values : ndarray of shape (time,)
        bool for yes/no; float32 for numbers, finite where defined. False or 0 where undefined.
    defined : ndarray of shape (time,), bool
        False where the hypothesis says nothing: another language, text that does not parse.
    """

    values: np.ndarray
    defined: np.ndarray

    def __post_init__(self) -> None:
        if self.values.ndim != 1 or self.values.shape != self.defined.shape:
            raise HypothesisError(
                f"Labels need one value and one `defined` a symbol, found shapes "
                f"{self.values.shape} and {self.defined.shape}. Label the whole document."
            )
        if self.values.dtype not in _TYPES.values() or self.defined.dtype != np.bool_:
            raise HypothesisError(
                f"Labels are bool (yes/no) or float32 (number) with a bool `defined`, found "
                f"{self.values.dtype} and {self.defined.dtype}. Convert them with astype."
            )

    @classmethod
    def everywhere(cls, values: np.ndarray) -> Labels:
        """Labels that are defined at every symbol."""
        return cls(values, np.ones(values.shape, dtype=np.bool_))

    @classmethod
    def nowhere(cls, kind: Kind, time: int) -> Labels:
        """Labels of a hypothesis that says nothing about a document of `time` symbols."""
        return cls(np.zeros(time, dtype=_TYPES[kind]), np.zeros(time, dtype=np.bool_))


@runtime_checkable
class Hypothesis(Protocol):
    """A claim about a document that has a value at each symbol."""

    @property
    def name(self) -> str:
        """What users type: words joined by hyphens, or for one's own the expression or its name."""

    @property
    def kind(self) -> Kind:
        """Whether the labels are yes/no or a number."""

    @property
    def description(self) -> str:
        """One sentence that says which symbols get which label."""

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,). Never raises for odd text."""
