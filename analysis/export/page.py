"""A page of coloured text before it is drawn: rectangles and labels in points from the top left.

It is laid out once, so that PNG, PDF and SVG look the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from analysis.arrays import CODE_SCALE
from analysis.colours import Palette, blend, to_hex
from analysis.export.errors import ExportError
from analysis.export.legend import ticks
from analysis.export.slices import Slice
from analysis.export.text_rows import Cell, Row, cut_rows
from analysis.export.wrapping import wrap
from analysis.figures.glyphs import glyph, runs_on

MOST_SYMBOLS = 20_000
MOST_ROWS = 1_000
CELL = 5.0
"""Width of a column. At three pixels a point its edges fall between pixels, and so do glyphs'."""
GLYPH = CELL / 0.602051
"""Size at which a glyph of DejaVu Sans Mono (and Menlo) is as wide as a column."""
_PITCH = 12.0
_HEIGHT = 11.0
_MARGIN = 24.0
_LEGEND = 132.0
_LEAST_WIDTH = 430.0
_BASELINE = 8.4


Role = Literal["symbols", "mark", "accent", "caption", "title"]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True)
class Label:
    """A line of text with its baseline at `y`.

    A `mark` stands for a symbol that has no shape; an `accent` is a combining mark on its dotted
    circle, which only proportional fonts draw well. `width` is what symbols of a run must fill.
    """

    x: float
    y: float
    text: str
    size: float
    colour: str
    role: Role = "caption"
    anchor: Anchor = "start"
    width: float | None = None


@dataclass(frozen=True)
class Page:
    """Everything on one page, in the order it is drawn."""

    title: str
    about: tuple[str, ...]
    width: float
    height: float
    paper: str
    boxes: tuple[Box, ...] = field(repr=False)
    labels: tuple[Label, ...] = field(repr=False)
    rows: int


def lay_out(part: Slice, *, dark: bool = False) -> Page:
    """Lay out the text of a slice, coloured by its one unit.

    Raises
    ------
    ExportError
        If there is more text than a picture can hold.
    """
    if len(part) > MOST_SYMBOLS:
        raise _too_long(f"{len(part):,} symbols", f"{MOST_SYMBOLS:,} symbols")
    rows = list(_rows(part))
    if len(rows) > MOST_ROWS:
        raise _too_long(f"{len(rows):,} lines", f"{MOST_ROWS:,} lines")
    gutter = 8.0 + 4.0 * len(f"{part.stop:,}")
    columns = max(row.cells[-1].column + row.cells[-1].width for row in rows if row.cells)
    width = max(_LEAST_WIDTH, 2 * _MARGIN + gutter + CELL * columns)
    boxes: list[Box] = []
    labels: list[Label] = []
    colours = part.colours.colours(dark)
    shades = to_hex(part.tables(dark)[0])
    top = _put_header(part, width, colours, boxes, labels)
    for at, row in enumerate(rows):
        _put_row(row, _MARGIN + gutter, top + at * _PITCH, colours, shades, boxes, labels)
    height = top + len(rows) * _PITCH + _MARGIN
    return Page(
        part.title,
        part.about(),
        width,
        height,
        colours.paper,
        tuple(boxes),
        tuple(labels),
        len(rows),
    )


def _too_long(found: str, limit: str) -> ExportError:
    return ExportError(
        f"The range has {found}; a picture of text holds at most {limit}. "
        "Choose a shorter range, or export to .html or .csv."
    )


def _rows(part: Slice) -> Iterator[Row]:
    text = part.text()
    codes = part.codes(part.start, part.stop)[:, 0].tolist()
    documents = part.documents
    for document in documents:
        first = max(document.start, part.start)
        inside = slice(first - part.start, document.stop - part.start)
        if len(documents) > 1:
            skipped = first - document.start
            yield Row(first, (), document.name + (f", from symbol {skipped:,}" if skipped else ""))
        yield from cut_rows(text[inside], codes[inside], first)


def _put_header(
    part: Slice, width: float, colours: Palette, boxes: list[Box], labels: list[Label]
) -> float:
    """Title, provenance and legend. Returns where the rows begin."""
    labels.append(Label(_MARGIN, _MARGIN + 10, part.title, 12, colours.ink, "title"))
    y = _MARGIN + 13
    for line in wrap(part.about(), width - 2 * _MARGIN - _LEGEND - 16, 7):
        y += 10
        labels.append(Label(_MARGIN, y, line, 7, colours.faint))
    left = width - _MARGIN - _LEGEND
    labels.append(Label(left, _MARGIN + 7, f"activation ({part.signal})", 7, colours.faint))
    shades = to_hex(blend(colours.stops, np.linspace(0, 1, 2 * CODE_SCALE + 1)))
    step = _LEGEND / len(shades)
    boxes.extend(
        Box(left + at * step, _MARGIN + 12, step, 8, shade) for at, shade in enumerate(shades)
    )
    for share, name in ticks(part):
        x = left + share * _LEGEND
        anchor: Anchor = "middle"
        if share in (0, 1):
            anchor = "end" if share else "start"
        labels.append(Label(x, _MARGIN + 29, name, 7, colours.faint, anchor=anchor))
    return max(y, _MARGIN + 33) + 14


def _put_row(
    row: Row,
    left: float,
    y: float,
    colours: Palette,
    shades: tuple[str, ...],
    boxes: list[Box],
    labels: list[Label],
) -> None:
    baseline = y + _BASELINE
    if not row.cells:
        labels.append(Label(left, baseline, row.heading, 7.5, colours.faint))
        return
    labels.append(Label(left - 8, baseline, f"{row.time:,}", 6, colours.faint, anchor="end"))
    for cell in row.cells:
        shade = shades[cell.code + CODE_SCALE]
        boxes.append(Box(left + cell.column * CELL, y, cell.width * CELL, _HEIGHT, shade))
    labels.extend(_run_label(run, left, baseline, colours.ink) for run in _runs(row.cells))


def _runs(row: tuple[Cell, ...]) -> Iterator[tuple[Cell, ...]]:
    """Neighbours that are drawn as one run of text; every other symbol by itself."""
    run: list[Cell] = []
    for cell in row:
        if runs_on(cell.symbol):
            run.append(cell)
            continue
        if run:
            yield tuple(run)
            run = []
        yield (cell,)
    if run:
        yield tuple(run)


def _run_label(run: tuple[Cell, ...], left: float, y: float, ink: str) -> Label:
    first = run[0]
    x = left + first.column * CELL
    if runs_on(first.symbol):
        text = "".join(cell.symbol for cell in run)
        return Label(x, y, text, GLYPH, ink, "symbols", width=len(run) * CELL)
    shape = glyph(first.symbol)
    role: Role = "symbols" if shape == first.symbol else "mark"
    if len(shape) > 1:
        role = "accent"
    width = CELL if first.symbol == "\t" else first.width * CELL
    return Label(x + width / 2, y, shape, GLYPH, ink, role, anchor="middle")
