"""Hypotheses of your own: what a tree-sitter query captures."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from analysis.hypotheses.labels import HypothesisError, Kind, Labels, quoted
from analysis.hypotheses.languages import GRAMMARS, Language
from analysis.hypotheses.source import encode
from analysis.hypotheses.syntax import CostlyQueryError, parse_document, query_captures
from models.corpora import Document

_LONGEST_QUERY = 10_000
# Faults of predicates name a pattern alone, and are met after all others.
_NO_COLUMN = 1_000_000
_AT_END = "Unexpected EOF"
# Matches half found at a time; more make some queries take quadratic time.
_MOST_MATCHES = 16_384


@dataclass(frozen=True)
class TreeHypothesis:
    """Inside what a query captures of a document's syntax tree, in the document's language.

    It is undefined in languages where it is no query, and wherever a syntax tree is.

    Parameters
    ----------
    query : str
        The names of its captures say what counts: any name the whole node, and ``closed``,
        ``outside``, ``open`` and ``close`` what they do in `SyntaxTree.depth`. Names that start
        with ``_`` are for predicates.
    """

    query: str

    def __post_init__(self) -> None:
        if len(self.query) > _LONGEST_QUERY:
            raise HypothesisError(
                f"This tree query has {len(self.query):,} symbols, and the most is "
                f"{_LONGEST_QUERY:,}. Write a shorter one."
            )
        captures, faults = _try(self.query)
        if not captures:
            raise HypothesisError(
                f"The tree query {quoted(self.query)} is none in any language: "
                f"{_place(self.query, faults)} Mend it there."
            )
        if all(name.startswith("_") for names in captures.values() for name in names):
            raise HypothesisError(
                f"The tree query {quoted(self.query)} captures nothing. "
                "Name what counts, as in (string) @inside."
            )

    @property
    def name(self) -> str:
        """``tree:`` and the query."""
        return f"tree:{self.query}"

    @property
    def kind(self) -> Kind:
        """Always yes/no."""
        return "yes/no"

    @property
    def description(self) -> str:
        """What it claims."""
        return f"Inside what the tree query {self.query} captures."

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages in which it is a query."""
        return tuple(_try(self.query)[0])

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        tree = parse_document(document)
        if tree is None or tree.language not in self.languages:
            return Labels.nowhere("yes/no", len(document.text))
        try:
            depth = tree.depth(_clean(self.query), most_matches=_MOST_MATCHES)
        except CostlyQueryError:
            raise HypothesisError(
                f"The tree query {quoted(self.query)} has more than {_MOST_MATCHES:,} matches half "
                f"found at a time in {document.name!r}. Write one with fewer nodes side by side."
            ) from None
        return Labels(np.where(tree.defined, depth > 0, False), tree.defined.copy())


def _clean(query: str) -> str:
    return encode(query).decode()


def _try(query: str) -> tuple[dict[Language, list[str]], list[str]]:
    """What the query captures in each language where it is one; the faults in the others."""
    import tree_sitter

    captures: dict[Language, list[str]] = {}
    faults = []
    for language in GRAMMARS:
        try:
            captures[language] = query_captures(language, _clean(query))
        except tree_sitter.QueryError as error:
            faults.append(str(error))
    return captures, faults


def _place(query: str, faults: list[str]) -> str:
    """The fault that is met last: the language that comes furthest is the one that was meant."""

    def position(fault: str) -> tuple[int, int]:
        if fault == _AT_END:
            return query.count("\n"), _NO_COLUMN
        row, column = (re.search(rf"{what} (\d+)", fault) for what in ("row", "column"))
        return int(row[1]) if row else 0, int(column[1]) if column else _NO_COLUMN

    furthest = max(faults, key=position)
    if furthest == _AT_END:
        return f"it ends too soon, after symbol {len(query)}."
    row, offset = position(furthest)
    said = re.sub(r" (at|in pattern at) row \d+(, column \d+)?", "", furthest)
    if offset == _NO_COLUMN:
        return f"{said}, in the pattern that begins in line {row + 1}."
    line = encode(query).split(b"\n")[row]
    return f"{said}, at line {row + 1}, symbol {len(line[:offset].decode('utf-8', 'replace')) + 1}."
