"""The text view: a text coloured by one unit, as a Streamlit component.

Its bulk data does not come through here: the browser reads it from the app's data routes below
`base`. Python tells it what to show and hears what the user settled on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from dashboard.assets import draw
from dashboard.text_view.palettes import PALETTES
from dashboard.text_view.state import (
    BLUE_ORANGE,
    TEXT,
    Palette,
    TextStyle,
    TextViewError,
    TextViewState,
    UnitHistory,
    check_documents,
    check_rows,
    check_unit,
    decide_unit,
    last_revision,
    merge_spans,
    read_state,
    revision_of,
)

__all__ = ["BLUE_ORANGE", "Palette", "TextStyle", "TextViewError", "TextViewState", "text_view"]

_PLAIN = TextStyle()


def _nothing() -> None:
    """Streamlit keeps only those states that have a callback."""


def text_view(
    *,
    base: str,
    recording_id: str,
    length: int,
    vocabulary: Sequence[str],
    documents: Sequence[tuple[str, int, int]],
    unit: str,
    units_by_site: Mapping[str, int],
    key: str,
    choices: Sequence[tuple[str, str]] = (),
    marks: Sequence[tuple[int, int]] = (),
    position: int | None = None,
    rows: str = TEXT,
    stacked: Sequence[str] = (),
    scale: float = 1.0,
    style: TextStyle = _PLAIN,
    labels: str | None = None,
    height: int = 560,
    tab: int = 4,
    group: str = "",
    names: Mapping[str, str] = MappingProxyType({}),
    on_selection: Callable[[], None] = _nothing,
    on_unit: Callable[[], None] = _nothing,
    on_visible: Callable[[], None] = _nothing,
    on_rows: Callable[[], None] = _nothing,
    on_stacked: Callable[[], None] = _nothing,
    on_style: Callable[[], None] = _nothing,
) -> TextViewState:
    """Show a recording's text coloured by one unit.

    Parameters
    ----------
    base : str
        Absolute path of the data routes, such as ``"/api/v1"``; with the server's base path. Below
        it are `dashboard.assets.asset_routes` too.
    recording_id : str
        Which recording the routes are asked for. Another id starts the view anew.
    length : int
        Symbols (Unicode code points) in the text. All positions below count them.
    vocabulary : sequence of str
        The symbol at each index that the predictions name.
    documents : sequence of (str, int, int)
        Name, start and stop of each document, in order and without gaps; may be empty.
    unit : str
        The unit to show, such as ``"1.c.78"``. The user may step to another one in the view; a
        change of this argument shows the new one, without losing the place.
    units_by_site : mapping of str to int
        How many units each site has.
    key : str
        The view's name in the session state.
    choices : sequence of (str, str), optional
        Units worth a look and their labels: a button each, which shows the unit at once.
    marks : sequence of (int, int), optional
        Spans ``[start, stop)`` to underline.
    position : int, optional
        The view scrolls there whenever this changes.
    rows : {"text", "guesses"}, default="text"
        The text alone, or with the network's five guesses beneath each symbol. The user may change
        it in the view, and `stacked` too; then a change of the argument shows that.
    stacked : sequence of str, optional
        Further units: a band of colour each beneath every line of text, in this order.
    scale : float, default=1.0
        The value at code 127; the colours reach from its negative to it.
    style : TextStyle, optional
        Palette, scale and direction of the colours, and whether they tell outcomes. The user may
        change them in the view, at once; `on_style` hears of it.
    labels : str, optional
        The name under which the routes know yes/no labels: where they hold is underlined instead
        of `marks`, and the unit can be compared with them.
    height : int, default=560
        Height in pixels, with the legend.
    tab : int, default=4
        Distance of the tab stops in cells.
    group : str, optional
        Views of one group on a page keep their place, caret and selection in step, and point at the
        same symbol. Their texts must be the same.
    names : mapping of str to str, optional
        What to call a unit in the view, where its own name says nothing to a reader.
    on_selection, on_unit, on_visible, on_rows, on_stacked, on_style : callable, optional
        Called, without arguments and before the script runs again, when that state has changed.

    Returns
    -------
    TextViewState
        The range in view, as it last came to rest, ``(0, 0)`` before; the selection; the unit.

    Raises
    ------
    TextViewError
        If a unit or a kind of rows does not exist, or a span or the documents do not fit the text.
    """
    import streamlit as st

    for each in (unit, *(choice for choice, _ in choices), *stacked):
        check_unit(each, units_by_site)
    check_rows(rows)
    raw: Mapping[str, Any] = st.session_state.get(key) or {}
    shown = _shown_unit(key, unit, raw, units_by_site)
    data = {
        "base": base,
        "recording_id": recording_id,
        "length": length,
        "vocabulary": list(vocabulary),
        "documents": check_documents(documents, length),
        "unit": shown,
        "units_by_site": dict(units_by_site),
        "rows": rows,
        "stacked": list(dict.fromkeys(stacked)),
        "revision": last_revision(raw),
        "choices": [list(choice) for choice in choices],
        "marks": merge_spans(marks, length),
        "position": position,
        "scale": scale,
        "palettes": {name: asdict(palette) for name, palette in PALETTES.items()},
        "style": asdict(style),
        "style_revision": revision_of(raw, "style"),
        "labels": labels,
        "height": height,
        "tab": tab,
        "group": group,
        "names": dict(names),
    }
    sent = draw(
        "text_view",
        base,
        key=key,
        data=data,
        on_visible_change=on_visible,
        on_selection_change=on_selection,
        on_unit_change=on_unit,
        on_rows_change=on_rows,
        on_stacked_change=on_stacked,
        on_style_change=on_style,
    )
    return read_state(sent, recording_id=recording_id, length=length, unit=shown)


def _shown_unit(
    key: str, asked: str, raw: Mapping[str, Any], units_by_site: Mapping[str, int]
) -> str:
    import streamlit as st

    name = f"{key}: who decided on the unit"
    before = st.session_state.get(name)
    history = decide_unit(
        asked, raw, before if isinstance(before, UnitHistory) else None, units_by_site
    )
    st.session_state[name] = history
    return history.shown
