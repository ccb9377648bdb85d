"""Hypotheses about source code, each a tree query for every language it is asked in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from analysis.hypotheses.labels import Kind, Labels
from analysis.hypotheses.syntax import Language, parse_document
from models.corpora import Document


@dataclass(frozen=True)
class SyntaxHypothesis:
    """A claim that a document's syntax tree decides: inside something, or how deep in it.

    It is undefined in languages without a query, in documents that do not parse, on lines that a
    syntax error touches, and in the bodies of C macros, which the grammar leaves as raw text.
    """

    name: str
    kind: Kind
    description: str
    queries: Mapping[Language, str] = field(repr=False)  # captures as SyntaxTree.depth reads them

    def label(self, document: Document) -> Labels:
        """Label every symbol of the document, (time,)."""
        tree = parse_document(document)
        if tree is None or tree.language not in self.queries:
            return Labels.nowhere(self.kind, len(document.text))
        depth = np.where(tree.defined, tree.depth(self.queries[tree.language]), 0)
        values = depth > 0 if self.kind == "yes/no" else depth.astype(np.float32)
        return Labels(values, tree.defined.copy())


def _any_of(words: str) -> str:
    return " ".join(f'"{word}"' for word in words.split())


# The words as the grammars have them: True, None and C's false are values there, not keywords.
_PYTHON_KEYWORDS = _any_of(
    "and as assert async await break case class continue def del elif else except finally for "
    "from global if import in is lambda match nonlocal not or pass raise return try type while "
    "with yield"
)
_C_KEYWORDS = _any_of(
    "auto break case const continue default do else enum extern for goto if inline long register "
    "restrict return short signed sizeof static struct switch typedef union unsigned volatile while"
)

# The statements that stand after `else` without being an `else if`.
_C_ELSE_BODY = """
(else_clause [
  (compound_statement) (expression_statement) (return_statement) (goto_statement)
  (break_statement) (continue_statement) (labeled_statement)
  (for_statement) (while_statement) (do_statement) (switch_statement)
] @closed)
"""

# Only plain strings document anything: neither bytes nor f-strings.
_DOCSTRING = """
(expression_statement . [
  ((string (string_start) @_mark) @closed (#not-match? @_mark "[bBfFtT]"))
  (concatenated_string) @closed
] .)
"""
_PYTHON_DOCSTRINGS = f"""
(module . (comment)* . {_DOCSTRING})
(class_definition body: (block . (comment)* . {_DOCSTRING}))
(function_definition body: (block . (comment)* . {_DOCSTRING}))
"""

STRING = SyntaxHypothesis(
    "string",
    "yes/no",
    "Inside a string literal, its prefix and opening mark included, the last symbol of its closing "
    "mark not; the {...} of an f-string is code.",
    {
        "python": "(string) @closed (interpolation) @outside",
        "c": "(string_literal) @closed",
    },
)
COMMENT = SyntaxHypothesis(
    "comment",
    "yes/no",
    "Inside a comment, from its first mark on; the newline after it and the last symbol of */ are "
    "outside.",
    {
        "python": "(comment) @inside",
        "c": '((comment) @inside (#match? @inside "^//")) '
        '((comment) @closed (#match? @closed "^/[*]"))',
    },
)
BRACKET_DEPTH = SyntaxHypothesis(
    "bracket-depth",
    "number",
    "How many ( [ { are open, those in strings and comments not counted.",
    {
        "python": '["(" "[" "{"] @open [")" "]" "}"] @close',
        "c": '["(" "[" "{" "[["] @open [")" "]" "}" "]]"] @close',
    },
)
IF_CONDITION = SyntaxHypothesis(
    "if-condition",
    "yes/no",
    "Inside the condition of an if or elif statement; in C from its opening parenthesis on.",
    {
        "python": "(if_statement condition: (_) @inside) (elif_clause condition: (_) @inside)",
        "c": "(if_statement condition: (_) @closed)",
    },
)
IF_BODY = SyntaxHypothesis(
    "if-body",
    "yes/no",
    "Inside what an if or elif statement runs when its condition holds; else is no part of it.",
    {
        "python": "(if_statement consequence: (_) @inside) (elif_clause consequence: (_) @inside)",
        "c": "(if_statement consequence: (_) @closed)",
    },
)
INSIDE_PARENTHESES = SyntaxHypothesis(
    "inside-parentheses",
    "yes/no",
    "Inside (...) of the code, the opening mark included; strings and comments have none.",
    {"python": '"(" @open ")" @close', "c": '"(" @open ")" @close'},
)
IDENTIFIER = SyntaxHypothesis(
    "identifier",
    "yes/no",
    "Within a name: of a variable, function, type, field, label or module.",
    {
        "python": "(identifier) @inside",
        "c": "[(identifier) (field_identifier) (type_identifier) (statement_identifier)] @inside",
    },
)
KEYWORD = SyntaxHypothesis(
    "keyword",
    "yes/no",
    "Within a keyword of the language; in C its built-in types count too.",
    {
        "python": f"[{_PYTHON_KEYWORDS}] @inside",
        "c": f"[{_C_KEYWORDS} (primitive_type)] @inside",
    },
)
NUMBER_LITERAL = SyntaxHypothesis(
    "number-literal",
    "yes/no",
    "Within a number as the language writes it, such as 0x1F or 1e-3.",
    {"python": "[(integer) (float)] @inside", "c": "(number_literal) @inside"},
)
ELSE_BODY = SyntaxHypothesis(
    "else-body",
    "yes/no",
    "Inside the else branch of an if statement; elif and else if are not part of it.",
    {
        "python": "(if_statement alternative: (else_clause body: (_) @inside))",
        "c": _C_ELSE_BODY,
    },
)
LOOP_BODY = SyntaxHypothesis(
    "loop-body",
    "yes/no",
    "Inside what a for or while loop repeats (in C also do); comprehensions are no loops here.",
    {
        "python": "[(for_statement body: (_) @inside) (while_statement body: (_) @inside)]",
        "c": "[(for_statement body: (_) @closed) (while_statement body: (_) @closed) "
        "(do_statement body: (_) @closed)]",
    },
)
FUNCTION_BODY = SyntaxHypothesis(
    "function-body",
    "yes/no",
    "Inside the body of a function or method.",
    {
        "python": "(function_definition body: (_) @inside)",
        "c": "(function_definition body: (_) @closed)",
    },
)
BLOCK_DEPTH = SyntaxHypothesis(
    "block-depth",
    "number",
    "How many blocks of statements the symbol is in: indented ones in Python, {...} in C.",
    {"python": "(block) @inside", "c": "(compound_statement) @closed"},
)
DOCSTRING = SyntaxHypothesis(
    "docstring",
    "yes/no",
    "Inside the string that documents a Python module, class or function, marks as for string.",
    {"python": _PYTHON_DOCSTRINGS},
)
