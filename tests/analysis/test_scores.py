from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr
from sklearn.metrics import roc_auc_score

from analysis.correlations import midranks, spearman
from analysis.scores import auroc

SEEDS = st.integers(0, 2**32)


def counts_of(codes: np.ndarray) -> np.ndarray:
    return np.bincount(codes.astype(int) + 128, minlength=256)


def random_codes(random: np.random.Generator, time: int) -> np.ndarray:
    width = random.integers(1, 128)
    return random.integers(-width, width + 1, time).astype(np.int8)


def table_of(codes: np.ndarray, bins: np.ndarray, count: int) -> np.ndarray:
    units = codes.shape[1]
    return np.stack(
        [[counts_of(codes[bins == b, unit]) for unit in range(units)] for b in range(count)]
    )


@given(SEEDS, st.integers(2, 300))
@settings(max_examples=60, deadline=None)
def test_auroc_is_that_of_scikit_learn(seed, time):
    random = np.random.default_rng(seed)
    label = random.random(time) < random.random()
    assume(0 < label.sum() < time)
    units = [random_codes(random, time) for _ in range(3)]
    outside = np.stack([counts_of(codes[~label]) for codes in units])
    inside = np.stack([counts_of(codes[label]) for codes in units])
    expected = [roc_auc_score(label, codes) for codes in units]
    assert auroc(outside, inside) == pytest.approx(expected, abs=1e-9)


@given(SEEDS, st.integers(2, 400), st.integers(2, 256))
@settings(max_examples=60, deadline=None)
def test_spearman_is_that_of_scipy(seed, time, count):
    random = np.random.default_rng(seed)
    bins = random.integers(0, count, time)
    codes = np.stack([random_codes(random, time) for _ in range(3)], axis=1)
    assume(np.ptp(bins) and np.ptp(codes.astype(int), axis=0).all())
    expected = [spearmanr(codes[:, unit], bins).statistic for unit in range(3)]
    assert spearman(table_of(codes, bins, count)) == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.integers(-128, 127), min_size=1, max_size=300))
def test_midranks_are_those_of_scipy(values):
    codes = np.array(values)
    assert np.array_equal(midranks(counts_of(codes))[codes + 128], rankdata(codes))


def test_a_unit_of_one_code_scores_chance_and_not_nan():
    codes = np.full((100, 1), 127, np.int8)
    bins = np.arange(100) % 4
    table = table_of(codes, bins, 4)
    assert auroc(table[0], table[1]).tolist() == [0.5]
    assert spearman(table).tolist() == [0.0]


def test_a_label_of_one_class_scores_chance_and_not_nan():
    counts = counts_of(np.arange(-50, 50))[None]
    nothing = np.zeros_like(counts)
    assert auroc(nothing, counts).tolist() == [0.5]
    assert auroc(counts, nothing).tolist() == [0.5]
    assert spearman(np.stack([nothing, counts, nothing])).tolist() == [0.0]
    assert spearman(np.stack([nothing, nothing])).tolist() == [0.0]


def test_a_perfect_unit_scores_one_and_its_mirror_image_the_other_end():
    label = np.arange(200) >= 150
    codes = np.where(label, 3, -4)[:, None] * np.array([1, -1])
    table = table_of(codes, label.astype(int), 2)
    assert auroc(table[0], table[1]).tolist() == [1.0, 0.0]
    assert spearman(table) == pytest.approx([1.0, -1.0], abs=1e-15)
    assert np.abs(spearman(table)).max() <= 1.0


def test_counts_of_a_billion_symbols_do_not_overflow():
    outside, inside = np.zeros((2, 1, 256), np.int64)
    outside[0, [10, 200]] = 10**9
    inside[0, [10, 200]] = 10**9, 3 * 10**9
    assert auroc(outside, inside) == pytest.approx([0.625], abs=1e-12)
    assert spearman(np.stack([outside, inside])) == pytest.approx([0.25], abs=1e-9)


def test_auroc_keeps_the_axes_before_the_codes():
    counts = np.random.default_rng(0).integers(0, 9, (2, 3, 4, 256))
    scores = auroc(*counts)
    assert scores.shape == (3, 4)
    assert scores[1, 2] == auroc(counts[0, 1, 2], counts[1, 1, 2])
