"""Explore: the text coloured by a unit, the units that track a hypothesis, a heatmap, exports."""

from __future__ import annotations

import time

import streamlit as st

from analysis.recording import Recording
from dashboard.library import list_recordings
from dashboard.linked import is_linked, linked_key
from dashboard.session import (
    TEXT_VIEW,
    shown_labels,
    shown_style,
    take_rows,
    take_selection,
    take_stacked,
    take_style,
    take_unit,
    take_visible,
)
from dashboard.views.export_menu import export_menu
from dashboard.views.panel import panel
from dashboard.views.passages import passages
from dashboard.views.recorded_text import recorded_text
from dashboard.views.selection import selection
from dashboard.views.sight_heatmap import heatmap
from dashboard.views.tour import offer_tour, tour
from dashboard.views.unit_card import unit_card

_TEXT_FIRST_SECONDS = 0.2
"""What reaches the browser together it draws together: the text comes so much before all else."""


def show(recording: Recording) -> None:
    """The page."""
    with st.container(key="above_text"):
        choice, export = st.columns([5, 1], vertical_alignment="bottom", gap="medium")
    with st.container(key="beside_text"):  # the style sheet puts the text first in narrow windows
        left, right = st.columns([2, 5], gap="medium")
    with right:
        _text(recording)
        if st.session_state["is_loading"]:  # then it is busy with scripts too
            time.sleep(_TEXT_FIRST_SECONDS)
        below = st.container(key="below_text")
    with choice:
        _choose_recording(recording)
    with export:
        export_menu(recording)
    with below:
        heatmap(recording)
    with left:
        tour()
        panel(recording)
        selection(recording)
        unit_card(recording)
        passages(recording)
        offer_tour()
    st.session_state["drawn"] = True


def _choose_recording(recording: Recording) -> None:
    known = {other.id: other for other in [*list_recordings(), recording]}
    key = linked_key("recording choice", recording.id)
    st.selectbox(
        "Text and network",
        list(known),
        list(known).index(recording.id),
        format_func=lambda key: _title(known[key]),
        key=key,
        on_change=_change_recording,
        args=(key,),
    )


def _title(recording: Recording) -> str:
    return (
        f"{recording.corpus_name}, read by {recording.checkpoint_name} ({len(recording):,} symbols)"
    )


def _change_recording(key: str) -> None:
    if is_linked("recording choice", key):
        st.session_state["recording"] = st.session_state[key]


@st.fragment(key="text")
def _text(recording: Recording) -> None:
    labels = shown_labels()  # the browser asks for them itself, however many spans there are
    recorded_text(
        recording,
        unit=st.session_state["unit"],
        choices=st.session_state["choices"],
        marks=() if labels else st.session_state["marks"],
        position=st.session_state["position"],
        rows=st.session_state["rows"],
        stacked=st.session_state["stacked"],
        style=shown_style(),
        labels=labels,
        height=640,
        on_unit=take_unit,
        on_visible=take_visible,
        on_selection=take_selection,
        on_rows=take_rows,
        on_stacked=take_stacked,
        on_style=take_style,
        key=TEXT_VIEW,
    )
