"""What is shown now, in the session, and the page's address that says the same."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import asdict, fields

import streamlit as st
from streamlit.errors import StreamlitAPIException

from analysis.colours import ColourStyle
from analysis.preview import spans_around
from analysis.recording import Recording, RecordingError
from dashboard.jobs import forget_made
from dashboard.leaving import go_to
from dashboard.library import find_recording, is_in_library, list_recordings, open_at
from dashboard.plain import plain
from dashboard.searches import known_preview
from dashboard.state import (
    DEFAULT_HYPOTHESIS,
    MOST_UNITS,
    View,
    default_hypothesis,
    view_from_query,
)
from dashboard.text_view.palettes import PALETTES
from dashboard.text_view.state import Palette, TextStyle, read_rows, read_stacked, read_style

RECORDING_VARIABLE = "UNITSCOPE_RECORDING"
"""The environment variable that names the recording to show first."""
TEXT_VIEW = "text_view"
"""The text view's key in the session."""

_KEPT = (
    "hypothesis",
    "palette",
    "scale",
    "flip",
    "rows",
    "colouring",
)  # when another recording is shown
_MOST_SPANS = 2_000  # they travel with every change of the unit
_OF_THE_UNIT = ("panel", "card", "passages", "tour", "range")  # fragments that show the unit
_FIRST_SIGHT = 2_000  # symbols assumed in sight until the text view has told


def current_recording() -> Recording | None:
    """What to show: asked for in the session, in the address, at the start; else the newest."""
    wanted = st.session_state.get("recording") or st.query_params.get("recording")
    if wanted:
        try:
            return find_recording(wanted)
        except RecordingError as error:
            _warn(error)
            st.session_state.pop("recording", None)  # said once
    named = os.environ.get(RECORDING_VARIABLE)
    if named:
        try:
            return open_at(named)
        except RecordingError as error:
            _warn(error)
    return next(iter(list_recordings()), None)


def _warn(error: RecordingError) -> None:
    # Not in the page: it is drawn again as soon as a unit is found.
    st.toast(plain(str(error)), icon=":material/warning:", duration="infinite")


def begin_page() -> Recording | None:
    """What to show, at the start of a page; session and address agree with it then."""
    recording = current_recording()
    if recording is not None:
        if not is_in_library(recording.path):
            st.session_state["opened"] = {*st.session_state.get("opened", ()), recording.path}
        restore_view(recording)
        remember_view()
    return recording


def go_to_text() -> None:
    """Go to Explore, with all that is shown."""
    # With its address: or Back would first lead to Explore without one.
    go_to("explore", current_view().to_query())


def leave_recording() -> None:
    """Show this recording no more: the next page shows the newest that there is."""
    for name in ("recording", "shown"):
        st.session_state.pop(name, None)
    st.query_params.clear()


def restore_view(recording: Recording) -> None:
    """Make the session hold a view of this recording: as it was, or as the address asks."""
    if st.session_state.get("shown") == recording.id:
        return
    asked = st.query_params.get("recording", recording.id)  # none is named: the one that is shown
    query = st.query_params if asked == recording.id else {}
    view = view_from_query(query, recording, f"{recording.sites[-1]}.0")
    kept = {name: st.session_state[name] for name in _KEPT if name in st.session_state}
    for name, value in asdict(view).items():
        st.session_state[name] = value if name in query else kept.get(name, value)
    if "hypothesis" not in query and st.session_state["hypothesis"] == DEFAULT_HYPOTHESIS:
        st.session_state["hypothesis"] = default_hypothesis(recording)
    if view.unit != query.get("unit", view.unit):
        st.toast(
            f"The address names a unit that this recording does not have: {view.unit} instead."
        )
    st.session_state["shown"] = recording.id
    forget_made(recording.path)
    # An address that names a unit means that unit; else the search may lead to the best one.
    st.session_state["led"] = (st.session_state["hypothesis"], "") if "unit" in query else None
    st.session_state["choices"] = st.session_state["marks"] = ()
    st.session_state["selection"] = st.session_state["matched"] = None
    st.session_state.pop("visible", None)


def ask_for(hypothesis: str) -> None:
    """From a widget's callback: look for something else; what was found before is gone at once."""
    st.session_state["hypothesis"] = hypothesis
    st.session_state["choices"] = st.session_state["marks"] = ()
    remember_view()
    st.rerun()  # all of it: the text too loses its marks


def lead(hypothesis: str, choices: tuple[tuple[str, str], ...]) -> None:
    """Offer the units found, best first; show the best of a new hypothesis, and underline it.

    A better ranking moves on to its own best unit if the earlier one's is still shown.
    """
    marks = _marks()
    if (st.session_state["choices"], st.session_state["marks"]) == (choices, marks):
        return
    led = st.session_state["led"]
    if choices and (led is None or led[0] != hypothesis or led[1] == st.session_state["unit"]):
        st.session_state["unit"] = choices[0][0]
        st.session_state["led"] = (hypothesis, choices[0][0])
    st.session_state["choices"], st.session_state["marks"] = choices, marks
    remember_view()
    st.rerun()


def _marks() -> tuple[tuple[int, int], ...]:
    """What to underline: where the hypothesis holds, if that is not everywhere in a long text."""
    preview = known_preview(st.session_state["shown"], st.session_state["hypothesis"])
    if preview is None:
        return ()
    sight = st.session_state.get("visible", (0, 0))
    return spans_around(preview.spans, sight, _MOST_SPANS, st.session_state["marks"])


def shown_labels() -> str | None:
    """The name of the labels of the hypothesis, once they are counted, if they are yes or no."""
    preview = known_preview(st.session_state["shown"], st.session_state["hypothesis"])
    return preview.digest if preview is not None and preview.kind == "yes/no" else None


def show_unit(unit: str) -> None:
    """From a widget's callback: show a unit without drawing the whole page again."""
    choose_unit(unit)
    _redraw("text", *_OF_THE_UNIT)


def show_place(position: int) -> None:
    """From a widget's callback: move the text to a symbol."""
    if st.session_state["position"] == position:
        position = max(0, position - 1)  # the text moves only where it is asked for another place
    st.session_state["position"] = position
    _redraw("text")


def take_unit(view: str = TEXT_VIEW) -> None:
    """A text view has switched to another unit by itself; the panel follows."""
    unit = sent_unit(view, find_recording(st.session_state["shown"]))
    if unit is not None:
        choose_unit(unit)
        _redraw(*_OF_THE_UNIT)


def sent_unit(view: str, recording: Recording) -> str | None:
    """The unit that a text view shows; whatever a browser may send, only one that exists."""
    try:
        return str(recording.find_unit(st.session_state[view]["unit"]["unit"]))
    except RecordingError:
        return None


def _sent_range(view: str, name: str) -> tuple[int, int] | None:
    """Symbols of the recording shown that a text view has sent, if there are any."""
    sent = st.session_state[view][name]
    if sent is None or sent["recording"] != st.session_state["shown"]:
        return None
    return int(sent["start"]), int(sent["stop"])


def take_style(view: str = TEXT_VIEW, *, but: Sequence[str] = ()) -> None:
    """A text view has other colours, chosen in itself; whatever else has colours may follow.

    `but` names the fields that it has of its own.
    """
    before, style = shown_style(), read_style(st.session_state[view])
    if style is None:
        return
    change(**{name: value for name, value in asdict(style).items() if name not in but})
    if before != shown_style():
        _redraw("range", "card")


def take_rows() -> None:
    """The user has chosen other rows in the text view."""
    sent = st.session_state[TEXT_VIEW]
    change(rows=read_rows(sent, st.session_state["rows"]))


def take_stacked() -> None:
    """The user has put a unit beneath the text, or taken one away."""
    recording = find_recording(st.session_state["shown"])
    units = {site: recording.units(site) for site in recording.sites}
    change(stacked=read_stacked(st.session_state[TEXT_VIEW], units, most=MOST_UNITS))


def shown_style() -> TextStyle:
    """How the text is coloured."""
    return TextStyle(**{field.name: st.session_state[field.name] for field in fields(TextStyle)})


def shown_palette() -> Palette:
    """The palette for what has no scale of its own, its ends exchanged if that is asked for."""
    palette = PALETTES[st.session_state["palette"]]
    if st.session_state["flip"]:
        return Palette(palette.light[::-1], palette.dark[::-1])
    return palette


def shown_colours() -> ColourStyle:
    """The same for whatever else is drawn in those colours."""
    style = shown_style()
    return ColourStyle(style.palette, style.scale, style.flip)


def take_selection(view: str = TEXT_VIEW) -> None:
    """Something has been selected in a text view, or nothing is any more."""
    st.session_state["selection"] = _sent_range(view, "selection")
    st.session_state["matched"] = None
    _redraw("selection")


def choose_unit(unit: str) -> None:
    """From a callback: a unit that somebody has chosen; a search does not lead away from it."""
    led = st.session_state["led"] or (st.session_state["hypothesis"], "")
    change(unit=unit, led=led)


def take_visible() -> None:
    """The text view has come to rest on another range; what depends on it follows."""
    others = [] if text_is_shown() else ["panel", "card", "selection", "passages", "tour"]
    if not see(TEXT_VIEW):
        return
    marks = _marks()
    if marks != st.session_state["marks"]:
        st.session_state["marks"] = marks
        others.append("text")
    _redraw("range", "export", *others)


def see(view: str) -> bool:
    """A text view has come to rest: keep what is in sight in it, if it is of what is shown."""
    sight = _sent_range(view, "visible")
    if sight is not None:
        st.session_state["visible"] = sight
        remember_view()
    return sight is not None


def text_is_shown() -> bool:
    """Whether the text has been painted: until then nothing else may keep the server busy."""
    return "visible" in st.session_state


def _redraw(*fragments: str) -> None:
    """Run only these fragments of Explore, unless a page is just being drawn as a whole."""
    if st.session_state["drawn"]:
        # Where the page has been left meanwhile, they are gone, and another one is being drawn.
        with contextlib.suppress(StreamlitAPIException):
            st.rerun(fragments)


def visible_range(recording: Recording) -> tuple[int, int]:
    """The symbols in sight, or what will be in sight at first."""
    first = st.session_state["position"]
    start, stop = st.session_state.get("visible", (first, first + _FIRST_SIGHT))
    return start, min(max(stop, start + 1), len(recording))


def current_view() -> View:
    """All that is shown, as one value."""
    shown = {field.name: st.session_state[field.name] for field in fields(View)}
    shown["position"] = st.session_state.get("visible", (shown["position"], 0))[0]
    return View(**shown)


def remember_view() -> None:
    """Write what is shown into the page's address."""
    st.query_params.from_dict(current_view().to_query())


def change(**values: object) -> None:
    """From a widget's callback: show something else of `View`, and draw the whole page again."""
    st.session_state.update(values)
    remember_view()
