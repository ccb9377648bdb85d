"""Widgets whose value may also be set from elsewhere: by a search, by the text, by each other."""

from __future__ import annotations

import streamlit as st


def linked_key(name: str, value: object) -> str:
    """The key under which a widget shows a value: another one if the widget did not set it itself.

    A message of the browser that is under way may still hold what the widget showed before. Under
    the same key that would count as somebody's choice, and undo the value.
    """
    key = _key(name)
    if st.session_state.get(key, value) != value:
        st.session_state[_count(name)] = st.session_state.get(_count(name), 0) + 1
        key = _key(name)
    if key not in st.session_state:  # setting it again would wipe out what is being typed
        st.session_state[key] = value
    return key


def is_linked(name: str, key: str) -> bool:
    """Whether a widget's choice counts: not one of a key that has been replaced since."""
    return key == _key(name)


def _key(name: str) -> str:
    return f"{name} {st.session_state.get(_count(name), 0)}"


def _count(name: str) -> str:
    return f"{name}: times set from elsewhere"
