"""Hypotheses about source code, each a tree query for every language it is asked in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from analysis.hypotheses.labels import Kind, Labels
from analysis.hypotheses.languages import Language, language_of
from analysis.hypotheses.latex import LatexTokens, Span, comment_spans, label_latex
from analysis.hypotheses.queries import c, cpp, javascript, json, python
from analysis.hypotheses.syntax import parse_document
from models.corpora import Document

_QUERIES: dict[Language, dict[str, str]] = {
    "python": python.QUERIES,
    "c": c.QUERIES,
    "cpp": cpp.QUERIES,
    "javascript": javascript.QUERIES,
    "json": json.QUERIES,
}


@dataclass(frozen=True)
class SyntaxHypothesis:
    """A claim that a document's syntax tree decides: inside something, or how deep in it.

    It is undefined in languages without a query, in documents that do not parse, on lines that a
    syntax error touches, and in the bodies of C macros, which the grammar leaves as raw text.
    """

    name: str
    kind: Kind
    description: str
    # Captures as SyntaxTree.depth reads them. A mapping has no hash: the name is enough for one.
    queries: Mapping[Language, str] = field(repr=False, hash=False)
    latex: Callable[[LatexTokens], list[Span]] | None = field(default=None, repr=False)

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages it is asked in."""
        return (*self.queries, *(("latex",) if self.latex else ()))

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        if self.latex and language_of(document) == "latex":
            return label_latex(document, self.latex)
        tree = parse_document(document)
        if tree is None or tree.language not in self.queries:
            return Labels.nowhere(self.kind, len(document.text))
        depth = np.where(tree.defined, tree.depth(self.queries[tree.language]), 0)
        values = depth > 0 if self.kind == "yes/no" else depth.astype(np.float32)
        return Labels(values, tree.defined.copy())


def _ask(
    name: str,
    kind: Kind,
    description: str,
    latex: Callable[[LatexTokens], list[Span]] | None = None,
) -> SyntaxHypothesis:
    """The hypothesis of that name, with its query in every language that has one."""
    queries = {language: known[name] for language, known in _QUERIES.items() if name in known}
    return SyntaxHypothesis(name, kind, description, queries, latex)


STRING = _ask(
    "string",
    "yes/no",
    "Inside a string literal, its prefix and opening mark included, the last symbol of its closing "
    "mark not; the {...} of an f-string is code.",
)
COMMENT = _ask(
    "comment",
    "yes/no",
    "Inside a comment, from its first mark on; the newline after it and the last symbol of */ are "
    "outside.",
    comment_spans,
)
BRACKET_DEPTH = _ask(
    "bracket-depth",
    "number",
    "How many ( [ { are open, those in strings and comments not counted.",
)
IF_CONDITION = _ask(
    "if-condition",
    "yes/no",
    "Inside the condition of an if or elif statement; in C from its opening parenthesis on.",
)
IF_BODY = _ask(
    "if-body",
    "yes/no",
    "Inside what an if or elif statement runs when its condition holds; else is no part of it.",
)
INSIDE_PARENTHESES = _ask(
    "inside-parentheses",
    "yes/no",
    "Inside (...) of the code, the opening mark included; strings and comments have none.",
)
IDENTIFIER = _ask(
    "identifier",
    "yes/no",
    "Within a name: of a variable, function, type, field, label or module.",
)
KEYWORD = _ask(
    "keyword",
    "yes/no",
    "Within a keyword of the language; in C its built-in types count too.",
)
NUMBER_LITERAL = _ask(
    "number-literal",
    "yes/no",
    "Within a number as the language writes it, such as 0x1F or 1e-3.",
)
ELSE_BODY = _ask(
    "else-body",
    "yes/no",
    "Inside the else branch of an if statement; elif and else if are not part of it.",
)
LOOP_BODY = _ask(
    "loop-body",
    "yes/no",
    "Inside what a for or while loop repeats (in C also do); comprehensions are no loops here.",
)
FUNCTION_BODY = _ask(
    "function-body",
    "yes/no",
    "Inside the body of a function or method.",
)
BLOCK_DEPTH = _ask(
    "block-depth",
    "number",
    "How many blocks of statements the symbol is in: indented ones in Python, {...} in C.",
)
DOCSTRING = _ask(
    "docstring",
    "yes/no",
    "Inside the string that documents a Python module, class or function, marks as for string.",
)
ARGUMENTS = _ask(
    "arguments",
    "yes/no",
    "Inside the (...) of a call, the opening mark included; in C++ and JavaScript of new too.",
)
STATEMENT_DEPTH = _ask(
    "statement-depth",
    "number",
    "How many statements the symbol lies in, one within another; definitions and declarations "
    "are statements, blocks are not.",
)
