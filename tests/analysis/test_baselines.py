from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from analysis.baselines import baseline_scores, within_symbol
from analysis.hypotheses.labels import Labels
from analysis.ranks import rank_auroc

STARTS = (0, 700, 702, 702, 2_000)
TIME = 3_000


@pytest.fixture
def random():
    return np.random.default_rng(6)


@pytest.fixture
def text(random):
    """Code points, the largest among them, of which some occur once."""
    common = random.choice(np.array([10, 34, 97, 98, 99, 0x10FFFF]), TIME)
    rare = random.random(TIME) < 0.02
    return np.where(rare, random.integers(0x4E00, 0x9FFF, TIME), common).astype(np.uint32)


def halves(random):
    reports = random.random(TIME) < 0.5
    return ~reports, reports


def brute_force(symbols, labels, chooses, reports, orders):
    """Learn with dictionaries and look up symbol by symbol."""
    document = np.searchsorted(STARTS, np.arange(TIME), side="right")

    def context(t, order):
        whole = t >= order and document[t] == document[t - order]
        return tuple(symbols[t - order : t + 1]) if whole else None

    learned = defaultdict(list)
    for t in np.flatnonzero(chooses & labels.defined):
        for order in range(orders):
            learned[context(t, order)].append(labels.values[t])
    learned.pop(None, None)
    mean = labels.values[chooses & labels.defined].mean()
    scored = np.flatnonzero(reports & labels.defined)
    expected = []
    for t in scored:
        contexts = [context(t, order) for order in reversed(range(orders))]
        found = [np.mean(learned[c], dtype=float) for c in contexts if c in learned]
        expected.append([*found, mean][0])
    return expected, labels.values[scored]


def test_yes_no_baselines_are_those_of_brute_force(random, text):
    chooses, reports = halves(random)
    values = (np.roll(text, 1) == 34) ^ (random.random(TIME) < 0.2)
    labels = Labels(values, random.random(TIME) < 0.9)
    found = baseline_scores(text, labels, chooses, reports, np.array(STARTS))
    for score, orders in ((found.symbol, 1), (found.trigram, 3)):
        expected, truth = brute_force(text, labels, chooses, reports, orders)
        assert score == pytest.approx(roc_auc_score(truth, expected), abs=1e-12)
    assert found.trigram > 0.65 > found.symbol


def test_number_baselines_are_those_of_brute_force(random, text):
    chooses, reports = halves(random)
    values = ((np.roll(text, 2) % 7) + random.integers(0, 3, TIME)).astype(np.float32)
    labels = Labels(values, random.random(TIME) < 0.9)
    found = baseline_scores(text, labels, chooses, reports, np.array(STARTS))
    for score, orders in ((found.symbol, 1), (found.trigram, 3)):
        expected, truth = brute_force(text, labels, chooses, reports, orders)
        assert score == pytest.approx(spearmanr(truth, expected).statistic, abs=1e-12)


def test_a_label_that_is_the_symbol_is_explained_by_it(random, text):
    chooses, reports = halves(random)
    labels = Labels.everywhere(text == 10)
    found = baseline_scores(text, labels, chooses, reports, np.array([0]))
    assert (found.symbol, found.trigram) == (1.0, 1.0)


def test_without_labels_baselines_are_chance(text):
    everywhere, nowhere = np.ones(TIME, np.bool_), np.zeros(TIME, np.bool_)
    for halves_ in ((everywhere, nowhere), (nowhere, everywhere)):
        yes = baseline_scores(text, Labels.everywhere(text == 10), *halves_, np.array([0]))
        assert (yes.symbol, yes.trigram) == (0.5, 0.5)
        number = Labels.everywhere(text.astype(np.float32))
        assert baseline_scores(text, number, *halves_, np.array([0])).symbol == 0.0


def test_within_symbol_is_the_weighted_mean_of_scikit_learns_aurocs(random, text):
    yes = random.random(TIME) < 0.3
    codes = (random.integers(-60, 60, (TIME, 3)) + 40 * yes[:, None]).astype(np.int8)
    labels = Labels(yes, random.random(TIME) < 0.9)
    keep = random.random(TIME) < 0.5
    found = within_symbol(codes, labels, text, keep)
    used = keep & labels.defined
    for unit in range(3):
        scores, weights = [], []
        for symbol in np.unique(text[used]):
            own = used & (text == symbol)
            positives, negatives = yes[own].sum(), (~yes[own]).sum()
            if positives and negatives:
                scores.append(roc_auc_score(yes[own], codes[own, unit]))
                weights.append(positives * negatives / own.sum())
        assert found[unit] == pytest.approx(np.average(scores, weights=weights), abs=1e-12)


def test_within_symbol_of_numbers_is_the_weighted_mean_of_scipys_correlations(random, text):
    numbers = random.integers(0, 5, TIME)
    numbers[text == 34] = 2  # a symbol where the number never changes
    codes = (random.integers(-60, 60, (TIME, 2)) + 10 * numbers[:, None]).astype(np.int8)
    codes[text == 97, 1] = 0  # the unit never does at this one
    labels = Labels.everywhere(numbers.astype(np.float32))
    found = within_symbol(codes, labels, text, np.ones(TIME, np.bool_))
    for unit in range(2):
        scores, weights = [], []
        for symbol in np.unique(text):
            own = text == symbol
            if np.ptp(numbers[own]):
                flat = np.ptp(codes[own, unit].astype(int)) == 0
                score = 0 if flat else spearmanr(numbers[own], codes[own, unit]).statistic
                scores.append(score)
                weights.append(own.sum())
        assert found[unit] == pytest.approx(np.average(scores, weights=weights), abs=1e-12)


def test_a_unit_that_fires_on_the_quote_wins_short_strings_and_is_nothing_within_symbols(random):
    # Strings of one letter: the opening mark and the letter are inside, the closing mark is not.
    text = np.array([ord(s) for s in '"a" bb ' * 300], np.uint32)
    inside = np.cumsum(text == 34) % 2 == 1
    fires = np.where(text == 34, 100, 0) + np.where(text == ord("a"), 50, 0)
    toggles = np.where(inside, 80, -80)
    codes = np.stack([fires, toggles, random.permutation(toggles)], axis=1).astype(np.int8)
    assert rank_auroc(fires, inside) > 0.84
    kept = np.ones(text.size, np.bool_)
    scores = within_symbol(codes, Labels.everywhere(inside), text, kept)
    assert scores[:2].tolist() == [0.5, 1.0]
    assert scores[2] == pytest.approx(0.5, abs=0.05)


def test_nothing_to_score_and_constant_units_are_chance(random, text):
    codes = np.full((TIME, 2), -128, np.int8)
    kept, none = np.ones(TIME, np.bool_), np.zeros(TIME, np.bool_)
    yes = Labels.everywhere(random.random(TIME) < 0.5)
    numbers = Labels.everywhere(random.integers(0, 9, TIME).astype(np.float32))
    for keep in (kept, none):
        assert within_symbol(codes, yes, text, keep).tolist() == [0.5, 0.5]
        assert within_symbol(codes, numbers, text, keep).tolist() == [0.0, 0.0]
    assert within_symbol(codes, Labels.everywhere(text == 10), text, kept).tolist() == [0.5, 0.5]
