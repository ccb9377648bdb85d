"""Units: every unit of a site as a band of colours over the same passage, and a map of them."""

from __future__ import annotations

import streamlit as st

from analysis.recording import Recording
from dashboard.views.unit_map import brushed_units, unit_map
from dashboard.views.unit_sheet import (
    current_site,
    draw_sheet,
    leave_for_text,
    ordered_units,
    pick_order,
    pick_score,
    pick_sight,
    pick_site,
    shown_range,
)

_HEIGHT = 620


def show(recording: Recording) -> None:
    """The page."""
    leave_for_text()
    site, order, sight = st.columns([3, 3, 1.4], vertical_alignment="bottom")
    with site:
        pick_site(recording)
    with order:
        pick_order()
    with sight:
        pick_sight()
    pick_score()
    ordered = ordered_units(recording)
    units = recording.units(current_site())
    rows = list(range(units)) if ordered is None else ordered.rows.tolist()
    brushed = brushed_units()
    if brushed:
        rows = [row for row in rows if row in brushed]
    draw_sheet(
        recording,
        shown_range(recording),
        rows=rows,
        ordered=ordered,
        key="units_sheet",
        height=_HEIGHT,
        band=_band(len(rows)),
    )
    unit_map(recording, ordered)


def _band(rows: int) -> int:
    """Pixels of a row: thicker where there are few."""
    return 14 if rows <= 40 else 12 if rows <= 128 else 10
