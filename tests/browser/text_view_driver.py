"""What a test sees and does in the text view: cells, colours, sentences, keys, the pointer."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from text_view_data import make_codes

if TYPE_CHECKING:
    from playwright.sync_api import Page

UNIT = "1.c.7"
"""The unit that the harness shows first."""


def settle(page: Page) -> None:
    """Wait until Python has heard which part of the text is in view."""
    expect_text(page, "state", re.compile(r"visible \(\d+, [1-9]"))


def expect_text(page: Page, what: str, text: str | re.Pattern[str]) -> None:
    from playwright.sync_api import expect

    places = {
        "state": page.get_by_text(re.compile("^visible .* unit ")),
        "unit": page.locator(".unitscope .unit"),
        "tooltip": page.locator(".unitscope .tooltip"),
        "problem": page.locator(".unitscope .problem"),
        "layer": page.locator(".unitscope .layer"),
        "live": page.locator(".unitscope [aria-live]"),
        "notice": page.locator(".unitscope .notice"),
        "place": page.locator(".unitscope .place"),
    }
    expect(places[what]).to_contain_text(text)


def state_of(page: Page) -> str:
    return page.get_by_text(re.compile("^visible .* unit ")).inner_text()


def visible_range(page: Page) -> tuple[int, int]:
    found = re.match(r"visible \((\d+), (\d+)\)", state_of(page))
    assert found
    return int(found[1]), int(found[2])


def scroller(page: Page) -> Any:
    return page.locator(".unitscope .scroller")


def press(page: Page, *keys: str) -> None:
    scroller(page).focus()
    for key in keys:
        page.keyboard.press(key)


def cell_at(page: Page, row: int, column: int) -> tuple[float, float]:
    """The middle of a cell, in pixels of the page; row 0 is the first in view."""
    box = page.locator(".unitscope .pane").bounding_box()
    width = page.locator(".unitscope .probe").bounding_box()["width"] / 200
    return box["x"] + (column + 0.5) * width, box["y"] + 20 * row + 10


def drag(page: Page, start: tuple[float, float], stop: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*stop, steps=5)
    page.mouse.up()


def colours(page: Page, row: int, columns: int) -> list[list[int]]:
    """Red, green, blue of the first cells of a row."""
    pixels: list[int] = page.locator(".unitscope .colours").evaluate(
        "(canvas, [row, columns]) =>"
        " [...canvas.getContext('2d').getImageData(0, row, columns, 1).data]",
        [row, columns],
    )
    return [pixels[at : at + 3] for at in range(0, len(pixels), 4)]


def expected_colours(codes: np.ndarray, stops: tuple[str, ...]) -> np.ndarray:
    """Colours of codes by linear steps between the palette's stops, (time, 3)."""
    table = np.array([[int(stop[at : at + 2], 16) for at in (1, 3, 5)] for stop in stops])
    places = (codes.astype(float) + 127) / 254 * (len(stops) - 1)
    return np.stack([np.interp(places, range(len(stops)), channel) for channel in table.T], axis=1)


def expect_colours(page: Page, unit: str, stops: tuple[str, ...]) -> None:
    """Wait until the first ten symbols have the colours of a unit."""
    expected = expected_colours(make_codes(unit, 0, 10), stops)
    deadline = time.monotonic() + 10
    while np.abs(np.array(colours(page, 1, 10)) - expected).max() > 0.5:
        assert time.monotonic() < deadline, "the colours are those of something else"
        page.wait_for_timeout(50)


def copied(page: Page) -> str:
    page.keyboard.press("Control+c")
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def await_selection(page: Page) -> str:
    expect_text(page, "state", re.compile(r"selection \("))
    return state_of(page)
