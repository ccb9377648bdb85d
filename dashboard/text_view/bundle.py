"""The text view's own files as one script and one style sheet, for pages without a server."""

from __future__ import annotations

import re
from pathlib import Path

_ASSETS = Path(__file__).with_name("assets")

# Before a module come all that it imports.
_MODULES = (
    "symbols",
    "lines",
    "palette",
    "source",
    "units",
    "timing",
    "scroll",
    "metrics",
    "rows",
    "colours",
    "minimap",
    "frame",
    "choices",
    "messages",
    "tooltip",
    "selection",
    "keys",
    "interaction",
    "switching",
    "sync",
    "text_view",
    "view",
)
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([a-z_]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:default )?", re.MULTILINE)


def standalone_script() -> str:
    """One classic script that defines ``unitscope.mountStandalone(parent, payload)``.

    It needs no server, no modules and no network, and holds no ``</``, so it may stand between
    script tags in a file that is opened from disk. ``view.js`` says what `payload` is.
    """
    body = "\n".join(_without_modules(_read(f"{name}.js")) for name in _MODULES)
    opening, closing = 'const unitscope = (() => {\n"use strict";', "})();"
    return f"{opening}\n{body}\nreturn {{ mountStandalone }};\n{closing}\n"


def standalone_style() -> str:
    """The style sheet that goes with the script. It styles nothing outside the view."""
    return _read("view.css")


def _read(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _without_modules(source: str) -> str:
    return _EXPORT.sub("", _IMPORT.sub("", source))
