"""The page that shows the text view to a test: what to show comes in the address."""

from __future__ import annotations

import streamlit as st
from text_view_data import SITES, make_documents, make_text, make_vocabulary

from dashboard.text_view import TextStyle, text_view
from dashboard.text_view.state import read_rows, read_stacked, read_style

st.set_page_config(layout="wide")
asked = st.query_params
st.session_state.setdefault("recording", asked.get("recording", "prose-20000"))
recording = st.session_state["recording"]
st.session_state.setdefault("unit", asked.get("unit", "1.c.7"))
st.session_state.setdefault("position", int(asked["position"]) if "position" in asked else None)
st.session_state.setdefault("rows", asked.get("rows", "text"))
st.session_state.setdefault("stacked", tuple(asked.get("stacked", "").split()))
length = len(make_text(recording))


def show_unit(unit: str) -> None:
    st.session_state["unit"] = unit


def show_position(position: int) -> None:
    st.session_state["position"] = position


def take_rows() -> None:
    st.session_state["rows"] = read_rows(st.session_state["view"], "text")


def take_stacked() -> None:
    st.session_state["stacked"] = read_stacked(st.session_state["view"], SITES, most=8)


def show_recording(name: str) -> None:
    st.session_state["recording"] = name


st.button("Other recording", on_click=show_recording, args=("unbroken-5000",))

if "field" in asked:
    st.text_input("or write your own")


def take_style() -> None:
    st.session_state["style"] = read_style(st.session_state["view"])


asked_style = {name: asked[name] for name in ("palette", "scale", "cut") if name in asked}
asked_style |= {name: True for name in ("flip", "outcomes") if name in asked}
st.session_state.setdefault("style", TextStyle(**asked_style))


@st.fragment
def view() -> None:
    left, middle, right = st.columns(3)
    left.button("Show 1.c.40", on_click=show_unit, args=("1.c.40",))
    middle.button("Show 0.h.2", on_click=show_unit, args=("0.h.2",))
    right.button("Go to 9000", on_click=show_position, args=(9000,))
    state = text_view(
        base="/api/v1",
        recording_id=recording,
        length=length,
        vocabulary=make_vocabulary(recording),
        documents=make_documents(recording),
        unit=st.session_state["unit"],
        units_by_site=SITES,
        marks=[(4, 9), (30, 60)] if "marks" in asked else [],
        position=st.session_state["position"],
        rows=st.session_state["rows"],
        stacked=st.session_state["stacked"],
        on_rows=take_rows,
        on_stacked=take_stacked,
        style=st.session_state["style"],
        labels="made" if "labels" in asked else None,
        on_style=take_style,
        height=int(asked.get("height", "520")),
        key="view",
    )
    if "follow" in asked:
        st.session_state["unit"] = state.unit
    st.text(f"rows {st.session_state['rows']} stacked {' '.join(st.session_state['stacked'])}")
    st.text(f"visible {state.visible} selection {state.selection} unit {state.unit}")
    st.text(f"style {st.session_state['style']}")


view()
