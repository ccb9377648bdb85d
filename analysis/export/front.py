"""One function that writes any export, and one that gives its bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from analysis.colours import PLAIN, ColourStyle
from analysis.export.errors import ExportError
from analysis.export.files import write_whole
from analysis.export.heatmap_html import write_heatmap_html
from analysis.export.heatmap_picture import write_heatmap
from analysis.export.html_page import ViewAssets
from analysis.export.page import lay_out
from analysis.export.slices import NOTHING, Beneath, Slice, choose_slice
from analysis.export.svg import write_svg
from analysis.export.text_html import write_text_html
from analysis.export.text_picture import write_picture
from analysis.export.values import write_csv
from analysis.recording import Recording

Kind = Literal["text", "heatmap"]
SUFFIXES = (".png", ".svg", ".pdf", ".html", ".csv")
MOST_VALUES_IN_MEMORY = 10_000_000


def export(
    recording: Recording,
    target: str,
    start: int,
    stop: int,
    destination: str | Path,
    *,
    kind: Kind | None = None,
    units: Sequence[int] | None = None,
    dark: bool = False,
    view: ViewAssets | None = None,
    colours: ColourStyle = PLAIN,
    beneath: Beneath = NOTHING,
) -> Path:
    """Write a range of a recording to a file, in the format that its suffix names.

    A file that is there already is replaced, and only by a whole one.

    Parameters
    ----------
    recording : Recording
    target : str
        A unit, ``1.c.78``, or a site, ``1.c``.
    start, stop : int
        The symbols from `start` up to `stop`, counted from the start of the corpus.
    destination : str or Path
        Ends in ``.png``, ``.svg``, ``.pdf``, ``.html`` or, for the values, ``.csv``.
    kind : {"text", "heatmap"}, optional
        By default a unit colours the text, and a site is a heatmap. The heatmap of a unit has one
        row. The text of a site is an HTML page that steps through its units.
    units : sequence of int, optional
        Which units of a site, in the order of rows or columns; by default all.
    dark : bool
        For dark pages. CSV has no colours.
    view : ViewAssets, optional
        The dashboard's text view. Text as HTML needs it, nothing else does.
    colours : ColourStyle, optional
        Palette, scale and direction of the colours. A scale other than raw is that of the whole
        recording, whatever the range.
    beneath : Beneath, optional
        What stands beneath each line of text in an HTML page; pictures have the text alone.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ExportError
        If the suffix or the range is not one that can be exported, the range is too long for the
        format, or the file cannot be written.
    RecordingError
        If the recording has no such unit or site.
    """
    destination = Path(destination)
    suffix = _check_suffix(destination.suffix, kind)
    part = choose_slice(recording, target, start, stop, units, colours)
    if suffix == ".csv":
        write_whole(destination, lambda file: write_csv(part, file))
    else:
        data = _draw(part, suffix, kind, dark, view, beneath)
        write_whole(destination, lambda file: file.write(data))
    return destination


def render(
    recording: Recording,
    target: str,
    start: int,
    stop: int,
    suffix: str,
    *,
    kind: Kind | None = None,
    units: Sequence[int] | None = None,
    dark: bool = False,
    view: ViewAssets | None = None,
    colours: ColourStyle = PLAIN,
    beneath: Beneath = NOTHING,
) -> bytes:
    """The bytes that `export` would write to a file with this suffix, such as ``.png``.

    Raises
    ------
    ExportError
        As `export`, and for more values in CSV than should be held in memory.
    RecordingError
        If the recording has no such unit or site.
    """
    suffix = _check_suffix(f".{suffix.removeprefix('.')}", kind)
    part = choose_slice(recording, target, start, stop, units, colours)
    if suffix != ".csv":
        return _draw(part, suffix, kind, dark, view, beneath)
    values = len(part) * len(part.indices)
    if values > MOST_VALUES_IN_MEMORY:
        raise ExportError(
            f"The range holds {values:,} values; at most {MOST_VALUES_IN_MEMORY:,} can be "
            "downloaded at once. Choose a shorter range, or use `unitscope export`."
        )
    buffer = io.BytesIO()
    write_csv(part, buffer)
    return buffer.getvalue()


def _check_suffix(suffix: str, kind: Kind | None) -> str:
    found = suffix.lower()
    if found not in SUFFIXES:
        named = f"ends in {suffix!r}" if suffix.strip(".") else "has no suffix"
        raise ExportError(
            f"The file's name {named}, which names no format. Use one of {', '.join(SUFFIXES)}."
        )
    if found == ".csv" and kind is not None:
        raise ExportError(
            f"A .csv file holds values, not a {kind}. Leave the kind out, or use one of "
            f"{', '.join(SUFFIXES[:-1])}."
        )
    return found


def _draw(
    part: Slice,
    suffix: str,
    kind: Kind | None,
    dark: bool,
    view: ViewAssets | None,
    beneath: Beneath,
) -> bytes:
    if kind == "heatmap" or (kind is None and not part.is_unit):
        if suffix == ".html":
            return write_heatmap_html(part, dark=dark)
        return write_heatmap(part, suffix, dark=dark)
    if suffix == ".html":
        if view is None:
            raise ExportError(
                "A page of coloured text needs the text view's script and style. "
                "Pass them as `view`."
            )
        return write_text_html(part, view, dark=dark, beneath=beneath)
    if not part.is_unit:
        raise ExportError(
            f"A picture of text is coloured by one unit, and {part.target} is a site. Name a unit, "
            "or export to .html, or a heatmap."
        )
    page = lay_out(part, dark=dark)
    return write_svg(page) if suffix == ".svg" else write_picture(page, suffix)
