"""Palettes: text can be read on every colour, and colour-blind readers tell the ends apart."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.colours import PALETTES, ColourStyle, blend, colour_table, palette
from dashboard import state
from dashboard.text_view import palettes as text_view_palettes

# Machado, Oliveira and Fernandes 2009, at full severity, over linear light.
BLINDNESS = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
               [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
# CIE76 distances between the ends that each palette keeps at least. Green and blue are what tritan
# eyes mix up: who needs that palette told apart has blue-orange.
LEAST = {
    "blue-orange": {"protan": 85, "deutan": 95, "tritan": 75},
    "viridis": {"protan": 80, "deutan": 75, "tritan": 30},
    "green-blue": {"protan": 80, "deutan": 70, "tritan": 20},
    "red-blue": {"protan": 45, "deutan": 60, "tritan": 80},
}


def linear(colours: np.ndarray) -> np.ndarray:
    share = colours / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def luminance(colours: np.ndarray) -> np.ndarray:
    return linear(colours) @ [0.2126, 0.7152, 0.0722]


def lab(light: np.ndarray) -> np.ndarray:
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    shares = to_xyz @ np.clip(light, 0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(shares > 0.008856, np.cbrt(shares), 7.787 * shares + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def rgb(colour: str) -> np.ndarray:
    return np.array(list(bytes.fromhex(colour[1:])))


@pytest.mark.parametrize("name", PALETTES)
@pytest.mark.parametrize("dark", [False, True])
def test_text_keeps_a_contrast_of_five_on_every_colour(name: str, dark: bool) -> None:
    chosen = palette(dark, name)
    ink = luminance(rgb(chosen.ink))
    for colours in (blend(chosen.stops, np.linspace(0, 1, 1001)), rgb(chosen.paper)[None]):
        low, high = np.minimum(ink, luminance(colours)), np.maximum(ink, luminance(colours))
        assert ((high + 0.05) / (low + 0.05)).min() >= 5.0


@pytest.mark.parametrize("name", PALETTES)
@pytest.mark.parametrize("dark", [False, True])
def test_the_ends_stay_apart_for_colour_blind_eyes(name: str, dark: bool) -> None:
    stops = palette(dark, name).stops
    for kind, least in LEAST[name].items():
        seen = [lab(np.array(BLINDNESS[kind]) @ linear(rgb(stops[end]))) for end in (0, -1)]
        assert np.linalg.norm(seen[0] - seen[1]) >= least, kind


def test_every_front_knows_the_same_palettes() -> None:
    assert tuple(PALETTES) == state.PALETTES == tuple(text_view_palettes.PALETTES)
    for name, shown in text_view_palettes.PALETTES.items():
        assert (shown.light, shown.dark) == (palette(False, name).stops, palette(True, name).stops)


def test_flipping_exchanges_the_ends() -> None:
    np.testing.assert_array_equal(
        colour_table(False, "red-blue", True), colour_table(False, "red-blue")[::-1]
    )
    table = ColourStyle("red-blue", flip=True).table(None)
    np.testing.assert_array_equal(table, colour_table(False, "red-blue", True))


def test_the_raw_style_is_the_table_of_all_codes_and_others_follow_the_counts() -> None:
    np.testing.assert_array_equal(ColourStyle().table(None), colour_table())
    counts = np.zeros(256, np.int64)
    counts[128 - 50 : 128 + 51] = 1
    table = ColourStyle(scale="maximum").table(counts)
    np.testing.assert_array_equal(table[127 + 50], rgb(palette().stops[-1]))
    np.testing.assert_array_equal(table[127 - 50], rgb(palette().stops[0]))
    assert ColourStyle(scale="z", flip=True).name == (
        "standard deviations from the mean; blue-orange, flipped"
    )
