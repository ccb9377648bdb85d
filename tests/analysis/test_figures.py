"""Colours, glyphs, pooling, and the interactive heatmap."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from analysis import colours
from analysis.figures import columns, heatmap, heatmap_figure, signed_extremes
from analysis.figures.columns import cut_columns, round_times
from analysis.figures.glyphs import cells, glyph, runs_on


def test_colours_are_those_of_the_text_view() -> None:
    from dashboard.text_view.state import BLUE_ORANGE

    assert BLUE_ORANGE.light == colours.LIGHT.stops
    assert BLUE_ORANGE.dark == colours.DARK.stops


@pytest.mark.parametrize("dark", [False, True])
def test_a_code_has_the_colour_between_its_nearest_stops(dark: bool) -> None:
    table = colours.colour_table(dark)
    assert (table.shape, table.dtype) == ((255, 3), np.uint8)
    stops = [list(bytes.fromhex(stop[1:])) for stop in colours.palette(dark).stops]
    for code in range(-127, 128):
        place = (code + 127) / 254 * 4
        left = min(3, int(place))
        for channel in range(3):
            low, high = stops[left][channel], stops[left + 1][channel]
            assert abs(table[code + 127, channel] - (low + (high - low) * (place - left))) <= 0.5
    assert colours.hex_colours(dark)[254] == colours.palette(dark).stops[4]


@pytest.mark.parametrize("dark", [False, True])
def test_text_on_every_colour_has_at_least_the_contrast_of_aa(dark: bool) -> None:
    def luminance(colour: np.ndarray) -> float:
        share = colour / 255
        linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    ink = luminance(np.array(list(bytes.fromhex(colours.palette(dark).ink[1:]))))
    for colour in colours.colour_table(dark):
        low, high = sorted((ink, luminance(colour)))
        assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("symbol", "shown"),
    [("a", "a"), (" ", " "), ("\n", "↵"), ("\t", "→"), ("\r", "␍"), ("\x00", "␀"), ("\x7f", "␡"),
     ("\u0301", "◌\u0301"), ("\u202e", "▯"), ("\u200b", "▯"), ("\u2028", "▯"), ("\ud800", "▯"),
     ("\x85", "▯"), ("\uffff", "▯"), ("😀", "😀"), ("中", "中")],
)  # fmt: skip
def test_a_glyph_never_acts_on_its_neighbours(symbol: str, shown: str) -> None:
    assert glyph(symbol) == shown


def test_wide_and_right_to_left_symbols_stand_alone() -> None:
    assert [cells(symbol) for symbol in "aé中😀Ａ"] == [1, 1, 2, 2, 2]
    assert [runs_on(symbol) for symbol in "a é–Ж中😀\u05e9\u0639\u0301\n\t"] == [True] * 5 + [
        False
    ] * 7


codes_arrays = arrays(
    np.int8,
    array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=60),
    elements=st.integers(-127, 127),
)


@given(codes=codes_arrays, limit=st.integers(1, 70))
def test_pooling_keeps_the_strongest_code_of_each_column(codes: np.ndarray, limit: int) -> None:
    pooled = signed_extremes(codes, limit)
    count = min(limit, len(codes))
    assert pooled.shape == (count, codes.shape[1])
    assert pooled.dtype == np.int8
    for at in range(count):
        part = codes[len(codes) * at // count : len(codes) * (at + 1) // count]
        for unit in range(codes.shape[1]):
            strongest = max(part[:, unit].tolist(), key=lambda code: (abs(code), code))
            assert pooled[at, unit] == strongest


def test_pooling_block_by_block_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = np.random.default_rng(0).integers(-127, 128, (1000, 3)).astype(np.int8)
    whole = cut_columns(codes, "x" * 1000, 50, 70)
    monkeypatch.setattr(columns, "_BLOCK", 40)
    parts = cut_columns(codes, "x" * 1000, 50, 70)
    np.testing.assert_array_equal(whole.codes, parts.codes)
    np.testing.assert_array_equal(whole.codes, signed_extremes(codes, 70))
    assert whole.edges[[0, -1]].tolist() == [50, 1050]
    assert whole.pooled


@given(first=st.integers(0, 10**7), length=st.integers(1, 10**7), at_most=st.integers(1, 40))
def test_an_axis_names_few_round_times_of_its_range(first: int, length: int, at_most: int) -> None:
    times = round_times(first, first + length, at_most)
    assert all(first <= time < first + length for time in times)
    assert len(times) <= at_most + 1
    steps = set(np.diff(times).tolist())
    assert len(steps) <= 1
    assert all(str(step).rstrip("0") in {"1", "2", "5"} for step in steps)


def draw(time: int, units: int = 3, **options: bool) -> dict[str, object]:
    codes = (np.arange(time * units) % 255 - 127).astype(np.int8).reshape(time, units)
    text = ("<b>a\tb</b>\n" * time)[:time]
    names = [f"1.c.{unit}" for unit in range(units)]
    figure = heatmap_figure(codes, text, first_time=100, units=names, **options)
    loaded: dict[str, object] = json.loads(figure.to_json())
    return loaded


def test_the_figure_holds_the_values_in_thousandths_unit_by_time() -> None:
    codes = np.array([[-127, 0], [127, 1], [64, -2]], dtype=np.int8)
    figure = heatmap_figure(codes, "abc", units=["1.c.4", "1.c.0"])
    trace = figure.data[0]
    assert trace.z.dtype == np.int16
    assert trace.z.tolist() == [[-1000, 1000, 504], [0, 8, -16]]
    assert list(trace.y) == ["1.c.4", "1.c.0"]
    assert figure.layout.yaxis.autorange == "reversed"  # the first is on top
    assert (trace.zmin, trace.zmax) == (-1000, 1000)
    assert list(trace.colorbar.ticktext) == ["−1", "−0.5", "0", "+0.5", "+1"]


def test_hovering_names_unit_value_position_and_symbol() -> None:
    trace = draw(30)["data"][0]  # type: ignore[index]
    assert trace["hovertemplate"] == "<b>%{y}</b>  %{z:+05,d}<br>%{x}<extra></extra>"
    assert trace["x"][:2] == ["symbol 100: “&lt;”", "symbol 101: “b”"]
    assert "symbol 104: “→”" in trace["x"]


def test_a_short_range_has_its_text_along_the_axis_and_a_long_one_positions() -> None:
    short = draw(30)["layout"]["xaxis"]  # type: ignore[index]
    assert short["ticktext"][:3] == ["&lt;<br>100", "b", "&gt;"]
    assert len(short["ticktext"]) == 30
    long = draw(heatmap.READABLE_COLUMNS + 1)["layout"]["xaxis"]  # type: ignore[index]
    assert long["ticktext"][:2] == ["100", "120"]
    assert long["tickvals"][:2] == [0, 20]


def test_a_long_range_is_pooled_and_says_so() -> None:
    trace = draw(5000, units=1)["data"][0]  # type: ignore[index]
    assert len(trace["x"]) == heatmap.MOST_COLUMNS
    assert trace["x"][1].startswith("strongest of symbols 102 to 104: “")


def test_a_figure_for_dark_pages_has_dark_colours() -> None:
    figure = draw(30, dark=True)
    assert figure["layout"]["font"]["color"] == colours.DARK.ink  # type: ignore[index]
    assert figure["data"][0]["colorscale"][2][1] == colours.DARK.paper  # type: ignore[index]


@pytest.mark.parametrize(("shape", "text"), [((3, 2), "abcd"), ((3, 1), "abc"), ((0, 2), "")])
def test_codes_that_do_not_fit_text_and_units_are_refused(
    shape: tuple[int, int], text: str
) -> None:
    with pytest.raises(ValueError, match="must be equal and not empty"):
        heatmap_figure(np.zeros(shape, np.int8), text, units=["1.c.0", "1.c.1"])
