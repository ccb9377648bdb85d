"""From a selection in the text to the units that are on in it."""

from __future__ import annotations

import streamlit as st

from analysis.findings import with_arrow
from analysis.hypotheses.marks import add_mark
from analysis.matching import RangeMatch, units_for_range
from analysis.recording import Recording
from dashboard.minus import true_minus
from dashboard.plain import plain
from dashboard.session import ask_for, text_is_shown
from dashboard.views.unit_pills import unit_pills
from models.errors import UserError

_TOP = 8
_LONGEST = 40


@st.fragment(key="selection")
def selection(recording: Recording) -> None:
    """A button for what is selected, and the units found for it."""
    chosen = st.session_state["selection"]
    if not text_is_shown() or chosen is None:
        return
    if st.button("Units for the selection", icon=":material/ink_selection:", width="stretch"):
        st.session_state["matched"] = chosen
    start, stop = chosen
    if st.button(
        "Mark it, and search",
        icon=":material/ink_highlighter:",
        width="stretch",
        help="Searches for units that tell all that you have marked from the rest of its document. "
        "Mark several places.",
    ):
        documents = ((d.name, d.start, d.stop) for d in recording.documents)
        ask_for(add_mark(st.session_state["hypothesis"], documents, start, stop))
    text = recording.text(start, min(stop, start + _LONGEST)).replace("\n", "↵").replace("\t", "→")
    rest = "…" if stop - start > _LONGEST else ""
    st.caption(f"{stop - start:,} symbol{'s' * (stop > start + 1)}: {plain(text)}{rest}")
    if st.session_state["matched"] == chosen:
        _show_matches(recording, start, stop)


def _show_matches(recording: Recording, start: int, stop: int) -> None:
    try:
        matches = units_for_range(recording, start, stop, top=_TOP)
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    if not matches:
        st.caption(
            "No unit is on throughout the selection and off beside it. "
            "Select a little more or less."
        )
        return
    unit_pills(
        "On in the selection, off beside it",
        {match.unit: _label(match) for match in matches},
        key=f"match {start} {stop}",
        help="▲ high there, ▼ low there; the score is 1 where all symbols agree.",
    )


def _label(match: RangeMatch) -> str:
    return f"{with_arrow(match.unit, match.direction)} {true_minus(f'{match.score:.2f}')}"
