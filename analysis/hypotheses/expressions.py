"""The language of expressions: `column > 40 and not comment`, read by recursive descent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NoReturn, get_args

from analysis.hypotheses.labels import (
    Hypothesis,
    HypothesisError,
    Kind,
    no_such_hypothesis,
    quoted,
)
from analysis.hypotheses.languages import Language
from analysis.hypotheses.operators import Combination, Not, Number, operand_kind
from analysis.hypotheses.patterns import PATTERNS
from analysis.hypotheses.transforms import AsLanguage, Edge, Lag, Named

_TOKEN = re.compile(
    r"""(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*(?:-\w+)*)"""
    r"""|(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?P<sign>[><=!]=|[-+*/<>(),]))""",
    re.DOTALL,
)
_NAMED = re.compile(r"\s*([A-Za-z_]\w*(?:-\w+)*)\s*=(?!=)\s*")
_LEVELS = (("or",), ("and",), (">", ">=", "<", "<=", "==", "!="), ("+", "-"), ("*", "/"))
_COMPARISON = 2
_LANGUAGES: dict[str, Language | Literal["text"]] = {
    name: name for name in (*get_args(Language), "text")
}
_LONGEST = 20_000
_GREATEST = 1e30
_MOST_PARTS = 200
_DEEPEST = 30


def parse_expression(
    text: str, known: Mapping[str, Hypothesis], *, files: bool = True
) -> Hypothesis:
    """Read an expression.

    Parameters
    ----------
    text : str
        A known name, a pattern such as ``regex:def .*``, or an expression of them, perhaps after
        ``NAME =``.
    known : mapping of str to Hypothesis
        What names stand for.
    files : bool, default=True
        Whether forms may be used that read files, such as ``csv:FILE``.

    Raises
    ------
    HypothesisError
        If the text is no expression; the message has the place.
    """
    if len(text) > _LONGEST:
        raise HypothesisError(
            f"This expression has {len(text):,} symbols, and the most is {_LONGEST:,}. "
            "Write a shorter one."
        )
    if text in known:
        return known[text]
    if pattern := _pattern(text, files):
        return pattern
    if heading := _NAMED.match(text):
        rest = text[heading.end() :]
        parser = _Parser(text, known, heading.end(), files)
        return Named(heading[1], _pattern(rest, files) or parser.whole())
    return _Parser(text, known, 0, files).whole()


def _pattern(text: str, files: bool) -> Hypothesis | None:
    """The pattern that a whole text is: all that follows the form's colon is its argument."""
    form, colon, argument = text.lstrip().partition(":")
    return _build(form, argument, files) if colon and form in PATTERNS else None


def _build(form: str, argument: str, files: bool) -> Hypothesis:
    if PATTERNS[form].reads_file and not files:
        raise HypothesisError(
            f"{form}: opens a file of the machine that serves this page, so it is not understood "
            f"here. Use it in the terminal: unitscope search RECORDING -H {form}:FILE"
        )
    return PATTERNS[form].build(argument)


@dataclass
class _Parser:
    """Reads one expression from left to right; `time` is the next symbol to read."""

    text: str
    known: Mapping[str, Hypothesis]
    time: int
    files: bool
    parts: int = field(default=0, init=False)
    depth: int = field(default=0, init=False)

    def whole(self) -> Hypothesis:
        found = self._level(0)
        if self._next() is not None:
            self._fail("Write a sign such as `and` or > between two hypotheses, or stop here")
        if isinstance(found, Number):
            self.time = 0
            self._fail("A number alone is no hypothesis. Compare a hypothesis with it")
        return found

    def _nested(self, level: int) -> Hypothesis:
        """A whole of its own within another, such as what stands in parentheses."""
        self.depth += 1
        if self.depth > _DEEPEST:
            self._fail(f"This is nested more than {_DEEPEST} deep. Write it flatter")
        found = self._level(level)
        self.depth -= 1
        return found

    def _level(self, level: int) -> Hypothesis:
        """Signs of one level and all that bind more tightly; `not` is above the comparisons."""
        if level == _COMPARISON and self._take("not"):
            start = self._count()
            part = self._nested(level)
            self._need(part, "yes/no", start)
            return Not(part)
        if level == len(_LEVELS):
            return self._primary()
        start = self._start()
        found = self._level(level + 1)
        while sign := self._take(*_LEVELS[level]):
            after = self._count()
            self._need(found, operand_kind(sign), start)
            right = self._level(level + 1)
            self._need(right, operand_kind(sign), after)
            found = Combination(sign, found, right)
            if level == _COMPARISON and self._take(*_LEVELS[level]):
                self._fail("Comparisons do not chain. Join two of them with `and`")
        return found

    def _primary(self) -> Hypothesis:
        start = self._count()
        if self._take("("):
            return self._closed(self._nested(0))
        is_negative = bool(self._take("-"))
        match = self._next()
        if match and match["number"]:
            self.time = match.end()
            value = float(match["number"])
            if value > _GREATEST:
                self._fail(f"Numbers reach to {_GREATEST:g}. Write a smaller one", start)
            return Number(-value if is_negative else value)
        if is_negative or not match or not match["name"]:
            self._fail("A hypothesis or a number is missing here. Write its name", start)
        self.time = match.end()
        name = match["name"]
        if self._take("("):
            return self._closed(self._function(name, start))
        return self.known[name] if name in self.known else self._unknown(name, start)

    def _closed(self, found: Hypothesis) -> Hypothesis:
        self._expect(")")
        return found

    def _function(self, name: str, start: int) -> Hypothesis:
        """The function of that name, read from after its opening parenthesis."""
        if name in PATTERNS:
            match = self._next()
            if not match or not match["text"]:
                self._fail(f'Write what {name} looks for in quotation marks: {name}("...")')
            self.time = match.end()
            mark, argument = match["text"][0], match["text"][1:-1]
            return _build(name, re.sub(rf"\\(?:({mark})|(.))", _unescape, argument), self.files)
        if name == "as":
            return self._as_language()
        if name not in ("lag", "onset", "offset"):
            forms = ", ".join((*PATTERNS, "as", "lag", "onset"))
            self._fail(f"There is no function {quoted(name)}. There are {forms} and offset", start)
        inner = self._start()
        part = self._nested(0)
        if name == "lag":
            self._expect(",")
            at = self._start()
            symbols = self._primary()
            if not isinstance(symbols, Number) or not symbols.value.is_integer():
                self._fail("lag needs a whole number of symbols after the comma", at)
            return Lag(part, int(symbols.value))
        self._need(part, "yes/no", inner)
        return Edge(part, "onset" if name == "onset" else "offset")

    def _as_language(self) -> Hypothesis:
        match = self._next()
        if not match or match["name"] not in _LANGUAGES:
            self._fail(f"as needs a language first: one of {', '.join(_LANGUAGES)}")
        self.time = match.end()
        self._expect(",")
        return AsLanguage(_LANGUAGES[match["name"]], self._nested(0))

    def _next(self) -> re.Match[str] | None:
        """The next token, its text without white space as `match[0]`; None at the end."""
        self.time = self._start()
        if self.time == len(self.text):
            return None
        match = _TOKEN.match(self.text, self.time)
        if match is None:
            sign = quoted(self.text[self.time])
            self._fail(f"{sign} means nothing here. Leave it out, or close it")
        return match

    def _start(self) -> int:
        rest = self.text[self.time :]
        return self.time + len(rest) - len(rest.lstrip())

    def _take(self, *tokens: str) -> str | None:
        """Read the next token if it is one of these."""
        match = self._next()
        if match is None or match[0] not in tokens:
            return None
        self.time = match.end()
        return match[0]

    def _expect(self, token: str) -> None:
        if not self._take(token):
            self._fail(f"{quoted(token)} is missing here. Put it in")

    def _count(self) -> int:
        """Count one more part, and return where it starts."""
        self.parts += 1
        if self.parts > _MOST_PARTS:
            self._fail(f"There are more than {_MOST_PARTS} names and signs. Write fewer")
        return self._start()

    def _need(self, found: Hypothesis, kind: Kind, start: int) -> None:
        if found.kind != kind:
            other = "compare it, as in column > 40," if kind == "yes/no" else "use a number"
            self._fail(f"This is {found.kind}, and {kind} is needed: {other}", start, ends="first")

    def _unknown(self, name: str, start: int) -> NoReturn:
        hint = " A minus needs spaces around it." if "-" in name else ""
        self._fail(f"{no_such_hypothesis(name, self.known)}{hint}", start, ends="")

    def _fail(self, problem: str, time: int | None = None, ends: str = ".") -> NoReturn:
        ends = " here first." if ends == "first" else ends
        place = (self.time if time is None else time) + 1
        said = f"Symbol {place} of the expression {quoted(self.text)}: {problem}{ends}"
        raise HypothesisError(said)


def _unescape(match: re.Match[str]) -> str:
    """Only the mark itself is escaped in a quoted argument: patterns have their own backslashes."""
    return match[1] or match[0]
