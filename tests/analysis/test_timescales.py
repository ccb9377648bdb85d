"""How long a unit remembers: against sums written out, and signals whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.timescales import autocorrelation, half_life, integrated_timescale, lag_under


def written_out(values: np.ndarray, spans: list[tuple[int, int]], lags: int) -> np.ndarray:
    used = np.concatenate([values[a:b] for a, b in spans]).astype(float)
    mean, variance = used.mean(), used.var()
    found = []
    for lag in range(lags + 1):
        products = [
            (values[t] - mean) * (values[t + lag] - mean)
            for start, stop in spans
            for t in range(start, stop - lag)
        ]
        found.append(np.mean(products) / variance)
    return np.array(found)


def autoregression(phi: float, symbols: int, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=symbols)
    values = np.zeros(symbols)
    for t in range(1, symbols):
        values[t] = phi * values[t - 1] + noise[t]
    return values


def test_it_is_the_mean_product_of_pairs_within_documents() -> None:
    draw = np.random.default_rng(5)
    codes = draw.integers(-127, 128, 260).astype(np.int8)
    spans = [(0, 7), (7, 7), (7, 120), (120, 121), (121, 260)]
    found = autocorrelation(codes, spans, 60)
    np.testing.assert_allclose(found, written_out(codes, spans, 60), atol=1e-4)


def test_lags_go_no_further_than_the_longest_document() -> None:
    codes = np.random.default_rng(1).integers(-9, 9, 30).astype(np.int8)
    spans = [(0, 10), (10, 30)]
    found = autocorrelation(codes, spans)
    assert found.shape == (20,)
    np.testing.assert_allclose(found, written_out(codes, spans, 19), atol=1e-4)


@pytest.mark.parametrize("phi", [0.5, 0.9, 0.98])
def test_an_autoregression_decays_by_its_factor(phi: float) -> None:
    values = autoregression(phi, 400_000, seed=3)
    found = autocorrelation(values, [(0, 150_000), (150_000, 400_000)])
    lags = np.arange(20)
    np.testing.assert_allclose(found[:20], phi**lags, atol=0.03)
    expected = math.ceil(-1 / math.log(phi))
    assert lag_under(found) == pytest.approx(expected, rel=0.06)
    assert integrated_timescale(found) == pytest.approx((1 + phi) / (1 - phi), rel=0.1)


def test_a_square_wave_goes_up_and_down_with_its_period() -> None:
    codes = np.tile(np.repeat(np.array([100, -100], np.int8), 10), 500)
    found = autocorrelation(codes, [(0, codes.size)], 40)
    assert found[20] == pytest.approx(1.0, abs=1e-3)
    assert found[10] == pytest.approx(-1.0, abs=1e-3)
    assert found[5] == pytest.approx(0.0, abs=1e-3)
    assert lag_under(found) == 4  # 1 - 2 * 4 / 10
    # 1 + 2 (0.8 + 0.6 + 0.4 + 0.2): the sum ends where it is zero.
    assert integrated_timescale(np.round(found, 2)) == pytest.approx(5.0, abs=0.05)


def test_a_constant_has_no_timescale() -> None:
    found = autocorrelation(np.full(50, 7, np.int8), [(0, 50)])
    assert np.isnan(found).all()
    assert lag_under(found) is None
    assert integrated_timescale(found) is None


def test_noise_is_as_good_as_new_at_once() -> None:
    values = np.random.default_rng(0).normal(size=200_000)
    found = autocorrelation(values, [(0, values.size)], 50)
    assert lag_under(found) == 1
    assert integrated_timescale(found) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(
    ("gate", "symbols"), [(0.5, 1.0), (0.25, 0.5), (0.0, 0.0), (1.0, math.inf)]
)
def test_half_is_left_after_the_half_life(gate: float, symbols: float) -> None:
    assert half_life(gate) == symbols


def test_a_gate_keeps_half_over_its_half_life() -> None:
    assert 0.93 ** half_life(0.93) == pytest.approx(0.5)
