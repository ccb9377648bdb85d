"""Below the bands: the units as dots on a plane; brushing chooses which bands are shown."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analysis.figures import PLOTLY_CONFIG
from analysis.recording import Recording, Unit
from dashboard.orders import Ordered, Work, forget, map_for
from dashboard.plain import plain
from dashboard.views.unit_sheet import current_site, set_unit, show_in_text, shown_range

_KEY = "unit_map"
_WAYS = {"pca": "Principal components", "umap": "UMAP"}


def brushed_units(recording: Recording) -> set[int]:
    """Indices of the units of the site that are brushed; none: nothing is."""
    kept = st.session_state.get("brushed")
    return set(kept[1]) if kept and kept[0] == (recording.id, current_site()) else set()


def unit_map(recording: Recording, ordered: Ordered | None) -> None:
    """The map, what is chosen in it, and the card of the unit."""
    from analysis.unit_map import has_umap

    plane, card = st.columns([5, 2], gap="medium")
    with plane:
        head, way, clear = st.columns([4, 3, 2], vertical_alignment="bottom")
        head.markdown("##### Map of the units")
        ways = list(_WAYS) if has_umap() else ["pca"]
        chosen = "pca"
        if len(ways) > 1:
            chosen = (
                way.segmented_control(
                    "Map by",
                    ways,
                    format_func=_WAYS.__getitem__,
                    default="pca",
                    key="map way",
                    label_visibility="collapsed",
                )
                or "pca"
            )
        clear.button(
            "Show all units",
            on_click=_clear,
            width="stretch",
            disabled=not brushed_units(recording),
            icon=":material/deselect:",
        )
        _plane(recording, ordered, chosen)
    with card:
        _card(recording, ordered)


def _plane(recording: Recording, ordered: Ordered | None, way: str) -> None:
    work = map_for(recording, current_site(), way)
    if not work.wait(0.3):
        _watch(work)
        return
    if work.error is not None:
        st.error(plain(work.error), icon=":material/error:")
        forget(work)
        return
    from analysis.figures.unit_scatter import unit_scatter

    site = current_site()
    found: Any = work.result
    axes = ("first direction", "second direction")
    if found.explained is not None:
        shares = found.explained
        axes = tuple(
            f"{name}, {share:.0%} of the variance" for name, share in zip(axes, shares, strict=True)
        )
    figure = unit_scatter(
        found,
        [f"{site}.{k}" for k in range(len(found.places))],
        axes=axes,
        values=None if ordered is None else ordered.values,
        measure="" if ordered is None else ordered.measure,
        chosen=Unit.parse(st.session_state["unit"]).index,
        brushed=sorted(brushed_units(recording)),
        dark=st.context.theme.type == "dark",
    )
    key = f"{_KEY} {st.session_state.get('brushes', 0)}"
    st.plotly_chart(
        figure,
        key=key,
        theme=None,
        config=PLOTLY_CONFIG,
        on_select=lambda: _take(recording, key),
        selection_mode=("points", "box", "lasso"),
    )
    st.caption(
        "Near each other lie units with like activity, over at most 20,000 symbols spread over the "
        "text. Draw around dots to see only their bands; click a dot to choose its unit."
    )


@st.fragment(run_every=0.4)
def _watch(work: Work) -> None:
    st.progress(min(1.0, work.share), "Placing the units")
    if work.is_done:
        st.rerun()


def _take(recording: Recording, key: str) -> None:
    selection = st.session_state[key]["selection"]
    units = recording.units(current_site())
    found = {int(k) for k in selection["point_indices"] if 0 <= int(k) < units}
    st.session_state["brushes"] = st.session_state.get("brushes", 0) + 1
    is_click = not selection["box"] and not selection["lasso"]
    if is_click and len(found) == 1:
        set_unit(f"{current_site()}.{found.pop()}")
    else:
        st.session_state["brushed"] = ((recording.id, current_site()), tuple(sorted(found)))


def _clear() -> None:
    st.session_state["brushed"] = None
    st.session_state["brushes"] = st.session_state.get("brushes", 0) + 1


def _card(recording: Recording, ordered: Ordered | None) -> None:
    unit = Unit.parse(st.session_state["unit"])
    st.markdown(f"##### Unit {unit}")
    if ordered is not None and ordered.values is not None:
        value = ordered.values[unit.index]
        place = f"number {ordered.place(unit.index)} of {len(ordered.rows)}"
        st.write(f"{ordered.measure} {value:.3f}, {place}")
    st.button(
        "Show in Explore",
        icon=":material/biotech:",
        type="primary",
        on_click=show_in_text,
        args=(shown_range(recording)[0], str(unit)),
    )
    brushed = brushed_units(recording)
    if brushed:
        st.caption(f"{len(brushed)} of {recording.units(unit.site)} units are shown above.")
