"""The field of the Search page, what is written in it painted on the text, and its counts."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from analysis.hypotheses import catalogue
from analysis.hypotheses.marks import add_mark
from analysis.recording import Recording
from dashboard.drafts import Draft, next_place, place_number, previous_place
from dashboard.linked import is_linked, linked_key
from dashboard.minus import true_minus
from dashboard.plain import plain
from dashboard.search_session import draft, run_draft, set_draft, show_found_place
from dashboard.searches import Search, search_for
from dashboard.session import visible_range
from dashboard.state import DEFAULT_HYPOTHESIS
from dashboard.views.hypothesis import what_can_be_written
from dashboard.views.searched_text import searched_text
from models.errors import UserError

_FIELD = "written hypothesis"
_QUICK_SECONDS = 0.12  # a key's answer waits so long for all that is counted
_RESTS_SECONDS = 1.0
_SHORT = 256 << 20  # codes of a recording that is searched without being asked to


def field_class() -> str:
    """The class that Streamlit gives to the field, without ``st-key-``."""
    return linked_key(_FIELD, draft().text).replace(" ", "-")


@st.fragment(key="drafting")
def drafting(recording: Recording) -> None:
    """All of it: one key pressed draws this fragment again, and nothing else."""
    search = _read(recording)
    _field()
    if not search.is_counted:
        search.wait_for_count(_QUICK_SECONDS)
    _say(recording, draft(), search)
    searched_text(recording, search)
    _follow(recording, draft(), search)


def _read(recording: Recording) -> Search:
    """The count of what is written; of the last that could be read, if it cannot."""
    written = draft()
    for expression in (written.expression or written.good, written.good):
        try:
            search = search_for(recording, expression, top=0, sight=visible_range(recording))
        except UserError as error:
            written = written.refused(str(error))
            continue
        set_draft(written if written.error is not None else written.read())
        _abandon_others(search)
        return search
    # An address may ask for what nobody can read.
    set_draft(replace(written, good=DEFAULT_HYPOTHESIS))
    return search_for(recording, DEFAULT_HYPOTHESIS, top=0, sight=visible_range(recording))


def _abandon_others(search: Search) -> None:
    """What was written a key ago need not be counted to its end."""
    before = st.session_state.get("counted")
    if before is not None and before is not search:
        before.abandon()
    st.session_state["counted"] = search


def _field() -> None:
    known = list(catalogue())
    written = draft()
    is_known = written.expression in known
    picked = linked_key("picked for search", written.expression if is_known else None)
    own = linked_key(_FIELD, written.text)
    choose, write, start = st.columns([3, 8, 2], vertical_alignment="bottom")
    choose.selectbox(
        "Built in",
        known,
        known.index(written.expression) if is_known else None,
        placeholder="choose one",
        key=picked,
        on_change=_take_pick,
        args=(picked,),
    )
    write.text_input(
        "Write a hypothesis",
        written.text,
        placeholder=r"string, regex:def \w+, column > 40 and not comment",
        key=own,
        live="20ms",
        on_change=_take_text,
        args=(own,),
        autocomplete="off",
    )
    start.button(
        "Search",
        type="primary",
        icon=":material/search:",
        width="stretch",
        on_click=_run,
        disabled=written.error is not None,
        help="Enter in the field does the same.",
    )


def _take_text(key: str) -> None:
    if is_linked(_FIELD, key):
        set_draft(draft().written(st.session_state[key] or ""))


def _take_pick(key: str) -> None:
    if is_linked("picked for search", key) and st.session_state[key]:
        set_draft(draft().written(st.session_state[key]))
        _run()


def _say(recording: Recording, written: Draft, search: Search) -> None:
    """What is wrong with what is written, or where it holds; and what to do with it."""
    said, buttons = st.columns([3, 2], vertical_alignment="top", gap="medium")
    error = written.error or search.error
    preview = search.preview
    with said.container(gap=None):
        if error is not None:
            st.markdown(f":material/error: {plain(error)}")
        elif preview is not None:
            st.markdown(plain(true_minus(preview.sentence)))
        else:
            st.markdown(":material/hourglass_top: Counting where it holds")
        if written.error is not None:
            st.caption(f"Underlined is {plain(written.good)}.")
        else:
            st.caption(plain(search.hypothesis.description))
        if error is None and preview is not None and preview.bars:
            st.code(preview.bars, language=None)
    with buttons.container(horizontal=True, horizontal_alignment="right", gap="small"):
        # In a container of their own: the button after them keeps its place when there are none. At
        # another place it would stand there twice until this run has ended.
        with st.container(
            horizontal=True, horizontal_alignment="right", gap="small", width="content"
        ):
            _place_buttons(recording, search)
            _mark_button(recording)
        what_can_be_written()


def _place_buttons(recording: Recording, search: Search) -> None:
    if search.preview is None or not len(search.preview.spans):
        return
    spans = search.preview.spans
    here = st.session_state.get("place", visible_range(recording)[0] - 1)
    number = place_number(spans, here)
    for words, icon, find in (
        ("Previous place", "keyboard_arrow_up", previous_place),
        ("Next place", "keyboard_arrow_down", next_place),
    ):
        st.button(
            words,
            icon=f":material/{icon}:",
            help=f"Now at place {number:,} of {len(spans):,}.",
            key=words,
            on_click=show_found_place,
            args=(find(spans, here),),
        )


def _mark_button(recording: Recording) -> None:
    chosen = st.session_state["selection"]
    if chosen is None:
        return
    documents = [(d.name, d.start, d.stop) for d in recording.documents]
    st.button(
        "Mark the selection",
        icon=":material/ink_highlighter:",
        help="Units that tell all that you have marked from the rest of its document. "
        "Mark several places.",
        on_click=_mark,
        args=(documents, *chosen),
    )


def _mark(documents: list[tuple[str, int, int]], start: int, stop: int) -> None:
    set_draft(draft().written(add_mark(draft().good, documents, start, stop)))
    _run()


def _run() -> None:
    run_draft()
    st.rerun()  # all of the page, not this fragment alone


def _follow(recording: Recording, written: Draft, search: Search) -> None:
    """While it is being counted, ask for news; search a short text when the typing rests."""
    is_new = written.error is None and written.expression != st.session_state["hypothesis"]
    units = sum(recording.units(site) for site in recording.sites)
    runs_itself = is_new and bool(written.expression) and len(recording) * units <= _SHORT
    if search.is_counted and not runs_itself:
        return
    counted = search.is_counted

    @st.fragment(run_every=0.3)
    def watch() -> None:
        search.ask(0, sight=visible_range(recording))
        if runs_itself and search.is_counted and draft().rests(_RESTS_SECONDS):
            run_draft()
            st.rerun()
        if search.is_counted != counted:
            st.rerun()

    watch()
