"""Passages of the text for the unit shown: its extremes, its middle, and any."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.passages import Passage, band_passages, random_passages, top_passages
from analysis.recording import Recording
from dashboard.minus import true_minus
from dashboard.plain import plain
from dashboard.session import show_place, text_is_shown
from models.errors import UserError

_TOP = 6
_CONTEXT = 18
_MARK = "\N{LEFT ONE EIGHTH BLOCK}"
_KINDS = {
    "Highest": top_passages,
    "Lowest": partial(top_passages, direction=-1),
    "Middle": partial(band_passages, low=0.45, high=0.55),
    "Random": random_passages,
}


@st.fragment(key="passages")
def passages(recording: Recording) -> None:
    """A folded list; a click on a passage moves the text to it."""
    if not text_is_shown():
        return
    unit = st.session_state["unit"]
    folded = st.expander("Passages", icon=":material/format_quote:", key="fold", on_change="rerun")
    if not folded.open:
        return
    with folded:
        kind = st.segmented_control(
            f"Where {unit} is",
            list(_KINDS),
            default="Highest",
            required=True,
            key="passage_kind",
            help="Its middle and passages at random show what it does the rest of the time.",
        )
        try:
            found = _KINDS[kind](recording, unit, top=_TOP, context=_CONTEXT)
        except UserError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        with st.container(gap=None):
            for passage in found:
                st.button(
                    _label(passage),
                    key=f"passage {passage.peak}",
                    help=plain(f"{passage.document}; the value at the mark. Show the place."),
                    type="tertiary",
                    on_click=show_place,
                    args=(passage.peak,),
                )


def _label(passage: Passage) -> str:
    text = f"{plain(passage.before)}{_MARK}{plain(passage.after)}"
    return f"`{true_minus(f'{passage.value:+.2f}')}` {text}"
