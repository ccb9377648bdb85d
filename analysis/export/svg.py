"""A page of coloured text as SVG: real text that can be selected, searched and edited."""

from __future__ import annotations

from collections import defaultdict
from xml.sax.saxutils import escape

from analysis.export.page import Box, Label, Page

_STYLE = """
.symbols,.mark{font-family:"DejaVu Sans Mono",Menlo,"Liberation Mono",Consolas,monospace}
.caption,.title,.accent{font-family:"DejaVu Sans","Helvetica Neue",Arial,sans-serif}
.title{font-weight:bold}
.mark{opacity:.55;-webkit-user-select:none;user-select:none}
text{white-space:pre;direction:ltr;unicode-bidi:bidi-override}
"""


def write_svg(page: Page) -> bytes:
    """Draw a page as one SVG document in UTF-8.

    Every symbol is there as it is in the text; the viewer's own fonts draw what the monospaced one
    lacks. Runs of text are told their width, so another font cannot shift them off their colours.
    """
    size = f"{_short(page.width)} {_short(page.height)}"
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" '
        f'width="{_short(page.width)}pt" height="{_short(page.height)}pt" xml:space="preserve">',
        f"<title>{_text(page.title)}</title>",
        f"<desc>{_text('. '.join(page.about))}</desc>",
        f"<style>{_STYLE}</style>",
        f'<rect width="100%" height="100%" fill="{page.paper}"/>',
        '<g shape-rendering="crispEdges">',
        *_paths(page.boxes),
        "</g>\n",
        *map(_label, page.labels),
        "</svg>\n",
    ]
    return "".join(parts).encode()


def _paths(boxes: tuple[Box, ...]) -> list[str]:
    """One path for each colour: a quarter of the size of one rectangle a symbol."""
    outlines: defaultdict[str, list[str]] = defaultdict(list)
    for box in boxes:
        x, y, width, height = map(_short, (box.x, box.y, box.width, box.height))
        outlines[box.colour].append(f"M{x} {y}h{width}v{height}h-{width}z")
    return [f'<path fill="{colour}" d="{"".join(d)}"/>' for colour, d in outlines.items()]


def _label(label: Label) -> str:
    attributes = [
        f'class="{label.role}" x="{_short(label.x)}" y="{_short(label.y)}"',
        f'font-size="{_short(label.size)}" fill="{label.colour}"',
    ]
    if label.anchor != "start":
        attributes.append(f'text-anchor="{label.anchor}"')
    if label.width is not None:
        attributes.append(f'textLength="{_short(label.width)}" lengthAdjust="spacing"')
    return f"<text {' '.join(attributes)}>{_text(label.text)}</text>\n"


def _text(text: str) -> str:
    """Escaped; what XML cannot hold even escaped becomes the replacement character."""
    legal = "".join(c if _is_legal(ord(c)) else "\N{REPLACEMENT CHARACTER}" for c in text)
    return escape(legal)


def _is_legal(code: int) -> bool:
    if code < 0x20:
        return code in (0x9, 0xA, 0xD)
    return not (0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF))


def _short(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")
