"""The text view's own files as one script and one style sheet, for pages without a server."""

from __future__ import annotations

from pathlib import Path

from dashboard.bundle import bundle

_ASSETS = Path(__file__).with_name("assets")


def standalone_script() -> str:
    """One classic script that defines ``unitscope.mountStandalone(parent, payload)``.

    It needs no server, no modules and no network, and holds no ``</``, so it may stand between
    script tags in a file that is opened from disk. ``view.js`` says what `payload` is.
    """
    opening = 'const unitscope = (() => {\n"use strict";\n'
    closing = "return { mountStandalone: entry.mountStandalone };\n})();\n"
    return f"{opening}{bundle(_ASSETS / 'view.js')}{closing}"


def standalone_style() -> str:
    """The style sheet that goes with the script. It styles nothing outside the view."""
    return (_ASSETS / "view.css").read_text(encoding="utf-8")
