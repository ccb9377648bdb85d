from __future__ import annotations

from itertools import product

import numpy as np
import planted
import pytest
import torch
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from analysis.hypotheses.catalogue import find_hypotheses
from analysis.hypotheses.labels import Labels
from analysis.labelling import label_recording
from analysis.nulls import (
    Null,
    adjust_p_values,
    correlation_to_auroc,
    p_value,
    shift_null,
    unit_correlations,
)
from analysis.ranks import centred_ranks
from analysis.sampling import sample_documents
from analysis.shifts import NoNull, autocorrelation_length
from benchmarks.made_recording import make_codes, slow_walk
from models import planted_text


@pytest.fixture
def random():
    return np.random.default_rng(2)


def offsets(*lengths):
    return np.concatenate([[0], np.cumsum(lengths)])


def run_lengths(lengths):
    """Labels that say no and yes in turn for so many symbols each."""
    return np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)


def test_observed_correlations_are_those_of_scipy(random):
    blocks = [*make_codes(2_000, 20, random), np.full((2_000, 2), 127, np.int8)]
    codes = np.concatenate(blocks, axis=1)
    quote = slow_walk((2_000,), 0.9, random) > 0.5
    defined = random.random(2_000) < 0.8
    for values in (quote, np.round(3 * slow_walk((2_000,), 0.9, random))):
        null = shift_null(blocks, Labels(values, defined), offsets(500, 1_500))
        expected = [spearmanr(values[defined], unit[defined]).statistic for unit in codes.T[:20]]
        np.testing.assert_allclose(null.observed, [*expected, 0, 0], atol=1e-6)
        np.testing.assert_allclose(
            unit_correlations(codes[defined], values[defined]), null.observed, atol=1e-6
        )
        assert null.symbols == defined.sum()
        assert null.positives == (values[defined] > 0).sum()
    assert null.maxima.shape == (200,)


def test_correlations_become_the_aurocs_of_scikit_learn(random):
    blocks = make_codes(3_000, 12, random)
    blocks[0][:, 0] = blocks[0][:, 0] > 40  # many ties
    blocks[0][:, 1] = 3
    quote = slow_walk((3_000,), 0.9, random) > 0.5
    null = shift_null(blocks, Labels.everywhere(quote), offsets(1_000, 2_000))
    found = correlation_to_auroc(null.observed, null.spread, null.positives, null.symbols)
    expected = [roc_auc_score(quote, unit) for unit in blocks[0].T]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found[1] == 0.5
    assert correlation_to_auroc(null.observed, null.spread, 0, 3_000).tolist() == [0.5] * 12


def test_every_maximum_is_one_of_those_that_brute_force_gives(random):
    lengths = (40, 30)
    codes = random.integers(-128, 128, (70, 3)).astype(np.int8)
    values = run_lengths([3, 2, 4, 3, 2, 4, 3, 2, 4, 3, 2, 3, 5, 5, 3, 4, 4, 5, 2, 4, 3])
    null = shift_null([codes], Labels.everywhere(values), offsets(*lengths), shifts=60)
    allowed = [range(null.length, n - null.length + 1) for n in lengths]
    codes_ranks = np.array([centred_ranks(unit) for unit in codes.T])
    possible = []
    for first, second in product(*allowed):
        moved = np.concatenate([np.roll(values[:40], first), np.roll(values[40:], second)])
        possible.append(np.abs(np.corrcoef(codes_ranks, centred_ranks(moved))[-1, :-1]).max())
    distance = np.abs(null.maxima[:, None] - np.array(possible)).min(axis=1)
    assert distance.max() < 1e-6
    assert len(set(null.maxima.round(6))) > 40


def test_only_defined_symbols_move_and_blocks_change_nothing(random):
    codes = np.concatenate(make_codes(3_000, 20, random), axis=1)
    values = slow_walk((3_000,), 0.9, random) > 0.5
    defined = np.ones(3_000, np.bool_)
    defined[500:1_500] = False  # the second document, and a part of the third
    labels = Labels(values & defined, defined)
    whole = shift_null([codes], labels, offsets(500, 500, 2_000))
    in_blocks = shift_null(iter([codes[:, :3], codes[:, 3:]]), labels, offsets(500, 500, 2_000))
    without = shift_null([codes[defined]], Labels.everywhere(values[defined]), offsets(500, 1_500))
    for other in (in_blocks, without):
        np.testing.assert_allclose(other.maxima, whole.maxima, atol=1e-6)
        np.testing.assert_allclose(other.observed, whole.observed, atol=1e-6)


def test_p_values_count_the_shifts_that_do_as_well():
    maxima = np.array([0.1, 0.3, 0.3, 0.2])
    assert p_value(np.array([0.5, -0.3, 0.2, 0.0]), maxima).tolist() == [0.2, 0.6, 0.8, 1.0]
    null = Null(maxima, np.array([0.0, -0.4]), np.ones(2), 1, 10, 5)
    assert null.p_best == 0.2
    assert Null(np.zeros(9), np.zeros(0), np.zeros(0), 1, 10, 5).p_best == 1.0


def test_a_shift_that_gives_the_very_same_label_counts_as_equal(random):
    values = np.tile(run_lengths([5, 5]), 100)
    noisy = values * 40 + random.integers(0, 30, 1_000)
    null = shift_null([noisy.astype(np.int8)[:, None]], Labels.everywhere(values), offsets(1_000))
    assert null.p_best > 0.05  # one shift in ten is by a whole number of periods


def test_autocorrelation_length_is_that_of_a_slow_walk(random):
    values = slow_walk((200_000,), 0.95, random)
    length = autocorrelation_length(values.astype(float), offsets(*[10_000] * 20))
    assert length == pytest.approx(-1 / np.log(0.95), rel=0.15)
    assert autocorrelation_length(np.zeros(10), offsets(5, 5)) is None
    steps = np.repeat([0.0, 1.0], 5)
    assert autocorrelation_length(steps - 0.5, offsets(5, 5)) is None


@pytest.mark.parametrize(
    ("values", "lengths", "reason"),
    [
        (np.repeat([True, False], 50), (50, 50), "changes within no document"),
        (run_lengths([1] * 10), (2,) * 5, "too short"),
        (np.repeat([True, False], 50), (100,), "shifts that differ"),
        (run_lengths([20] * 4), (80,), "shifts that differ"),
        (np.zeros(0, np.bool_), (0,), "changes within no document"),
    ],
)
def test_where_documents_are_too_short_there_is_a_reason_and_no_p_value(values, lengths, reason):
    def no_codes():
        raise AssertionError("codes were read for nothing")
        yield

    answer = shift_null(no_codes(), Labels.everywhere(values), offsets(*lengths))
    assert isinstance(answer, NoNull)
    assert reason in answer.reason


def untrained_codes(seed, symbols):
    """Codes of h of a random 1 x 16 LSTM that forgets slowly; symbols (time, document)."""
    torch.manual_seed(seed)
    layer = torch.nn.LSTM(len(planted.SYMBOLS), 16)
    with torch.no_grad():
        layer.weight_ih_l0.normal_(0, 0.7)
        layer.bias_ih_l0[16:32].uniform_(1, 6)
        one_hot = torch.eye(len(planted.SYMBOLS))[torch.from_numpy(symbols)]
        h, _ = layer(one_hot)
    return np.round(127 * h.numpy()).astype(np.int8).transpose(1, 0, 2).reshape(-1, 16)


def shuffled_p(codes, values, random):
    """What a null of shuffled labels would have said."""
    shuffled = [unit_correlations(codes, random.permutation(values)) for _ in range(60)]
    maxima = np.abs(shuffled).max(axis=1)
    return p_value(np.abs(unit_correlations(codes, values)), maxima).min()


@pytest.mark.slow
def test_of_searches_for_nothing_one_in_twenty_is_significant_where_shuffling_finds_something():
    random = np.random.default_rng(1)
    shifted, shuffled = [], []
    for seed in range(100):
        texts = "".join(planted_text._text(random, lines=30)[:600] for _ in range(8))
        symbols = np.array([planted.SYMBOLS.index(s) for s in texts]).reshape(8, 600).T
        codes = untrained_codes(seed, symbols)
        walks = [slow_walk((600,), 0.95, random) for _ in range(8)]
        labels = Labels.everywhere(np.concatenate(walks) > 0.8)
        shifted.append(shift_null([codes], labels, offsets(*[600] * 8), seed=seed).p_best)
        if seed < 30:
            shuffled.append(shuffled_p(codes, labels.values, random))
    assert 0.01 <= np.mean(np.array(shifted) < 0.05) <= 0.09
    assert 0.3 < np.mean(shifted) < 0.7
    assert np.mean(np.array(shuffled) < 0.05) > 0.5


def test_the_planted_quote_unit_is_as_significant_as_can_be(recording):
    (labels,) = label_recording(recording, find_hypotheses(["double-quotes"]), lambda share: None)
    sample = sample_documents(recording.documents)
    codes = [sample.take(recording.codes(site)) for site in ("0.h", "0.c")]
    sampled = Labels(sample.take(labels.values), sample.take(labels.defined))
    null = shift_null(codes, sampled, sample.offsets)
    assert np.argmax(np.abs(null.observed)) == planted.PLACES["quote"]
    assert null.p_values[planted.PLACES["quote"]] == null.p_best == 1 / 201


def test_p_values_of_many_hypotheses_are_adjusted_and_missing_ones_stay_missing():
    assert adjust_p_values([0.01, None, 0.04, 0.03, 0.5]) == pytest.approx(
        [0.04, None, 0.16 / 3, 0.16 / 3, 0.5]
    )
    assert adjust_p_values([None]) == [None]
    assert adjust_p_values([]) == []
