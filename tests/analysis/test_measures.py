from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    jaccard_score,
    mutual_info_score,
    precision_recall_curve,
    precision_score,
    recall_score,
    roc_auc_score,
)

from analysis.correlations import binned_r2, mean_curve, pearson, spearman, spearman_from_sums
from analysis.measures import NumberCounts, YesNoCounts
from analysis.scores import (
    at_threshold,
    average_precision,
    best_threshold,
    cohens_d,
    information_bias,
    mutual_information,
)

SEEDS = st.integers(0, 2**32)


def histogram(codes: np.ndarray) -> np.ndarray:
    return np.bincount(codes.astype(int) + 128, minlength=256)


def some_codes(random: np.random.Generator, time: int, label: np.ndarray) -> np.ndarray:
    """Codes that follow a label more or less, in more or fewer distinct values."""
    wide = random.integers(1, 100)
    follows = random.uniform(-1, 1) * wide * label
    return np.clip(random.normal(0, wide, time) + follows, -128, 127).astype(np.int8)


def a_case(seed: int, time: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    label = random.random(time) < random.uniform(0.05, 0.95)
    label[:2] = True, False
    return label, some_codes(random, time, label)


@given(SEEDS, st.integers(2, 400))
@settings(max_examples=60)
def test_yes_no_measures_are_those_of_scikit_learn(seed, time):
    label, codes = a_case(seed, time)
    no, yes = histogram(codes[~label]), histogram(codes[label])
    assert average_precision(no, yes) == pytest.approx(average_precision_score(label, codes))
    table = np.stack([no, yes])
    assert mutual_information(table) == pytest.approx(mutual_info_score(label, codes), abs=1e-9)
    threshold = best_threshold(no, yes)
    precision, recall, _ = precision_recall_curve(label, codes)
    best = np.max(2 * precision * recall / np.maximum(precision + recall, 1e-300))
    found = at_threshold(no, yes, threshold)
    said = codes >= threshold
    assert found.f1 == pytest.approx(best, abs=1e-9)
    assert found.f1 == pytest.approx(f1_score(label, said), abs=1e-9)
    assert found.precision == pytest.approx(precision_score(label, said), abs=1e-9)
    assert found.recall == pytest.approx(recall_score(label, said), abs=1e-9)
    assert found.jaccard == pytest.approx(jaccard_score(label, said), abs=1e-9)


@given(SEEDS, st.integers(4, 400))
@settings(max_examples=40)
def test_cohens_d_is_the_difference_of_means_in_pooled_deviations(seed, time):
    label, codes = a_case(seed, time)
    inside, outside = codes[label].astype(float), codes[~label].astype(float)
    squares = ((inside - inside.mean()) ** 2).sum() + ((outside - outside.mean()) ** 2).sum()
    expected = 0.0
    if squares:
        expected = (inside.mean() - outside.mean()) / np.sqrt(squares / (time - 2))
    assert cohens_d(histogram(codes[~label]), histogram(codes[label])) == pytest.approx(
        expected, rel=1e-9, abs=1e-9
    )


def test_the_bias_of_information_is_what_unrelated_codes_seem_to_tell():
    random = np.random.default_rng(0)
    seems, bias = [], []
    for _ in range(200):
        label, codes = random.random(4_000) < 0.3, random.integers(0, 30, 4_000)
        table = np.stack([histogram(codes[~label]), histogram(codes[label])])
        seems.append(mutual_information(table))
        bias.append(information_bias(table))
    assert np.mean(seems) == pytest.approx(np.mean(bias), rel=0.05)


def number_case(seed: int, time: int, bins: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    label = random.integers(0, bins, time)
    label[:2] = 0, bins - 1
    units = [some_codes(random, time, label / bins) for _ in range(3)]
    return label, np.stack(units, axis=1)


def joint(label: np.ndarray, codes: np.ndarray, bins: int) -> np.ndarray:
    return np.stack(
        [[histogram(codes[label == b, u]) for u in range(codes.shape[1])] for b in range(bins)]
    )


@given(SEEDS, st.integers(3, 300), st.integers(2, 40))
@settings(max_examples=40)
def test_correlations_are_those_of_scipy(seed, time, bins):
    label, codes = number_case(seed, time, bins)
    table = joint(label, codes, bins)
    values = np.linspace(-3, 5, bins) ** 3
    met = table[:, 0].sum(axis=1)
    ranks = 2 * np.cumsum(met) - met + 1
    sums = np.einsum("b,buk->uk", ranks, table)
    rho = spearman_from_sums(table.sum(axis=0), sums, met)
    assert rho == pytest.approx(spearman(table), abs=1e-12)
    for unit in range(3):
        own = codes[:, unit].astype(float)
        varies = np.ptp(own) > 0
        expected = spearmanr(label, own).statistic if varies else 0.0
        assert rho[unit] == pytest.approx(expected, abs=1e-9)
        expected = pearsonr(values[label], own).statistic if varies else 0.0
        assert pearson(table, values)[unit] == pytest.approx(expected, abs=1e-9)


@given(SEEDS, st.integers(3, 300), st.integers(2, 12))
@settings(max_examples=40)
def test_the_curve_and_its_r2_are_those_of_means_by_bin(seed, time, bins):
    label, codes = number_case(seed, time, bins)
    table = joint(label, codes, bins)
    for unit in range(3):
        own = codes[:, unit].astype(float)
        means = [own[label == b].mean() if (label == b).any() else np.nan for b in range(bins)]
        assert mean_curve(table)[:, unit] == pytest.approx(np.array(means), nan_ok=True)
        rest = np.sum((own - np.array(means)[label]) ** 2)
        whole = np.sum((own - own.mean()) ** 2)
        expected = 1 - rest / whole if whole else 0.0
        assert binned_r2(table)[unit] == pytest.approx(expected, abs=1e-9)


def test_r2_sees_a_curve_that_rises_and_falls_where_correlations_do_not():
    label = np.repeat(np.arange(5), 100)
    codes = (20 * (label - 2) ** 2).astype(np.int8)[:, None]
    table = joint(label, codes, 5)
    assert binned_r2(table)[0] == pytest.approx(1.0)
    assert spearman(table)[0] == pytest.approx(0.0, abs=1e-12)


def halves(seed: int) -> tuple[YesNoCounts, list[tuple[np.ndarray, np.ndarray]]]:
    cases = [a_case(seed + half, 300) for half in (0, 1)]
    table = np.stack([[[histogram(c[~x])], [histogram(c[x])]] for x, c in cases])
    return YesNoCounts(table), cases


MEASURED: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "auroc": roc_auc_score,
    "average_precision": average_precision_score,
}


@given(SEEDS)
@settings(max_examples=40)
def test_direction_and_threshold_come_from_the_half_that_chooses(seed):
    counts, ((label0, codes0), (label1, codes1)) = halves(seed)
    scores, direction = counts.rank("auroc")
    sign = int(direction[0])
    assert sign == (1 if roc_auc_score(label0, codes0) >= 0.5 else -1)
    assert scores[0, 0] >= 0.5
    report = counts.report(direction)
    turned = sign * codes1.astype(int)
    for measure, reference in MEASURED.items():
        own, _ = counts.rank(measure)
        assert own[1, 0] == pytest.approx(reference(label1, turned))
        assert report[measure][0] == pytest.approx(own[1, 0])
    threshold = round(report["threshold"][0] * 127)
    said = codes1 >= threshold if sign > 0 else codes1 <= threshold
    assert report["f1"][0] == pytest.approx(f1_score(label1, said))
    assert report["jaccard"][0] == pytest.approx(jaccard_score(label1, said))
    assert counts.rank("f1")[0][1, 0] == report["f1"][0]


def test_a_unit_of_one_code_has_scores_of_chance_and_never_nan():
    table = np.zeros((2, 2, 1, 256), np.int64)
    table[:, 0, 0, 130], table[:, 1, 0, 130] = 70, 30
    counts = YesNoCounts(table)
    for measure in ("auroc", "average_precision", "f1", "jaccard", "mutual_information"):
        assert np.isfinite(counts.rank(measure)[0]).all()
    report = counts.report(counts.rank("auroc")[1])
    assert report["auroc"][0] == 0.5
    assert report["average_precision"][0] == pytest.approx(0.3)
    assert report["mutual_information"][0] == report["cohens_d"][0] == 0.0
    values = np.array([[70, 30]] * 2)
    codes = np.zeros((2, 1, 256), np.int64)
    codes[:, 0, 130] = 100
    scores, direction = NumberCounts(codes, codes * 101, values).rank()
    assert scores.tolist() == [[0.0], [0.0]]
    assert direction.tolist() == [1]
