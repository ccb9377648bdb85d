"""The Units and the Heatmap page in a real browser, held against the recording's own numbers."""

from __future__ import annotations

import csv
import itertools
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from exporting import download_file
from text_view_driver import expected_colours

from analysis.hypotheses import find_hypotheses
from analysis.pooling import column_edges
from analysis.recording import Recording
from analysis.unit_order import (
    UnitScores,
    falling,
    sample_codes,
    similarity_order,
    unit_scores,
    variances,
)
from dashboard.text_view.state import BLUE_ORANGE

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Open = Callable[..., "Page"]
SPAN = Path(__file__).parents[2] / "dashboard/sheet/assets/span.js"


@pytest.fixture
def open_page(browser_page: Page, address: str, recording: Recording) -> Open:
    """Open a page of the dashboard by its address and wait until the sheet is painted."""

    def show(page: str, *, window: Page = browser_page, **asked: object) -> Page:
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        window.goto(f"{address}/{page}?recording={recording.id}&{query}")
        painted(window)
        return window

    return show


def painted(page: Page, what: str = "") -> None:
    """Wait until the sheet shows what it says, such as ``0.c 20-90``."""
    value = f'[data-painted="{what}"]' if what else ':not([data-painted=""])'
    page.locator(f".unitsheet[data-painted]{value}").wait_for()


def pixels(page: Page) -> np.ndarray:
    """Red, green, blue of the sheet, (row, column, 3)."""
    width, height, data = page.locator(".unitsheet .codes").evaluate(
        "canvas => [canvas.width, canvas.height, [...canvas.getContext('2d')"
        ".getImageData(0, 0, canvas.width, canvas.height).data]]"
    )
    return np.array(data).reshape(height, width, 4)[:, :, :3]


def expect_pixels(page: Page, codes: np.ndarray, stops: tuple[str, ...]) -> None:
    """Wait until the sheet has the colours of codes (row, column)."""
    expected = expected_colours(codes.ravel(), stops).reshape(*codes.shape, 3)
    deadline = time.monotonic() + 20
    while True:
        found = pixels(page)
        if found.shape == expected.shape and np.abs(found - expected).max() <= 0.5:
            return
        assert time.monotonic() < deadline, (found.shape, expected.shape)
        page.wait_for_timeout(100)


def expect_rows(page: Page, rows: int) -> None:
    """Wait until the sheet has so many rows."""
    deadline = time.monotonic() + 20
    while pixels(page).shape[0] != rows:
        assert time.monotonic() < deadline
        page.wait_for_timeout(100)


def choose(page: Page, label: str, option: str) -> None:
    box = page.get_by_role("combobox", name=label)
    box.click()
    page.get_by_role("option", name=option, exact=True).click()


def asks_for(page: Page, name: str, value: str) -> None:
    page.wait_for_function(
        "([name, value]) => new URL(location).searchParams.get(name) === value", arg=[name, value]
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pixels_are_the_codes_symbol_by_symbol(
    open_page: Open, recording: Recording, new_page: Callable[..., Page], scheme: str
) -> None:
    problems: list[str] = []
    window = new_page(color_scheme=scheme)
    window.on("pageerror", lambda error: problems.append(str(error)))
    page = open_page("heatmap", window=window, unit="0.c.3", range="20-90")
    stops = BLUE_ORANGE.light if scheme == "light" else BLUE_ORANGE.dark
    expect_pixels(page, recording.codes("0.c", 20, 90).T.astype(int), stops)
    assert page.locator(".unitsheet .axis").get_attribute("data-text") == "shown"
    assert problems == []


def test_pixels_of_a_long_range_are_the_strongest_of_each_column(
    open_page: Open, recording: Recording
) -> None:
    page = open_page("heatmap", unit="1.h.0", range=f"0-{len(recording)}")
    columns = pixels(page).shape[1]
    edges = column_edges(0, len(recording), columns, len(recording))
    codes = recording.codes("1.h").astype(int)
    strongest = [
        codes[a:b][np.abs(codes[a:b]).argmax(axis=0), range(codes.shape[1])]
        for a, b in itertools.pairwise(edges.tolist())
    ]
    ties = np.abs(np.array(strongest).T)
    found = pixels(page).astype(float)
    expected = expected_colours(np.array(strongest).T.ravel(), BLUE_ORANGE.light)
    wrong = np.abs(found - expected.reshape(found.shape)).max(axis=2) > 0.5
    # Where +k and -k tie numpy takes the first of them, the sheet the positive one.
    other = expected_colours(ties.ravel(), BLUE_ORANGE.light).reshape(found.shape)
    assert (np.abs(found - other).max(axis=2)[wrong] <= 0.5).all()


def test_another_order_moves_the_rows(open_page: Open, recording: Recording) -> None:
    page = open_page("heatmap", unit="0.c.3", range="20-90")
    codes = recording.codes("0.c", 20, 90).T.astype(int)
    sample = sample_codes(recording, "0.c")
    choose(page, "Order of the units", "variance")
    expect_pixels(page, codes[falling(variances(sample))], BLUE_ORANGE.light)
    choose(page, "Order of the units", "similarity")
    expect_pixels(page, codes[similarity_order(sample)], BLUE_ORANGE.light)
    asks_for(page, "order", "similarity")


def test_the_hypothesis_of_an_order_by_score_is_chosen_beside_it(
    open_page: Open, recording: Recording
) -> None:
    from playwright.sync_api import expect

    def by_score(expression: str) -> np.ndarray:
        found = unit_scores(recording, "0.c", *find_hypotheses([expression]))
        assert isinstance(found, UnitScores)
        return codes[falling(found.chosen)]

    page = open_page("units", unit="0.c.3", range="20-90", hypothesis="whitespace")
    codes = recording.codes("0.c", 20, 90).T.astype(int)
    picker = page.get_by_role("combobox", name="Find units that track")
    expect(picker).to_have_count(0)
    choose(page, "Order of the units", "score by a hypothesis")
    expect_pixels(page, by_score("whitespace"), BLUE_ORANGE.light)
    choose(page, "Find units that track", "newline")
    expect_pixels(page, by_score("newline"), BLUE_ORANGE.light)
    own = page.get_by_role("textbox", name="or write your own")
    own.fill("column > 10")
    own.press("Enter")
    expect_pixels(page, by_score("column > 10"), BLUE_ORANGE.light)
    asks_for(page, "hypothesis", "column > 10")
    expect(page.get_by_text("no-op")).to_have_count(0)


def test_another_signal_is_shown_in_its_own_colours(open_page: Open, recording: Recording) -> None:
    page = open_page("heatmap", unit="0.c.3", range="20-90")
    choose(page, "Layer and signal", "layer 1, forget gate f")
    gate = np.clip(2 * recording.codes("1.f", 20, 90).T.astype(int) - 127, -127, 127)
    expect_pixels(page, gate, BLUE_ORANGE.light)
    asks_for(page, "unit", "1.f.3")


def test_dragging_zooms_and_the_address_restores_it(
    open_page: Open, new_page: Callable[..., Page], recording: Recording
) -> None:
    from playwright.sync_api import expect

    page = open_page("heatmap", unit="0.c.3", range="0-200")
    box = page.locator(".unitsheet .plane").bounding_box()
    assert box
    cell = box["width"] / 200
    page.mouse.move(box["x"] + 40.5 * cell, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 99.5 * cell, box["y"] + 40, steps=5)
    page.mouse.up()
    painted(page, "0.c 40-100")
    asks_for(page, "range", "40-100")
    other = new_page()
    other.goto(page.url)
    painted(other, "0.c 40-100")
    expect_pixels(other, recording.codes("0.c", 40, 100).T.astype(int), BLUE_ORANGE.light)
    page.get_by_role("button", name="Back to the range before").click()
    painted(page, "0.c 0-200")
    page.get_by_role("button", name="Zoom out").click()
    painted(page, "0.c 0-400")
    page.get_by_role("button", name="In sight").click()
    page.wait_for_function("() => !new URL(location).searchParams.has('range')")
    expect(page.get_by_role("button", name="In sight")).to_be_disabled()


def test_a_click_chooses_the_unit_and_pointing_explains(
    open_page: Open, recording: Recording
) -> None:
    from playwright.sync_api import expect

    page = open_page("heatmap", unit="0.c.3", range="0-100")
    box = page.locator(".unitsheet .plane").bounding_box()
    assert box
    high = box["height"] / recording.units("0.c")
    place = box["x"] + 30.5 * box["width"] / 100, box["y"] + 5.5 * high
    page.mouse.move(*place)
    value = recording.codes("0.c")[30, 5] / 127
    said = page.locator(".unitsheet .tooltip")
    expect(said).to_contain_text("0.c.5")
    expect(said).to_contain_text(f"{abs(value):.2f}")
    expect(said).to_contain_text("symbol 30")
    page.mouse.click(*place)
    asks_for(page, "unit", "0.c.5")
    expect(page.locator(".unitsheet .chosen-name")).to_have_text(re.compile(r"0\.c\.5$"))


def test_the_keys_reach_every_cell_and_say_what_is_there(
    open_page: Open, recording: Recording
) -> None:
    from playwright.sync_api import expect

    page = open_page("heatmap", unit="0.c.3", range="10-60")
    page.locator(".unitsheet .scroller").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    value = recording.codes("0.c")[11, 4] / 127
    live = page.locator(".unitsheet [aria-live]")
    expect(live).to_contain_text("Unit 0.c.4, symbol 11")
    expect(live).to_contain_text(f"{abs(value):.2f}")
    page.keyboard.press("Enter")
    asks_for(page, "unit", "0.c.4")
    page.keyboard.press("Shift+ArrowRight")
    asks_for(page, "range", "35-85")
    page.keyboard.press("Backspace")
    asks_for(page, "range", "10-60")


def test_a_double_click_leads_to_the_place_in_the_text(open_page: Open) -> None:
    from playwright.sync_api import expect

    page = open_page("heatmap", unit="0.c.3", range="600-700")
    box = page.locator(".unitsheet .plane").bounding_box()
    assert box
    page.mouse.dblclick(box["x"] + 50.5 * box["width"] / 100, box["y"] + 3)
    expect(page.locator(".unitscope .unit")).to_have_text("0.c.0")
    page.wait_for_function(
        "() => location.pathname === '/' && +new URL(location).searchParams.get('position') > 0"
    )
    position = int(re.search(r"position=(\d+)", page.url)[1])  # type: ignore[index]
    assert position <= 650
    expect(page.locator(".unitscope .caret")).to_be_visible()


def test_below_the_text_stands_a_sheet_of_what_is_in_sight(
    open_page: Open, recording: Recording
) -> None:
    from playwright.sync_api import expect

    page = open_page("", unit="0.c.3")
    heading = page.get_by_role("heading", name=re.compile(r"^All units of 0\.c, symbols 0 to"))
    expect(heading).to_be_visible()
    last = int(re.search(r"to ([\d,]+)$", heading.inner_text())[1].replace(",", ""))  # type: ignore[index]
    painted(page, f"0.c 0-{last + 1}")
    page.locator(".unitsheet .plane").click(position={"x": 20, "y": 3})
    expect(page.locator(".unitscope .unit")).to_have_text("0.c.0")


def test_brushing_the_map_leaves_only_those_bands(open_page: Open, recording: Recording) -> None:
    from playwright.sync_api import expect

    page = open_page("units", unit="0.c.3", range="20-90", order="variance")
    units = recording.units("0.c")
    assert pixels(page).shape[0] == units
    plane = page.locator(".js-plotly-plot .nsewdrag").first
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()
    assert box
    left, top, right, bottom = (
        box["x"] + 0.02 * box["width"],
        box["y"] + 0.02 * box["height"],
        box["x"] + 0.5 * box["width"],
        box["y"] + 0.98 * box["height"],
    )
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(right, bottom, steps=8)
    page.mouse.up()
    told = page.get_by_text(re.compile(rf"^\d+ of {units} units are shown above"))
    expect(told).to_be_visible()
    shown = int(told.inner_text().split()[0])
    assert 0 < shown < units
    expect_rows(page, shown)
    # The address restores it.
    page.wait_for_function(
        "() => new URL(location).searchParams.get('brushed')?.startsWith('0.c ')"
    )
    page.reload()
    expect(told).to_have_text(re.compile(rf"^{shown} of"), timeout=60_000)
    expect_rows(page, shown)
    page.get_by_role("button", name="Show all units").click()
    expect(told).to_have_count(0)
    expect_rows(page, units)


def test_the_heatmap_is_exported_over_the_range_shown(
    open_page: Open, recording: Recording
) -> None:
    page = open_page("heatmap", unit="0.c.3", range="20-90", order="variance")
    page.get_by_role("button", name="Export").click()
    download = download_file(page, "csv")
    assert download.suggested_filename == "0.c-20-90.csv"
    lines = Path(download.path()).read_text("utf-8").splitlines(keepends=True)
    header, *rows = csv.reader(line for line in lines if not line.startswith("#"))
    order = falling(variances(sample_codes(recording, "0.c"))).tolist()
    assert header[-len(order) :] == [f"0.c.{unit}" for unit in order]
    assert [int(row[0]) for row in rows] == list(range(20, 90))


def test_the_browser_cuts_columns_where_the_server_does(browser_page: Page, address: str) -> None:
    browser_page.goto(f"{address}/_stcore/health")
    asked = [
        (20, 90, 70, 8_000),
        (3, 8_001, 997, 8_001),
        (17, 607_001, 1_134, 607_938),
        (0, 607_938, 1_134, 607_938),
        (5, 30_000_001, 900, 30_000_001),
        (0, 257, 1, 300),
    ]
    found = browser_page.evaluate(
        "async ([script, asked]) => { const { columnEdges } ="
        " await import(`data:text/javascript,${encodeURIComponent(script)}`);"
        " return asked.map((each) => [...columnEdges(...each)]); }",
        [SPAN.read_text("utf-8"), asked],
    )
    for each, edges in zip(asked, found, strict=True):
        assert edges == column_edges(*each).tolist(), each
