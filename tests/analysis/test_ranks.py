from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr
from sklearn.metrics import roc_auc_score

from analysis.ranks import centred_code_ranks, centred_ranks, rank_auroc, rank_correlation


@pytest.fixture
def random():
    return np.random.default_rng(4)


def test_ranks_are_those_of_scipy(random):
    codes = np.round(40 * random.standard_normal((999, 5))).clip(-128, 127).astype(np.int8)
    codes[:, 3] = 127
    codes[:3, 4] = -128
    expected = rankdata(codes, axis=0) - 500
    np.testing.assert_array_equal(centred_code_ranks(codes), expected)
    np.testing.assert_array_equal(centred_ranks(codes[:, 0]), expected[:, 0])


def test_scores_are_those_of_scipy_and_scikit_learn(random):
    values = np.round(random.standard_normal(500), 1)
    yes = random.random(500) < 0.3 + 0.2 * (values > 0)
    numbers = np.round(values + random.standard_normal(500))
    assert rank_auroc(values, yes) == pytest.approx(roc_auc_score(yes, values), abs=1e-12)
    expected = spearmanr(values, numbers).statistic
    assert rank_correlation(values, numbers) == pytest.approx(expected, abs=1e-12)


def test_what_never_changes_scores_chance(random):
    values = random.standard_normal(20)
    assert rank_correlation(values, np.ones(20)) == 0.0
    assert rank_correlation(np.ones(20), values) == 0.0
    assert rank_auroc(np.ones(20), values > 0) == 0.5
    assert rank_auroc(values, np.ones(20, np.bool_)) == 0.5
