"""Widgets whose value may also be set from elsewhere: by a search, by the text, by each other."""

from __future__ import annotations

import streamlit as st


def linked_key(name: str, value: object) -> str:
    """The key under which a widget shows a value: another one if the widget did not set it itself.

    A message of the browser that is under way may still hold what the widget showed before. Under
    the same key that would count as somebody's choice, and undo the value. For the same reason the
    value is to be given to the widget as its default: one that is set in the session arrives in the
    browser a moment after the widget, which has told an empty one until then.
    """
    key = _key(name)
    if st.session_state.get(key, value) != value:
        st.session_state[_count(name)] = st.session_state.get(_count(name), 0) + 1
        key = _key(name)
    return key


def is_linked(name: str, key: str) -> bool:
    """Whether a widget's choice counts: not one of a key that has been replaced since."""
    return key == _key(name)


def _key(name: str) -> str:
    return f"{name} {st.session_state.get(_count(name), 0)}"


def _count(name: str) -> str:
    return f"{name}: times set from elsewhere"
