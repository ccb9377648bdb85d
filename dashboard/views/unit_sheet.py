"""What the Units and the Heatmap page share: site and order, the sheet, and what is done in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from analysis.recording import Recording, Unit
from dashboard.linked import is_linked, linked_key
from dashboard.minus import true_minus
from dashboard.orders import Ordered, Work, forget, order_for
from dashboard.plain import plain
from dashboard.pools import ends_of, is_signed
from dashboard.routes import BASE
from dashboard.session import change, choose_unit, current_view, go_to_text, visible_range
from dashboard.sheet import sheet
from dashboard.sheet.state import sent_place, sent_range, sent_unit
from dashboard.state import ORDERS
from dashboard.text_view.palettes import PALETTES
from dashboard.text_view.state import Palette
from dashboard.views.fields import take_field
from dashboard.views.hypothesis import pick_hypothesis_in_a_row
from dashboard.views.panel import site_title

_AT_ONCE_SECONDS = 0.5
"""An order that is there so soon needs no progress bar."""


def current_palette() -> Palette:
    """The colours of the sheet."""
    return PALETTES[st.session_state["palette"]]


def current_site() -> str:
    """The site of the unit that is shown."""
    return Unit.parse(st.session_state["unit"]).site


def shown_range(recording: Recording) -> tuple[int, int]:
    """The symbols that the page shows: the range chosen, else what is in sight in the text."""
    return st.session_state["range"] or visible_range(recording)


def pick_site(recording: Recording) -> None:
    """The picker of the layer and signal."""
    site = current_site()
    key = linked_key("sheet site", site)
    st.selectbox(
        "Layer and signal",
        recording.sites,
        recording.sites.index(site),
        format_func=site_title,
        key=key,
        on_change=_take_site,
        args=(recording, key),
    )


def _take_site(recording: Recording, key: str) -> None:
    if is_linked("sheet site", key):
        unit = Unit.parse(st.session_state["unit"])
        site = st.session_state[key]
        index = min(unit.index, recording.units(site) - 1)
        choose_unit(f"{site}.{index}")


def pick_order() -> None:
    """The picker of the order of the units."""
    order = st.session_state["order"]
    key = linked_key("order", order)
    st.selectbox(
        "Order of the units",
        ORDERS,
        ORDERS.index(order),
        format_func=lambda order: "score by a hypothesis" if order == "score" else order,
        key=key,
        on_change=take_field,
        args=("order", key),
        help="Variance, saturation (magnitude above 0.9) and similarity (which units rise and fall "
        "together) are measured over at most 20,000 symbols spread over the text; the score over "
        "all of it, on the half of the documents that a search chooses on.",
    )


def pick_score() -> None:
    """Where the units are ordered by score: by which hypothesis."""
    if st.session_state["order"] == "score":
        pick_hypothesis_in_a_row()


def pick_sight() -> None:
    """A button that goes back to what is in sight in the text."""
    st.button(
        "In sight",
        icon=":material/center_focus_strong:",
        width="stretch",
        disabled=st.session_state["range"] is None,
        on_click=change,
        kwargs={"range": None},
        help="Show what is in sight in the text on Explore.",
    )


def ordered_units(recording: Recording) -> Ordered | None:
    """The units in the order asked for; None by index, and until another order is there."""
    order = st.session_state["order"]
    if order == "index":
        return None
    work = order_for(recording, current_site(), order, st.session_state["hypothesis"])
    if not work.wait(_AT_ONCE_SECONDS):
        _watch(work)
        return None
    if work.error is not None:
        st.error(plain(work.error), icon=":material/error:")
        forget(work)
        return None
    assert isinstance(work.result, Ordered)
    return work.result


@st.fragment(run_every=0.2)
def _watch(work: Work) -> None:
    bar, stop = st.columns([5, 1], vertical_alignment="center")
    bar.progress(min(1.0, work.share), f"Ordering the units by {st.session_state['order']}")
    stop.button("Stop", on_click=_stop, args=(work,), width="stretch")
    if work.is_done or st.session_state["order"] == "index":
        st.rerun()


def _stop(work: Work) -> None:
    work.cancel()
    forget(work)
    change(order="index")


def draw_sheet(
    recording: Recording,
    shown: tuple[int, int],
    *,
    key: str,
    height: int,
    rows: Sequence[int] | None = None,
    ordered: Ordered | None = None,
    band: int = 0,
    controls: bool = True,
    on_unit: Callable[[], None] | None = None,
    on_place: Callable[[], None] | None = None,
) -> None:
    """The sheet of the site over a range; range, unit and place chosen in it are followed."""
    view = current_view()
    unit = Unit.parse(view.unit)
    values = None if ordered is None else ordered.values
    sheet(
        base=BASE,
        recording_id=recording.id,
        length=len(recording),
        site=unit.site,
        units=recording.units(unit.site),
        shown=shown,
        unit=unit.index,
        rows=rows,
        labels=None
        if values is None
        else [true_minus(f"{value:.2f}") for value in values.tolist()],
        measure="" if ordered is None else ordered.measure,
        palette=current_palette(),
        scale=view.scale,
        own_colours=view.scale != "raw" or not is_signed(unit.site),
        ends=ends_of(unit.site, view.scale),
        flip=view.flip,
        height=height,
        band=band,
        controls=controls,
        key=key,
        on_range=lambda: _take_range(recording, key),
        on_unit=on_unit or (lambda: _take_unit(recording, key)),
        on_place=on_place or (lambda: _take_place(recording, key)),
    )


def _take_range(recording: Recording, key: str) -> None:
    found = sent_range(st.session_state[key], recording)
    if found is not None:
        change(range=found)


def _take_unit(recording: Recording, key: str) -> None:
    found = sent_unit(st.session_state[key], recording)
    if found is not None:
        choose_unit(found)


def _take_place(recording: Recording, key: str) -> None:
    found = sent_place(st.session_state[key], recording)
    if found is not None:
        show_in_text(*found)


def show_in_text(position: int, unit: str) -> None:
    """From a callback: go to Explore at this symbol, coloured by this unit."""
    st.session_state["position"] = position
    st.session_state.pop("visible", None)  # of where the text was before
    st.session_state["leave for the text"] = True
    choose_unit(unit)


def leave_for_text() -> None:
    """Go to Explore if that has been asked for since the page was drawn last."""
    if st.session_state.pop("leave for the text", False):
        go_to_text()
