"""The text view's further layouts in a real browser: guesses beneath the text, further units."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
from text_view_data import HOSTILE, make_codes, make_text, make_vocabulary
from text_view_driver import (
    UNIT,
    await_selection,
    cell_at,
    colours,
    copied,
    drag,
    expect_colours,
    expect_text,
    expected_colours,
    press,
    settle,
    visible_range,
)

from dashboard.text_view.state import BLUE_ORANGE

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Open = Callable[..., "Page"]

LINE, GUESS, GUESS_ROW = 20, 18, 120
STACK = (UNIT, "1.c.8", "0.h.2")
BOTH = {"rows": "guesses", "stacked": "1.c.8+0.h.2"}


def pixels(page: Page, canvas: str, top: int, columns: int) -> np.ndarray:
    """Red, green, blue, alpha of the first cells of one line of a canvas."""
    values = page.locator(f".unitscope .{canvas}").evaluate(
        "(canvas, [top, columns]) =>"
        " [...canvas.getContext('2d').getImageData(0, top, columns, 1).data]",
        [top, columns],
    )
    return np.array(values).reshape(columns, 4)


def cell_width(page: Page) -> float:
    """The width of a cell in pixels of the page."""
    width: float = page.locator(".unitscope .probe").bounding_box()["width"]
    return width / 200


def row_height(page: Page) -> int:
    """From one line of text to the next."""
    height: float = page.locator(".unitscope .row >> visible=true").first.bounding_box()["height"]
    return round(height)


def cells_of_rows() -> list[tuple[int, np.ndarray]]:
    """Of each line of the hostile text: its first symbol, and the first cell of every symbol."""
    places, start = [], 0
    for line in _lines(HOSTILE):
        cells = [0]
        for symbol in line:
            column = cells[-1]
            flag = "\U0001f1e6" <= symbol <= "\U0001f1ff"
            wide = flag or unicodedata.east_asian_width(symbol) in "WF"
            cells.append(column + (4 - column % 4 if symbol == "\t" else 2 if wide else 1))
        places.append((start, np.array(cells)))
        start += len(line)
    return places


def _lines(text: str) -> list[str]:
    """Cut after newlines only: Python's own splitting knows further ends of lines."""
    return re.findall(r"[^\n]*\n|[^\n]+$", text)


def guess_rows(page: Page, row: int) -> list[str]:
    """The five lines of text beneath a row of the view."""
    return page.locator(
        f".unitscope .row >> visible=true >> nth={row} >> .guess"
    ).all_text_contents()


def guessed(recording: str, position: int) -> list[int]:
    """What the harness expects at a symbol: indices into the vocabulary, likeliest first."""
    vocabulary = make_vocabulary(recording)
    symbol = make_text(recording)[position]
    true = vocabulary.index(symbol) if symbol in vocabulary else 0
    first = true if (position - 1) % 10 != 9 else (true + 7) % len(vocabulary)
    return [(first + rank) % len(vocabulary) for rank in range(5)]


def test_beneath_each_symbol_stand_the_five_guesses_made_before_it(open_view: Open) -> None:
    page = open_view("prose-20000", rows="guesses")
    text, vocabulary = make_text("prose-20000"), make_vocabulary("prose-20000")
    expect_text(page, "layer", text[:10])
    length = text.index("\n") + 1
    shapes = {"\n": "\u21b5", "\t": "\u2192", " ": "\u00b7"}
    expected = [
        # From the second symbol on: before the first of a document nothing was expected.
        "".join(vocabulary[guessed("prose-20000", at)[rank]] for at in range(1, length))
        for rank in range(5)
    ]
    assert guess_rows(page, 1) == [row.translate(str.maketrans(shapes)) for row in expected]
    first = page.locator(".unitscope .row >> visible=true >> nth=1 >> .guess span").first
    left = page.locator(".unitscope .pane").bounding_box()["x"]
    assert first.bounding_box()["x"] - left == pytest.approx(cell_width(page), abs=0.1)


def test_likelier_guesses_are_redder_and_those_that_came_true_are_outlined(
    open_view: Open,
) -> None:
    page = open_view("prose-20000", rows="guesses")
    paper, sure = np.array([255, 255, 255]), np.array([0xEF, 0x8A, 0x80])
    for rank, chance in enumerate([0.5, 0.25, 0.1, 0.05, 0.001]):
        share = int(chance * 255) / 255
        top = GUESS_ROW + LINE + 2 + rank * GUESS
        for line in (top, top + GUESS - 1):
            shown = pixels(page, "bands", line, 30)[:, :3]
            assert np.abs(shown[1:] - (paper + (sure - paper) * share)).max() <= 1
            assert (shown[0] == paper).all()
    text, cell = make_text("prose-20000"), cell_width(page)
    edge = pixels(page, "hits", GUESS_ROW + LINE + 2, int(50 * cell))[:, 3] > 0
    outlined = [bool(edge[int((at + 0.5) * cell)]) for at in range(40)]
    ids = make_vocabulary("prose-20000").index
    assert outlined == [
        at > 0 and guessed("prose-20000", at)[0] == ids(text[at]) for at in range(40)
    ]


def test_further_units_are_bands_in_the_same_cells(open_view: Open) -> None:
    page = open_view("prose-20000", stacked="1.c.8+0.h.2+1.c.90")
    expect_colours(page, UNIT, BLUE_ORANGE.light)
    length = make_text("prose-20000").index("\n") + 1
    row = LINE + 2 + 3 * 9 - 1 + 8
    for band, unit in enumerate(["1.c.8", "0.h.2", "1.c.90"]):
        expected = expected_colours(make_codes(unit, 0, length), BLUE_ORANGE.light)
        top = row + LINE + 2 + 9 * band
        for line in (top, top + 7):
            shown = pixels(page, "bands", line, length + 1)
            assert np.abs(shown[:length, :3] - expected).max() <= 0.5
            assert (shown[length, :3] == 255).all()
        assert (pixels(page, "bands", top + 8, length)[:, :3] == 255).all()
    assert (pixels(page, "bands", row, length)[:, 3] == 0).all(), "the text keeps its own colours"


def test_the_switch_for_guesses_keeps_the_place_and_python_and_the_button_agree(
    open_view: Open,
) -> None:
    page = open_view("unbroken-100000", position=50_000)
    page.locator(".unitscope").evaluate("(view) => { view.dataset.same = 'yes'; }")
    before = visible_range(page)
    switch = page.get_by_role("button", name="Guesses")
    switch.click()
    page.locator(".unitscope .guess >> visible=true").first.wait_for()
    page.get_by_text("rows guesses").wait_for()
    expect_text(page, "state", re.compile(rf"visible \({before[0]}, (?!{before[1]}\))"))
    assert visible_range(page)[1] < before[1]
    assert switch.get_attribute("aria-pressed") == "true"
    switch.click()
    page.get_by_text("rows text").wait_for()
    expect_text(page, "state", f"visible {before}")
    assert page.locator(".unitscope .guess >> visible=true").count() == 0
    assert page.locator(".unitscope[data-same=yes]").count() == 1


def test_quick_changes_of_mind_end_with_the_last(open_view: Open) -> None:
    page = open_view("prose-20000")
    for _ in range(5):
        page.get_by_role("button", name="Guesses").click()
        page.wait_for_timeout(230)  # long enough for each to reach Python
    page.get_by_text("rows guesses").wait_for()
    page.wait_for_timeout(600)
    assert page.get_by_role("button", name="Guesses").get_attribute("aria-pressed") == "true"


def test_units_are_kept_beneath_the_text_shown_in_it_and_taken_away(open_view: Open) -> None:
    page = open_view("prose-20000")
    keep = page.get_by_role("button", name="Keep this unit as a band")
    keep.click()
    assert keep.is_disabled()
    press(page, "]")
    expect_text(page, "state", "unit 1.c.8")
    keep.click()
    page.get_by_text("stacked 1.c.7 1.c.8", exact=False).wait_for()
    page.locator(".unitscope .stack").get_by_role("button", name="1.c.7", exact=True).click()
    expect_text(page, "state", "unit 1.c.7")
    expect_colours(page, UNIT, BLUE_ORANGE.light)
    page.get_by_role("button", name="Take 1.c.7 away").click()
    page.get_by_text(re.compile("stacked 1.c.8$")).wait_for()
    assert page.locator(".unitscope .stack").is_visible()
    page.get_by_role("button", name="Take 1.c.8 away").press("Enter")
    page.get_by_text(re.compile("stacked *$")).wait_for()
    assert page.locator(".unitscope .stack").is_hidden()
    assert page.locator(".unitscope button:focus").inner_text() == "+"


def test_at_most_eight_units_are_kept(open_view: Open) -> None:
    units = [f"1.c.{index}" for index in range(20, 28)]
    page = open_view("prose-20000", stacked="+".join(units))
    assert page.get_by_role("button", name="Keep this unit as a band").is_disabled()
    assert page.locator(".unitscope .entry .named").all_inner_texts() == units


@pytest.mark.parametrize("layout", [{"rows": "guesses"}, {"stacked": "1.c.8"}, BOTH])
def test_the_true_text_is_selected_outlined_and_copied_in_every_layout(
    open_view: Open, layout: dict[str, str]
) -> None:
    page = open_view("prose-20000", **layout)
    row = row_height(page)
    x, y = cell_at(page, 0, 6)
    drag(page, (x, y + row), (cell_at(page, 0, 5)[0], y + 2 * row + row // 2))
    found = re.search(r"selection \((\d+), (\d+)\)", await_selection(page))
    text = make_text("prose-20000")
    second = text.index("\n") + 1
    assert found
    assert (int(found[1]), int(found[2])) == (6, second + 6)
    assert copied(page) == text[6 : second + 6]
    boxes = page.locator(".unitscope .chosen >> visible=true")
    assert [boxes.nth(at).bounding_box()["height"] for at in range(boxes.count())] == [LINE, LINE]
    caret = page.locator(".unitscope .caret").bounding_box()
    assert caret["height"] == row - 8  # through all that belongs to the symbol
    press(page, "ArrowDown")
    expect_text(page, "live", re.compile(r"position \d+, value "))


def test_the_card_of_a_symbol_lists_the_further_units_and_how_it_was_expected(
    open_view: Open,
) -> None:
    page = open_view("prose-20000", **BOTH)
    x, y = cell_at(page, 0, 4)
    page.mouse.move(x, y + row_height(page) + 70)  # beneath the text, among the guesses
    expect_text(page, "tooltip", "position 4, 4 in first.txt")
    expect_text(page, "tooltip", "It was the first guess, with 50%.")
    shown = page.locator(".unitscope .tooltip").inner_text()
    for unit in (UNIT, "1.c.8", "0.h.2"):
        value = make_codes(unit, 4, 5)[0] / 127
        assert re.search(rf"{re.escape(unit)} = \S?{abs(value):.2f}", shown), unit
    page.mouse.move(cell_at(page, 0, 0)[0], y + row_height(page))
    expect_text(page, "tooltip", "nothing was expected")


@pytest.mark.parametrize("layout", [{}, BOTH])
def test_every_symbol_of_every_script_has_the_colour_of_its_own_code(
    open_view: Open, layout: dict[str, str]
) -> None:
    page = open_view("hostile-0", height=2400, **layout)
    expect_colours(page, UNIT, BLUE_ORANGE.light)
    places = cells_of_rows()
    assert len(places) > 10
    for row, (start, cells) in enumerate(places):
        codes = {unit: make_codes(unit, start, start + len(cells) - 1) for unit in STACK}
        shown = np.array(colours(page, row + 1, int(cells[-1])))
        expected = np.repeat(
            expected_colours(codes[UNIT], BLUE_ORANGE.light), np.diff(cells), axis=0
        )
        assert np.abs(shown - expected).max() <= 0.5, row
        if not layout:
            continue
        for band, unit in enumerate(STACK[1:]):
            top = (row + 1) * row_height(page) + LINE + 2 + 9 * band
            shown = pixels(page, "bands", top, int(cells[-1]))[:, :3]
            expected = np.repeat(
                expected_colours(codes[unit], BLUE_ORANGE.light), np.diff(cells), axis=0
            )
            assert np.abs(shown - expected).max() <= 0.5, (row, unit)


def test_guesses_of_two_cells_stand_under_symbols_of_two_cells(open_view: Open) -> None:
    page = open_view("wide-5000", rows="guesses")
    text, cell = make_text("wide-5000"), cell_width(page)
    left = page.locator(".unitscope .pane").bounding_box()["x"]
    line = text[: text.index("\n")]
    pieces = page.locator(".unitscope .row >> visible=true >> nth=1 >> .guess >> nth=0 >> span")
    ends = np.concatenate([[0], np.cumsum([1 if symbol < "\u1100" else 2 for symbol in line])])
    for piece in pieces.all():
        box = piece.bounding_box()
        start = int(
            (box["x"] - left) / cell + 0.01
        )  # an ideograph stands in the middle of its cells
        assert start in ends, (piece.inner_text(), start)
    assert pieces.count() > 1


@pytest.mark.parametrize("recording", ["newlines-2000000", "unbroken-1000000"])
def test_a_text_of_extreme_shape_is_read_to_its_end_with_guesses(
    open_view: Open, recording: str
) -> None:
    page = open_view(recording, **BOTH)
    length = len(make_text(recording))
    press(page, "Control+End")
    expect_text(page, "live", f"position {length - 1}, value ")
    expect_text(page, "state", re.compile(rf"visible \(\d+, {length}\)"))
    box = page.locator(".unitscope .caret").bounding_box()
    pane = page.locator(".unitscope .pane").bounding_box()
    assert pane["y"] <= box["y"] <= pane["y"] + pane["height"] - box["height"]
    strip = page.locator(".unitscope .strip").bounding_box()
    page.mouse.click(strip["x"] + 10, strip["y"] + strip["height"] / 2)
    expect_text(page, "state", re.compile(rf"visible \({'9' if length == 2_000_000 else '4'}9\d+"))
    assert page.locator(".unitscope").evaluate("(v) => v.querySelectorAll('*').length") < 500


def test_lost_predictions_are_said_in_a_sentence_and_come_again(
    open_view: Open, browser_page: Page
) -> None:
    browser_page.route("**/next/**", lambda route: route.abort())
    page = open_view("prose-20000", rows="guesses")
    expect_text(page, "problem", "The guesses could not be loaded: the server did not answer")
    browser_page.unroute("**/next/**")
    page.get_by_role("button", name="Try again").click()
    page.locator(".unitscope .problem").wait_for(state="hidden")
    page.locator(".unitscope .guess").filter(has_text=re.compile("[a-z]")).first.wait_for()


def test_both_themes_colour_the_bands_and_the_guesses(
    open_view: Open, new_page: Callable[..., Page]
) -> None:
    page = open_view("prose-20000", page=new_page(color_scheme="dark"), **BOTH)
    expect_colours(page, UNIT, BLUE_ORANGE.dark)
    settle(page)
    row = row_height(page)
    expected = expected_colours(make_codes("1.c.8", 0, 10), BLUE_ORANGE.dark)
    shown = pixels(page, "bands", row + LINE + 2, 10)[:, :3]
    assert np.abs(shown - expected).max() <= 0.5
    page.emulate_media(color_scheme="light")
    expect_colours(page, UNIT, BLUE_ORANGE.light)
    expected = expected_colours(make_codes("1.c.8", 0, 10), BLUE_ORANGE.light)
    shown = pixels(page, "bands", row + LINE + 2, 10)[:, :3]
    assert np.abs(shown - expected).max() <= 0.5


def test_rows_higher_than_the_view_can_be_read_too(open_view: Open) -> None:
    units = "+".join(f"1.c.{index}" for index in range(20, 28))
    page = open_view("prose-20000", height=260, rows="guesses", stacked=units)
    assert row_height(page) > page.locator(".unitscope .pane").bounding_box()["height"]
    expect_text(page, "state", re.compile(r"visible \(0, [1-9]"))
    press(page, "Control+End")
    expect_text(page, "state", re.compile(r"visible \(\d+, 20000\)"))
    pane = page.locator(".unitscope .pane").bounding_box()
    caret = page.locator(".unitscope .caret").bounding_box()
    assert pane["y"] <= caret["y"] <= pane["y"] + pane["height"] - LINE
