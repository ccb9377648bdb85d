"""Beside the text: the card of the unit shown."""

from __future__ import annotations

import streamlit as st

from analysis.arrays import GATES
from analysis.card_words import half_life_words, saturation_words, timescale_words, values_words
from analysis.findings import Finding
from analysis.recording import Recording
from analysis.unit_card import UnitCard
from dashboard.minus import true_minus
from dashboard.plain import plain
from dashboard.session import ask_for, shown_palette, text_is_shown
from dashboard.sparks import decay_svg, histogram_svg
from dashboard.unit_cards import card_of, companions_of, findings_of
from dashboard.views.unit_pills import unit_pills
from models.errors import UserError


@st.fragment(key="card")
def unit_card(recording: Recording) -> None:
    """A folded section; nothing is computed before it is opened."""
    if not text_is_shown():
        return
    folded = st.expander(
        "The unit's card", icon=":material/badge:", key="card_fold", on_change="rerun"
    )
    if not folded.open:
        return
    unit = st.session_state["unit"]
    with folded:
        try:
            card = card_of(recording.id, unit)
        except UserError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        _values(card)
        _timescale(card)
        _companions(recording, unit)
        _findings(findings_of(recording.id, unit))


def _values(card: UnitCard) -> None:
    st.markdown(f"**Values of {card.unit}**")
    lowest = 0 if card.unit.split(".")[1] in GATES else -127
    picture = histogram_svg(card.counts, shown_palette(), lowest=lowest, dark=_is_dark())
    said = true_minus(f"Histogram of its values from {lowest / 127:g} to 1")
    st.image(picture, width="stretch", alt=said)
    st.caption(plain(true_minus(f"{values_words(card)} {saturation_words(card)}")))


def _is_dark() -> bool:
    return st.context.theme.type == "dark"


def _timescale(card: UnitCard) -> None:
    st.markdown("**Timescale**")
    if card.correlations:
        last = f"{len(card.correlations) - 1:,}"
        picture = decay_svg(card.correlations, card.decay, dark=_is_dark())
        st.image(picture, width="stretch", alt=f"Autocorrelation from lag 1 to {last}")
        st.caption(f"Autocorrelation from lag 1 to {last}, logarithmic; dashed: 1/e.")
    st.caption(f"{plain(timescale_words(card))} {plain(half_life_words(card))}")


def _companions(recording: Recording, unit: str) -> None:
    found = companions_of(recording.id, unit)
    if not found:
        return
    unit_pills(
        "Goes with, or against",
        {each.unit: true_minus(f"{each.unit} {each.correlation:+.2f}") for each in found},
        key=f"companions of {unit}",
        help="Correlation over a sample of the text. A click shows the unit.",
    )


def _findings(findings: tuple[Finding, ...]) -> None:
    """What searches have found of it so far; a click searches for the hypothesis again."""
    st.markdown("**What it was found to track**")
    if not findings:
        st.caption("Nothing so far, among what was searched for since the app was started.")
        return
    with st.container(gap=None):
        for each in findings:
            st.button(
                plain(f"{each.hypothesis} {true_minus(f'{each.score:.3f}')}"),
                key=f"found {each.hypothesis}",
                type="tertiary",
                on_click=ask_for,
                args=(each.hypothesis,),
            )
