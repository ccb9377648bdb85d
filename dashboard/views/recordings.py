"""Recordings: all of the library and those opened from elsewhere; show, verify, delete them."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from analysis.estimate import size
from analysis.recording import Recording
from dashboard.jobs import RecordingJob
from dashboard.leaving import go_to
from dashboard.library import open_at, recordings_folder
from dashboard.networks import network_titles
from dashboard.plain import plain
from dashboard.session import RECORDING_VARIABLE, begin_page, leave_recording
from dashboard.shelf import Entry, shelf
from dashboard.shelf_texts import contents, counted, details, made_when, rows
from dashboard.views import first_run
from dashboard.views.deletion import confirm_deletion
from dashboard.views.recording_progress import list_jobs
from dashboard.views.verification import show_verification, start_verification
from models.errors import UserError

_STYLE = Path(__file__).with_suffix(".css")
_AT_FIRST = 20
_ALL = "recordings_all"


def show() -> None:
    """The page."""
    shown = begin_page()
    entries = shelf(sorted(st.session_state.get("opened", ())))
    if not entries:
        first_run.show()
        return
    st.html(_STYLE)
    with st.container(key="recordings"):
        _head(entries)
        list_jobs(_open_made)
        titles = network_titles([each.recording for each in entries if each.recording])
        few = entries if st.session_state.get(_ALL) else entries[:_AT_FIRST]
        for entry in few:
            with st.container(border=True, key=f"entry {entry.path}"):
                _card(entry, titles, shown)
        if len(few) < len(entries):
            st.button(f"Show all {len(entries):,}", key=_ALL + "_button", on_click=_show_all)
        with st.expander("As a table", icon=":material/table:"):
            st.dataframe(rows(entries, titles), hide_index=True)


def _show_all() -> None:
    st.session_state[_ALL] = True


def _head(entries: list[Entry]) -> None:
    with st.container(key="recordings_head"):
        title, action = st.columns([5, 1], vertical_alignment="bottom")
    title.subheader("Recordings", anchor=False)
    own = [entry for entry in entries if entry.in_library and not entry.is_link]
    whole = sum(entry.kind == "recording" for entry in own)
    title.caption(
        f"{counted(whole, 'recording')} in the library, "
        f"{size(sum(entry.size for entry in own))} in all, in "
        f"{plain(str(recordings_folder()))}"
    )
    if action.button("Read a text", icon=":material/add:", width="stretch"):
        go_to("open")


def _card(entry: Entry, titles: dict[str, str], shown: Recording | None) -> None:
    said, actions = st.columns([3, 2], vertical_alignment="top", gap="medium")
    recording = entry.recording
    with said, st.container(gap=None):
        if recording is None:
            st.markdown(f"**{plain(entry.name)}**")
            st.caption(f"{size(entry.size)}, {made_when(entry)}")
        else:
            mark = "" if shown is None or recording.id != shown.id else " :blue-badge[shown now]"
            st.markdown(
                f"**{plain(recording.corpus_name)}**, read by "
                f"**{plain(titles[recording.id])}**{mark}"
            )
            st.caption(plain(contents(entry)))
    with actions.container(horizontal=True, horizontal_alignment="right"):
        _actions(entry, titles)
    if entry.problem:
        st.warning(plain(entry.problem), icon=":material/warning:")
    show_verification(entry.path)


def _actions(entry: Entry, titles: dict[str, str]) -> None:
    key = entry.path
    if entry.recording is not None:
        if st.button("Show", key=f"show {key}", icon=":material/biotech:"):
            _show(entry.recording)
        st.button(
            "Verify",
            key=f"verify {key}",
            icon=":material/verified:",
            help="Read every chunk again, and the network at some places. It goes on if you leave.",
            on_click=start_verification,
            args=(entry.recording,),
        )
        with st.popover("Details", key=f"details {key}"):
            _details(entry.recording)
    if entry.in_library and entry.kind != "foreign":
        if st.button(
            "Delete",
            key=f"delete {key}",
            icon=":material/delete:",
            disabled=entry.is_busy,
            help="It is being written." if entry.is_busy else None,
        ):
            confirm_deletion(entry, titles)
    elif entry.recording is not None:
        first = os.environ.get(RECORDING_VARIABLE) == entry.path
        st.button(
            "Forget",
            key=f"forget {key}",
            icon=":material/visibility_off:",
            disabled=first,
            help="The dashboard was started with it."
            if first
            else "List it no more. It stays where it is: it is not in the library.",
            on_click=_forget,
            args=(entry.recording,),
        )


def _details(recording: Recording) -> None:
    st.caption("Its address")
    page = str(st.context.url or "").split("?")[0].rpartition("/")[0]
    st.code(f"{page}/?recording={recording.id}", language=None, wrap_lines=True)
    st.caption("Its path")
    st.code(recording.path, language=None, wrap_lines=True)
    for label, value in details(recording):
        st.caption(label)
        st.text(value)


def _show(recording: Recording) -> None:
    st.session_state["recording"] = recording.id
    go_to("explore")


def _forget(recording: Recording) -> None:
    st.session_state["opened"] = st.session_state["opened"] - {recording.path}
    if st.session_state.get("shown") == recording.id:
        leave_recording()


def _open_made(job: RecordingJob) -> None:
    try:
        _show(open_at(job.order.destination))
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")
