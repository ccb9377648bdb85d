"""The pages of the dashboard and how to get from one to the other."""

from __future__ import annotations

import importlib
from pathlib import Path

import streamlit as st

# A file of our own: the icon's name would be looked up on the internet.
_ICON = Path(__file__).with_name("icon.svg")
st.set_page_config(page_title="Unitscope", page_icon=str(_ICON), layout="wide")

st.html(Path(__file__).with_suffix(".css"))


def _page(name: str, title: str, icon: str, *, default: bool = False) -> st.Page:
    """A page whose module is loaded when it is first opened."""

    def show() -> None:
        importlib.import_module(f"dashboard.views.{name}").show()

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
    "models": _page("models", "Models", "hub"),
    "recordings": _page("recordings", "Recordings", "database"),
    "open": _page("open", "Open", "upload_file"),
}
st.session_state["pages"] = PAGES
st.navigation(list(PAGES.values()), position="top").run()
