"""Widgets that hold one field of the view, under that field's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.linked import is_linked, linked_key
from dashboard.session import change


def take_field(name: str, key: str) -> None:
    """From the callback of a widget linked with a field of the view under that field's name."""
    if is_linked(name, key):
        change(**{name: st.session_state[key]})


def switch(
    name: str,
    label: str,
    values: Sequence[str],
    titles: Mapping[str, str],
    *,
    is_labelled: bool = True,
) -> str:
    """A row of buttons, one for each value of a field; the one that is chosen."""
    chosen: str = st.session_state[name]
    key = linked_key(name, chosen)
    st.segmented_control(
        label,
        values,
        default=chosen,
        format_func=titles.__getitem__,
        required=True,
        key=key,
        label_visibility="visible" if is_labelled else "collapsed",
        on_change=take_field,
        args=(name, key),
    )
    return chosen
