"""Units by time as one HTML file to zoom and to hover over."""

from __future__ import annotations

from analysis.export.html_page import wrap_page
from analysis.export.slices import Slice
from analysis.figures.columns import read_columns
from analysis.figures.heatmap import MOST_COLUMNS, PLOTLY_CONFIG, draw_columns


def write_heatmap_html(part: Slice, *, dark: bool = False) -> bytes:
    """Draw the units of a slice over its time; the page holds Plotly's script, 5 MB."""
    from plotly.io import to_html

    columns = read_columns(part.codes, part.text(), part.start, MOST_COLUMNS)
    figure = draw_columns(
        columns, part.units, dark=dark, style=part.colours, counts=part.counts, ends=part.ends()
    )
    body = to_html(
        figure,
        config=PLOTLY_CONFIG | {"responsive": True},
        include_plotlyjs=True,
        full_html=False,
        div_id="heatmap",
    )
    return wrap_page(part.title, part.about(), body, dark=dark)
