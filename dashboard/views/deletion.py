"""Ask before a recording is deleted, and delete it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from analysis.estimate import size
from dashboard.library import changed_at
from dashboard.plain import plain
from dashboard.session import leave_recording
from dashboard.shelf import Entry, control_of, remove, size_of
from models.errors import UserError


@st.dialog("Delete this recording?")
def confirm_deletion(entry: Entry, titles: Mapping[str, str]) -> None:
    """Name what would be gone, what stays, and delete it if that is welcome."""
    recording = entry.recording
    if recording is None:
        st.markdown(f"**{plain(entry.name)}**, {size(entry.size)}")
    else:
        st.markdown(
            f"**{plain(recording.corpus_name)}**, read by **{plain(titles[recording.id])}**: "
            f"{len(recording):,} symbols, {size(entry.size)}"
        )
    st.text(entry.path)
    if entry.is_link:
        st.caption("It is a link. The link is deleted; the recording that it points to stays.")
    else:
        st.caption(
            "It cannot be brought back, but made again: its text and its checkpoint stay."
            if recording is not None
            else "It cannot be brought back. Texts and checkpoints stay."
        )
    control = None if recording is None else control_of(recording)
    if control is not None:
        st.caption(
            "The recording of an untrained network that was made for it, "
            f"{size(size_of(control, changed_at(control / 'zarr.json')))}, is deleted too."
        )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it"):
            st.rerun()
        if st.button("Delete it", type="primary"):
            _delete(entry)


def _delete(entry: Entry) -> None:
    try:
        remove(entry.path)
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    if entry.recording is not None and st.session_state.get("shown") == entry.recording.id:
        leave_recording()
    st.rerun()
