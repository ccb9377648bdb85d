"""Orders of units are those that numpy, scipy and the search give when asked directly."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import pdist

from analysis.hypotheses import find_hypotheses
from analysis.recording import Recording
from analysis.search import search_units
from analysis.unit_order import (
    SAMPLE,
    UnitScores,
    correlations,
    falling,
    sample_codes,
    sample_spans,
    saturation,
    similarity_order,
    unit_scores,
    variances,
)


@pytest.fixture(scope="module")
def codes() -> np.ndarray:
    return np.random.default_rng(2).integers(-127, 128, (600, 12)).astype(np.int8)


@pytest.mark.parametrize("length", [1, 19_999, 20_000, 20_001, 50_000, 10_000_000])
def test_a_sample_is_spread_over_the_text_and_no_symbol_is_in_it_twice(length: int) -> None:
    spans = sample_spans(length)
    assert spans[0][0] == 0
    assert spans[-1][1] == length
    assert all(start < stop for start, stop in spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    assert sum(stop - start for start, stop in spans) == min(length, SAMPLE)


def test_a_short_text_is_sampled_whole(recording: Recording) -> None:
    shares: list[float] = []
    found = sample_codes(recording, "0.c", shares.append)
    if len(recording) <= SAMPLE:
        np.testing.assert_array_equal(found, recording.codes("0.c"))
    assert shares[-1] == 1.0


def test_variance_and_saturation_are_those_of_the_values(codes: np.ndarray) -> None:
    values = codes / 127
    np.testing.assert_allclose(variances(codes), np.var(values, axis=0))
    np.testing.assert_allclose(saturation(codes), np.mean(np.abs(values) > 0.9, axis=0))


def test_saturation_counts_the_most_negative_code_too() -> None:
    assert saturation(np.array([[-128, -127, 114, 115]], np.int8)).tolist() == [1, 1, 0, 1]


def test_correlations_are_numpys_and_none_with_a_constant_unit(codes: np.ndarray) -> None:
    with_constant = np.concatenate([codes, np.full((len(codes), 1), 5, np.int8)], axis=1)
    found = correlations(with_constant)
    np.testing.assert_allclose(found[:12, :12], np.corrcoef(codes.T.astype(float)), atol=1e-5)
    assert found[12].tolist() == [0.0] * 12 + [1.0]


def test_similarity_is_scipys_tree_in_its_best_order(codes: np.ndarray) -> None:
    distances = 1 - np.abs(1 - pdist(codes.T.astype(float), "correlation"))
    expected = leaves_list(linkage(distances, "average", optimal_ordering=True)).tolist()
    found = similarity_order(codes).tolist()
    assert found in (expected, expected[::-1])


def test_units_that_move_together_or_against_each_other_are_neighbours() -> None:
    random = np.random.default_rng(5)
    sources = random.integers(-100, 101, (400, 4))
    noise = random.integers(-8, 9, (400, 8))
    signs = np.array([1, 1, 1, 1, -1, 1, -1, 1])
    codes = (sources[:, [0, 1, 2, 3, 0, 1, 2, 3]] * signs + noise).astype(np.int8)
    order = [k % 4 for k in similarity_order(codes).tolist()]
    assert sorted(order) == [0, 0, 1, 1, 2, 2, 3, 3]
    assert all(order[k] == order[k + 1] for k in (0, 2, 4, 6))


@pytest.mark.parametrize("units", [1, 2])
def test_one_or_two_units_stay_as_they_are(units: int) -> None:
    assert similarity_order(np.zeros((9, units), np.int8)).tolist() == list(range(units))


def test_falling_puts_the_largest_first_and_what_is_not_known_last() -> None:
    assert falling(np.array([0.1, np.nan, 0.9, 0.1])).tolist() == [2, 0, 3, 1]


@pytest.mark.parametrize("expression", ["newline", "column"])
def test_scores_are_those_of_the_search(recording: Recording, expression: str) -> None:
    hypotheses = find_hypotheses([expression])
    site = "0.c"
    scores = unit_scores(recording, site, hypotheses[0])
    assert isinstance(scores, UnitScores)
    found = search_units(recording, hypotheses, top=10_000).findings
    of_site = [each for each in found if each.unit.startswith(f"{site}.")]
    assert len(of_site) == recording.units(site)
    for finding in of_site:
        unit = int(finding.unit.rpartition(".")[2])
        assert scores.reported[unit] == pytest.approx(finding.score)
        assert scores.chosen[unit] == pytest.approx(finding.choose_score)
    assert scores.measure == of_site[0].measure
    order = [int(each.unit.rpartition(".")[2]) for each in of_site]
    assert falling(scores.chosen).tolist() == order


def test_what_cannot_be_scored_says_why(recording: Recording) -> None:
    (hypothesis,) = find_hypotheses(["regex:\N{SNOWMAN}{7}"])
    reason = unit_scores(recording, "0.c", hypothesis)
    assert isinstance(reason, str)
    assert reason.endswith(".")


def test_work_that_nobody_wants_can_be_stopped(recording: Recording) -> None:
    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample_codes(recording, "0.c", stop)
