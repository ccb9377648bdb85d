"""A recording being verified: how far it is, what came of it."""

from __future__ import annotations

import streamlit as st

from analysis.recording import Recording
from dashboard.networks import origin_of
from dashboard.plain import plain
from dashboard.verifying import Verification, dismiss, last_verification, verify_in_background
from models.errors import UserError


def start_verification(recording: Recording) -> None:
    """From a button's callback: begin to check a recording."""
    origin = origin_of(recording)
    try:
        verify_in_background(recording.path, None if origin is None else origin[1])
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")


def show_verification(path: str) -> None:
    """The check of a recording, if there is one, while it goes on and when it has ended."""
    check = last_verification(path)
    if check is None:
        return
    if check.cancelled and check.ended:
        dismiss(check)
    elif check.ended:
        _show_end(check)
    else:
        _follow(check)


@st.fragment(run_every=0.4)
def _follow(check: Verification) -> None:
    if check.ended:
        st.rerun()
    bar, button = st.columns([6, 1], vertical_alignment="bottom", gap="medium")
    bar.progress(min(1.0, check.share), text=_doing(check))
    if button.button(
        "Cancel", key=f"cancel check {check.path}", disabled=check.cancelled, width="stretch"
    ):
        check.cancel()


def _doing(check: Verification) -> str:
    if not check.share:
        return "Verifying: starting"
    if check.share >= 1:
        return "Verifying: the network reads again"
    return f"Verifying: {check.share:.0%} of the chunks have been read"


def _show_end(check: Verification) -> None:
    if check.error is not None:
        st.error(plain(check.error), icon=":material/error:")
    else:
        st.success(plain(f"It is sound: {check.found}."), icon=":material/check:")
    for warning in check.warnings:
        st.info(plain(warning), icon=":material/info:")
    st.button("Dismiss", key=f"dismiss check {check.path}", on_click=dismiss, args=(check,))
