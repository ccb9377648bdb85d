"""The pages of the dashboard and how to get from one to the other."""

from __future__ import annotations

import importlib
from pathlib import Path

import streamlit as st

# A file of our own: the icon's name would be looked up on the internet.
_ICON = Path(__file__).with_name("icon.svg")
st.set_page_config(page_title="Unitscope", page_icon=str(_ICON), layout="wide")

st.html(Path(__file__).with_suffix(".css"))


def _page(
    name: str, title: str, icon: str, *, of_recording: bool = True, default: bool = False
) -> st.Page:
    """A page whose module is loaded when it is first opened; most show a recording."""

    def show() -> None:
        st.session_state["drawn"] = False  # Explore says when its parts are there
        page = importlib.import_module(f"dashboard.views.{name}")
        if not of_recording:
            page.show()
            return
        from dashboard.session import begin_page

        recording = begin_page()
        if recording is not None:
            page.show(recording)
            return
        from dashboard.views import first_run

        first_run.show()

    return st.Page(
        show,
        title=title,
        icon=f":material/{icon}:",
        url_path=None if default else name,
        default=default,
    )


PAGES = {
    "explore": _page("explore", "Explore", "biotech", default=True),
    "search": _page("search", "Search", "search"),
    "units": _page("units", "Units", "view_list"),
    "heatmap": _page("heatmap", "Heatmap", "grid_on"),
    "compare": _page("compare", "Compare", "compare"),
    "models": _page("models", "Models", "hub", of_recording=False),
    "recordings": _page("recordings", "Recordings", "database", of_recording=False),
    "open": _page("open", "Open", "upload_file", of_recording=False),
}
st.session_state["is_loading"] = "pages" not in st.session_state  # the browser's first run
st.session_state["pages"] = PAGES
st.navigation(list(PAGES.values()), position="top").run()
