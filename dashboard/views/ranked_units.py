"""The units found on the Search page: ranked, tested, each with the same passages of the text."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.findings import SearchResult
from analysis.parts import FIRST_SYMBOLS
from analysis.recording import Recording
from dashboard.plain import plain
from dashboard.routes import BASE
from dashboard.search_session import ask_again, choose_unit, draft
from dashboard.searches import SHIFTS, Search, search_for
from dashboard.session import go_to_text, shown_palette
from dashboard.unit_rows import Sent, unit_rows
from dashboard.views.control import compare_button
from dashboard.views.drafting import field_class
from dashboard.views.findings import explain, lead_to, say_skipped
from dashboard.views.search_files import download_buttons
from models.errors import UserError

_FIRST = 20
_QUICK_SECONDS = 0.25


def ranked_units(recording: Recording) -> None:
    """The heading, what is under way, and the table."""
    name = st.session_state["hypothesis"]
    wanted = st.session_state.setdefault("wanted_units", {}).get((recording.id, name), _FIRST)
    try:
        search = search_for(recording, name, top=wanted, multiples=True)
    except UserError as error:
        if draft().error is None:
            st.error(plain(str(error)), icon=":material/error:")
        return
    if not search.is_settled:
        search.wait(search.stage, _QUICK_SECONDS)
    drawn = search.stage

    @st.fragment(key="ranked", run_every=None if search.is_settled else 0.3)
    def show() -> None:
        search.ask(wanted, multiples=True)
        if search.stage != drawn:
            st.rerun()
        _show(recording, name, search, wanted)

    show()
    lead_to(name, search)


def _show(recording: Recording, name: str, search: Search, wanted: int) -> None:
    title, earlier = st.columns([6, 2], vertical_alignment="bottom")
    title.markdown(f"##### Units that track {plain(name)}")
    with earlier:
        _earlier(name)
    result = search.proved or search.ranking
    _progress(search)
    findings = () if result is None else result.findings
    if result is not None:
        say_skipped(result)
    sent = unit_rows(
        findings,
        search.multiples,
        base=BASE,
        palette=shown_palette(),
        label=f"Units that track {name}",
        field=field_class(),
        key="unit_rows",
    )
    if result is not None and findings:
        st.caption(explain(findings[0]))
        _below(recording, name, search, result, wanted)
    _answer(sent)


def _progress(search: Search) -> None:
    """What it is doing, with a button that ends it; what was found stays."""
    if search.error is not None:
        st.error(plain(search.error), icon=":material/error:")
        return
    if search.is_settled and not search.is_stopped:
        return
    said, button = st.columns([7, 1], vertical_alignment="center")
    if search.is_stopped:
        said.caption(":material/stop_circle: Stopped. What was found stays.")
        button.button("Go on", width="stretch", on_click=search.resume)
        return
    if search.ranking is None:
        said.progress(0.0, text="Searching every unit")
    elif search.is_sample:
        said.progress(
            0.1, text=f"From a sample of {FIRST_SYMBOLS:,} symbols; the exact ranking follows"
        )
    elif search.proved is None or search.share < 1:
        said.progress(search.share, text=f"Testing against {SHIFTS} shifts of the labels")
    else:
        said.progress(search.share, text="Comparing")
    button.button("Cancel", width="stretch", on_click=search.stop)


def _below(
    recording: Recording, name: str, search: Search, result: SearchResult, wanted: int
) -> None:
    more, control, *files = st.columns([2, 3, 1, 1, 1], vertical_alignment="center")
    if len(result.findings) == wanted and search.is_settled:
        more.button(
            f"{_FIRST} more",
            icon=":material/expand_more:",
            width="stretch",
            on_click=partial(_want, (recording.id, name), wanted + _FIRST),
        )
    with control:
        compare_button(recording, search)
    download_buttons(files, name, result.findings)


def _want(key: tuple[str, str], units: int) -> None:
    st.session_state["wanted_units"][key] = units
    st.rerun()


def _earlier(name: str) -> None:
    """Back to what was searched for before."""
    others = [each for each in st.session_state.get("earlier", ()) if each != name]
    if not others:
        return
    with st.popover("Earlier searches", icon=":material/history:", width="stretch"):
        for each in others:
            st.button(
                plain(each), key=f"earlier {each}", type="tertiary", on_click=_go_back, args=(each,)
            )


def _go_back(expression: str) -> None:
    ask_again(expression)
    st.rerun()


def _answer(sent: Sent) -> None:
    """A click on a unit shows it in Explore; Enter in the field searches."""
    if sent.opened is not None:
        choose_unit(sent.opened.unit)
        if sent.opened.position is not None:
            st.session_state["position"] = sent.opened.position
            st.session_state.pop("visible", None)
        go_to_text()
    entered = (sent.entered or "").strip()
    if entered and entered != st.session_state["hypothesis"] and draft().error is None:
        ask_again(entered)
        st.rerun()
