"""Orders are worked out beside the page, once, and their end can be waited for or brought about."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from analysis.recording import Recording
from analysis.unit_map import UnitMap, principal_map
from analysis.unit_order import sample_codes, similarity_order, variances
from dashboard.orders import Ordered, Work, forget, map_for, order_for

WITHIN = 60


def test_an_order_by_variance_has_its_values(recording: Recording) -> None:
    work = order_for(recording, "0.c", "variance", "")
    assert work.wait(WITHIN)
    found = work.result
    assert isinstance(found, Ordered)
    np.testing.assert_allclose(found.values, variances(sample_codes(recording, "0.c")))
    assert (np.diff(found.values[found.rows]) <= 0).all()
    assert found.place(int(found.rows[2])) == 3
    assert order_for(recording, "0.c", "variance", "another") is work


def test_an_order_by_similarity_is_the_trees(recording: Recording) -> None:
    work = order_for(recording, "1.h", "similarity", "")
    assert work.wait(WITHIN)
    assert isinstance(work.result, Ordered)
    expected = similarity_order(sample_codes(recording, "1.h"))
    assert work.result.rows.tolist() == expected.tolist()


def test_an_order_by_score_belongs_to_its_hypothesis(recording: Recording) -> None:
    work = order_for(recording, "0.c", "score", "newline")
    assert work.wait(WITHIN)
    assert isinstance(work.result, Ordered)
    assert work.result.measure == "AUROC"
    assert order_for(recording, "0.c", "score", "column") is not work


@pytest.mark.parametrize("expression", ["regex:(", "regex:\N{SNOWMAN}{7}"])
def test_what_cannot_be_scored_is_a_sentence_and_may_be_asked_again(
    recording: Recording, expression: str
) -> None:
    work = order_for(recording, "0.c", "score", expression)
    assert work.wait(WITHIN)
    assert work.result is None
    assert work.error is not None
    assert work.error.endswith(".")
    forget(work)
    assert order_for(recording, "0.c", "score", expression) is not work


def test_a_map_is_kept(recording: Recording) -> None:
    work = map_for(recording, ["0.c"], "pca")
    assert work.wait(WITHIN)
    assert isinstance(work.result, UnitMap)
    expected = principal_map(sample_codes(recording, "0.c")).places
    np.testing.assert_allclose(work.result.places, expected)
    assert map_for(recording, ["0.c"], "pca") is work
    both = map_for(recording, ["0.c", "1.c"], "pca")
    assert both.wait(WITHIN)
    assert isinstance(both.result, UnitMap)
    assert len(both.result.places) == recording.units("0.c") + recording.units("1.c")


def test_work_that_is_stopped_says_so() -> None:
    begun, stopped = threading.Event(), threading.Event()

    def make(report) -> None:  # type: ignore[no-untyped-def]
        begun.set()
        stopped.wait(WITHIN)
        report(0.5)

    work = Work(make)
    assert begun.wait(WITHIN)
    work.cancel()
    stopped.set()
    assert work.wait(WITHIN)
    assert work.error is not None
    assert "stopped" in work.error


def test_work_that_breaks_off_is_a_sentence() -> None:
    work = Work(lambda report: 1 / 0)
    assert work.wait(WITHIN)
    assert work.error is not None
    assert "log says why" in work.error
