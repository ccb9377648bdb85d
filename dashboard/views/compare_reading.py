"""Read the text that is compared with a further network."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from analysis.recording import Recording
from dashboard.comparing import order_to_read, with_another
from dashboard.jobs import RecordingJob, forget, start_recording
from dashboard.library import open_at
from dashboard.networks import all_checkpoints, origin_of, suggested_checkpoint
from dashboard.plain import plain
from dashboard.session import remember_view
from dashboard.views.recording_progress import watch
from models.errors import UserError

_JOB, _WITH, _ERROR = "compare_job", "compare_with", "compare_error"
_MOST_LISTED = 8


def follow_reading() -> None:
    """The reading that was begun here, until it is done; then it is compared too."""
    if error := st.session_state.pop(_ERROR, None):
        st.error(plain(error), icon=":material/error:")
    job: RecordingJob | None = st.session_state.get(_JOB)
    if job is None:
        return
    status = job.status()
    if not status.finished:
        watch(job, f"Reading with {_called(job)}", _take_made, stays_on_error=False)
        return
    st.session_state.pop(_JOB)
    forget(job)
    if status.error is None:
        _take_made(job)
    elif not job.cancelled:
        st.error(plain(f"{_called(job)}: {status.error}"), icon=":material/error:")


def _called(job: RecordingJob) -> str:
    known = {path: key for key, path in all_checkpoints().items()}
    return known.get(job.order.checkpoint, job.order.checkpoint.stem)


def _take_made(job: RecordingJob) -> None:
    st.session_state.pop(_JOB, None)
    try:
        made = open_at(job.order.destination)
    except UserError as error:
        st.session_state[_ERROR] = str(error)
        return
    if made.id != st.session_state["shown"]:
        st.session_state["others"] = with_another(st.session_state["others"], made.id)
        st.session_state["other_units"] = ()
        remember_view()


def teach(recording: Recording, other: Mapping[str, Recording], titles: Mapping[str, str]) -> None:
    """There is nothing to compare with yet: say what would be, and offer a first step."""
    with st.container(border=True):
        st.markdown("**One text, two networks**")
        st.markdown(
            "Read this text with a second network, such as the same one early in its training. "
            "Then both stand side by side, in step: where each is surprised, and which of their "
            "units track the same thing."
        )
        used = [titles[recording.id], recording.checkpoint_name]
        suggested = suggested_checkpoint(used, list(all_checkpoints()))
        with st.container(horizontal=True):
            if suggested is not None:
                st.button(
                    f"Read it with {plain(suggested)}",
                    type="primary",
                    on_click=_read,
                    args=(recording, suggested),
                )
            offer_readings(recording, other, titles)


def offer_readings(
    recording: Recording, other: Mapping[str, Recording], titles: Mapping[str, str]
) -> None:
    """A menu of the networks that could read the text too."""
    with st.popover("Another network", icon=":material/add:", width="stretch"):
        known = all_checkpoints()
        chosen = st.selectbox("Read this text with", list(known), key=_WITH)
        st.button(
            "Read it", key="compare_read", on_click=_read, args=(recording, chosen), type="primary"
        )
        if other:
            _list_other_texts(recording, other, titles)


def _list_other_texts(
    recording: Recording, other: Mapping[str, Recording], titles: Mapping[str, str]
) -> None:
    st.caption(
        f"{len(other):,} in the library {'is' if len(other) == 1 else 'are'} of other texts, and "
        "cannot be compared with this one:"
    )
    for key, each in list(other.items())[:_MOST_LISTED]:
        said, action = st.columns([3, 2], vertical_alignment="center")
        said.markdown(f"{plain(each.corpus_name)}, by {plain(titles[key])}")
        origin = origin_of(each)
        if origin is not None and origin[0] != titles[recording.id]:
            action.button(
                "Read this text with it",
                key=f"compare_read {key}",
                on_click=_read,
                args=(recording, origin[0]),
            )


def _read(recording: Recording, key: str) -> None:
    """From a button's callback: read the text with a checkpoint, or show that it has been read."""
    try:
        order = order_to_read(recording, all_checkpoints()[key])
        if order.destination.exists():
            made = open_at(order.destination)
            if made.id == recording.id:
                raise UserError(f"{key} is the network that A is of. Choose another.")
            st.session_state["others"] = with_another(st.session_state["others"], made.id)
            return
        st.session_state[_JOB] = start_recording(order)
    except UserError as error:
        st.session_state[_ERROR] = str(error)
