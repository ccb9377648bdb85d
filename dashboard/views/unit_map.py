"""Below the bands: the units as dots on a plane; brushing chooses which bands are shown."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analysis.figures import PLOTLY_CONFIG
from analysis.recording import Recording, Unit
from dashboard.minus import true_minus
from dashboard.orders import Ordered, Work, forget, map_for
from dashboard.plain import plain
from dashboard.session import change, choose_unit
from dashboard.state import MAP_LAYERS, MAP_WAYS
from dashboard.views.fields import switch
from dashboard.views.unit_sheet import current_site, show_in_text, shown_range

_LAYERS = {"this": "This layer", "all": "All layers"}
_WAYS = {"pca": "Principal components", "umap": "UMAP"}


def brushed_units() -> set[int]:
    """Indices of the units of the site that are brushed; none: nothing is."""
    site = current_site()
    units = [Unit.parse(name) for name in st.session_state["brushed"]]
    return {unit.index for unit in units if unit.site == site}


def unit_map(recording: Recording, ordered: Ordered | None) -> None:
    """The map, what is chosen in it, and the card of the unit."""
    plane, card = st.columns([5, 2], gap="medium")
    with plane:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("##### Map of the units", width="content")
            sites = _pick_layers(recording)
            chosen = _pick_way()
            st.button("Show all units", on_click=_clear, disabled=not brushed_units())
        _plane(recording, ordered, sites, chosen)
    with card:
        _card(recording, ordered)


def _pick_layers(recording: Recording) -> list[str]:
    """The sites on the map: the one of the page, or its signal in all layers."""
    site = current_site()
    signal = site.rpartition(".")[2]
    alike = [each for each in recording.sites if each.rpartition(".")[2] == signal]
    if len(alike) == 1:
        return [site]
    found = switch("map_layers", "Layers on the map", MAP_LAYERS, _LAYERS, is_labelled=False)
    return alike if found == "all" else [site]


def _pick_way() -> str:
    from analysis.unit_map import has_umap

    if not has_umap():
        return "pca"
    return switch("map_by", "Map by", MAP_WAYS, _WAYS, is_labelled=False)


def _plane(recording: Recording, ordered: Ordered | None, sites: list[str], way: str) -> None:
    work = map_for(recording, sites, way)
    if not work.wait(0.3):
        _watch(work)
        return
    if work.error is not None:
        st.error(plain(work.error), icon=":material/error:")
        forget(work)
        return
    from analysis.figures.unit_scatter import told_by_shape, unit_scatter

    found: Any = work.result
    names = [f"{site}.{k}" for site in sites for k in range(recording.units(site))]
    site = current_site()
    brushed = brushed_units()
    figure = unit_scatter(
        found,
        names,
        axes=_axes(found.explained),
        values=None if ordered is None or len(sites) > 1 else ordered.values,
        measure="" if ordered is None else ordered.measure,
        layers=[Unit.parse(name).layer for name in names] if len(sites) > 1 else None,
        chosen=names.index(st.session_state["unit"]),
        brushed=[k for k, name in enumerate(names) if name in {f"{site}.{j}" for j in brushed}],
        dark=st.context.theme.type == "dark",
    )
    key = f"unit_map {st.session_state.get('brushes', 0)}"
    st.plotly_chart(
        figure,
        key=key,
        theme=None,
        config=PLOTLY_CONFIG,
        on_select=lambda: _take(key, names),
        selection_mode=("points", "box", "lasso"),
    )
    shapes = f" {told_by_shape(len(sites))}" if len(sites) > 1 else ""
    st.caption(
        "Near each other lie units with like activity, over at most 20,000 symbols spread over the "
        f"text.{shapes} Draw around dots to see only their bands; click a dot to choose its unit."
    )


def _axes(explained: tuple[float, float] | None) -> tuple[str, str]:
    if explained is None:
        return "", ""
    first, second = (f"{share:.0%} of the variance" for share in explained)
    return f"first direction, {first}", f"second direction, {second}"


@st.fragment(run_every=0.4)
def _watch(work: Work) -> None:
    st.progress(min(1.0, work.share), "Placing the units")
    if work.is_done:
        st.rerun()


def _take(key: str, names: list[str]) -> None:
    selection = st.session_state[key]["selection"]
    found = [names[int(k)] for k in selection["point_indices"] if 0 <= int(k) < len(names)]
    st.session_state["brushes"] = st.session_state.get("brushes", 0) + 1
    if len(found) == 1 and not selection["box"] and not selection["lasso"]:
        choose_unit(found[0])
        return
    units = [Unit.parse(name) for name in found]
    site = current_site()
    chosen = sorted(unit.index for unit in units if unit.site == site)
    change(brushed=tuple(f"{site}.{index}" for index in chosen))


def _clear() -> None:
    change(brushed=())
    st.session_state["brushes"] = st.session_state.get("brushes", 0) + 1


def _card(recording: Recording, ordered: Ordered | None) -> None:
    unit = Unit.parse(st.session_state["unit"])
    st.markdown(f"##### Unit {unit}")
    if ordered is not None and ordered.values is not None:
        value = ordered.values[unit.index]
        place = f"number {ordered.place(unit.index)} of {len(ordered.rows)}"
        st.write(true_minus(f"{ordered.measure} {value:.3f}, {place}"))
    st.button(
        "Show in Explore",
        icon=":material/biotech:",
        type="primary",
        on_click=show_in_text,
        args=(shown_range(recording)[0], str(unit)),
    )
    brushed = brushed_units()
    if brushed:
        st.caption(f"{len(brushed)} of {recording.units(unit.site)} units are shown above.")
