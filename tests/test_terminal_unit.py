"""`unitscope unit`: the card in words and as JSON, and one sentence for a mistake."""

from __future__ import annotations

import json

import planted
import pytest

import unitscope
from analysis.recording import Recording
from analysis.unit_card import companions, unit_card

UNIT = f"0.c.{planted.PLACES['quote']}"


def test_the_card_is_printed(recording: Recording, capsys: pytest.CaptureFixture[str]) -> None:
    assert unitscope.main(["unit", recording.path, UNIT]) == 0
    out = capsys.readouterr().out
    card = unit_card(recording, UNIT)
    assert f"{UNIT}, {len(recording):,} symbols" in out
    assert f"integrated timescale {card.timescale:,.1f}" in out
    assert f"by the median of 0.f.{planted.PLACES['quote']}" in out
    assert companions(recording, UNIT)[0].unit in out


def test_json_has_the_same_figures(
    recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    assert unitscope.main(["unit", recording.path, UNIT, "--json", "--top", "2"]) == 0
    found = json.loads(capsys.readouterr().out)
    card = unit_card(recording, UNIT)
    assert found["counts"] == list(card.counts)
    assert found["decay"] == card.decay
    assert len(found["companions"]) == 2


def test_a_unit_that_is_not_there_is_one_sentence(
    recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    assert unitscope.main(["unit", recording.path, "0.c.999"]) == 2
    assert "There is no unit 0.c.999" in capsys.readouterr().err
