"""Search: write a hypothesis, see where it holds, and the units that follow it."""

from __future__ import annotations

import streamlit as st

from dashboard.session import begin_page
from dashboard.views import first_run
from dashboard.views.drafting import drafting
from dashboard.views.ranked_units import ranked_units


def show() -> None:
    """The page."""
    st.session_state["drawn"] = False
    recording = begin_page()
    if recording is None:
        first_run.show()
        return
    drafting(recording)
    ranked_units(recording)
    st.session_state["drawn"] = True
