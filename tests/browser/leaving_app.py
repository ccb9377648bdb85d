"""A page that draws a part of itself again and again, and one that takes its time."""

import time

import streamlit as st

from dashboard.leaving import go_to


@st.fragment(run_every=0.05)
def _clock() -> None:
    st.write("It is", time.time())


def _first() -> None:
    _clock()
    if st.button("Go"):
        time.sleep(0.2)  # what is asked for now waits until the second page is there
        go_to("second")


def _second() -> None:
    st.write("The second page begins")
    time.sleep(0.3)  # what is asked for now comes too late
    st.write("and ends.")


_FIRST = st.Page(_first, title="First", default=True)
_SECOND = st.Page(_second, title="Second", url_path="second")
st.session_state["pages"] = {"first": _FIRST, "second": _SECOND}
st.navigation([_FIRST, _SECOND]).run()
