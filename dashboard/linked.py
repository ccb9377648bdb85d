"""Widgets whose value may also be set from elsewhere: by a search, by the text, by each other."""

from __future__ import annotations

import streamlit as st


def linked_key(name: str, value: object) -> str:
    """The key under which a widget shows a value: another one if the widget did not set it itself.

    A message of the browser that is under way may still hold what the widget showed before. Under
    the same key that would count as somebody's choice, and undo the value.
    """
    count = f"{name}: times set from elsewhere"
    version = st.session_state.get(count, 0)
    if st.session_state.get(f"{name} {version}", value) != value:
        version += 1
        st.session_state[count] = version
    key = f"{name} {version}"
    if key not in st.session_state:  # setting it again would wipe out what is being typed
        st.session_state[key] = value
    return key
