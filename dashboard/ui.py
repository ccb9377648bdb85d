"""The pages of the dashboard and how to get from one to the other."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.views import explore, models, open_text

# A file of our own: the icon's name would be looked up on the internet.
_ICON = Path(__file__).with_name("icon.svg")
st.set_page_config(page_title="Unitscope", page_icon=str(_ICON), layout="wide")

EXPLORE = st.Page(explore.show, title="Explore", icon=":material/biotech:", default=True)
MODELS = st.Page(models.show, title="Models", url_path="models", icon=":material/hub:")
OPEN = st.Page(open_text.show, title="Your own", url_path="open", icon=":material/upload_file:")

st.session_state["explore_page"] = EXPLORE
st.session_state["open_page"] = OPEN
st.navigation([EXPLORE, MODELS, OPEN], position="top").run()
