"""Hypotheses of your own: where a regular expression matches, by RE2."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import re2

from analysis.hypotheses.labels import HypothesisError, Kind, Labels, quoted
from analysis.hypotheses.lines import spans_to_flags
from analysis.hypotheses.source import Source, encode
from models.corpora import Document

Part = Literal["inside", "start", "end"]

_FORMS: dict[Part, str] = {"inside": "regex", "start": "regex-start", "end": "regex-end"}
_CLAIMS: dict[Part, str] = {
    "inside": "Within a match of the regular expression {}, its first and last symbol included.",
    "start": "The symbol is the first of a match of the regular expression {}.",
    "end": "The symbol is the last of a match of the regular expression {}.",
}
_LONGEST_PATTERN = 10_000
_MOST_MEMORY = 16 << 20
# RE2 takes linear time for one match, so all the matches of a text can take quadratic time.
_MOST_SECONDS = 60.0
_MATCHES_A_LOOK = 1_000


@dataclass(frozen=True)
class RegexHypothesis:
    """Where a regular expression matches, from left to right and without overlap.

    Empty matches label nothing. A match is within its document alone. Lone surrogates are read as
    U+FFFD.

    Parameters
    ----------
    pattern : str
        In the syntax of RE2: no look-around and no back references. ``(?m)`` lets ``^`` and ``$``
        match at lines, ``(?i)`` ignores case, ``(?s)`` lets ``.`` match newlines.
    part : {"inside", "start", "end"}
        Whether all symbols of a match are labelled, the first or the last.
    """

    pattern: str
    part: Part = "inside"

    def __post_init__(self) -> None:
        if len(self.pattern) > _LONGEST_PATTERN:
            raise HypothesisError(
                f"This regular expression has {len(self.pattern):,} symbols, and the most is "
                f"{_LONGEST_PATTERN:,}. Write a shorter one."
            )
        if not self.pattern:
            raise HypothesisError(f"{self.name} needs a pattern, such as {self.name}[0-9]+.")
        _compile(self.pattern)

    @property
    def name(self) -> str:
        """The form and the pattern, such as ``regex:[0-9]+``."""
        return f"{_FORMS[self.part]}:{self.pattern}"

    @property
    def kind(self) -> Kind:
        """Always yes/no."""
        return "yes/no"

    @property
    def description(self) -> str:
        """What it claims."""
        return _CLAIMS[self.part].format(self.pattern)

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        source = Source.of(document.text)
        bounds = np.array(self._matches(document, source.data), dtype=np.int64).reshape(-1, 2)
        spans = source.to_symbols(bounds)
        # \C may match half a symbol: what is left of it is no match.
        spans = spans[spans[:, 0] < spans[:, 1]]
        if self.part == "start":
            spans[:, 1] = spans[:, 0] + 1
        elif self.part == "end":
            spans[:, 0] = spans[:, 1] - 1
        return Labels.everywhere(spans_to_flags(source.time, spans))

    def _matches(self, document: Document, data: bytes) -> list[tuple[int, int]]:
        spans: list[tuple[int, int]] = []
        late = time.monotonic() + _MOST_SECONDS
        for count, match in enumerate(_compile(self.pattern).finditer(data)):
            spans.append(match.span())
            if count % _MATCHES_A_LOOK == 0 and time.monotonic() > late:
                raise HypothesisError(
                    f"{quoted(self.name)} takes more than {_MOST_SECONDS:g} seconds on "
                    f"{document.name!r}. Write a pattern whose matches end sooner."
                )
        return spans


@lru_cache(maxsize=32)
def _compile(pattern: str) -> Any:
    options = re2.Options()
    options.max_mem = _MOST_MEMORY
    options.log_errors = False
    # Groups are never read, and without them every match is found by the fast automata.
    options.never_capture = True
    try:
        return re2.compile(encode(pattern), options)
    except re2.error as error:
        said = error.args[0]
        fault = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise HypothesisError(
            f"The regular expression {quoted(pattern)} has a fault{_place(pattern, fault)}: "
            f"{_what(pattern, fault[:200])}. Mend it; its syntax is RE2's."
        ) from None


def _what(pattern: str, fault: str) -> str:
    """What RE2 says, with the piece of the pattern that it names, if that is not all of it."""
    said, _, piece = fault.partition(": ")
    if piece in ("", pattern):
        return said
    return f"{said} {'after ' if said.startswith('missing') else ''}{quoted(piece)}"


def _place(pattern: str, fault: str) -> str:
    """Where the fault is: RE2 tells the piece of the pattern, its place only where it is unique."""
    if fault.startswith(("missing )", "trailing \\")):
        return f" at its end, after symbol {len(pattern)}"
    piece = fault.partition(": ")[2]
    return f" at symbol {pattern.index(piece) + 1}" if piece and pattern.count(piece) == 1 else ""
