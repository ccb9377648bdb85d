"""Explore: the text coloured by a unit, the units that track a hypothesis, a heatmap, exports."""

from __future__ import annotations

import streamlit as st

from analysis.recording import Recording
from dashboard.library import list_recordings
from dashboard.routes import BASE
from dashboard.session import (
    TEXT_VIEW,
    begin_page,
    take_selection,
    take_unit,
    take_visible,
)
from dashboard.text_view import text_view
from dashboard.views import first_run
from dashboard.views.export_menu import export_menu
from dashboard.views.panel import panel
from dashboard.views.passages import passages
from dashboard.views.selection import selection
from dashboard.views.sight_heatmap import heatmap
from dashboard.views.tour import offer_tour, tour


def show() -> None:
    """The page."""
    st.session_state["drawn"] = False
    recording = begin_page()
    if recording is None:
        first_run.show()
        return
    choice, export = st.columns([5, 1], vertical_alignment="bottom", gap="medium")
    with choice:
        _choose_recording(recording)
    with export:
        export_menu(recording)
    left, right = st.columns([2, 5], gap="medium")
    with right:
        _text(recording)
        heatmap(recording)
    with left:
        tour()
        panel(recording)
        selection(recording)
        passages(recording)
        offer_tour()
    st.session_state["drawn"] = True


def _choose_recording(recording: Recording) -> None:
    known = {other.id: other for other in [*list_recordings(), recording]}
    st.session_state["recording_choice"] = recording.id
    st.selectbox(
        "Text and network",
        list(known),
        format_func=lambda key: _title(known[key]),
        key="recording_choice",
        on_change=_change_recording,
    )


def _title(recording: Recording) -> str:
    return (
        f"{recording.corpus_name}, read by {recording.checkpoint_name} ({len(recording):,} symbols)"
    )


def _change_recording() -> None:
    st.session_state["recording"] = st.session_state["recording_choice"]


@st.fragment(key="text")
def _text(recording: Recording) -> None:
    text_view(
        base=BASE,
        recording_id=recording.id,
        length=len(recording),
        vocabulary=recording.vocabulary,
        documents=[(d.name, d.start, d.stop) for d in recording.documents],
        unit=st.session_state["unit"],
        units_by_site={site: recording.units(site) for site in recording.sites},
        choices=st.session_state["choices"],
        marks=st.session_state["marks"],
        position=st.session_state["position"],
        height=640,
        on_unit=take_unit,
        on_visible=take_visible,
        on_selection=take_selection,
        key=TEXT_VIEW,
    )
