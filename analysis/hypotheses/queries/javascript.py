"""Queries for JavaScript."""

from __future__ import annotations

from analysis.hypotheses.queries.words import any_of

# The words as the grammar has them: this, true and null are values there, not keywords.
_KEYWORDS = any_of(
    "as async await break case catch class const continue debugger default delete do else export "
    "extends finally for from function get if import in instanceof let new of return set static "
    "switch throw try typeof using var void while with yield"
)


def _body(pattern: str) -> str:
    """A query for statements: the last symbol is outside if it is a ; or }, which closes them."""
    closed = pattern.replace("@body", "@closed")
    inside = pattern.replace("@body", "@inside")
    return f'({closed} (#match? @closed "[;}}]$")) ({inside} (#not-match? @inside "[;}}]$"))'


# The statements that stand after `else` without being an `else if`.
_ELSE_BODY = """(else_clause [
  (statement_block) (expression_statement) (return_statement) (break_statement)
  (continue_statement) (labeled_statement) (throw_statement) (try_statement) (for_statement)
  (for_in_statement) (while_statement) (do_statement) (switch_statement) (with_statement)
  (debugger_statement)
] @body)"""

_STATEMENTS = """[
  (break_statement) (class_declaration) (continue_statement) (debugger_statement) (do_statement)
  (export_statement !declaration) (expression_statement) (for_in_statement) (for_statement)
  (function_declaration) (generator_function_declaration) (if_statement) (import_statement)
  (labeled_statement) (lexical_declaration) (return_statement) (switch_statement)
  (throw_statement) (try_statement) (using_declaration) (variable_declaration) (while_statement)
  (with_statement)
] @body"""

_FUNCTION_BODY = """
(function_declaration body: (_) @closed) (function_expression body: (_) @closed)
(generator_function_declaration body: (_) @closed) (generator_function body: (_) @closed)
(method_definition body: (_) @closed) (arrow_function body: (statement_block) @closed)
(arrow_function body: (expression) @inside)
"""

QUERIES = {
    "string": "[(string) (template_string)] @closed (template_substitution) @outside",
    "comment": '((comment) @inside (#match? @inside "^//")) '
    '((comment) @closed (#match? @closed "^/[*]")) (html_comment) @inside',
    "bracket-depth": '["(" "[" "{" "${"] @open [")" "]" "}"] @close',
    "if-condition": "(if_statement condition: (_) @closed)",
    "if-body": _body("(if_statement consequence: (_) @body)"),
    "inside-parentheses": '"(" @open ")" @close',
    "else-body": _body(_ELSE_BODY),
    "loop-body": " ".join(
        _body(f"({loop} body: (_) @body)")
        for loop in ("for_statement", "for_in_statement", "while_statement", "do_statement")
    ),
    "function-body": _FUNCTION_BODY,
    "block-depth": "[(statement_block) (switch_body)] @closed",
    "identifier": "[(identifier) (property_identifier) (private_property_identifier) "
    "(shorthand_property_identifier) (shorthand_property_identifier_pattern) "
    "(statement_identifier)] @inside",
    "keyword": f"[{_KEYWORDS}] @inside",
    "number-literal": "(number) @inside",
    "arguments": "(call_expression arguments: (arguments) @closed) "
    "(new_expression arguments: (arguments) @closed)",
    "statement-depth": _body(_STATEMENTS),
}
