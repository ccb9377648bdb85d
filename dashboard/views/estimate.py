"""Say what a recording will take, and start it only if that is welcome."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.estimates import SHORT, Choice, Question
from dashboard.jobs import Order, running_job
from dashboard.library import home
from dashboard.plain import plain
from models.errors import UserError

QUESTION = "question"
"""In the session: what was asked about and not yet decided on."""


def show_estimate(choice: Choice | str, on_start: Callable[[Order], None]) -> None:
    """The answer to what was asked, as long as the form still says the same."""
    question: Question | None = st.session_state.get(QUESTION)
    if question is None:
        return
    if question.choice != choice:
        _drop(question)
    elif question.answered:
        _show_answer(question, on_start)
    else:
        _wait(question)


def _drop(question: Question) -> None:
    question.stop()
    st.session_state.pop(QUESTION, None)


@st.fragment(run_every=0.3)
def _wait(question: Question) -> None:
    if question.answered:
        st.rerun()
    st.caption(":material/timer: Measuring how fast the network reads this text")
    _back(question)


def _show_answer(question: Question, on_start: Callable[[Order], None]) -> None:
    try:
        estimate, order = question.answer()
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    if estimate.symbols < SHORT or order.destination.exists():
        _drop(question)
        on_start(order)
        return
    said = plain(estimate.sentence(home()))
    if estimate.fits(home()):
        st.info(said, icon=":material/timer:")
    else:
        st.warning(said, icon=":material/warning:")
    ahead = running_job()
    if ahead is not None:
        st.caption(plain(f"It will wait until {ahead.order.title} has been read."))
    with st.container(horizontal=True):
        if st.button("Start", type="primary"):
            _drop(question)
            on_start(order)
        _back(question)


def _back(question: Question) -> None:
    if st.button("Back"):
        _drop(question)
        st.rerun()
