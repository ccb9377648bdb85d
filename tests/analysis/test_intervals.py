from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analysis.correlations import spearman
from analysis.intervals import MOST_GROUPS, bootstrap
from analysis.scores import auroc


def table(bins, codes, count):
    counts = np.zeros((count, 256), np.int64)
    np.add.at(counts, (bins, codes + 128), 1)
    return counts


def yes_no_documents(random, documents, symbols=200):
    """Tables of a unit that follows the label more in some documents than in others."""
    tables = []
    for strength, share in zip(
        random.normal(0.8, 0.5, documents), random.uniform(0.1, 0.5, documents), strict=True
    ):
        yes = (random.random(symbols) < share).astype(int)
        values = random.standard_normal(symbols) + strength * yes
        tables.append(table(yes, np.round(30 * values).clip(-128, 127).astype(int), 2))
    return np.array(tables)


def number_documents(random, documents, symbols=200, bins=12):
    tables = []
    for strength in random.normal(0.15, 0.1, documents):
        numbers = random.integers(0, bins, symbols)
        values = random.standard_normal(symbols) + strength * (numbers - numbers.mean())
        tables.append(table(numbers, np.round(30 * values).clip(-128, 127).astype(int), bins))
    return np.array(tables)


def auroc_of(tables):
    return auroc(tables[:, 0], tables[:, 1])


def spearman_of(tables):
    return np.array([spearman(own[:, None])[0] for own in tables])


@pytest.mark.parametrize(
    ("make", "score", "plain"),
    [(yes_no_documents, "auroc", auroc_of), (number_documents, "spearman", spearman_of)],
)
def test_the_interval_is_that_of_scipy(make, score, plain):
    tables = make(np.random.default_rng(1), 30)

    def statistic(chosen, axis):
        drawn = np.moveaxis(chosen, axis, -1).reshape(-1, chosen.shape[axis])
        return plain(np.array([tables[own.astype(int)].sum(axis=0) for own in drawn]))

    expected = stats.bootstrap(
        (np.arange(30),),
        statistic,
        n_resamples=1_000,
        method="percentile",
        rng=np.random.default_rng(3),
        vectorized=True,
    ).confidence_interval
    low, high = bootstrap(tables, score, resamples=4_000)
    tolerance = 0.1 * (expected.high - expected.low)
    assert low == pytest.approx(expected.low, abs=tolerance)
    assert high == pytest.approx(expected.high, abs=tolerance)


@pytest.mark.parametrize(
    ("make", "score", "plain"),
    [(yes_no_documents, "auroc", auroc_of), (number_documents, "spearman", spearman_of)],
)
def test_a_named_score_is_the_one_that_a_callable_gives(make, score, plain):
    tables = make(np.random.default_rng(2), 20)
    assert bootstrap(tables, score) == pytest.approx(bootstrap(tables, plain), abs=1e-6)


@pytest.mark.parametrize(
    ("make", "score", "plain"),
    [(yes_no_documents, "auroc", auroc_of), (number_documents, "spearman", spearman_of)],
)
@pytest.mark.slow
def test_about_95_of_100_intervals_hold_the_true_score(make, score, plain):
    random = np.random.default_rng(0)
    (truth,) = plain(make(random, 4_000).sum(axis=0)[None])
    intervals = [bootstrap(make(random, 25), score, resamples=300) for _ in range(200)]
    covered = np.mean([low <= truth <= high for low, high in intervals])
    assert 0.88 <= covered <= 0.99


def test_many_documents_are_grouped_and_the_interval_stays():
    tables = yes_no_documents(np.random.default_rng(5), 700)
    low, high = bootstrap(tables, "auroc", resamples=4_000)
    random = np.random.default_rng(1)
    drawn = [tables[random.integers(0, 700, 700)].sum(axis=0) for _ in range(1_000)]
    expected = np.quantile(auroc_of(np.array(drawn)), [0.025, 0.975])
    assert len(tables) > MOST_GROUPS
    assert (low, high) == pytest.approx(tuple(expected), abs=0.25 * np.ptp(expected))


def test_documents_without_a_label_count_for_nothing_and_few_have_no_interval():
    tables = yes_no_documents(np.random.default_rng(5), 6)
    padded = np.concatenate([np.zeros_like(tables), tables])
    assert bootstrap(padded, "auroc") == bootstrap(tables, "auroc")
    assert bootstrap(padded[:10], "auroc") is None
    assert bootstrap(padded[:0], "auroc") is None


def test_constant_units_and_labels_have_intervals_at_chance():
    constant = np.zeros((8, 3, 256), np.int64)
    constant[:, :, 7] = 5
    assert bootstrap(constant[:, :2], "auroc") == (0.5, 0.5)
    assert bootstrap(constant, "spearman") == (0.0, 0.0)
    one_value = number_documents(np.random.default_rng(0), 8)
    one_value[:, 1:] = 0
    assert bootstrap(one_value, "spearman") == (0.0, 0.0)


def test_a_seed_is_an_interval():
    tables = yes_no_documents(np.random.default_rng(5), 6)
    assert bootstrap(tables, "auroc", seed=1) == bootstrap(tables, "auroc", seed=1)
    assert bootstrap(tables, "auroc", seed=1) != bootstrap(tables, "auroc", seed=2)
