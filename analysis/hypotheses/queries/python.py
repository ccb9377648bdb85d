"""Queries for Python."""

from __future__ import annotations

from analysis.hypotheses.queries.words import any_of

# The words as the grammar has them: True and None are values there, not keywords.
_KEYWORDS = any_of(
    "and as assert async await break case class continue def del elif else except finally for "
    "from global if import in is lambda match nonlocal not or pass raise return try type while "
    "with yield"
)

# Only plain strings document anything: neither bytes nor f-strings.
_DOCSTRING = """
(expression_statement . [
  ((string (string_start) @_mark) @closed (#not-match? @_mark "[bBfFtT]"))
  (concatenated_string) @closed
] .)
"""
_DOCSTRINGS = f"""
(module . (comment)* . {_DOCSTRING})
(class_definition body: (block . (comment)* . {_DOCSTRING}))
(function_definition body: (block . (comment)* . {_DOCSTRING}))
"""

# A decorated definition is one statement more only for its decorators.
_STATEMENTS = """[
  (assert_statement) (break_statement) (class_definition) (continue_statement) (decorator)
  (delete_statement) (expression_statement) (for_statement) (function_definition)
  (future_import_statement) (global_statement) (if_statement) (import_from_statement)
  (import_statement) (match_statement) (nonlocal_statement) (pass_statement) (raise_statement)
  (return_statement) (try_statement) (type_alias_statement) (while_statement) (with_statement)
] @inside"""

QUERIES = {
    "string": "(string) @closed (interpolation) @outside",
    "comment": "(comment) @inside",
    "bracket-depth": '["(" "[" "{"] @open [")" "]" "}"] @close',
    "if-condition": "(if_statement condition: (_) @inside) (elif_clause condition: (_) @inside)",
    "if-body": "(if_statement consequence: (_) @inside) (elif_clause consequence: (_) @inside)",
    "inside-parentheses": '"(" @open ")" @close',
    "else-body": "(if_statement alternative: (else_clause body: (_) @inside))",
    "loop-body": "[(for_statement body: (_) @inside) (while_statement body: (_) @inside)]",
    "function-body": "(function_definition body: (_) @inside)",
    "block-depth": "(block) @inside",
    "docstring": _DOCSTRINGS,
    "identifier": "(identifier) @inside",
    "keyword": f"[{_KEYWORDS}] @inside",
    "number-literal": "[(integer) (float)] @inside",
    "arguments": "(call arguments: (_) @closed)",
    "statement-depth": _STATEMENTS,
}
