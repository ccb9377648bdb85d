"""What the Search page keeps in the session beside the view: the draft, the place, earlier ones."""

from __future__ import annotations

import streamlit as st

from dashboard.drafts import Draft, with_earlier
from dashboard.library import find_recording
from dashboard.session import change, remember_view, sent_unit
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


def show_found_place(position: int | None) -> None:
    """Move the text to a place where the hypothesis holds."""
    if position is None:
        return
    st.session_state["place"] = position
    st.session_state["position"] = position


def take_searched_unit() -> None:
    """The text view of the Search page was led to another unit by its keys or buttons."""
    unit = sent_unit(SEARCHED_TEXT, find_recording(st.session_state["shown"]))
    if unit is not None:
        choose_unit(unit)


def choose_unit(unit: str) -> None:
    """Show a unit from now on; no search leads away from it, not even one that led to it."""
    change(unit=unit, led=(st.session_state["hypothesis"], ""))
