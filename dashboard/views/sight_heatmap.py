"""Below the text: all units of the site over the symbols in sight."""

from __future__ import annotations

import streamlit as st

from analysis.recording import Recording, Unit
from dashboard.session import show_place, show_unit, text_is_shown, visible_range
from dashboard.sheet.state import sent_place, sent_unit
from dashboard.views.unit_sheet import draw_sheet

_KEY = "sight_sheet"
_HEIGHT = 620


@st.fragment(key="range")
def heatmap(recording: Recording) -> None:
    """All units of the site over the symbols in sight."""
    if not text_is_shown():
        return
    start, stop = visible_range(recording)
    site = Unit.parse(st.session_state["unit"]).site
    st.markdown(f"##### All units of {site}, symbols {start:,} to {stop - 1:,}")
    draw_sheet(
        recording,
        (start, stop),
        key=_KEY,
        height=_HEIGHT,
        controls=False,
        on_unit=lambda: _take_unit(recording),
        on_place=lambda: _take_place(recording),
    )


def _take_unit(recording: Recording) -> None:
    found = sent_unit(st.session_state[_KEY], recording)
    if found is not None:
        show_unit(found)


def _take_place(recording: Recording) -> None:
    found = sent_place(st.session_state[_KEY], recording)
    if found is not None:
        show_place(found[0])
