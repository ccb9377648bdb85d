"""Beside the text: which unit is shown, and what to look for."""

from __future__ import annotations

import numpy as np
import streamlit as st

from analysis.hypotheses import catalogue, find_hypotheses
from analysis.recording import Recording, Unit
from analysis.search import Finding, SearchResult, search_units
from dashboard.library import find_recording
from dashboard.session import lead, show_unit, text_is_shown
from models.errors import UserError

_TOP = 8
_MOST_SPANS = 2_000  # they travel with every change of the unit
_SIGNALS = {
    "h": "state h",
    "c": "cell, tanh c",
    "i": "input gate i",
    "f": "forget gate f",
    "g": "candidate g",
    "o": "output gate o",
    "r": "reset gate r",
    "z": "update gate z",
    "n": "candidate n",
}


@st.fragment(key="panel")
def panel(recording: Recording) -> None:
    """The unit picker and the search."""
    _pick_unit(recording)
    _search(recording)


def _pick_unit(recording: Recording) -> None:
    unit = Unit.parse(st.session_state["unit"])
    st.session_state["picked_site"] = unit.site
    st.session_state["picked_index"] = unit.index
    site, index = st.columns([3, 2])
    site.selectbox(
        "Layer and signal",
        recording.sites,
        format_func=_site_title,
        key="picked_site",
        on_change=_take_pick,
    )
    last = recording.units(unit.site) - 1
    index.number_input(
        f"Unit, 0 to {last}", 0, last, step=1, key="picked_index", on_change=_take_pick
    )


def _site_title(site: str) -> str:
    layer, signal = site.split(".")
    return f"layer {layer}, {_SIGNALS[signal]}"


def _take_pick() -> None:
    layer, signal = st.session_state["picked_site"].split(".")
    show_unit(str(Unit(int(layer), signal, int(st.session_state["picked_index"]))))


def _search(recording: Recording) -> None:
    known = catalogue()
    if st.session_state["hypothesis"] not in known:
        st.session_state["hypothesis"] = next(iter(known))
    name = st.selectbox(
        "Find units that track",
        list(known),
        key="hypothesis",
        help="Units are chosen on one half of the documents and scored on the other half.",
    )
    st.caption(known[name].description)
    if not text_is_shown():
        return
    try:
        with st.spinner("Searching every unit"):
            result = find_units(recording.id, name)
            marks = find_spans(recording.id, name)
    except UserError as error:
        st.error(str(error), icon=":material/error:")
        return
    for skipped in result.skipped:
        st.info(f"Not scored: {skipped.reason}", icon=":material/info:")
    if result.findings:
        st.caption(_explain(result.findings[0]))
    if marks:
        st.caption("Underlined in the text: where it holds.")
    lead(name, tuple((found.unit, _label(found)) for found in result.findings), marks)


def _label(finding: Finding) -> str:
    return f"{finding.unit} {'▲' if finding.direction == 1 else '▼'} {finding.score:.3f}"


def _explain(finding: Finding) -> str:
    measure = "AUROC (0.5 is chance)" if finding.measure == "auroc" else "Spearman (0 is chance)"
    halves = (
        f"on {finding.documents:,} documents that did not choose the units"
        if finding.split == "documents"
        else "on the half of the document that did not choose the units"
    )
    return (
        f"The buttons over the text are the best units, with their {measure} {halves}: "
        f"{finding.positives:,} of {finding.n:,} symbols are positive. "
        "▲ the unit is high where it holds, ▼ it is low there."
    )


@st.cache_data(max_entries=500, show_spinner=False)
def find_units(recording_id: str, hypothesis: str) -> SearchResult:
    """The units that track a hypothesis best, kept by the recording's content hash."""
    recording = find_recording(recording_id)
    return search_units(recording, find_hypotheses([hypothesis]), top=_TOP)


@st.cache_data(max_entries=100, show_spinner=False)
def find_spans(recording_id: str, hypothesis: str) -> tuple[tuple[int, int], ...]:
    """Where a yes/no hypothesis holds, as (start, stop); empty for numbers and for too many."""
    claim = catalogue()[hypothesis]
    if claim.kind == "number":
        return ()
    recording = find_recording(recording_id)
    spans: list[tuple[int, int]] = []
    for index, document in enumerate(recording.documents):
        labels = claim.label(recording.document_text(index))
        holds = np.concatenate([[False], labels.values & labels.defined, [False]])
        edges = np.flatnonzero(holds[1:] != holds[:-1]) + document.start
        spans.extend(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
        if len(spans) > _MOST_SPANS:
            return ()
    return tuple(spans)
