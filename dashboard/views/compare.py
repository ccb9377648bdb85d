"""Compare: one text read by two or three networks, their units and their losses side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import streamlit as st

from analysis.recording import Recording
from dashboard.comparing import LETTERS, same_and_other_texts, units_to_show, with_unit
from dashboard.library import list_recordings, open_readable
from dashboard.linked import is_linked, linked_key
from dashboard.losses import Painting, paintings
from dashboard.networks import network_titles
from dashboard.plain import plain
from dashboard.searches import Search, search_for
from dashboard.session import (
    change,
    remember_view,
    see,
    sent_unit,
    show_unit,
    shown_style,
    take_style,
    text_is_shown,
)
from dashboard.state import BEST, COLOURINGS, MOST_OTHERS
from dashboard.views.compare_reading import follow_reading, offer_readings, teach
from dashboard.views.compare_tables import best_units, losses
from dashboard.views.fields import switch
from dashboard.views.recorded_text import recorded_text
from models.errors import UserError

_STYLE = Path(__file__).with_suffix(".css")
_COLOURINGS = {"units": "A unit of each", "loss": "Loss", "difference": "Difference of losses"}
_LED = "compare_led"  # the hypothesis that the others' units were chosen for
_HEIGHT = 470


def show(recording: Recording) -> None:
    """The page."""
    st.html(_STYLE)
    known = [*list_recordings(), *open_readable(sorted(st.session_state.get("opened", ())))]
    same, other = same_and_other_texts(recording, known)
    titles = network_titles([recording, *same.values(), *other.values()])
    _enter(same)
    st.subheader("Compare", anchor=False)
    st.caption(
        f"Networks that have read {plain(recording.corpus_name)}, {len(recording):,} symbols. "
        f"A is the one shown on the other pages: {plain(titles[recording.id])}."
    )
    follow_reading()
    others = [same[each] for each in st.session_state["others"] if each in same]
    if not same:
        teach(recording, other, titles)
        return
    _choose(recording, same, other, titles)
    if not others:
        st.info("Choose a network beside A, above.", icon=":material/compare:")
        return
    _compare([recording, *others], titles)


def _enter(same: Mapping[str, Recording]) -> None:
    """Begin where the other pages are, with the newest other recording of the text."""
    if "compare_0" not in st.session_state and "visible" in st.session_state:
        st.session_state["position"] = st.session_state["visible"][0]
    if not any(each in same for each in st.session_state["others"]):
        cleared = st.session_state.get("compare_cleared") == st.session_state["shown"]
        st.session_state["others"] = () if cleared else tuple(same)[:1]
        st.session_state["other_units"] = ()
    hypothesis = st.session_state["hypothesis"]
    if st.session_state.setdefault(_LED, hypothesis) != hypothesis:
        st.session_state["other_units"] = ()  # what was chosen was for another question
    st.session_state[_LED] = hypothesis
    remember_view()


def _choose(
    recording: Recording,
    same: Mapping[str, Recording],
    other: Mapping[str, Recording],
    titles: Mapping[str, str],
) -> None:
    with st.container(key="compare_choices"):
        beside, colour, more = st.columns([4, 4, 2], vertical_alignment="bottom", gap="medium")
    chosen = [each for each in st.session_state["others"] if each in same]
    key = linked_key("compare choice", chosen)
    beside.multiselect(
        "Beside A",
        list(same),
        chosen,
        format_func=titles.__getitem__,
        max_selections=MOST_OTHERS,
        key=key,
        on_change=_take_choice,
        args=(key,),
    )
    with colour:
        switch("colouring", "Coloured by", COLOURINGS, _COLOURINGS)
    with more:
        offer_readings(recording, other, titles)


def _take_choice(key: str) -> None:
    if not is_linked("compare choice", key):
        return
    chosen = tuple(st.session_state[key])
    units = dict(zip(st.session_state["others"], st.session_state["other_units"], strict=False))
    if not chosen:
        st.session_state["compare_cleared"] = st.session_state["shown"]
    change(others=chosen, other_units=tuple(units.get(each, BEST) for each in chosen))


def _compare(shown: Sequence[Recording], titles: Mapping[str, str]) -> None:
    searches = _searches(shown)
    units = units_to_show(shown[1:], st.session_state["other_units"], searches[1:])
    painted = paintings(
        [each.id for each in shown],
        [st.session_state["unit"], *units],
        st.session_state["colouring"],
    )
    names = [f"{LETTERS[at]}: {titles[each.id]}" for at, each in enumerate(shown)]
    with st.container(key="compare_texts"):
        for at, column in enumerate(st.columns(len(shown), gap="small")):
            with column:
                st.markdown(f"**{plain(names[at])}**")
                _text(at, shown, painted[at], searches[at])
    if not text_is_shown():
        return
    with st.container(key="compare_tables"):
        left, right = st.columns(2, gap="large")
        with left:
            losses(shown, names)
        with right:
            best_units(shown, names, searches)


def _searches(shown: Sequence[Recording]) -> list[Search | None]:
    """The same question put to each, once the texts are there."""
    if not text_is_shown():
        return [None] * len(shown)
    try:
        return [search_for(each, st.session_state["hypothesis"]) for each in shown]
    except UserError:
        return [None] * len(shown)  # the table says why


def _text(at: int, shown: Sequence[Recording], painting: Painting, search: Search | None) -> None:
    recording = shown[at]
    # The names of A for all: one that was made to be compared may have others.
    documents = [(d.name, d.start, d.stop) for d in shown[0].documents]
    sites = {"units_by_site": painting.sites} if painting.sites else {}

    @st.fragment(key=f"compare text {at}")
    def draw() -> None:
        recorded_text(
            recording,
            documents=documents,
            unit=painting.unit,
            **sites,
            choices=() if painting.sites or search is None else search.choices[:3],
            marks=st.session_state["marks"],
            position=st.session_state["position"],
            scale=painting.scale,
            height=_HEIGHT,
            group="compare",
            names=painting.names,
            style=shown_style() if not painting.sites else replace(shown_style(), scale="raw"),
            on_style=lambda: _take_style(at, painting),
            on_unit=lambda: _take_unit(at, recording),
            on_visible=lambda: _take_visible(at),
            key=f"compare_{at}",
        )

    draw()


def _take_style(at: int, painting: Painting) -> None:
    """One text has other colours; the others follow."""
    take_style(f"compare_{at}", but=("scale",) if painting.sites else ())  # losses have their own
    st.rerun()


def _take_unit(at: int, recording: Recording) -> None:
    """A text has switched to another unit by itself; the address follows."""
    unit = sent_unit(f"compare_{at}", recording)
    if unit is None:
        return
    if at == 0:
        show_unit(unit)
    else:
        st.session_state["other_units"] = with_unit(st.session_state["other_units"], at - 1, unit)
        remember_view()


def _take_visible(at: int) -> None:
    """The texts have come to rest; they are in step, so that the first tells for all."""
    was_shown = text_is_shown()
    if at == 0 and see("compare_0") and not was_shown:
        st.rerun()
