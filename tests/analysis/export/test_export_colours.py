"""Exports have the scale, the palette and the direction that were asked for, and say which."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest

from analysis.colour_scales import SCALES, Scale, count_codes_of, count_units
from analysis.colours import PALETTES, ColourStyle, to_hex
from analysis.export import ViewAssets, render
from analysis.recording import Recording
from dashboard.text_view.standalone import standalone_script, standalone_style
from terminal import export as terminal_export
from unitscope import build_parser


@pytest.mark.parametrize("scale", SCALES)
def test_a_picture_of_text_has_the_colours_of_its_scale(recording: Recording, scale: Scale) -> None:
    style = ColourStyle("viridis", scale, flip=True)
    svg = render(recording, "1.c.2", 0, 200, ".svg", colours=style).decode()
    codes = recording.unit_codes("1.c.2")
    counts = count_codes_of(codes)
    table = to_hex(style.table(counts))
    for code in np.unique(codes[:200]):
        assert f'fill="{table[int(code) + 127]}"' in svg
    assert f"Colours: {style.name}" in svg
    for end in style.ends(counts).texts:
        assert f">{end}<" in svg


def test_counts_of_a_site_are_those_of_its_units(recording: Recording) -> None:
    chosen = (3, 0, 7)
    counts = count_units(recording, "1.c", chosen)
    for row, index in zip(counts, chosen, strict=True):
        expected = count_codes_of(recording.unit_codes(f"1.c.{index}"))
        np.testing.assert_array_equal(row, expected)


@pytest.mark.parametrize("suffix", [".png", ".svg", ".html"])
def test_a_heatmap_of_many_units_takes_every_scale(recording: Recording, suffix: str) -> None:
    style = ColourStyle("red-blue", "quantile")
    data = render(recording, "1.c", 0, 120, suffix, colours=style)
    assert data
    if suffix != ".png":
        assert b"median" in data
        assert b"red-blue" in data


def test_an_interactive_heatmap_is_placed_by_ranks_and_says_values(recording: Recording) -> None:
    page = render(
        recording, "1.c.4", 0, 50, ".html", kind="heatmap", colours=ColourStyle(scale="z")
    )
    assert b"customdata" in page
    assert "+3 sd" in page.decode()


def test_a_page_carries_style_counts_and_surprise(recording: Recording) -> None:
    view = ViewAssets(standalone_script(), standalone_style())
    style = ColourStyle("green-blue", "maximum")
    page = render(recording, "1.c.2", 5, 90, ".html", view=view, colours=style).decode()
    found = re.search(r'id="payload">(.*?)</script>', page, re.DOTALL)
    assert found
    payload = json.loads(found[1])
    assert payload["style"] == {"palette": "green-blue", "scale": "maximum", "flip": False}
    assert list(payload["palettes"]) == list(PALETTES)
    counts = np.frombuffer(b64decode(payload["counts"]["1.c.2"]), "<u4")
    np.testing.assert_array_equal(counts, count_codes_of(recording.unit_codes("1.c.2")))
    assert len(b64decode(payload["surprise"])) == 2 * 85


def test_the_terminal_offers_every_scale_and_palette() -> None:
    assert terminal_export.SCALES == SCALES
    assert tuple(PALETTES) == terminal_export.PALETTES


def test_the_terminal_exports_in_the_colours_asked_for(
    recording: Recording, tmp_path: Path
) -> None:
    target = tmp_path / "unit.svg"
    asked = ["--unit", "1.c.2", "--range", "0:80", "--scale", "z", "--palette", "viridis", "--flip"]
    options = build_parser().parse_args(["export", recording.path, *asked, "-o", str(target)])
    options.run(options)
    style = ColourStyle("viridis", "z", flip=True)
    assert target.read_bytes() == render(recording, "1.c.2", 0, 80, ".svg", colours=style)
