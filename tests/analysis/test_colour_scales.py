"""Scales: each is what its definition says, of any unit, one that never varies too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.colour_scales import (
    SCALES,
    Scale,
    count_codes_of,
    ends_of_scale,
    is_signed,
    shares_of_codes,
    value_text,
)

code_arrays = arrays(np.int8, st.integers(1, 200), elements=st.integers(-127, 127))


@given(code_arrays, st.sampled_from(SCALES), st.booleans())
def test_shares_lie_between_the_ends_and_never_fall(
    codes: np.ndarray, scale: Scale, signed: bool
) -> None:
    shares = shares_of_codes(count_codes_of(codes), scale, signed=signed)
    assert shares.shape == (256,)
    assert shares.min() >= 0
    assert shares.max() <= 1
    assert (np.diff(shares) >= 0).all()


@given(code_arrays)
def test_a_quantile_is_the_middle_of_the_ranks_of_equal_values(codes: np.ndarray) -> None:
    shares = shares_of_codes(count_codes_of(codes), "quantile")
    for code in codes[:20]:
        below, equal = np.sum(codes < code), np.sum(codes == code)
        assert shares[int(code) + 128] == pytest.approx((below + equal / 2) / codes.size)


@given(code_arrays)
def test_z_is_the_distance_from_the_mean_in_sixths_of_six_standard_deviations(
    codes: np.ndarray,
) -> None:
    values = codes / 127
    shares = shares_of_codes(count_codes_of(codes), "z")[codes.astype(int) + 128]
    if np.ptp(codes) == 0:
        assert (shares == 0.5).all()
    else:
        expected = 0.5 + (values - values.mean()) / (6 * values.std())
        np.testing.assert_allclose(shares, expected.clip(0, 1), atol=1e-9)


@given(code_arrays)
def test_the_greatest_magnitude_reaches_an_end_of_maximum(codes: np.ndarray) -> None:
    shares = shares_of_codes(count_codes_of(codes), "maximum")
    most = np.abs(codes.astype(int)).max()
    assert shares[128] == 0.5
    if most:
        assert shares[128 + most] == pytest.approx(1)
        assert shares[128 - most] == pytest.approx(0)


@pytest.mark.parametrize("scale", ["maximum", "quantile", "z"])
def test_a_unit_that_never_varies_has_the_middle_colour(scale: Scale) -> None:
    for code in (0, 3):
        shares = shares_of_codes(count_codes_of(np.full(9, code, np.int8)), scale)
        if scale == "maximum" and code:
            assert shares[code + 128] == 1  # it is its own maximum
        else:
            assert shares[code + 128] == 0.5
    assert np.isfinite(shares_of_codes(np.zeros(256, np.int64), scale)).all()


def test_raw_gates_begin_at_zero_and_states_at_minus_one() -> None:
    assert [is_signed(signal) for signal in "hcgn"] == [True] * 4
    assert [is_signed(signal) for signal in "iforz"] == [False] * 5
    states, gates = shares_of_codes(None), shares_of_codes(None, signed=False)
    assert [states[1], states[128], states[255]] == [0, 0.5, 1]
    assert [gates[1], gates[128], gates[255]] == [0, 0, 1]
    assert ends_of_scale(None, signed=False).texts == ("0", "+0.5", "+1")


def test_ends_are_said_in_values_of_the_unit() -> None:
    counts = count_codes_of(np.array([-100, -20, 10, 30, 40], np.int8))
    assert ends_of_scale(None).texts == ("−1", "0", "+1")
    assert ends_of_scale(counts, "maximum").texts == ("−0.79", "0", "+0.79")
    assert ends_of_scale(counts, "quantile").texts == (
        "lowest −0.79", "median +0.08", "highest +0.31",
    )  # fmt: skip
    low, middle, high = ends_of_scale(counts, "z").texts
    mean, spread = np.array([-100, -20, 10, 30, 40]).mean() / 127, 0.397
    assert middle == f"mean {value_text(mean)}"
    assert low == f"−3 sd = {value_text(mean - 3 * spread)}"
    assert high == f"+3 sd = {value_text(mean + 3 * spread)}"


def test_values_are_written_with_their_sign() -> None:
    assert [value_text(value) for value in (-1, -0.831, 0, 0.001, 0.5)] == [
        "−1", "−0.83", "0", "0", "+0.5",
    ]  # fmt: skip
