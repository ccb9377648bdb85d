"""What the table of units is told: numbers in words, passages as text, codes as bytes."""

from __future__ import annotations

import base64
import json

import numpy as np

from analysis.hypotheses import find_hypotheses
from analysis.multiples import small_multiples
from analysis.proof import prove
from analysis.recording import Recording
from analysis.search import search_units
from analysis.unit_card import unit_card
from dashboard.sparks import decay_svg, histogram_svg, pooled
from dashboard.text_view.state import BLUE_ORANGE
from dashboard.unit_rows import Opened, read_sent, rows_data


def test_rows_have_the_numbers_of_the_findings(recording: Recording) -> None:
    hypotheses = find_hypotheses(["double-quotes"])
    found = search_units(recording, hypotheses, top=3)
    multiples = small_multiples(recording, hypotheses[0], found.findings)
    proved = prove(recording, hypotheses, found, shifts=20).findings
    data = json.loads(json.dumps(rows_data(proved, multiples)))
    titles = [column["title"] for column in data["columns"]]
    assert "untrained" not in titles  # nothing is in it
    assert [row["unit"] for row in data["rows"]] == [finding.unit for finding in proved]
    for row, finding in zip(data["rows"], proved, strict=True):
        assert row["cells"]["score"] == f"{finding.score:.3f}"
        assert row["cells"]["p"] == f"{finding.p_value:.3f}"
        assert row["plot"]["low"] == finding.low
        codes = np.frombuffer(base64.b64decode(row["strips"][0]["codes"]), np.int8)
        passage = multiples.shared[0]
        expected = recording.unit_codes(finding.unit, passage.start, passage.stop)
        np.testing.assert_array_equal(codes, expected)
    assert data["passages"][0]["text"] == multiples.shared[0].text


def test_rows_stand_without_proof_and_passages(recording: Recording) -> None:
    found = search_units(recording, find_hypotheses(["column"]), top=2).findings
    data = rows_data(found, None)
    assert [row["strips"] for row in data["rows"]] == [[], []]
    assert data["rows"][0]["plot"]["chance"] == 0.0


def test_whatever_a_browser_sends_is_read_or_dropped() -> None:
    assert read_sent({"open": {"unit": "0.h.1", "position": 7}}).opened == Opened("0.h.1", 7)
    assert read_sent({"open": {"unit": "0.h.1", "position": "x"}}).opened == Opened("0.h.1", None)
    assert read_sent({"open": [1], "enter": 3}).opened is None
    assert read_sent({"open": None, "enter": "string"}).entered == "string"


def test_drawings_show_what_is_there(recording: Recording) -> None:
    card = unit_card(recording, "0.c.3")
    assert sum(pooled(card.counts, 64)) == len(recording)
    assert histogram_svg(card.counts, BLUE_ORANGE).count("<rect") == 64
    assert "<polyline" in decay_svg(card.correlations, card.decay)
    assert decay_svg((), None) == ""
