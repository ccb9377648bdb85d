"""A JavaScript module and all that it imports as one text: one request, or none at all."""

from __future__ import annotations

import re
from pathlib import Path

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "([./\w]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(
    r"^export (default )?((?:async )?(?:function|class|const|let) (\w+))", re.MULTILINE
)


def bundle(entry: Path) -> str:
    """A module and its imports as statements, the last of which calls its exports ``entry``.

    Each has a scope of its own. What comes out has no imports and no exports itself, so that it
    may stand in a module, a function or a classic script.
    """
    written: dict[Path, str] = {}
    _write(entry.resolve(), written)
    names = {path: f"module{number}" for number, path in enumerate(written)}
    scopes = [
        f"const {names[path]} = (() => {{\n{_in_scope(path, text, names)}}})();\n"
        for path, text in written.items()
    ]
    return f"{''.join(scopes)}const entry = {names[entry.resolve()]};\n"


def _write(path: Path, written: dict[Path, str]) -> None:
    """Add a module after all that it imports, unless it is there."""
    if path in written:
        return
    text = path.read_text(encoding="utf-8")
    for _, imported in _IMPORT.findall(text):
        _write((path.parent / imported).resolve(), written)
    written[path] = text


def _in_scope(path: Path, text: str, names: dict[Path, str]) -> str:
    exports = [
        f"default: {name}, {name}" if default else name
        for default, _, name in _EXPORT.findall(text)
    ]

    def take(found: re.Match[str]) -> str:
        taken = found[1].replace(" as ", ": ")
        return f"const {taken} = {names[(path.parent / found[2]).resolve()]};\n"

    body = _EXPORT.sub(r"\2", _IMPORT.sub(take, text))
    return f"{body}return {{ {', '.join(exports)} }};\n"
