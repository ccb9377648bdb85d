"""Queries for C."""

from __future__ import annotations

from analysis.hypotheses.queries.words import any_of

# The words as the grammar has them: false and NULL are values there, not keywords.
_KEYWORDS = any_of(
    "auto break case const continue default do else enum extern for goto if inline long register "
    "restrict return short signed sizeof static struct switch typedef union unsigned volatile while"
)

# The statements that stand after `else` without being an `else if`.
_ELSE_BODY = """
(else_clause [
  (compound_statement) (expression_statement) (return_statement) (goto_statement)
  (break_statement) (continue_statement) (labeled_statement)
  (for_statement) (while_statement) (do_statement) (switch_statement)
] @closed)
"""

_STATEMENTS = """[
  (break_statement) (case_statement) (continue_statement) (declaration) (do_statement)
  (expression_statement) (for_statement) (function_definition) (goto_statement) (if_statement)
  (labeled_statement) (return_statement) (switch_statement) (type_definition) (while_statement)
] @closed"""

QUERIES = {
    "string": "(string_literal) @closed",
    "comment": '((comment) @inside (#match? @inside "^//")) '
    '((comment) @closed (#match? @closed "^/[*]"))',
    "bracket-depth": '["(" "[" "{" "[["] @open [")" "]" "}" "]]"] @close',
    "if-condition": "(if_statement condition: (_) @closed)",
    "if-body": "(if_statement consequence: (_) @closed)",
    "inside-parentheses": '"(" @open ")" @close',
    "else-body": _ELSE_BODY,
    "loop-body": "[(for_statement body: (_) @closed) (while_statement body: (_) @closed) "
    "(do_statement body: (_) @closed)]",
    "function-body": "(function_definition body: (_) @closed)",
    "block-depth": "(compound_statement) @closed",
    "identifier": "[(identifier) (field_identifier) (type_identifier) (statement_identifier)] "
    "@inside",
    "keyword": f"[{_KEYWORDS} (primitive_type)] @inside",
    "number-literal": "(number_literal) @inside",
    "arguments": "(call_expression arguments: (_) @closed)",
    "statement-depth": _STATEMENTS,
}
