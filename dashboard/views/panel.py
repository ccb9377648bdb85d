"""Beside the text: which unit is shown, what to look for, and what was found."""

from __future__ import annotations

import streamlit as st

from analysis.recording import Recording, Unit
from dashboard.linked import is_linked, linked_key
from dashboard.plain import plain
from dashboard.searches import search_for
from dashboard.session import show_unit, text_is_shown
from dashboard.views.findings import findings
from dashboard.views.hypothesis import pick_hypothesis
from models.errors import UserError

_SIGNALS = {
    "h": "state h",
    "c": "cell, tanh c",
    "i": "input gate i",
    "f": "forget gate f",
    "g": "candidate g",
    "o": "output gate o",
    "r": "reset gate r",
    "z": "update gate z",
    "n": "candidate n",
}


@st.fragment(key="panel")
def panel(recording: Recording) -> None:
    """The unit picker and the search."""
    _pick_unit(recording)
    pick_hypothesis()
    if not text_is_shown():
        return
    try:
        search = search_for(recording, st.session_state["hypothesis"])
        search.resume()  # whoever comes back from the Search page, where it can be stopped
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.caption(plain(search.hypothesis.description))
    findings(st.session_state["hypothesis"], search)
    st.page_link(
        st.session_state["pages"]["search"],
        label="All of it on the Search page",
        icon=":material/arrow_forward:",
    )


def _pick_unit(recording: Recording) -> None:
    unit = Unit.parse(st.session_state["unit"])
    keys = linked_key("picked site", unit.site), linked_key("picked index", unit.index)
    with st.container(key="unit_picker"):
        site, index = st.columns([3, 2])
    site.selectbox(
        "Layer and signal",
        recording.sites,
        recording.sites.index(unit.site),
        format_func=site_title,
        key=keys[0],
        on_change=_take_pick,
        args=keys,
    )
    last = recording.units(unit.site) - 1
    index.number_input(
        f"Unit, 0 to {last}",
        0,
        last,
        unit.index,
        step=1,
        key=keys[1],
        on_change=_take_pick,
        args=keys,
    )


def site_title(site: str) -> str:
    """A layer and signal in words."""
    layer, signal = site.split(".")
    return f"layer {layer}, {_SIGNALS[signal]}"


def _take_pick(site: str, index: str) -> None:
    if not (is_linked("picked site", site) and is_linked("picked index", index)):
        return
    layer, signal = st.session_state[site].split(".")
    show_unit(str(Unit(int(layer), signal, int(st.session_state[index]))))
