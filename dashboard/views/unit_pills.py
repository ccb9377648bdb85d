"""Units to choose from, each a click to be shown."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.session import show_unit


def unit_pills(title: str, labels: Mapping[str, str], *, key: str, help: str) -> None:
    """Draw them; `labels` says what is written on each unit's."""

    def take() -> None:
        if st.session_state[key]:
            show_unit(st.session_state[key])

    st.pills(
        title, list(labels), format_func=labels.__getitem__, key=key, on_change=take, help=help
    )
