"""`unitscope hypotheses`: what `unitscope search` can look for."""

from __future__ import annotations

import argparse
import json

from terminal import Commands


def add(commands: Commands) -> None:
    """Describe `unitscope hypotheses`."""
    command = commands.add_parser("hypotheses", help="list what units can be searched for")
    command.add_argument("--json", action="store_true", help="the list as JSON")
    command.set_defaults(run=_list)


def _list(options: argparse.Namespace) -> None:
    from analysis.hypotheses import PATTERNS, catalogue, languages_of

    rows = [
        {
            "name": hypothesis.name,
            "kind": hypothesis.kind,
            "languages": list(languages_of(hypothesis)),
            "description": hypothesis.description,
        }
        for hypothesis in catalogue().values()
    ]
    if options.json:
        patterns = [
            {"form": own.form, "example": own.example, "description": own.description}
            for own in PATTERNS.values()
        ]
        print(json.dumps({"hypotheses": rows, "patterns": patterns, "expressions": EXPRESSIONS}))
        return
    for row in rows:
        languages = ", ".join(row["languages"]) or "any text"
        print(f"{row['name']}  ({row['kind']}; {languages})\n    {row['description']}")
    print("\nOf your own:")
    for own in PATTERNS.values():
        print(f"{own.form}  such as  {own.example}\n    {own.description}")
    print("\nExpressions of them:")
    for expression in EXPRESSIONS:
        print(f"    {expression}")


EXPRESSIONS = [
    "column > 40 and not comment",
    'regex("[0-9]+") or number-literal',
    "lag(newline, 3)",
    "onset(string)",
    "as(python, string)",
    "deep = bracket-depth > 2",
]
