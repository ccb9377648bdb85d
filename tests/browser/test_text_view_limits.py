"""The text view in a real browser: hostile and huge texts, failures, pages without a server."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from text_view_data import HOSTILE, make_codes, make_documents, make_text, make_vocabulary
from text_view_driver import (
    UNIT,
    await_selection,
    cell_at,
    colours,
    copied,
    expect_colours,
    expect_text,
    expected_colours,
    press,
    scroller,
)

from dashboard.text_view.standalone import standalone_script, standalone_style
from dashboard.text_view.state import BLUE_ORANGE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
Open = Callable[..., "Page"]


def test_hostile_text_is_only_text_and_comes_back_as_it_was(open_view: Open) -> None:
    page = open_view("hostile-0")
    shown = "\n".join(page.locator(".unitscope .row").all_inner_texts())
    assert "<script>window.broken = 1</script>" in shown
    assert page.locator(".unitscope .pane :is(script, img)").count() == 0
    assert page.evaluate("window.broken") is None
    acting_on_the_row = "[\u202a-\u202e\u2066-\u2069\u200d\ud800]"
    assert not re.search(acting_on_the_row, shown)
    press(page, "Control+a")
    await_selection(page)
    # A clipboard holds no half of a surrogate pair.
    assert copied(page) == HOSTILE.replace("\ud800", "\ufffd")


def test_glyphs_of_every_script_stand_over_their_own_colours(open_view: Open) -> None:
    page = open_view("hostile-0")
    expect_colours(page, UNIT, BLUE_ORANGE.light)
    width = page.locator(".unitscope .probe").bounding_box()["width"] / 200
    left = page.locator(".unitscope .pane").bounding_box()["x"]
    pieces = page.locator(".unitscope .row").filter(has_text="emoji").locator(".text > span")
    places = [
        (round((box["x"] - left) / width, 2), round(box["width"] / width, 2))
        for box in (piece.bounding_box() for piece in pieces.all())
    ]
    # "emoji " is a run of six cells, the face takes two, " family " eight, then three people of two
    # cells with a joiner of one between them.
    assert places[:8] == [(0, 6), (6, 2), (8, 8), (16, 2), (18, 1), (19, 2), (21, 1), (22, 2)]
    line = HOSTILE.split("\n")[6]
    start = HOSTILE.index(line)
    code = make_codes(UNIT, start + 6, start + 7)  # the face: both its cells have its colour
    row = next(
        index
        for index, text in enumerate(page.locator(".unitscope .row").all_inner_texts())
        if "emoji" in text
    )
    shown = colours(page, row, 8)[6:]
    assert shown[0] == shown[1]
    assert np.abs(np.array(shown[0]) - expected_colours(code, BLUE_ORANGE.light)).max() <= 0.5


def test_a_million_symbols_take_a_few_hundred_elements(open_view: Open) -> None:
    page = open_view("prose-1000000")
    page.mouse.move(*cell_at(page, 3, 3))
    for _ in range(5):
        page.mouse.wheel(0, 7000)
        page.wait_for_timeout(50)
    nodes = page.locator(".unitscope").evaluate("(view) => view.querySelectorAll('*').length")
    assert nodes < 400


@pytest.mark.parametrize("recording", ["newlines-2000000", "unbroken-100000"])
def test_text_of_extreme_shape_can_be_read_to_its_end(open_view: Open, recording: str) -> None:
    page = open_view(recording)
    length = len(make_text(recording))
    press(page, "Control+End")
    expect_text(page, "live", f"position {length - 1}, value ")
    expect_text(page, "state", re.compile(rf"visible \(\d+, {length}\)"))
    box = page.locator(".unitscope .caret").bounding_box()
    pane = page.locator(".unitscope .pane").bounding_box()
    assert pane["y"] <= box["y"] <= pane["y"] + pane["height"] - box["height"]


def test_scrolling_is_exact_where_the_text_is_taller_than_a_browser_allows(open_view: Open) -> None:
    page = open_view("newlines-2000000")
    page.mouse.move(*cell_at(page, 3, 3))

    def first_in_view() -> int:
        place = page.locator(".unitscope .place").inner_text()
        return 900 + int(place.rpartition(" ")[2].replace(",", ""))

    scroller(page).evaluate("(element) => { element.scrollTop = element.scrollHeight / 2; }")
    page.wait_for_timeout(600)
    middle = first_in_view()
    assert 900_000 < middle < 1_100_000
    page.mouse.wheel(0, 200)
    page.wait_for_timeout(600)
    assert first_in_view() == middle + 10  # ten rows of twenty pixels


def test_a_lost_text_is_said_in_a_sentence(open_view: Open) -> None:
    page = open_view("lost-20", settle="")
    expect_text(
        page,
        "problem",
        "The text could not be loaded: the server answered 404: There is no such recording.",
    )


def test_a_lost_style_sheet_is_said_in_place_of_the_view(open_view: Open) -> None:
    page = open_view("prose-200", settle="")
    page.route("**/text_view.css", lambda route: route.abort())
    page.reload()
    page.get_by_text("text_view.css could not be loaded").first.wait_for()


def test_lost_colours_are_said_in_a_sentence_over_readable_text(open_view: Open) -> None:
    page = open_view("colourless-2000")
    expect_text(page, "problem", f"The colours of unit {UNIT} could not be loaded: ")
    assert make_text("colourless-2000")[:20] in page.locator(".unitscope .layer").inner_text()


def test_a_page_instead_of_data_is_recognised(open_view: Open, browser_page: Page) -> None:
    browser_page.route(
        "**/tile/**", lambda route: route.fulfill(content_type="text/html", body="<p>")
    )
    page = open_view("prose-20000")
    expect_text(page, "problem", "text/html instead of data")


def test_try_again_gets_the_colours_once_the_server_is_back(
    open_view: Open, browser_page: Page
) -> None:
    browser_page.route("**/tile/**", lambda route: route.abort())
    page = open_view("prose-20000")
    expect_text(page, "problem", "the server did not answer")
    browser_page.unroute("**/tile/**")
    page.get_by_role("button", name="Try again").click()
    page.locator(".unitscope .problem").wait_for(state="hidden")
    expect_colours(page, UNIT, BLUE_ORANGE.light)


def test_an_empty_text_says_that_it_is_empty(open_view: Open) -> None:
    page = open_view("prose-0", settle="")
    expect_text(page, "notice", "This text is empty.")
    press(page, "ArrowDown", "]", "Enter")
    expect_text(page, "unit", "1.c.8")


def test_one_file_without_a_server_has_the_further_rows_too(
    new_page: Callable[..., Page], tmp_path: Path
) -> None:
    file = tmp_path / "export.html"
    layout = {"rows": "guesses", "stacked": ["1.c.8", "9.x.9"]}
    file.write_text(standalone_page("hostile-0", **layout), encoding="utf-8")
    page = new_page(color_scheme="light")
    problems: list[object] = []
    page.on("pageerror", lambda error: problems.append(error))
    page.goto(file.as_uri())
    page.locator(".unitscope .guess >> visible=true").first.wait_for()
    assert page.locator(".unitscope .entry .named").all_inner_texts() == ["1.c.8"]
    page.get_by_role("button", name="Take 1.c.8 away").click()
    page.get_by_role("button", name="Guesses").click()
    page.locator(".unitscope .guess >> visible=true").first.wait_for(state="hidden")
    expect_colours(page, UNIT, BLUE_ORANGE.light)
    assert problems == []


def test_one_file_without_a_server_shows_the_same_view(
    new_page: Callable[..., Page], tmp_path: Path
) -> None:
    file = tmp_path / "export.html"
    file.write_text(standalone_page("hostile-0"), encoding="utf-8")
    page = new_page(color_scheme="light")
    problems: list[object] = []
    page.on("pageerror", lambda error: problems.append(error))
    page.goto(file.as_uri())
    page.locator(".unitscope .row >> visible=true").first.wait_for()
    page.wait_for_timeout(300)
    expect_colours(page, UNIT, BLUE_ORANGE.light)
    press(page, "]")
    expect_text(page, "unit", "1.c.8")
    press(page, "ArrowRight", "Enter")
    expect_text(page, "tooltip", "came next")
    assert page.evaluate("window.broken") is None
    assert problems == []


@pytest.mark.slow
def test_the_benchmark_runs_on_a_short_text_and_ends_with_its_figures(browser: Browser) -> None:
    command = [sys.executable, "-m", "benchmarks.text_view", "--tiny"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["switch_ms_10k"] > 0
    assert figures["elements_10k"] < 400


def standalone_page(recording: str, **layout: object) -> str:
    """An export as an application would write it: all data inside, nothing fetched."""
    symbols = np.frombuffer(make_text(recording).encode("utf-32-le", "surrogatepass"), "<u4")
    guesses = np.repeat(np.arange(len(symbols))[:, None] % 7, 5, axis=1)
    payload = {
        "symbols": _base64(symbols),
        "symbolBytes": 4,
        "units": {unit: _base64(make_codes(unit, 0, len(symbols))) for unit in (UNIT, "1.c.8")},
        "next": {
            "ids": _base64(guesses.astype("<u2")),
            "probabilities": _base64(np.full(guesses.shape, 51, np.uint8)),
        },
        "vocabulary": list(make_vocabulary(recording)),
        "documents": make_documents(recording),
        **layout,
    }
    data = json.dumps(payload).replace("<", "\\u003c")
    return (
        '<!doctype html><html lang="en" style="color-scheme: light dark"><meta charset="utf-8">'
        f'<title>Export</title><style>{standalone_style()}</style><div id="view"></div>'
        f"<script>{standalone_script()}</script>"
        f'<script>unitscope.mountStandalone(document.getElementById("view"), {data});</script>'
    )


def _base64(array: np.ndarray) -> str:
    return base64.b64encode(array.tobytes()).decode()
