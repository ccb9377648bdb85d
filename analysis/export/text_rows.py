"""A range of text cut into rows of cells, as the dashboard's text view cuts it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.figures.glyphs import cells

COLUMNS = 100
"""A longer line goes on in the next row."""
TAB_STOP = 4


@dataclass(frozen=True)
class Cell:
    """One symbol in its place: `width` columns from `column` on."""

    column: int
    width: int
    symbol: str
    code: int


@dataclass(frozen=True)
class Row:
    """Symbols side by side from `time` on; or, with no cells, the heading of a document."""

    time: int
    cells: tuple[Cell, ...]
    heading: str = ""


def cut_rows(symbols: str, codes: list[int], first_time: int) -> Iterator[Row]:
    """Cut one document's part of a range: a row ends after a newline or at the last column.

    A newline has a cell of its own, which may stand one past the last column. A tab reaches to the
    next tab stop. Wide symbols take two columns.
    """
    row: list[Cell] = []
    start, column = first_time, 0
    for time, (symbol, code) in enumerate(zip(symbols, codes, strict=True), first_time):
        least = 1 if symbol == "\t" else cells(symbol)
        if column + least > COLUMNS and symbol != "\n" and row:
            yield Row(start, tuple(row))
            row, start, column = [], time, 0
        width = least
        if symbol == "\t":
            width = max(1, min(COLUMNS, column + TAB_STOP - column % TAB_STOP) - column)
        row.append(Cell(column, width, symbol, code))
        column += width
        if symbol == "\n":
            yield Row(start, tuple(row))
            row, start, column = [], time + 1, 0
    if row:
        yield Row(start, tuple(row))
