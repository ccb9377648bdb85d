"""Hypotheses of your own: a Python function, for notebooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from analysis.hypotheses.labels import HypothesisError, Kind, Labels
from models.corpora import Document

Rule = Callable[[Document], "ArrayLike | tuple[ArrayLike, ArrayLike]"]


@dataclass(frozen=True)
class FunctionHypothesis:
    """What a function says of a document; see `from_function`."""

    name: str
    kind: Kind
    description: str
    function: Rule = field(repr=False)

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        said = self.function(document)
        values, defined = said if isinstance(said, tuple) else (said, True)
        found = np.asarray(values)
        time = len(document.text)
        if found.shape != (time,) or found.dtype.kind not in "biuf":
            raise HypothesisError(
                f"The function of {self.name!r} gave {found.dtype} of shape {found.shape} for "
                f"{document.name!r}, which has {time:,} symbols. Give one number or bool a symbol."
            )
        given = np.asarray(defined)
        if given.dtype != np.bool_ or given.shape not in ((), (time,)):
            raise HypothesisError(
                f"The function of {self.name!r} gave a mask {given.dtype} of shape {given.shape} "
                f"for {document.name!r}, which has {time:,} symbols. Give one bool a symbol."
            )
        with np.errstate(over="ignore"):
            numbers = found.astype(np.float32)
        has_label = np.isfinite(numbers) & given
        numbers = np.where(has_label, numbers, np.float32(0))
        return Labels(numbers != 0 if self.kind == "yes/no" else numbers, has_label)


def from_function(
    name: str, kind: Kind, function: Rule, description: str = ""
) -> FunctionHypothesis:
    """Make a hypothesis of a Python function.

    Parameters
    ----------
    name : str
        What findings call it.
    kind : {"yes/no", "number"}
    function : callable
        Takes a `Document` and gives one value a symbol, entry `t` about the moment after symbol
        `t`; or a pair of the values and a bool mask of where they are defined. NaN and infinity
        are undefined. The same document must give the same values: they are kept for a while.
    description : str, optional
        One sentence that says which symbols get which label.

    Examples
    --------
    >>> from models.corpora import Document
    >>> capital = from_function("cap", "yes/no", lambda d: [s.isupper() for s in d.text])
    >>> capital.label(Document("a.txt", "aB")).values
    array([False,  True])
    """
    if kind not in ("yes/no", "number"):
        raise HypothesisError(f"{kind!r} is no kind of label. Write 'yes/no' or 'number'.")
    said = description or "What a function of your own says."
    return FunctionHypothesis(name, kind, said, function)
