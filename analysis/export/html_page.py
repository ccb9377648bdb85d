"""One HTML file with everything in it: it asks no server for anything."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from analysis.colours import palette

# The page may run what it carries and fetch nothing, whatever a text or a name in it says.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'"
)
_STYLE = """
html{{color-scheme:{scheme}}}
body{{margin:0;padding:24px 28px;background:{paper};color:{ink};
  font-family:system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}}
header{{margin:0 0 16px}}
h1{{margin:0 0 6px;font-size:20px;font-weight:650}}
header p{{margin:2px 0;font-size:13px;color:{faint};overflow-wrap:anywhere}}
"""


@dataclass(frozen=True)
class ViewAssets:
    """The dashboard's text view for pages without a server, handed in by whoever knows it.

    Parameters
    ----------
    script : str
        A classic script that defines ``unitscope.mountStandalone(parent, payload)`` and holds no
        ``</script``.
    style : str
        Its style sheet.
    """

    script: str = field(repr=False)
    style: str = field(repr=False)


def wrap_page(title: str, about: Sequence[str], body: str, *, dark: bool, style: str = "") -> bytes:
    """A whole page, in UTF-8, around a body that is HTML already; all else is escaped here."""
    colours = palette(dark)
    scheme = "dark" if dark else "light"
    own = _STYLE.format(scheme=scheme, paper=colours.paper, ink=colours.ink, faint=colours.faint)
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in about)
    page = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Unitscope">
<title>{html.escape(f"{title}: {about[0]}")}</title>
<style>{own}{style}</style>
</head>
<body>
<header><h1>{html.escape(title)}</h1>{lines}</header>
{body}
</body>
</html>
"""
    # Half of a surrogate pair has no UTF-8; in a name it becomes a question mark.
    return page.encode("utf-8", errors="replace")


def script_json(value: object) -> str:
    """JSON that may stand inside a script element: no text in it can end the element."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")
