"""Hits, false alarms and misses are those of the symbols themselves."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.outcomes import (
    Cut,
    best_cut,
    count_by_label,
    count_outcomes,
    digest_of,
    paint_labels,
)

label_arrays = arrays(np.uint8, st.integers(1, 120), elements=st.sampled_from([0, 0, 1, 1, 255]))


def runs_of(where: np.ndarray) -> np.ndarray:
    steps = np.flatnonzero(np.diff(np.concatenate([[0], where.astype(int), [0]])))
    return steps.reshape(-1, 2).astype(np.int64)


@given(label_arrays, st.data())
def test_painting_the_spans_gives_the_labels_back(labels: np.ndarray, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, labels.size - 1))
    stop = data.draw(st.integers(start + 1, labels.size))
    painted = paint_labels(runs_of(labels == 1), runs_of(labels == 255), start, stop)
    np.testing.assert_array_equal(painted, labels[start:stop])


def test_spans_that_touch_where_documents_meet_are_one_stretch() -> None:
    spans = np.array([[2, 5], [5, 7]])
    none = np.zeros((0, 2), np.int64)
    assert paint_labels(spans, none, 0, 9).tolist() == [0, 0, 1, 1, 1, 1, 1, 0, 0]


@given(label_arrays, st.integers(0, 1000), st.sampled_from([1, -1]), st.integers(-128, 127))
def test_outcomes_are_those_of_the_symbols(
    labels: np.ndarray, seed: int, direction: int, code: int
) -> None:
    codes = np.random.default_rng(seed).integers(-127, 128, labels.size).astype(np.int8)
    found = count_outcomes(*count_by_label(codes, labels), Cut(direction, code))
    said = codes >= code if direction == 1 else codes <= code
    assert found.hits == np.sum(said & (labels == 1))
    assert found.false_alarms == np.sum(said & (labels == 0))
    assert found.misses == np.sum(~said & (labels == 1))


@given(label_arrays, st.integers(0, 1000), st.sampled_from([1, -1]))
def test_no_other_cut_in_the_direction_has_a_larger_f1(
    labels: np.ndarray, seed: int, sign: int
) -> None:
    noise = np.random.default_rng(seed).integers(-60, 61, labels.size)
    codes = (noise + sign * 50 * (labels == 1)).astype(np.int8)
    outside, inside = count_by_label(codes, labels)
    cut = best_cut(outside, inside)

    def f1(code: int) -> float:
        found = count_outcomes(outside, inside, Cut(cut.direction, code))
        whole = 2 * found.hits + found.false_alarms + found.misses
        return 2 * found.hits / whole if whole else 0.0

    assert f1(cut.code) == max(map(f1, range(-128, 128)))


def test_a_unit_that_goes_low_is_cut_from_below() -> None:
    codes = np.array([-90, -80, 10, 20, 30], np.int8)
    assert best_cut(*count_by_label(codes, np.array([1, 1, 0, 0, 0], np.uint8))) == Cut(-1, -80)
    assert best_cut(*count_by_label(codes, np.array([0, 0, 0, 1, 1], np.uint8))) == Cut(1, 20)


def test_other_labels_have_another_name() -> None:
    none, one, other = np.zeros((0, 2), np.int64), np.array([[1, 2]]), np.array([[1, 3]])
    names = [
        digest_of(spans, gaps, symbols)
        for spans, gaps in itertools.product([none, one, other], repeat=2)
        for symbols in (5, 6)
    ]
    assert len(set(names)) == len(names)
    assert digest_of(one, none, 5) == digest_of(one.copy(), none, 5)
