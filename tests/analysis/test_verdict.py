"""The words about a finding follow from its numbers, the first doubt first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.findings import Finding
from analysis.verdict import verdict

GOOD = Finding(
    hypothesis="string",
    unit="1.c.7",
    measure="auroc",
    score=0.9,
    direction=1,
    positives=100,
    n=1_000,
    choose_score=0.91,
    documents=9,
    split="documents",
    low=0.85,
    high=0.93,
    p_value=0.005,
    within_symbol=0.88,
    trigram_baseline=0.7,
)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "Clear of chance and of what three characters explain."),
        ({"p_value": 0.051}, "No better than chance."),
        ({"score": 0.5, "low": 0.4}, "No better than chance."),
        ({"trigram_baseline": 0.9}, "No better than the last three characters."),
        ({"p_value": None}, "Not tested against chance."),
        ({"low": None, "high": None}, "Too few documents for an interval."),
        ({"low": 0.5}, "Clear of shifted labels, but other documents might score at chance."),
        (
            {"trigram_baseline": 0.86},
            "Clear of chance; hardly better than the last three characters.",
        ),
        ({"within_symbol": 0.54}, "Clear of chance, but it may only tell symbols apart."),
        ({"p_value": 0.05}, "Clear of chance and of what three characters explain."),
    ],
)
def test_the_first_doubt_that_stands_is_named(changed: dict[str, float], said: str) -> None:
    assert verdict(replace(GOOD, **changed)) == said
    assert f"| {said} |" in (Path(__file__).parents[2] / "docs" / "truth.md").read_text("utf-8")


def test_numbers_are_measured_from_a_chance_of_zero() -> None:
    number = replace(GOOD, measure="spearman", score=0.4, low=0.3, high=0.5, trigram_baseline=0.1)
    assert verdict(replace(number, within_symbol=0.3)).startswith("Clear of chance and")
    assert verdict(replace(number, within_symbol=0.04)).endswith("tell symbols apart.")
    assert verdict(replace(number, score=-0.1)) == "No better than chance."
