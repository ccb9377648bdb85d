"""Scales and palettes of the text view, by pixels against analysis.colours."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
from text_view_data import make_codes
from text_view_driver import UNIT, colours, press

from analysis.colour_scales import SCALES, Scale, count_codes_of
from analysis.colours import PALETTES, ColourStyle

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Open = Callable[..., "Page"]
CELLS = 40


def expect_style(page: Page, style: ColourStyle, unit: str = UNIT, *, dark: bool = False) -> None:
    """Wait until the first symbols have the colours of a style."""
    counts = count_codes_of(make_codes(unit, 0, 20_000))
    expected = style.table(counts, dark=dark)[make_codes(unit, 0, CELLS).astype(int) + 127]
    deadline = time.monotonic() + 10
    while not np.array_equal(colours(page, 1, CELLS), expected):
        assert time.monotonic() < deadline, f"the colours are not those of {style}"
        page.wait_for_timeout(50)


def choose(page: Page, option: str) -> None:
    panel = page.locator(".unitscope .panel")
    if not panel.is_visible():
        page.locator(".unitscope .colouring").click()
    panel.get_by_text(option, exact=True).click()


@pytest.mark.parametrize("scale", SCALES)
def test_every_scale_colours_as_python_does(open_view: Open, scale: Scale) -> None:
    page = open_view("prose-20000", scale=scale, settle="")
    style = ColourStyle(scale=scale)
    expect_style(page, style)
    ends = style.ends(count_codes_of(make_codes(UNIT, 0, 20_000))).texts
    shown = page.locator(".unitscope .scale")
    low, middle, high = (shown.locator("span.number, .zero").nth(at) for at in range(3))
    said = [each.inner_text() for each in (low, middle, high)]
    assert [text.split()[-1] for text in said] == [text.split()[-1] for text in ends]
    assert said == list(ends)


@pytest.mark.parametrize("name", PALETTES)
def test_every_palette_in_light_and_dark_both_ways(open_view: Open, name: str) -> None:
    page = open_view("prose-20000", palette=name, settle="")
    expect_style(page, ColourStyle(name))
    page.emulate_media(color_scheme="dark")
    expect_style(page, ColourStyle(name), dark=True)
    choose(page, "Exchange the ends")
    expect_style(page, ColourStyle(name, flip=True), dark=True)


def test_the_panel_changes_colours_at_once_and_python_hears_of_it(open_view: Open) -> None:
    page = open_view("prose-20000")
    choose(page, "rank")
    expect_style(page, ColourStyle(scale="quantile"))
    choose(page, "viridis")
    choose(page, "Exchange the ends")
    expect_style(page, ColourStyle("viridis", "quantile", flip=True))
    page.get_by_text("palette='viridis', scale='quantile', flip=True").wait_for()
    page.keyboard.press("Escape")
    assert not page.locator(".unitscope .panel").is_visible()
    page.wait_for_timeout(600)
    expect_style(page, ColourStyle("viridis", "quantile", flip=True))


def test_another_unit_has_the_scale_of_its_own_counts(open_view: Open) -> None:
    page = open_view("prose-20000", scale="maximum")
    for unit in ("1.c.8", "1.c.9"):
        press(page, "]")
        expect_style(page, ColourStyle(scale="maximum"), unit)
