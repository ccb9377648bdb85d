"""Queries for C++."""

from __future__ import annotations

from analysis.hypotheses.queries import c
from analysis.hypotheses.queries.words import any_of

# The words as the grammar has them: this, true and nullptr are values there, not keywords.
_KEYWORDS = any_of(
    "and break case catch class co_await co_return co_yield concept const consteval constexpr "
    "constinit continue decltype default delete do else enum explicit extern final for friend "
    "goto if inline long mutable namespace new noexcept not operator or override private "
    "protected public register requires return short signed sizeof static static_assert struct "
    "switch template thread_local throw try typedef typename union unsigned using virtual "
    "volatile while"
)

# The parentheses of R"x(...)x" are marks of a string: what they open and close is taken back.
_RAW_STRING = '(raw_string_literal "(" @close) (raw_string_literal ")" @open)'

_ELSE_BODY = """
(else_clause [
  (compound_statement) (expression_statement) (return_statement) (goto_statement)
  (break_statement) (continue_statement) (labeled_statement) (throw_statement) (try_statement)
  (for_statement) (for_range_loop) (while_statement) (do_statement) (switch_statement)
  (co_return_statement) (co_yield_statement)
] @closed)
"""

_STATEMENTS = """[
  (alias_declaration) (break_statement) (case_statement) (co_return_statement)
  (co_yield_statement) (continue_statement) (declaration) (do_statement) (expression_statement)
  (for_range_loop) (for_statement) (function_definition) (goto_statement) (if_statement)
  (labeled_statement) (namespace_definition) (return_statement) (static_assert_declaration)
  (switch_statement) (throw_statement) (try_statement) (type_definition) (using_declaration)
  (while_statement)
] @closed"""

QUERIES = {
    **c.QUERIES,
    "string": "[(string_literal) (raw_string_literal)] @closed",
    "bracket-depth": f"{c.QUERIES['bracket-depth']} {_RAW_STRING}",
    "inside-parentheses": f"{c.QUERIES['inside-parentheses']} {_RAW_STRING}",
    "else-body": _ELSE_BODY,
    "loop-body": f"{c.QUERIES['loop-body']} (for_range_loop body: (_) @closed)",
    "function-body": "(function_definition body: (compound_statement) @closed) "
    "(lambda_expression body: (_) @closed)",
    "identifier": "[(identifier) (field_identifier) (type_identifier) (statement_identifier) "
    "(namespace_identifier)] @inside",
    "keyword": f"[{_KEYWORDS} (primitive_type) (auto)] @inside",
    "arguments": "(call_expression arguments: (_) @closed) "
    "(new_expression arguments: (argument_list) @closed) "
    "(init_declarator value: (argument_list) @closed)",
    "statement-depth": _STATEMENTS,
}
