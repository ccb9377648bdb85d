"""The languages that hypotheses know, and which of them a document is in."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Literal, Protocol, runtime_checkable

from analysis.hypotheses.labels import Hypothesis
from models.corpora import Document

Language = Literal["python", "c", "cpp", "javascript", "json", "latex"]

SUFFIXES: dict[str, Language] = {
    ".py": "python",
    ".pyi": "python",
    ".c": "c",
    ".h": "c",
    ".cc": "cpp",
    ".cpp": "cpp",
    ".cxx": "cpp",
    ".hh": "cpp",
    ".hpp": "cpp",
    ".hxx": "cpp",
    ".cjs": "javascript",
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".json": "json",
    ".tex": "latex",
}
GRAMMARS: tuple[Language, ...] = ("python", "c", "cpp", "javascript", "json")
"""The languages that are parsed into syntax trees."""

LANGUAGE_NAMES: dict[Language, str] = {
    "python": "Python",
    "c": "C",
    "cpp": "C++",
    "javascript": "JavaScript",
    "json": "JSON",
    "latex": "LaTeX",
}


@runtime_checkable
class _OfLanguages(Protocol):
    @property
    def languages(self) -> tuple[Language, ...]: ...


def language_of(document: Document) -> Language | None:
    """The language a document's name promises by its suffix, or None if it is no known one."""
    return SUFFIXES.get(PurePosixPath(document.name).suffix)


def languages_of(hypothesis: Hypothesis) -> tuple[Language, ...]:
    """The languages a hypothesis is limited to; none at all means that it reads any text."""
    return hypothesis.languages if isinstance(hypothesis, _OfLanguages) else ()
