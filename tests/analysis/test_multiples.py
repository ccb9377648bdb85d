"""Passages for units found: where the hypothesis begins, inside documents, and where units err."""

from __future__ import annotations

import itertools

import numpy as np
import planted
import pytest
from hypothesis import given
from hypothesis import strategies as some

from analysis.hypotheses import find_hypotheses
from analysis.labelling import label_recording
from analysis.multiples import choose_windows, says_yes, small_multiples
from analysis.recording import RecordedDocument, Recording
from analysis.search import search_units

QUOTED = "double-quotes"


@pytest.mark.parametrize("expression", [QUOTED, "column"])
def test_all_units_have_the_same_passages_and_their_own_codes(
    recording: Recording, expression: str
) -> None:
    hypotheses = find_hypotheses([expression])
    findings = search_units(recording, hypotheses, top=3).findings
    multiples = small_multiples(recording, hypotheses[0], findings, width=40)
    assert len(multiples.shared) == 3
    (labels,) = label_recording(recording, hypotheses, lambda share: None)
    for number, passage in enumerate(multiples.shared):
        assert passage.text == recording.text(passage.start, passage.stop)
        if expression == QUOTED:
            holds = np.zeros(passage.stop - passage.start, bool)
            for start, stop in passage.marks:
                holds[start:stop] = True
            np.testing.assert_array_equal(holds, labels.values[passage.start : passage.stop])
            assert holds.any()
        for finding in findings:
            expected = recording.unit_codes(finding.unit, passage.start, passage.stop)
            np.testing.assert_array_equal(multiples.codes[finding.unit][number], expected)


def test_errors_are_where_a_unit_and_the_hypothesis_differ_most(recording: Recording) -> None:
    hypotheses = find_hypotheses([QUOTED])
    findings = search_units(recording, hypotheses, top=8).findings
    multiples = small_multiples(recording, hypotheses[0], findings, width=40)
    (labels,) = label_recording(recording, hypotheses, lambda share: None)
    assert multiples.errors
    for finding in findings:
        wrong = says_yes(recording.unit_codes(finding.unit), finding) != labels.values
        if finding.unit not in multiples.errors:
            assert not wrong.any()
            continue
        error = multiples.errors[finding.unit]
        here = slice(error.excerpt.start, error.excerpt.stop)
        assert error.missed == np.sum(wrong[here] & labels.values[here])
        assert error.false_alarms == np.sum(wrong[here] & ~labels.values[here])
        assert error.missed + error.false_alarms > 0


def test_the_threshold_of_a_finding_gives_its_recall(recording: Recording) -> None:
    hypotheses = find_hypotheses([QUOTED])
    (labels,) = label_recording(recording, hypotheses, lambda share: None)
    for finding in search_units(recording, hypotheses, top=6).findings:
        says = says_yes(recording.unit_codes(finding.unit), finding)
        # Both halves are alike, so that of one is about that of all.
        assert np.mean(says[labels.values]) == pytest.approx(finding.recall, abs=0.15)


def test_planted_units_are_among_those_shown(recording: Recording) -> None:
    hypotheses = find_hypotheses([QUOTED])
    findings = search_units(recording, hypotheses, top=4).findings
    multiples = small_multiples(recording, hypotheses[0], findings, errors=False)
    assert f"0.c.{planted.PLACES['quote']}" in multiples.codes
    assert not multiples.errors


@given(some.data())
def test_windows_lie_in_their_documents_and_apart(data: some.DataObject) -> None:
    lengths = data.draw(some.lists(some.integers(0, 60), min_size=1, max_size=5))
    stops = np.cumsum(lengths).tolist()
    if not stops[-1]:
        return
    documents = [
        RecordedDocument(str(k), stop - length, stop, "")
        for k, (length, stop) in enumerate(zip(lengths, stops, strict=True))
    ]
    places = data.draw(some.lists(some.integers(0, stops[-1] - 1), max_size=9, unique=True))
    found = choose_windows(np.array(sorted(places), np.int64), documents, 3, 20)
    assert len(found) <= 3
    for start, stop in found:
        assert 0 < stop - start <= 20
        assert any(d.start <= start and stop <= d.stop for d in documents)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(found))
    if places:
        assert found
