from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from analysis.probes import probe_units, sample_symbols


@pytest.fixture
def random():
    return np.random.default_rng(8)


def and_or_codes(quotes):
    """Codes of the two-unit tanh RNN that holds "inside quotes" as OR less AND.

    Parameters
    ----------
    quotes : ndarray of bool, shape (time,)

    Returns
    -------
    ndarray of int8, shape (time, 2)
    """
    strength = 20.0
    layer = torch.nn.RNN(1, 2, dtype=torch.float64)
    with torch.no_grad():
        layer.weight_hh_l0[:] = strength / 2 * torch.tensor([[-1.0, 1.0], [-1.0, 1.0]])
        layer.weight_ih_l0[:] = strength
        layer.bias_hh_l0.zero_()
        layer.bias_ih_l0[:] = strength * torch.tensor([-1.5, -0.5])
        states, _ = layer(torch.from_numpy(quotes[:, None].astype(float)))
    return np.round(127 * states.numpy()).astype(np.int8)


def test_a_pair_that_holds_the_quote_together_is_told_from_its_better_half(random):
    quotes = random.random(20_000) < 1 / 4.9
    inside = np.cumsum(quotes) % 2 == 1
    noise = np.round(40 * random.standard_normal((20_000, 30))).clip(-127, 127).astype(np.int8)
    codes = np.concatenate([noise[:, :7], and_or_codes(quotes), noise[:, 7:]], axis=1)
    alone = [roc_auc_score(inside, codes[:, unit]) for unit in (7, 8)]
    names = [f"0.h.{unit}" for unit in range(32)]
    half = 10_000
    probes = probe_units(codes[:half], inside[:half], codes[half:], inside[half:], names)
    assert [(p.k, p.is_all) for p in probes] == [(k, False) for k in (1, 2, 4, 8)] + [(32, True)]
    # OR is up inside and at the closing mark, AND at the closing mark alone.
    assert alone == pytest.approx([0.4, 0.9], abs=0.01)
    assert probes[0].score == pytest.approx(alone[1], abs=0.01)
    assert probes[0].units == ("0.h.8",)
    assert set(probes[1].units) == {"0.h.7", "0.h.8"}
    assert all(probe.score > 0.9999 for probe in probes[1:])
    assert probes[-1].units == tuple(names)


def test_numbers_that_are_a_sum_of_four_units_are_found(random):
    codes = random.integers(-127, 128, (6_000, 40)).astype(np.int8)
    parts = (3, 11, 20, 39)
    total = codes[:, parts].astype(int) @ [4, -3, 2, 2]
    values = np.round(total / 50).astype(np.float32)
    names = [f"1.c.{unit}" for unit in range(40)]
    probes = probe_units(codes[:3_000], values[:3_000], codes[3_000:], values[3_000:], names)
    assert probes[0].units == ("1.c.3",)
    assert probes[0].score == pytest.approx(spearmanr(values[3_000:], codes[3_000:, 3])[0])
    assert set(probes[2].units) == {f"1.c.{unit}" for unit in parts}
    assert probes[2].score > 0.995
    assert [p.score for p in probes[:3]] == sorted(p.score for p in probes[:3])


def test_the_score_of_all_units_is_that_of_scikit_learn(random):
    codes = random.integers(-127, 128, (2_000, 6)).astype(np.int8)
    yes = codes[:, :3].sum(axis=1) + 80 * random.standard_normal(2_000) > 100
    *_, all_units = probe_units(codes[:900], yes[:900], codes[900:], yes[900:], list("abcdef"))
    scaled = (codes - codes[:900].mean(axis=0)) / codes[:900].std(axis=0)
    model = LogisticRegression().fit(scaled[:900], yes[:900])
    expected = roc_auc_score(yes[900:], model.decision_function(scaled[900:]))
    assert all_units.score == pytest.approx(expected, abs=1e-4)


def test_few_constant_and_equal_units_are_finite_and_sizes_end_with_them(random):
    yes = random.random(400) < 0.4
    noise = random.integers(-9, 9, 400)
    codes = np.stack([np.full(400, 127), noise, noise, np.full(400, -3)], axis=1).astype(np.int8)
    for values in (yes, yes.astype(np.float32)):
        probes = probe_units(codes[:200], values[:200], codes[200:], values[200:], list("abcd"))
        assert [probe.k for probe in probes] == [1, 2, 4]
        assert set(probes[1].units) == {"b", "c"}
        assert np.isfinite([probe.score for probe in probes]).all()
    flat = probe_units(codes[:200, :1], yes[:200], codes[200:, :1], yes[200:], ["a"])
    assert [(probe.is_all, probe.score) for probe in flat] == [(True, 0.5)]
    assert probe_units(codes[:200, :0], yes[:200], codes[200:, :0], yes[200:], []) == ()


@pytest.mark.parametrize("kind", [np.bool_, np.float32])
def test_a_label_of_one_value_scores_chance(random, kind):
    codes = random.integers(-9, 9, (100, 3)).astype(np.int8)
    values = np.ones(100, kind)
    probes = probe_units(codes[:50], values[:50], codes[50:], values[50:], list("abc"))
    assert {probe.score for probe in probes} == {0.5 if kind is np.bool_ else 0.0}


def test_samples_are_balanced_where_they_can_be(random):
    yes = random.random(10_000) < 0.1
    where = random.random(10_000) < 0.8
    drawn = sample_symbols(yes, where, most=1_000)
    assert where[drawn].all()
    assert (drawn.size, yes[drawn].sum()) == (1_000, 500)
    assert (np.diff(drawn) > 0).all()
    many = sample_symbols(yes, where, most=4_000)
    assert (many.size, yes[many].sum()) == (4_000, (yes & where).sum())
    assert sample_symbols(~yes, where, most=4_000).size == 4_000
    assert sample_symbols(yes, where).tolist() == np.flatnonzero(where).tolist()
    numbers = random.standard_normal(10_000).astype(np.float32)
    assert sample_symbols(numbers, where, most=50).size == 50
