"""Below the text: a heatmap of the symbols in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from analysis.figures import PLOTLY_CONFIG, heatmap_figure
from analysis.recording import Recording, Unit
from dashboard.session import shown_colours, text_is_shown, visible_range

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_MOST_SYMBOLS = 20_000


@st.fragment(key="range")
def heatmap(recording: Recording) -> None:
    """All units of the site over the symbols in sight."""
    if not text_is_shown():
        return
    start, stop = visible_range(recording)
    stop = min(stop, start + _MOST_SYMBOLS)
    site = Unit.parse(st.session_state["unit"]).site
    st.markdown(f"##### All units of {site}, symbols {start:,} to {stop - 1:,}")
    st.plotly_chart(
        _heatmap(recording, site, start, stop), key="heatmap", theme=None, config=PLOTLY_CONFIG
    )


def _heatmap(recording: Recording, site: str, start: int, stop: int) -> Figure:
    return heatmap_figure(
        recording.codes(site, start, stop),
        recording.text(start, stop),
        first_time=start,
        units=[f"{site}.{index}" for index in range(recording.units(site))],
        dark=st.context.theme.type == "dark",
        style=shown_colours(),
    )
