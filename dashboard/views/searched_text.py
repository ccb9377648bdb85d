"""The text on the Search page: coloured by the unit shown, underlined by what is written."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from analysis.preview import spans_around
from analysis.recording import Recording
from dashboard.drafts import first_in_sight
from dashboard.search_session import (
    SEARCHED_TEXT,
    show_found_place,
    take_searched_unit,
)
from dashboard.searches import Search
from dashboard.session import see, shown_style, take_selection, take_style, visible_range
from dashboard.views.recorded_text import recorded_text

_HEIGHT = 330
_MOST_SPANS = 1_000  # they travel at every key


def searched_text(recording: Recording, search: Search) -> None:
    """Draw it; it moves to the first place of what was written last, if none is in sight."""
    spans = search.preview.spans if search.preview is not None else search.seen
    marks: tuple[tuple[int, int], ...] = ()
    if spans is not None:
        is_new = search.preview is not None and st.session_state.pop("seek", False)
        if is_new and len(spans) and not first_in_sight(spans, visible_range(recording)):
            show_found_place(int(spans[0, 0]))
        place = st.session_state["position"] if "place" in st.session_state else None
        marks = spans_around(spans, _around(visible_range(recording), place), _MOST_SPANS)
    recorded_text(
        recording,
        unit=st.session_state["unit"],
        marks=marks,
        position=st.session_state["position"],
        style=replace(shown_style(), outcomes=False),
        height=_HEIGHT,
        on_unit=take_searched_unit,
        on_visible=lambda: see(SEARCHED_TEXT),
        on_selection=lambda: take_selection(SEARCHED_TEXT),
        on_style=lambda: take_style(SEARCHED_TEXT, but=("outcomes", "cut")),
        key=SEARCHED_TEXT,
    )


def _around(seen: tuple[int, int], place: int | None) -> tuple[int, int]:
    """The symbols in sight once the text has moved to a place."""
    if place is None or seen[0] <= place < seen[1]:
        return seen
    return place, place + seen[1] - seen[0]
