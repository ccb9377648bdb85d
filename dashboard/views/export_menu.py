"""The export menu: what is in sight, or any range, as a file."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.export import SUFFIXES, Beneath, ExportError, ViewAssets, render
from analysis.recording import Recording, Unit
from dashboard.session import shown_colours, visible_range
from dashboard.text_view.standalone import standalone_script, standalone_style

_MOST_SYMBOLS = 20_000
_TEXT = "The text, coloured by the unit"
_HEATMAP = "A heatmap of all units of the site"


@st.fragment(key="export")
def export_menu(
    recording: Recording,
    heatmap_range: tuple[int, int] | None = None,
    rows: Sequence[int] | None = None,
) -> None:
    """A button that opens the menu; nothing is drawn before a file is asked for.

    Parameters
    ----------
    recording : Recording
    heatmap_range : (int, int), optional
        Only the heatmap is offered, over these symbols; else all there is, over those in sight.
    rows : sequence of int, optional
        Units of the heatmap, in their order.
    """
    menu = st.popover(
        "Export", icon=":material/download:", width="stretch", key="export", on_change="rerun"
    )
    if menu.open:
        with menu:
            _choose(recording, heatmap_range, rows)


def _choose(
    recording: Recording, heatmap_range: tuple[int, int] | None, rows: Sequence[int] | None
) -> None:
    unit = Unit.parse(st.session_state["unit"])
    what = _HEATMAP
    if heatmap_range is None:
        what = st.radio("What", [_TEXT, _HEATMAP], key="export_what", label_visibility="collapsed")
    formats = [name.removeprefix(".") for name in SUFFIXES]
    suffix = st.radio("Format", formats, horizontal=True, key="export_format")
    start, stop = heatmap_range or visible_range(recording)
    first, last = st.columns(2)
    begin = int(first.number_input("First symbol", 0, len(recording) - 1, start))
    end = int(last.number_input("Last symbol", 0, len(recording) - 1, stop - 1)) + 1
    target = str(unit) if what == _TEXT else unit.site
    _say_what_is_left_out(what, suffix)
    if st.button("Prepare the file", type="primary", width="stretch"):
        _offer(recording, target, begin, end, suffix, rows)


def _shown_beneath() -> Beneath:
    """What stands beneath each line of the text on Explore."""
    return Beneath(st.session_state["rows"] == "guesses", tuple(st.session_state["stacked"]))


def _say_what_is_left_out(what: str, suffix: str) -> None:
    if what != _TEXT:
        return
    left_out = []
    if suffix != "html" and _shown_beneath():
        left_out.append("What stands beneath the lines is kept only by html.")
    if st.session_state["outcomes"]:
        left_out.append("Hits and misses are not kept: the file has the unit's values.")
    if left_out:
        st.caption(" ".join(left_out))


def _offer(
    recording: Recording,
    target: str,
    begin: int,
    end: int,
    suffix: str,
    rows: Sequence[int] | None,
) -> None:
    """Draw the file and offer it, or say why it cannot be drawn."""
    if end - begin > _MOST_SYMBOLS:
        st.error(
            f"The range holds {end - begin:,} symbols; at most {_MOST_SYMBOLS:,} can be exported "
            "here. Choose a shorter one, or use `unitscope export`.",
            icon=":material/error:",
        )
        return
    view = ViewAssets(standalone_script(), standalone_style())
    try:
        with st.spinner("Drawing"):
            data = render(
                recording,
                target,
                begin,
                end,
                suffix,
                units=rows,
                view=view,
                colours=shown_colours(),
                beneath=_shown_beneath(),
            )
    except ExportError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.download_button(
        f"Download {suffix}",
        data,
        file_name=f"{target}-{begin}-{end}.{suffix}",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )
