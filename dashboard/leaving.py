"""From one page to another by what a page does, not by a link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData


def go_to(page: str, query_params: Mapping[str, str] | None = None) -> NoReturn:
    """Go to a page, by its name in ``st.session_state["pages"]``. What follows is not run."""
    _forget_fragments()
    st.switch_page(st.session_state["pages"][page], query_params=query_params)


def _forget_fragments() -> None:
    """Leave unanswered what this page's fragments have asked for, and what they still will.

    A fragment that draws itself again and again asks for it until the browser has heard of the new
    page. Streamlit 1.67 answers when that is drawn, for the old page, and the browser clears both.
    """
    context = get_script_run_ctx()
    if context is None or context.script_requests is None:
        return
    context.fragment_storage.clear()  # no more are taken in
    context.script_requests.request_rerun(RerunData())  # one that waits is now of a whole page,
    context.script_requests.on_scriptrunner_yield()  # and can be taken away
