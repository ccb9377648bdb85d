"""A unit's card: its figures are those that NumPy gives of its values, written out."""

from __future__ import annotations

import json
import math

import numpy as np
import planted
import pytest

from analysis.colour_scales import count_codes_of
from analysis.gathering import unit_names
from analysis.recording import Recording, RecordingError
from analysis.unit_card import (
    companions,
    sample_units,
    strongest_companions,
    unit_card,
)

QUOTE = f"0.c.{planted.PLACES['quote']}"


@pytest.mark.parametrize("unit", [QUOTE, "1.h.3", "0.f.5"])
def test_the_figures_are_those_of_the_values(recording: Recording, unit: str) -> None:
    card = unit_card(recording, unit)
    codes = recording.unit_codes(unit)
    values = codes / 127
    assert card.symbols == len(recording) == sum(card.counts)
    assert list(card.counts) == [int(np.sum(codes == code)) for code in range(-128, 128)]
    assert card.mean == pytest.approx(values.mean())
    assert card.deviation == pytest.approx(values.std())
    assert (card.low, card.high) == (values.min(), values.max())
    assert card.median == np.quantile(values, 0.5, method="inverted_cdf")
    low = 0.1 if unit.split(".")[1] == "f" else -0.9
    assert card.saturated_low == pytest.approx(np.mean(values < low))
    assert card.saturated_high == pytest.approx(np.mean(values > 0.9))
    assert card.correlations[0] == pytest.approx(1.0, abs=1e-5)


def test_the_half_life_is_the_median_of_the_gates(recording: Recording) -> None:
    card = unit_card(recording, "1.c.3")
    gates = recording.unit_codes("1.f.3") / 127
    with np.errstate(divide="ignore"):
        lives = math.log(0.5) / np.log(gates)
    assert card.half_life is not None
    assert card.half_life.gate == "1.f.3"
    assert card.half_life.symbols == pytest.approx(
        np.quantile(lives, 0.5, method="inverted_cdf"), rel=1e-6
    )
    assert card.half_life.at_least < card.half_life.symbols
    json.dumps(card.to_json(), allow_nan=False)


def test_codes_are_counted_from_the_least_to_the_greatest() -> None:
    codes = np.array([-128, -1, 0, 0, 127], np.int8)
    counts = count_codes_of(codes)
    assert counts.sum() == 5
    assert [int(counts[code + 128]) for code in (-128, -1, 0, 127)] == [1, 1, 2, 1]


def test_companions_are_the_greatest_correlations() -> None:
    draw = np.random.default_rng(2)
    sample = draw.integers(-100, 100, (4_000, 9)).astype(np.int8)
    sample[:, 4] = -sample[:, 1]
    sample[:, 7] = np.clip(sample[:, 1].astype(int) + draw.integers(-60, 60, 4_000), -127, 127)
    sample[:, 2] = 5
    names = [f"0.h.{k}" for k in range(9)]
    found = strongest_companions(sample, names, "0.h.1", top=3)
    assert [each.unit for each in found[:2]] == ["0.h.4", "0.h.7"]
    with np.errstate(invalid="ignore"):
        expected = np.corrcoef(sample.T.astype(float))[1]
    for each in found:
        place = names.index(each.unit)
        assert each.correlation == pytest.approx(expected[place], abs=1e-4)
    assert strongest_companions(sample, names, "0.h.2") == ()


def test_a_state_goes_with_its_own_cell(recording: Recording) -> None:
    sample = sample_units(recording, 500)
    assert sample.shape == (500, len(unit_names(recording)))
    assert QUOTE.replace("c", "h") in [each.unit for each in companions(recording, QUOTE)]


def test_a_unit_that_is_not_there_is_named(recording: Recording) -> None:
    with pytest.raises(RecordingError, match="0 to 15"):
        unit_card(recording, "0.h.99")
