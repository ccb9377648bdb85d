"""The text view: a text coloured by one unit, as a Streamlit component.

Its bulk data does not come through here: the browser reads it from the app's data routes below
`base`. Python tells it what to show and hears what the user settled on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dashboard.text_view.state import (
    BLUE_ORANGE,
    Palette,
    TextViewError,
    TextViewState,
    UnitHistory,
    check_documents,
    check_unit,
    decide_unit,
    merge_spans,
    read_state,
    revision_of,
)

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

__all__ = ["BLUE_ORANGE", "Palette", "TextViewError", "TextViewState", "text_view"]


@cache
def _component() -> ComponentRenderer:
    # At the first call, not at import: only a running server knows where the files are.
    import streamlit as st
    from streamlit.errors import StreamlitAPIException

    try:
        return st.components.v2.component("unitscope.text_view", css="view.css", js="view.js")
    except StreamlitAPIException as error:
        raise TextViewError(
            "Streamlit does not know the text view's files. Install the project "
            "(`pip install -e .` in its folder) and start the app again."
        ) from error


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
    scale: float = 1.0,
    palette: Palette = BLUE_ORANGE,
    height: int = 560,
    tab: int = 4,
    group: str = "",
    names: Mapping[str, str] = MappingProxyType({}),
    on_selection: Callable[[], None] = _nothing,
    on_unit: Callable[[], None] = _nothing,
    on_visible: Callable[[], None] = _nothing,
) -> TextViewState:
    """Show a recording's text coloured by one unit.

    Parameters
    ----------
    base : str
        Absolute path of the data routes, such as ``"/api/v1"``; with the server's base path.
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
    scale : float, default=1.0
        The value at code 127; the colours reach from its negative to it.
    palette : Palette, optional
        Colours for light and dark pages.
    height : int, default=560
        Height in pixels, with the legend.
    tab : int, default=4
        Distance of the tab stops in cells.
    group : str, optional
        Views of one group on a page keep their place, caret and selection in step, and point at the
        same symbol. Their texts must be the same.
    names : mapping of str to str, optional
        What to call a unit in the view, where its own name says nothing to a reader.
    on_selection, on_unit, on_visible : callable, optional
        Called, without arguments and before the script runs again, when that state has changed.

    Returns
    -------
    TextViewState
        The range in view, as it last came to rest, ``(0, 0)`` before; the selection; the unit.

    Raises
    ------
    TextViewError
        If the unit does not exist, a span or the documents do not fit the text, or Streamlit cannot
        find the view's files.
    """
    import streamlit as st

    for each in (unit, *(choice for choice, _ in choices)):
        check_unit(each, units_by_site)
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
        "revision": revision_of(raw),
        "choices": [list(choice) for choice in choices],
        "marks": merge_spans(marks, length),
        "position": position,
        "scale": scale,
        "palette": asdict(palette),
        "height": height,
        "tab": tab,
        "group": group,
        "names": dict(names),
    }
    sent = _component()(
        key=key,
        data=data,
        on_visible_change=on_visible,
        on_selection_change=on_selection,
        on_unit_change=on_unit,
    )
    return read_state(dict(sent), recording_id=recording_id, length=length, unit=shown)


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
