"""Search."""

from __future__ import annotations

import streamlit as st

from dashboard.session import begin_page
from dashboard.views import first_run


def show() -> None:
    """The page."""
    recording = begin_page()
    if recording is None:
        first_run.show()
        return
    st.title("Search")
