"""What the Search page keeps in the session beside the view: the draft, the place, earlier ones."""

from __future__ import annotations

import streamlit as st

from analysis.recording import Recording, RecordingError
from dashboard.drafts import Draft, with_earlier
from dashboard.library import find_recording
from dashboard.session import remember_view, visible_range
from dashboard.state import DEFAULT_HYPOTHESIS

SEARCHED_TEXT = "searched_text"
"""The text view's key on the Search page."""


def draft() -> Draft:
    """What is being written; at first, and after another page has asked, what is searched for."""
    asked = st.session_state["hypothesis"]
    kept = st.session_state.get("draft")
    if kept is None or st.session_state.get("draft_for") != asked:
        st.session_state["draft_for"] = asked
        st.session_state["draft"] = kept = Draft(asked, asked)
    found: Draft = kept
    return found


def set_draft(changed: Draft) -> None:
    """Keep the draft; another text is looked at from its first place."""
    if changed.good != draft().good:
        st.session_state.pop("place", None)
        st.session_state["seek"] = True
    st.session_state["draft"] = changed


def run_draft() -> None:
    """Look for units that follow what is written. Whoever calls it draws the page again."""
    written = draft()
    ask_again(written.expression if written.expression and not written.error else written.good)


def ask_again(expression: str) -> None:
    """Look for another hypothesis' units, and remember it."""
    expression = expression or DEFAULT_HYPOTHESIS
    before = st.session_state["hypothesis"]
    st.session_state["earlier"] = with_earlier(
        expression, with_earlier(before, st.session_state.get("earlier", ()))
    )
    st.session_state["hypothesis"] = st.session_state["draft_for"] = expression
    if draft().expression != expression:
        st.session_state["draft"] = Draft(expression, expression)
    if before != expression:
        st.session_state["choices"] = st.session_state["marks"] = ()
    remember_view()


def sight(recording: Recording) -> tuple[int, int]:
    """The symbols in sight, or what will be in sight at first."""
    return visible_range(recording)


def show_found_place(position: int | None) -> None:
    """Move the text to a place where the hypothesis holds."""
    if position is None:
        return
    st.session_state["place"] = position
    st.session_state["position"] = position


def take_searched_unit() -> None:
    """The text view of the Search page was led to another unit by its keys or buttons."""
    sent = st.session_state[SEARCHED_TEXT]["unit"]["unit"]
    try:
        unit = find_recording(st.session_state["shown"]).find_unit(sent)
    except RecordingError:
        return
    choose_unit(str(unit))


def choose_unit(unit: str) -> None:
    """Show a unit from now on; the search does not lead away from it."""
    st.session_state["unit"] = unit
    st.session_state["led"] = (st.session_state["hypothesis"], "")
    remember_view()


def take_searched_sight() -> None:
    """The text view of the Search page has come to rest."""
    sent = st.session_state[SEARCHED_TEXT]["visible"]
    if sent is None or sent["recording"] != st.session_state["shown"]:
        return
    st.session_state["visible"] = (int(sent["start"]), int(sent["stop"]))
    remember_view()


def take_searched_selection() -> None:
    """Something has been selected in the text view of the Search page, or nothing any more."""
    sent = st.session_state[SEARCHED_TEXT]["selection"]
    is_known = sent is not None and sent["recording"] == st.session_state["shown"]
    st.session_state["selection"] = (int(sent["start"]), int(sent["stop"])) if is_known else None
    st.session_state["matched"] = None
