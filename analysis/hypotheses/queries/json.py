"""Queries for JSON: values only, it has neither statements nor names."""

from __future__ import annotations

QUERIES = {
    "string": "(string) @closed",
    "comment": '((comment) @inside (#match? @inside "^//")) '
    '((comment) @closed (#match? @closed "^/[*]"))',
    "bracket-depth": '["[" "{"] @open ["]" "}"] @close',
    "number-literal": "(number) @inside",
}
