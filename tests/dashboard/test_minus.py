"""Numbers that the dashboard shows have a minus sign; what files and the terminal get, a hyphen."""

from __future__ import annotations

import pytest

from analysis.card_words import saturation_words, values_words
from analysis.comparison import LossSummary
from analysis.passages import Passage
from analysis.recording import Recording
from analysis.unit_card import unit_card
from dashboard.comparing import loss_row
from dashboard.minus import true_minus
from dashboard.views.passages import _label


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("-0.50", "−0.50"),
        ("-.5", "−.5"),
        ("From -3 to 4, median -1", "From −3 to 4, median −1"),
        ("(95%: -0.02 to 0.10)", "(95%: −0.02 to 0.10)"),
        ("1.c.78 -0.2", "1.c.78 −0.2"),
        ("half-life, 20-90, step-0000256, a-1, -h", "half-life, 20-90, step-0000256, a-1, -h"),
        ("--top 5", "--top 5"),
    ],
)
def test_a_hyphen_before_a_number_becomes_a_minus_sign(written: str, shown: str) -> None:
    assert true_minus(written) == shown


def test_tables_and_passages_have_minus_signs() -> None:
    assert loss_row("B", LossSummary(2.0, -0.125, 0.5, 9), is_first=False)["difference"] == "−0.125"
    assert "−0.50" in _label(Passage("a", 0, 2, 1, -0.5, "x-1", " -2"))


def test_the_words_of_a_card_have_hyphens_until_they_are_shown(recording: Recording) -> None:
    card = unit_card(recording, "0.h.0")
    written = f"{values_words(card)} {saturation_words(card)}"
    assert "−" not in written
    assert "below -0.9" in written
    assert "below −0.9" in true_minus(written)
