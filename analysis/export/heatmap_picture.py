"""Units by time as a picture for papers, drawn by Matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.arrays import CODE_SCALE
from analysis.colours import Palette, blend
from analysis.export.drawing import MONO, SANS, drawable, drawing, save
from analysis.export.legend import ticks
from analysis.export.slices import Slice
from analysis.export.wrapping import wrap
from analysis.figures.columns import Columns, read_columns, round_times
from analysis.figures.glyphs import glyph

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_COLUMNS = 2_000
READABLE_COLUMNS = 160
"""Up to so many columns the text itself stands above the map."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 58.0, 24.0, 34.0, 40.0
_LEGEND = 132.0
_LINE = 10.0


@dataclass(frozen=True)
class _Frame:
    """Sizes in points: the map, and the room that title and text take above it."""

    width: float
    height: float
    header: float

    @property
    def figure(self) -> tuple[float, float]:
        return self.width + _LEFT + _RIGHT, self.height + self.header + _BOTTOM

    def share(
        self, x: float, y: float, width: float, height: float
    ) -> tuple[float, float, float, float]:
        """A rectangle, measured from the map's lower left corner, in shares of the figure."""
        whole = self.figure
        return (
            (x + _LEFT) / whole[0],
            (y + _BOTTOM) / whole[1],
            width / whole[0],
            height / whole[1],
        )


def write_heatmap(part: Slice, suffix: str, *, dark: bool = False) -> bytes:
    """Draw the units of a slice over its time, first unit on top.

    Up to `READABLE_COLUMNS` symbols stand above the map, one a column. More than `MOST_COLUMNS`
    symbols are pooled: a column then shows the value furthest from zero, and the axis says so.
    """
    columns = read_columns(part.codes, part.text(), part.start, MOST_COLUMNS)
    with drawing():
        return save(_draw(part, columns, dark), suffix, part.title, part.about())


def _draw(part: Slice, columns: Columns, dark: bool) -> Figure:
    from matplotlib.figure import Figure

    colours = part.colours.colours(dark)
    units = len(part.units)
    readable = len(columns) <= READABLE_COLUMNS and not columns.pooled
    width = max(420.0, 6.0 * len(columns)) if readable else 720.0
    height = min(560.0, max(12.0, (9.0 if units <= 64 else 2.5) * units))
    lines = wrap(part.about(), width - _LEGEND - 20, 7)
    frame = _Frame(width, height, _TOP + 4 + max(_LINE * len(lines), 24) + (20 if readable else 10))
    figure = Figure(figsize=(frame.figure[0] / 72, frame.figure[1] / 72), facecolor=colours.paper)
    axes = figure.add_axes(frame.share(0, 0, width, height))
    _put_map(axes, columns, frame, part.tables(dark))
    _name_axes(axes, part, columns, frame, colours)
    if readable:
        _put_text(axes, columns, colours)
    _put_legend(figure, part, frame, colours)
    _put_title(figure, part.title, lines, frame, colours)
    return figure


def _put_map(axes: Axes, columns: Columns, frame: _Frame, tables: np.ndarray) -> None:
    rows = np.arange(columns.codes.shape[1])[:, None]
    colours = tables[rows, columns.codes.T.astype(np.int16) + CODE_SCALE]
    # Whole blocks of pixels: viewers that smooth enlarged images then blur no more than the edges.
    tall, wide = (
        max(1, round(3 * room / count))
        for room, count in zip((frame.height, frame.width), colours.shape[:2], strict=True)
    )
    axes.imshow(
        colours.repeat(tall, axis=0).repeat(wide, axis=1),
        extent=(-0.5, len(columns) - 0.5, colours.shape[0] - 0.5, -0.5),
        aspect="auto",
        interpolation="none",
    )


def _name_axes(axes: Axes, part: Slice, columns: Columns, frame: _Frame, colours: Palette) -> None:
    first, stop = int(columns.edges[0]), int(columns.edges[-1])
    times = round_times(first, stop, max(2, int(frame.width / 60)))
    places = np.searchsorted(columns.edges, times, side="right") - 1
    pooled = f" (each column: the strongest of about {(stop - first) // len(columns):,})"
    axes.set_xticks(places, [f"{time:,}" for time in times])
    axes.set_xlabel("symbol" + (pooled if columns.pooled else ""), size=8, color=colours.ink)
    shown = _units_shown(len(part.units), frame.height)
    axes.set_yticks(shown, [part.units[at] for at in shown])
    for side in axes.spines.values():  # zero has the colour of the page, so the map needs an edge
        side.set(linewidth=0.4, color=colours.faint)
    size = min(7.0, max(5.0, 0.8 * frame.height / len(part.units)))
    axes.tick_params(axis="x", labelsize=7, colors=colours.ink, length=3, width=0.6)
    axes.tick_params(axis="y", labelsize=size, colors=colours.ink, length=0, pad=4)


def _units_shown(units: int, height: float) -> list[int]:
    if units <= height / 6:
        return list(range(units))
    return round_times(0, units, int(height / 12))


def _put_text(axes: Axes, columns: Columns, colours: Palette) -> None:
    for at, symbol in enumerate(columns.excerpts):
        shape = glyph(symbol)
        font = SANS if len(shape) > 1 else MONO  # only proportional fonts place combining marks
        shape = drawable(shape, font)
        axes.annotate(
            shape,
            (at, -0.5),
            (0, 3),
            textcoords="offset points",
            annotation_clip=False,
            family=font,
            size=8,
            color=colours.ink if shape == symbol else colours.faint,
            ha="center",
            va="baseline",
        )


def _put_legend(figure: Figure, part: Slice, frame: _Frame, colours: Palette) -> None:
    x, y = frame.width - _LEGEND, frame.height + frame.header
    axes = figure.add_axes(frame.share(x, y - 44, _LEGEND, 8))
    strip = blend(colours.stops, np.linspace(0, 1, 2 * CODE_SCALE + 1))
    axes.imshow(strip[None], extent=(0, 1, 0, 1), aspect="auto", interpolation="none")
    axes.set_axis_off()
    style: dict[str, Any] = {"size": 7, "color": colours.faint, "va": "baseline"}
    for share, name in ticks(part):
        place = {0.0: "left", 1.0: "right"}.get(share, "center")
        axes.annotate(
            name,
            (share, 0),
            (0, -9),
            textcoords="offset points",
            annotation_clip=False,
            ha=place,
            **style,
        )
    left, baseline, *_ = frame.share(x, y - 31, 0, 0)
    figure.text(left, baseline, f"activation ({part.signal})", **style)


def _put_title(
    figure: Figure, title: str, lines: Sequence[str], frame: _Frame, colours: Palette
) -> None:
    def put(text: str, y: float, **style: Any) -> None:
        x, height, *_ = frame.share(0, frame.height + frame.header - y, 0, 0)
        figure.text(x, height, drawable(text, SANS), va="baseline", **style)

    put(title, 34, size=12, weight="bold", color=colours.ink)
    for at, line in enumerate(lines):
        put(line, 38 + _LINE * (at + 1), size=7, color=colours.faint)
