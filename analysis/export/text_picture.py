"""A page of coloured text as PNG or PDF, drawn by Matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.export.drawing import MONO, SANS, drawable, drawing, save
from analysis.export.page import Box, Label, Page

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROWS_IN_FULL = 400
"""A longer page has two pixels a point instead of three, so that it stays below 30 million."""
_ALIGN = {"start": "left", "middle": "center", "end": "right"}


def write_picture(page: Page, suffix: str) -> bytes:
    """Draw a page as PNG or as a PDF of one page with text that can be selected.

    The one font, DejaVu Sans Mono, has Latin, Greek, Cyrillic and symbols. Emoji, CJK and whatever
    else it lacks are drawn as a rectangle; the SVG and HTML exports show them.
    """
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure

    with drawing():
        figure = Figure(figsize=(page.width / 72, page.height / 72), facecolor=page.paper)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, page.width)
        axes.set_ylim(page.height, 0)
        # In PDF neighbours overlap by a hair: viewers smooth edges, and paper would shine between.
        overlap = 0.2 if suffix == ".pdf" else 0.0
        axes.add_collection(
            PolyCollection(
                [_corners(box, overlap) for box in page.boxes],
                facecolors=[box.colour for box in page.boxes],
                edgecolors="none",
                antialiaseds=False,
            ),
            autolim=False,
        )
        for label in page.labels:
            _put(axes, label)
        detail = 3 if page.rows <= _ROWS_IN_FULL else 2
        return save(figure, suffix, page.title, page.about, detail)


def _corners(box: Box, overlap: float) -> list[tuple[float, float]]:
    right, bottom = box.x + box.width + overlap, box.y + box.height
    return [(box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom)]


def _put(axes: Axes, label: Label) -> None:
    font = MONO if label.role in ("symbols", "mark") else SANS
    axes.text(
        label.x,
        label.y,
        drawable(label.text, font),
        family=font,
        size=label.size,
        color=label.colour,
        alpha=0.55 if label.role == "mark" else 1.0,
        weight="bold" if label.role == "title" else "normal",
        ha=_ALIGN[label.anchor],
        va="baseline",
    )
