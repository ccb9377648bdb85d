"""The untrained control: the best score of a network that has not learned anything."""

from __future__ import annotations

import streamlit as st

from analysis.recording import Recording
from dashboard.controls import Control, begin_control, forget_control, known_control
from dashboard.plain import plain
from dashboard.searches import Search
from models.errors import UserError


def compare_button(recording: Recording, search: Search) -> None:
    """Read the text with an untrained network of the same shape, and search it too.

    Who has asked for it once has it with every later search of the recording.
    """
    if search.untrained is not None or search.proved is None:
        return
    control = known_control(recording.id)
    if control is not None and control.recording is not None:
        search.compare(control.recording)
        if not search.is_settled:
            _wait_for_score(search)
    elif control is not None and control.is_running:
        _wait_for(recording, control)
    else:
        if control is not None and control.error is not None:
            st.caption(plain(control.error))
        st.button(
            "Compare with an untrained network",
            icon=":material/compare:",
            width="stretch",
            help="Reads the text with a network of the same shape that has learned nothing, once, "
            "and gives its best score.",
            on_click=_begin,
            args=(recording,),
        )


def _wait_for_score(search: Search) -> None:
    @st.fragment(run_every=0.5)
    def watch() -> None:
        if search.is_settled:
            st.rerun()
        st.caption(":material/hourglass_top: Searching the untrained network")

    watch()


def _begin(recording: Recording) -> None:
    try:
        begin_control(recording)
    except UserError as error:
        st.toast(plain(str(error)))
    st.rerun()


def _wait_for(recording: Recording, control: Control) -> None:
    @st.fragment(run_every=0.5)
    def watch() -> None:
        if not control.is_running:
            st.rerun()
        said, button = st.columns([3, 2], vertical_alignment="center")
        said.caption(
            f":material/hourglass_top: An untrained network reads: {control.seconds:.0f} s"
        )
        button.button("Cancel reading", on_click=_cancel, args=(recording.id,), width="stretch")

    watch()


def _cancel(recording_id: str) -> None:
    forget_control(recording_id)
    st.rerun()
