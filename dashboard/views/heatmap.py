"""Heatmap: all units of a site over any range of the text, down to one symbol a column."""

from __future__ import annotations

import streamlit as st

from analysis.recording import Recording
from dashboard.views.export_menu import export_menu
from dashboard.views.unit_sheet import (
    draw_sheet,
    leave_for_text,
    ordered_units,
    pick_order,
    pick_score,
    pick_sight,
    pick_site,
    shown_range,
)

_HEIGHT = 680


def show(recording: Recording) -> None:
    """The page."""
    leave_for_text()
    site, order, sight, export = st.columns([3, 3, 1.4, 1.4], vertical_alignment="bottom")
    with site:
        pick_site(recording)
    with order:
        pick_order()
    with sight:
        pick_sight()
    pick_score()
    ordered = ordered_units(recording)
    rows = None if ordered is None else ordered.rows.tolist()
    shown = shown_range(recording)
    with export:
        export_menu(recording, shown, rows)
    draw_sheet(recording, shown, rows=rows, ordered=ordered, key="heatmap_sheet", height=_HEIGHT)
    st.caption(
        "A row is a unit, a column a symbol or the strongest of several. Drag over a range to look "
        "closer; a click chooses a unit, a double click shows the place in the text."
    )
