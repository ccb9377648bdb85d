"""Hypotheses about LaTeX, by a small lexer: formulas, commands, environments, comments."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar

from analysis.hypotheses.labels import HypothesisError, Kind, Labels, quoted
from analysis.hypotheses.languages import Language, language_of
from analysis.hypotheses.lines import spans_to_flags
from models.corpora import Document

Span = tuple[int, int]

_TOKEN = re.compile(
    r"\\(?:begin|end)[ \t]*\{(?P<environment>[^{}\\\n]{1,100})\}"
    r"|\\verb\*?(?P<delimiter>[^\w\s*])"
    r"|\\(?P<command>[A-Za-z@]+\*?)"
    r"|\\[\[\]()]|\\(?s:.)|%[^\r\n]*|\$|[{}]|\n[ \t\r]*(?=\n)"
)
_DISPLAYS = frozenset(
    name + star
    for name in (
        "equation",
        "align",
        "gather",
        "multline",
        "flalign",
        "alignat",
        "eqnarray",
        "displaymath",
        "dmath",
    )
    for star in ("", "*")
)
_VERBATIM = frozenset(
    {"verbatim", "verbatim*", "Verbatim", "lstlisting", "minted", "comment", "filecontents"}
)
_LONGEST_VERB = 1_000
# So many formulas within one another are searched for the one a mark closes: all texts have fewer.
_DEEPEST = 8


@dataclass(frozen=True)
class LatexTokens:
    """Where the parts of a LaTeX text are; every span is (start, stop) in symbols.

    A formula or environment reaches from its opening mark up to the last symbol of its closing
    one, which is outside. One without its partner is none: a formula between marks ends within its
    paragraph.
    """

    math: list[Span]
    display: list[Span]
    environments: dict[str, list[Span]]
    commands: list[Span]
    comments: list[Span]
    braces: list[int]


@lru_cache(maxsize=2)
def read_latex(text: str) -> LatexTokens:
    """Read a text's tokens. The last texts are kept, so that hypotheses share one reading."""
    reader = _Reader(text)
    time: int | None = 0
    while time is not None:
        time = reader.read_from(time)
    return reader.tokens


class _Reader:
    """Reads tokens from left to right and keeps what is open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = LatexTokens([], [], {}, [], [], [])
        self._formulas: list[tuple[str, int]] = []  # what closes each open one, and its start
        self._open: dict[str, list[int]] = {}
        self._unclosed: set[str] = set()  # ends of verbatim text that do not occur any more

    def read_from(self, time: int) -> int | None:
        """Read on until verbatim text; return where that ends, or None at the text's end."""
        for match in _TOKEN.finditer(self.text, time):
            token = match[0]
            if token in ("{", "}"):
                self.tokens.braces.append(match.start())
            elif token == "$":
                self._dollar(match.start())
            elif token[0] == "%":
                self.tokens.comments.append(match.span())
            elif token[0] == "\n":
                self._formulas.clear()
            elif after := self._backslash(match):
                return after
        return None

    def _backslash(self, match: re.Match[str]) -> int | None:
        """Take a token that starts with a backslash; return the end of verbatim text."""
        token, start, stop = match[0], *match.span()
        if name := match["environment"]:
            self.tokens.commands.append((start + 1, start + (6 if token[1] == "b" else 4)))
            self.tokens.braces.extend((stop - len(name) - 2, stop - 1))
            if token[1] == "e":
                self._end(name, stop)
                return None
            self._open.setdefault(name, []).append(start)
            return self._find(f"\\end{{{name}}}", stop) if name in _VERBATIM else None
        if mark := match["delimiter"]:
            self.tokens.commands.append((start + 1, match.start("delimiter")))
            end = self.text.find(mark, stop, stop + _LONGEST_VERB)
            return end + 1 if end > 0 and "\n" not in self.text[stop:end] else None
        if match["command"]:
            self.tokens.commands.append(match.span("command"))
        elif token in ("\\(", "\\["):
            self._formulas.append(("\\)" if token == "\\(" else "\\]", start))
        elif token in ("\\)", "\\]"):
            self._close(token, stop)
        return None

    def _find(self, end: str, stop: int) -> int | None:
        if end in self._unclosed:
            return None
        found = self.text.find(end, stop)
        if found < 0:
            self._unclosed.add(end)
            return None
        return found

    def _dollar(self, start: int) -> None:
        is_double = self.text.startswith("$", start + 1)
        closes = self._formulas[-1] if self._formulas else ("", -1)
        if closes[1] == start - 1 and closes[0] == "$":
            # The second of two that open nothing yet: together they open a display.
            self._formulas[-1] = ("$$", start - 1)
        elif closes[0] == "$":
            self._close("$", start + 1)
        elif closes[0] == "$$" and is_double:
            self._formulas[-1] = ("$$2", closes[1])
        elif closes[0] == "$$2":
            self._formulas[-1] = ("$$", closes[1])
            self._close("$$", start + 1)
        else:
            self._formulas.append(("$", start))

    def _close(self, mark: str, stop: int) -> None:
        """Close the innermost open formula that this mark closes, and what it has left open."""
        for index in range(len(self._formulas) - 1, -1, -1)[:_DEEPEST]:
            if self._formulas[index][0] == mark:
                spans = self.tokens.math if mark in ("$", "\\)") else self.tokens.display
                spans.append((self._formulas[index][1], stop - 1))
                del self._formulas[index:]
                return

    def _end(self, name: str, stop: int) -> None:
        if starts := self._open.get(name):
            span = (starts.pop(), stop - 1)
            self.tokens.environments.setdefault(name, []).append(span)
            if name in _DISPLAYS:
                self.tokens.display.append(span)
            elif name == "math":
                self.tokens.math.append(span)


@dataclass(frozen=True)
class LatexHypothesis:
    """A claim that follows from the tokens of a LaTeX text; undefined in any other document."""

    languages: ClassVar[tuple[Language, ...]] = ("latex",)

    name: str
    description: str
    spans: Callable[[LatexTokens], list[Span]] = field(repr=False)

    @property
    def kind(self) -> Kind:
        """Always yes/no."""
        return "yes/no"

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        return label_latex(document, self.spans)


@dataclass(frozen=True)
class EnvironmentHypothesis:
    """Inside a LaTeX environment, from its ``\\begin`` up to the last brace of its ``\\end``."""

    languages: ClassVar[tuple[Language, ...]] = ("latex",)

    environment: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[^{}\\\n]{1,100}", self.environment):
            raise HypothesisError(
                f"{quoted(self.environment, 100)} is no name of an environment. "
                "Write a name such as environment:theorem, without braces."
            )

    @property
    def name(self) -> str:
        """``environment:`` and the environment's name."""
        return f"environment:{self.environment}"

    @property
    def kind(self) -> Kind:
        """Always yes/no."""
        return "yes/no"

    @property
    def description(self) -> str:
        """What it claims."""
        return f"Inside \\begin{{{self.environment}}} ... \\end{{{self.environment}}} of LaTeX."

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        return label_latex(document, lambda tokens: tokens.environments.get(self.environment, []))


def label_latex(document: Document, spans: Callable[[LatexTokens], list[Span]]) -> Labels:
    """Label the symbols of some spans yes if the document is LaTeX; else nothing."""
    time = len(document.text)
    if language_of(document) != "latex":
        return Labels.nowhere("yes/no", time)
    return Labels.everywhere(spans_to_flags(time, spans(read_latex(document.text))))


def comment_spans(tokens: LatexTokens) -> list[Span]:
    """Comments, from their % to the last symbol of the line."""
    return tokens.comments


def _math(tokens: LatexTokens) -> list[Span]:
    return tokens.math


def _display(tokens: LatexTokens) -> list[Span]:
    return tokens.display


def _commands(tokens: LatexTokens) -> list[Span]:
    return tokens.commands


MATH = LatexHypothesis(
    "math",
    r"Inside a formula in the text, $...$ or \(...\), its opening mark included, the last symbol "
    "of its closing mark not.",
    _math,
)
DISPLAY_MATH = LatexHypothesis(
    "display-math",
    r"Inside a formula of its own: $$...$$, \[...\], or an environment such as equation or align, "
    "marks as for math.",
    _display,
)
COMMAND_NAME = LatexHypothesis(
    "command-name",
    "Within the letters that name a command after its backslash, a star after them included.",
    _commands,
)
