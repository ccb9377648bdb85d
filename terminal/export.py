"""`unitscope export`: pictures, pages and tables as files."""

from __future__ import annotations

import argparse
from pathlib import Path

from models.errors import UserError
from terminal import Commands

SCALES = ("raw", "maximum", "quantile", "z")
PALETTES = ("blue-orange", "viridis", "green-blue", "red-blue")
"""As in analysis.colour_scales and analysis.colours, which load numpy."""


def add(commands: Commands) -> None:
    """Describe `unitscope export`."""
    command = commands.add_parser("export", help="coloured text, heatmaps and values as files")
    command.add_argument("recording", help="a recording, NAME.zarr or a URL")
    shown = command.add_mutually_exclusive_group(required=True)
    shown.add_argument("--unit", help="colour the text by this unit, such as 1.c.78")
    shown.add_argument("--site", help="heatmap or values of all units of a site, such as 1.c")
    command.add_argument("--heatmap", action="store_true", help="a heatmap of the one unit")
    command.add_argument(
        "--range", default="0:2000", metavar="START:STOP", help="symbols to show (default 0:2000)"
    )
    command.add_argument(
        "--scale",
        choices=SCALES,
        default=SCALES[0],
        help="what a colour means: the value, its share of the unit's maximum, its rank, or its "
        "distance from the mean (default raw)",
    )
    command.add_argument(
        "--palette", choices=PALETTES, default=PALETTES[0], help="default blue-orange"
    )
    command.add_argument("--flip", action="store_true", help="exchange the colours of low and high")
    command.add_argument(
        "-o", "--output", required=True, type=Path, help="FILE.png, .svg, .pdf, .html or .csv"
    )
    command.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> None:
    from analysis.recording import open_recording

    recording = open_recording(options.recording)
    start, stop = _parse_range(options.range, len(recording))
    from analysis.colours import ColourStyle
    from analysis.export import ViewAssets, export
    from dashboard.text_view.standalone import standalone_script, standalone_style

    written = export(
        recording,
        options.unit or options.site,
        start,
        stop,
        options.output,
        kind="heatmap" if options.heatmap else None,
        view=ViewAssets(standalone_script(), standalone_style()),
        colours=ColourStyle(options.palette, options.scale, options.flip),
    )
    print(written)


def _parse_range(text: str, symbols: int) -> tuple[int, int]:
    try:
        start, stop = (int(part) if part else None for part in text.split(":"))
    except ValueError:
        raise UserError(f"{text!r} is not a range. Write START:STOP, such as 0:400.") from None
    return start or 0, symbols if stop is None else stop
