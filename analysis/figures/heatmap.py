"""Units by time as an interactive figure: one row a unit, one column a symbol."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.arrays import CODE_SCALE
from analysis.colour_scales import is_signed, shares_of_codes
from analysis.colours import PLAIN, ColourStyle
from analysis.figures.columns import Columns, cut_columns, round_times
from analysis.figures.glyphs import glyph

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_COLUMNS = 2_000
"""A figure has no more columns; longer ranges are pooled."""
READABLE_COLUMNS = 120
"""Up to so many columns the text itself stands along the time axis."""
PLOTLY_CONFIG: dict[str, Any] = {
    "displaylogo": False,
    # Plotly's "Share chart" sends the figure to a company's server. Activations and texts are
    # private; whoever wants to share them has the file.
    "modeBarButtonsToRemove": ["sendChartToCloud"],
    "plotlyServerURL": "",
}
"""Give this to whatever shows a figure."""
_MONOSPACE = "DejaVu Sans Mono, Menlo, Consolas, monospace"


def heatmap_figure(
    codes: np.ndarray,
    text: str,
    *,
    first_time: int = 0,
    units: Sequence[str],
    dark: bool = False,
) -> Figure:
    """Draw the codes of some units over a range of time, first unit on top.

    A short range has its text along the time axis. A range of more than `MOST_COLUMNS` symbols is
    pooled: each column shows the code of largest magnitude in it.

    Parameters
    ----------
    codes : int8 (time, unit)
        As a recording gives them; at least one symbol and one unit.
    text : str
        The text that was read, one code point for each time.
    first_time : int
        Position of the first symbol, as the axis and the labels should count.
    units : sequence of str
        Names of the units, in the order of the codes.
    dark : bool
        Colours for a dark page.

    Raises
    ------
    ValueError
        If `codes`, `text` and `units` do not agree in length, or are empty.
    """
    if codes.shape != (len(text), len(units)) or codes.size == 0:
        raise ValueError(
            f"The codes have shape {codes.shape}, but there are {len(text)} symbols and "
            f"{len(units)} units. They must be equal and not empty."
        )
    return draw_columns(cut_columns(codes, text, first_time, MOST_COLUMNS), units, dark=dark)


def draw_columns(
    columns: Columns,
    units: Sequence[str],
    *,
    dark: bool = False,
    style: ColourStyle = PLAIN,
    counts: np.ndarray | None = None,
    ends: Sequence[str] = ("−1", "0", "+1"),
) -> Figure:
    """The same for columns that were cut already; `units` names their units.

    Parameters
    ----------
    style : ColourStyle, optional
        A scale other than raw needs `counts`.
    counts : ndarray of int, shape (unit, 256), optional
        How often each unit has each code over the whole recording.
    ends : sequence of three str
        What stands beside the first, the middle and the last colour.
    """
    from plotly.graph_objects import Figure, Heatmap

    colours = style.colours(dark)
    # Thousandths, so that hovering can show three decimals: Plotly's number format cannot divide,
    # but it groups by three digits, and below the mark between groups is set to a decimal point.
    thousandths = np.round(columns.codes.T * (1000 / CODE_SCALE)).astype(np.int16)
    places = _places(columns, units, style, counts)
    figure = Figure(
        Heatmap(
            z=thousandths if places is None else places,
            customdata=None if places is None else thousandths,
            x=[_column_name(columns, at) for at in range(len(columns))],
            y=list(units),
            zmin=-1000,
            zmax=1000,
            colorscale=[[at / 4, stop] for at, stop in enumerate(colours.stops)],
            ygap=1 if len(units) <= 40 else 0,
            colorbar=_colour_bar(None if places is None else ends),
            hovertemplate="<b>%{y}</b>  %{"
            + ("z" if places is None else "customdata")
            + ":+05,d}<br>%{x}<extra></extra>",
        )
    )
    # Zero has the colour of the page, so the map needs an edge.
    edge = {"showline": True, "mirror": True, "linecolor": colours.faint, "linewidth": 1}
    figure.update_layout(
        separators="..",
        height=150 + min(640, max(40, 16 * len(units))),
        margin={"l": 10, "r": 10, "t": 34, "b": 10},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor=colours.paper,
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": colours.faint, "activecolor": colours.ink},
        font={"color": colours.ink, "size": 12},
        hoverlabel={"font": {"family": _MONOSPACE, "size": 12}, "align": "left"},
        xaxis=_time_axis(columns) | edge,
        yaxis={"type": "category", "autorange": "reversed", "automargin": True} | edge,
    )
    return figure


def _places(
    columns: Columns, units: Sequence[str], style: ColourStyle, counts: np.ndarray | None
) -> np.ndarray | None:
    """Where the values stand between the ends of their colours, -1000 to 1000; None: as values."""
    signed = all(is_signed(unit.split(".")[1]) for unit in units if unit.count(".") == 2)
    if style.scale == "raw" and signed:
        return None
    tables = np.stack(
        [
            shares_of_codes(None if counts is None else counts[at], style.scale, signed=signed)
            for at in range(len(units))
        ]
    )
    rows = np.arange(len(units))[:, None]
    shares = tables[rows, columns.codes.T.astype(np.int16) + 128]
    return np.round(2000 * shares - 1000).astype(np.int16)


def _colour_bar(ends: Sequence[str] | None) -> dict[str, Any]:
    return {
        "tickvals": [-1000, -500, 0, 500, 1000] if ends is None else [-1000, 0, 1000],
        "ticktext": ["−1", "−0.5", "0", "+0.5", "+1"] if ends is None else list(ends),
        "title": {"text": "activation", "side": "right"},
        "thickness": 12,
        "outlinewidth": 0,
    }


def _time_axis(columns: Columns) -> dict[str, Any]:
    """An axis of named columns, since only a name can tell a hovering reader the symbol."""
    first, stop = int(columns.edges[0]), int(columns.edges[-1])
    axis: dict[str, Any] = {
        "type": "category",
        "title": {"text": "symbol"},
        "tickmode": "array",
        "tickangle": 0,
        "automargin": True,
        "showgrid": False,
    }
    if len(columns) > READABLE_COLUMNS or columns.pooled:
        times = round_times(first, stop, 10)
        places = np.searchsorted(columns.edges, times, side="right") - 1
        return axis | {"tickvals": places.tolist(), "ticktext": [f"{time:,}" for time in times]}
    named = set(round_times(first, stop, max(1, len(columns) // 10)))
    labels = [
        html.escape(glyph(symbol), quote=False) + (f"<br>{time:,}" if time in named else "")
        for time, symbol in enumerate(columns.excerpts, start=first)
    ]
    font = {"family": _MONOSPACE, "size": 11}
    return axis | {"tickvals": list(range(len(columns))), "ticktext": labels, "tickfont": font}


def _column_name(columns: Columns, at: int) -> str:
    first, last = int(columns.edges[at]), int(columns.edges[at + 1]) - 1
    excerpt = html.escape("".join(map(glyph, columns.excerpts[at])), quote=False)
    if first == last:
        return f"symbol {first:,}: “{excerpt}”"
    more = "…" if last - first >= len(columns.excerpts[at]) else ""
    return f"strongest of symbols {first:,} to {last:,}: “{excerpt}{more}”"
