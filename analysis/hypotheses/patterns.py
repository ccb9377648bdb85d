"""The forms in which users write hypotheses of their own, such as `regex:PATTERN`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from analysis.hypotheses.labels import Hypothesis
from analysis.hypotheses.latex import EnvironmentHypothesis
from analysis.hypotheses.marks import parse_marks, read_marks
from analysis.hypotheses.regexes import RegexHypothesis
from analysis.hypotheses.symbols import SymbolsHypothesis
from analysis.hypotheses.trees import TreeHypothesis


@dataclass(frozen=True)
class Pattern:
    """A form: how it is written, one example, what it says, and what makes the hypothesis."""

    form: str
    example: str
    description: str
    build: Callable[[str], Hypothesis]
    reads_file: bool = False


def _regex_start(pattern: str) -> Hypothesis:
    return RegexHypothesis(pattern, "start")


def _regex_end(pattern: str) -> Hypothesis:
    return RegexHypothesis(pattern, "end")


PATTERNS: dict[str, Pattern] = {
    pattern.form.partition(":")[0]: pattern
    for pattern in (
        Pattern(
            "regex:PATTERN",
            r"regex:def \w+",
            "Within a match of a regular expression (RE2), first and last symbol included.",
            RegexHypothesis,
        ),
        Pattern(
            "regex-start:PATTERN",
            r"regex-start:(?m)^[A-Z]",
            "The first symbol of a match.",
            _regex_start,
        ),
        Pattern("regex-end:PATTERN", "regex-end:[.!?]+", "The last symbol of a match.", _regex_end),
        Pattern(
            "tree:QUERY",
            "tree:(call function: (_) @inside)",
            "Inside what a tree-sitter query captures, in the document's language.",
            TreeHypothesis,
        ),
        Pattern(
            "symbols:SYMBOLS",
            r"symbols:.,;\n",
            r"The symbol is one of these; \n, \t, \r and \\ are understood.",
            SymbolsHypothesis,
        ),
        Pattern(
            "environment:NAME",
            "environment:theorem",
            "Inside an environment of LaTeX, from its \\begin on.",
            EnvironmentHypothesis,
        ),
        Pattern(
            "marks:MARKS",
            'marks:{"hamlet.txt": [[120, 180], [300, 342]]}',
            "Inside spans that were marked, by document: first symbol and the one after the last.",
            parse_marks,
        ),
        Pattern(
            "csv:FILE",
            "csv:labels.csv",
            "Spans listed in a file with the columns document, start, stop and perhaps value.",
            read_marks,
            reads_file=True,
        ),
    )
}
