"""The sheet: all units of a site over a range of symbols, a row a unit, as a Streamlit component.

Its codes do not come through here: the browser reads them from the app's data routes below `base`.
Python tells it what to show and hears what the user settled on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from dashboard.assets import draw
from dashboard.sheet.state import check_rows, revision_of
from dashboard.text_view.state import BLUE_ORANGE, Palette

__all__ = ["sheet"]


def _nothing() -> None:
    """Streamlit keeps only those states that have a callback."""


def sheet(
    *,
    base: str,
    recording_id: str,
    length: int,
    site: str,
    units: int,
    shown: tuple[int, int],
    unit: int,
    key: str,
    rows: Sequence[int] | None = None,
    labels: Sequence[str] | None = None,
    measure: str = "",
    palette: Palette = BLUE_ORANGE,
    scale: str = "raw",
    own_colours: bool = False,
    ends: tuple[str, str, str] = ("−1", "0", "+1"),
    flip: bool = False,
    height: int = 640,
    band: int = 0,
    controls: bool = True,
    on_range: Callable[[], None] = _nothing,
    on_unit: Callable[[], None] = _nothing,
    on_place: Callable[[], None] = _nothing,
) -> None:
    """Show the units of a site over a range of symbols, each a row of colours.

    The session then holds under `key` what the user did: ``range``, ``unit`` and, for one run,
    ``place``; `dashboard.sheet.state` reads them.

    Parameters
    ----------
    base : str
        Absolute path of the data routes, such as ``"/api/v1"``.
    recording_id : str
    length : int
        Symbols of the recording.
    site : str
        Such as ``"1.c"``.
    units : int
        How many units the site has.
    shown : (int, int)
        Symbols ``[start, stop)``; a change of it shows the new range.
    unit : int
        Index of the unit that is outlined.
    key : str
        The sheet's name in the session state.
    rows : sequence of int, optional
        Indices of the units shown, in their order; by default all.
    labels : sequence of str, optional
        A few letters beside each unit's name, by its index; `measure` says what they are.
    palette : Palette, optional
    scale : str, default="raw"
        Which of the colours that the routes know, if the units have `own_colours`.
    own_colours : bool
        Whether the routes are asked which colour a code has; else it is that of its value.
    ends : (str, str, str)
        What the first, the middle and the last colour stand for.
    flip : bool
        Exchange the colours of high and low.
    height : int, default=640
        At most so many pixels; more rows scroll.
    band : int, default=0
        Pixels of a row; 0: as many as fit.
    controls : bool, default=True
        Whether the range can be changed in the sheet.
    on_range, on_unit, on_place : callable, optional
        Called, without arguments and before the script runs again, when the user has settled on
        another range, chosen a unit, or asked for a place in the text.

    Raises
    ------
    TextViewError
        If `rows` names a unit that does not exist.
    """
    import streamlit as st

    raw: Mapping[str, Any] = st.session_state.get(key) or {}
    data = {
        "base": base,
        "recording_id": recording_id,
        "length": length,
        "site": site,
        "units": units,
        "range": list(shown),
        "unit": unit,
        "rows": check_rows(rows, units),
        "labels": None if labels is None else list(labels),
        "measure": measure,
        "palette": asdict(palette),
        "scale": scale,
        "own_colours": own_colours,
        "ends": list(ends),
        "flip": flip,
        "height": height,
        "band": band,
        "controls": controls,
        "revision": revision_of(raw),
    }
    draw(
        "sheet",
        base,
        key=key,
        data=data,
        on_range_change=on_range,
        on_unit_change=on_unit,
        on_place_change=on_place,
    )
