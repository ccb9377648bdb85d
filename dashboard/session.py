"""What is shown now, in the session, and the page's address that says the same."""

from __future__ import annotations

import os

import streamlit as st

from analysis.recording import Recording, RecordingError, Unit
from dashboard.library import find_recording, list_recordings, open_at
from dashboard.state import View, view_from_query

RECORDING_VARIABLE = "UNITSCOPE_RECORDING"
"""The environment variable that names the recording to show first."""
TEXT_VIEW = "text_view"
"""The text view's key in the session."""

_FIRST_SIGHT = 2_000  # symbols assumed in sight until the text view has told


def current_recording() -> Recording | None:
    """What to show: asked for in the session, in the address, at the start; else the newest."""
    wanted = st.session_state.get("recording") or st.query_params.get("recording")
    if wanted:
        try:
            return find_recording(wanted)
        except RecordingError as error:
            st.warning(str(error), icon=":material/warning:")
    named = os.environ.get(RECORDING_VARIABLE)
    if named:
        return open_at(named)
    return next(iter(list_recordings()), None)


def restore_view(recording: Recording) -> None:
    """Make the session hold a view of this recording: as it was, or as the address asks."""
    if st.session_state.get("shown") == recording.id:
        return
    query = st.query_params if st.query_params.get("recording") == recording.id else {}
    view = view_from_query(query, recording, f"{recording.sites[-1]}.0")
    st.session_state["shown"] = st.session_state["recording"] = recording.id
    st.session_state["unit"] = view.unit
    st.session_state["position"] = view.position
    st.session_state["hypothesis"] = query.get(
        "hypothesis", st.session_state.get("hypothesis", view.hypothesis)
    )
    # An address that names a unit means that unit; else the search may lead to the best one.
    st.session_state["led_by"] = view.hypothesis if "unit" in query else None
    st.session_state["choices"] = st.session_state["marks"] = ()
    st.session_state.pop("visible", None)


def lead(
    hypothesis: str, choices: tuple[tuple[str, str], ...], marks: tuple[tuple[int, int], ...]
) -> None:
    """Once for each new hypothesis: offer the units found, best first, and show the best."""
    shown = (st.session_state["led_by"], st.session_state["choices"], st.session_state["marks"])
    if shown == (hypothesis, choices, marks):
        return
    if st.session_state["led_by"] != hypothesis and choices:
        st.session_state["unit"] = choices[0][0]
    st.session_state["led_by"] = hypothesis
    st.session_state["choices"], st.session_state["marks"] = choices, marks
    remember_view()
    st.rerun()


def show_unit(unit: str) -> None:
    """From a widget's callback: show a unit without drawing the whole page again."""
    _redraw("text", "panel", *_set_unit(unit))


def take_unit() -> None:
    """The text view has switched to another unit by itself; the panel follows."""
    sent = st.session_state[TEXT_VIEW]["unit"]["unit"]
    try:
        unit = find_recording(st.session_state["shown"]).find_unit(sent)
    except RecordingError:
        return  # whatever a browser may send, only what exists is shown
    _redraw("panel", *_set_unit(str(unit)))


def _set_unit(unit: str) -> list[str]:
    """Which further fragments must follow: the heatmap shows one site."""
    site_before = Unit.parse(st.session_state["unit"]).site
    st.session_state["unit"] = unit
    remember_view()
    return [] if Unit.parse(unit).site == site_before else ["range"]


def take_visible() -> None:
    """The text view has come to rest on another range; what depends on it follows."""
    sent = st.session_state[TEXT_VIEW]["visible"]
    if sent is None or sent["recording"] != st.session_state["shown"]:
        return
    panel = [] if text_is_shown() else ["panel"]
    st.session_state["visible"] = (int(sent["start"]), int(sent["stop"]))
    remember_view()
    _redraw("range", "export", *panel)


def text_is_shown() -> bool:
    """Whether the text has been painted: until then nothing else may keep the server busy."""
    return "visible" in st.session_state


def _redraw(*fragments: str) -> None:
    """Run only these fragments, unless the page is just being drawn as a whole."""
    if st.session_state["drawn"]:
        st.rerun(fragments)


def visible_range(recording: Recording) -> tuple[int, int]:
    """The symbols in sight, or what will be in sight at first."""
    first = st.session_state["position"]
    start, stop = st.session_state.get("visible", (first, first + _FIRST_SIGHT))
    return start, min(max(stop, start + 1), len(recording))


def remember_view() -> None:
    """Write what is shown into the page's address."""
    start = st.session_state.get("visible", (st.session_state["position"], 0))[0]
    view = View(
        st.session_state["recording"],
        st.session_state["unit"],
        start,
        st.session_state["hypothesis"],
    )
    st.query_params.from_dict(view.to_query())
