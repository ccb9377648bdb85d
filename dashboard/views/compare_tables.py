"""Below the compared texts: their losses, where they differ most, and the best unit of each."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.comparison import Comparison
from analysis.excerpts import TextReader
from analysis.recording import Recording
from dashboard.comparing import (
    LETTERS,
    best_finding,
    best_row,
    compare,
    loss_row,
    with_unit,
)
from dashboard.minus import true_minus
from dashboard.plain import plain
from dashboard.searches import SHIFTS, Search, search_for
from dashboard.session import lead, remember_view, show_place, show_unit
from dashboard.views.hypothesis import pick_hypothesis
from dashboard.views.text_table import text_table
from models.errors import UserError

_LOSSES = {
    "network": ("network", None, "A is the recording shown on the other pages."),
    "bits": ("bits/symbol", 84, "Mean loss over all symbols but the first of each document."),
    "difference": ("A − it", 76, "Bits a symbol; below zero, A expects the text better."),
    "better": ("A better", 76, "Share of the symbols that A expected better."),
}
_BEST = {
    "network": ("network", None, "A click on a line shows the unit in its text."),
    "unit": ("best unit", 84, "▲ high where it holds, ▼ low there."),
    "score": ("score", 60, "AUROC, 0.5 is chance; of numbers Spearman, 0 is chance."),
    "interval": ("95%", 104, "Of the score, if other documents had been read."),
    "p": ("p", 56, f"Does an unrelated label find as good a unit? By {SHIFTS} shifts."),
    "loss": ("bits/symbol", 84, "The network's mean loss over the text."),
}
_PASSAGES = {
    "difference": (
        "A − it",
        76,
        "Of losses, bits a symbol; below zero, A expected it better.",
    ),
    "document": ("document", 170, "A click on a line moves all texts there."),
    "text": ("text", None, ""),
}


def losses(shown: Sequence[Recording], names: Sequence[str]) -> None:
    """Mean losses, and the passages where they differ most."""
    st.markdown("##### Losses")
    try:
        compared = compare(tuple(each.id for each in shown))
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    rows = [
        loss_row(name, loss, is_first=at == 0)
        for at, (name, loss) in enumerate(zip(names, compared.losses, strict=True))
    ]
    text_table(rows, _LOSSES)
    _passages(shown, names, compared)


def _passages(shown: Sequence[Recording], names: Sequence[str], compared: Comparison) -> None:
    st.markdown("##### Where they differ most")
    at = 0
    if len(shown) > 2:
        at = st.segmented_control(
            "Between A and",
            range(len(shown) - 1),
            format_func=lambda each: plain(names[each + 1]),
            default=0,
            required=True,
            key="compare_pair",
        )
    found = compared.passages[at]
    if not found:
        st.caption("Nowhere: their losses are the same.")
        return
    reader = TextReader(shown[0])
    rows = [
        {
            "difference": true_minus(f"{each.difference:+.2f}"),
            "document": reader.document_at(each.start).name,
            "text": " ".join(reader.text(each.start, each.stop).split()),
        }
        for each in found
    ]
    key = f"compare_passages {at}"

    def take_passage() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        if cells:
            show_place(found[cells[0][0]].start)
            st.rerun()

    text_table(rows, _PASSAGES, key=key, on_select=take_passage)


def best_units(
    shown: Sequence[Recording], names: Sequence[str], searches: Sequence[Search | None]
) -> None:
    """The same question put to each network, and the best unit of each."""
    st.markdown("##### The best unit of each")
    pick_hypothesis()
    known = [search for search in searches if search is not None]
    if len(known) < len(shown):
        _say_why(shown[0])
        return
    is_settled = all(search.is_settled for search in known)
    drawn = [search.choices for search in known]

    @st.fragment(run_every=None if is_settled else 0.4, key="compare best")
    def table() -> None:
        for search in known:
            search.ask()
        changed = [search.choices for search in known] != drawn
        if changed or (not is_settled and all(search.is_settled for search in known)):
            st.rerun()
        _best_table(shown, names, known)

    table()
    if drawn[0]:
        lead(st.session_state["hypothesis"], drawn[0])  # last: it may draw the page again


def _say_why(recording: Recording) -> None:
    try:
        search_for(recording, st.session_state["hypothesis"])
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _best_table(
    shown: Sequence[Recording], names: Sequence[str], searches: Sequence[Search]
) -> None:
    compared = compare(tuple(each.id for each in shown))

    def take_row() -> None:
        cells = st.session_state["compare_best"]["selection"]["cells"]
        finding = best_finding(searches[cells[0][0]]) if cells else None
        if finding is None:
            return
        _show(cells[0][0], finding.unit)
        st.rerun()

    rows = [best_row(*each) for each in zip(names, searches, compared.losses, strict=True)]
    text_table(rows, _BEST, key="compare_best", on_select=take_row)
    for letter, search in zip(LETTERS, searches, strict=False):
        if search.error is not None:
            st.error(plain(f"{letter}: {search.error}"), icon=":material/error:")
        elif search.ranking is not None and search.ranking.skipped:
            st.info(plain(f"{letter}: {search.ranking.skipped[0].reason}"), icon=":material/info:")
    unsettled = [search for search in searches if not search.is_settled]
    if unsettled:
        share = 1 - sum(1 - search.share for search in unsettled) / len(searches)
        st.progress(share, text=f"Searching every unit, and testing against {SHIFTS} shifts")
    else:
        st.caption("Units are chosen on one half of the documents and scored on the other half.")


def _show(at: int, unit: str) -> None:
    if at == 0:
        show_unit(unit)
        return
    st.session_state["other_units"] = with_unit(st.session_state["other_units"], at - 1, unit)
    remember_view()
