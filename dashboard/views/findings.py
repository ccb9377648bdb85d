"""What a search has found so far, and how far to believe it."""

from __future__ import annotations

import streamlit as st

from analysis.findings import Finding, SearchResult, with_arrow
from analysis.parts import FIRST_SYMBOLS
from analysis.verdict import verdict
from dashboard.minus import true_minus
from dashboard.plain import plain
from dashboard.searches import SHIFTS, TOP, Search
from dashboard.session import lead, show_unit
from dashboard.views.text_table import text_table

_QUICK_SECONDS = 0.25
_COLUMNS = {
    "unit": ("unit", 68, "▲ high where it holds, ▼ low there. A click shows the unit."),
    "score": ("score", 49, "AUROC, 0.5 is chance; of numbers Spearman, 0 is chance."),
    "interval": ("95%", 66, "Of the score, if other documents had been read."),
    "p": ("p", 46, f"Does an unrelated label find as good a unit? By {SHIFTS} shifts."),
    "within": ("within", 54, "The score among symbols that are the same character."),
    "baseline": ("3 sym.", 52, "The score of the last three characters, without any unit."),
}


def findings(name: str, search: Search) -> None:
    """The counts, the ranking and the proof, each as soon as it is there."""
    if not search.is_settled:
        search.wait(search.stage, _QUICK_SECONDS)
    drawn = search.stage

    @st.fragment(run_every=None if search.is_settled else 0.3)
    def show() -> None:
        search.ask()
        if search.stage != drawn:
            st.rerun()
        _show(name, search)

    show()
    lead_to(
        name, search
    )  # last: it may draw the page again, and what was found before is gone by now


def lead_to(name: str, search: Search) -> None:
    """Offer the units found over the text, and show the best of a new hypothesis."""
    lead(name, search.choices)


def _show(name: str, search: Search) -> None:
    if search.preview is not None:
        st.caption(plain(true_minus(search.preview.sentence)))
        if search.preview.bars:
            st.code(search.preview.bars, language=None)
    if search.error is not None:
        st.error(plain(search.error), icon=":material/error:")
    result = search.proved or search.ranking
    if result is not None:
        _show_result(name, search, result)
    elif search.error is None:
        st.caption(":material/hourglass_top: Searching every unit")


def _show_result(name: str, search: Search, result: SearchResult) -> None:
    say_skipped(result)
    if not result.findings:
        return
    best = result.findings[0]
    if search.proved is not None:
        st.markdown(f"**{plain(verdict(best))}**")
        st.caption(plain(true_minus(_numbers(best))))
    _table(name, result)
    if search.is_sample:
        st.caption(
            f"From a sample of {FIRST_SYMBOLS:,} symbols, with its bounds; "
            "the exact ranking follows."
        )
    elif search.proved is None:
        st.progress(search.share, text=f"Testing against {SHIFTS} shifts")
    st.caption(explain(best))


def say_skipped(result: SearchResult) -> None:
    """Why the hypothesis could not be scored, or put to the test."""
    for skipped in (*result.skipped, *result.unproved):
        what = "No p value" if skipped in result.unproved else "Not scored"
        st.info(plain(f"{what}: {skipped.reason}"), icon=":material/info:")


def _table(name: str, result: SearchResult) -> None:
    key = f"findings of {name}"

    def take_row() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        if cells:
            show_unit(result.findings[cells[0][0]].unit)

    rows = [_row(each) for each in result.findings[:TOP]]
    text_table(rows, _COLUMNS, key=key, on_select=take_row)


def _row(finding: Finding) -> dict[str, str]:
    return {
        "unit": with_arrow(finding.unit, finding.direction),
        "score": _short(finding.score),
        "interval": _interval(finding),
        "p": _short(finding.p_value, 3),
        "within": _short(finding.within_symbol),
        "baseline": _short(finding.trigram_baseline),
    }


def _interval(finding: Finding) -> str:
    if finding.low is None or finding.high is None:
        return ""
    return f"{_short(finding.low)}\N{EN DASH}{_short(finding.high)}"


def _short(value: float | None, digits: int = 2) -> str:
    """Without the zero before the point, as there is little room."""
    return "" if value is None else true_minus(f"{value:.{digits}f}".replace("0.", ".", 1))


def _numbers(finding: Finding) -> str:
    """The best unit's numbers in words."""
    said = f"{finding.unit} scores {finding.score:.3f}"
    if finding.low is not None and finding.high is not None:
        said += f" (95%: {finding.low:.3f} to {finding.high:.3f})"
    if finding.p_value is not None:
        said += f", p = {finding.p_value:.3f}"
    if finding.trigram_baseline is not None:
        said += f"; the last three characters {finding.trigram_baseline:.3f}"
    return f"{said}."


def explain(finding: Finding) -> str:
    """What the scores are and what they were measured on."""
    measure = "AUROC (0.5 is chance)" if finding.measure == "auroc" else "Spearman (0 is chance)"
    halves = (
        f"on {finding.documents:,} documents that did not choose the units"
        if finding.split == "documents"
        else "on the half of the document that did not choose the units"
    )
    return (
        f"Best units by {measure} {halves}: {finding.positives:,} of {finding.n:,} positive. "
        "They stand in the order of the half that chose them."
    )
