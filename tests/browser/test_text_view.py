"""The text view in a real browser: what it shows, how it is used, what it tells Python."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
from text_view_data import make_codes, make_text
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
    scroller,
    settle,
    visible_range,
)

from dashboard.text_view.state import BLUE_ORANGE

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Open = Callable[..., "Page"]


def test_every_cell_has_the_colour_of_its_code(open_view: Open) -> None:
    page = open_view("prose-20000")
    expect_colours(page, UNIT, BLUE_ORANGE.light)
    length = make_text("prose-20000").index("\n") + 1  # the newline has its own cell
    expected = expected_colours(make_codes(UNIT, 0, length), BLUE_ORANGE.light)
    shown = colours(page, 1, length + 1)
    assert np.abs(np.array(shown[:length]) - expected).max() <= 0.5
    assert shown[length] == [0, 0, 0], "the cell after the newline is clear"


def test_dark_pages_get_the_dark_colours_and_follow_a_change(
    open_view: Open, new_page: Callable[..., Page]
) -> None:
    page = open_view("prose-20000", page=new_page(color_scheme="dark"))
    expect_colours(page, UNIT, BLUE_ORANGE.dark)
    page.emulate_media(color_scheme="light")
    expect_colours(page, UNIT, BLUE_ORANGE.light)


def test_the_legend_names_the_unit_and_both_ends(open_view: Open) -> None:
    page = open_view("prose-20000")
    expect_text(page, "unit", UNIT)
    assert page.locator(".unitscope .scale").inner_text().split() == ["\u22121", "0", "+1"]
    label = page.locator(".unitscope .legend").get_attribute("aria-label")
    assert label == f"Colours of unit {UNIT}, raw values, from \u22121 over 0 to +1"


def test_documents_begin_under_their_names(open_view: Open) -> None:
    page = open_view("prose-20000")
    headers = page.locator(".unitscope .row.header >> visible=true")
    assert headers.all_inner_texts() == ["first.txt", "folder/second.py", "third.txt"]


def test_brackets_step_through_the_units_of_the_site_and_python_hears_the_last(
    open_view: Open,
) -> None:
    page = open_view("prose-20000")
    press(page, "]", "]", "[", "]")
    expect_text(page, "unit", "1.c.9")
    expect_text(page, "state", "unit 1.c.9")
    expect_colours(page, "1.c.9", BLUE_ORANGE.light)
    press(page, *"[" * 10)
    expect_text(page, "state", "unit 1.c.95")  # the first unit follows the last
    page.get_by_role("button", name="Next unit").click()
    expect_text(page, "state", "unit 1.c.0")


def test_who_leafs_through_units_is_followed_where_he_stays(open_view: Open) -> None:
    page = open_view("prose-20000")
    page.evaluate(
        """async () => {
          window.heard = [];
          const said = () => document.body.innerText.match(/^visible .* unit (\\S+)/m)?.[1];
          new MutationObserver(() => heard.at(-1) !== said() && heard.push(said()))
            .observe(document.body, { subtree: true, childList: true, characterData: true });
          const view = [...document.querySelectorAll("*")]
            .map((each) => each.shadowRoot?.querySelector(".unitscope .scroller")).find(Boolean);
          for (let step = 0; step < 5; step++) {
            view.dispatchEvent(new KeyboardEvent("keydown", { key: "]", bubbles: true }));
            await new Promise((done) => setTimeout(done, 400));
          }
        }"""
    )
    page.wait_for_function("() => heard.at(-1) === '1.c.12'")
    assert page.evaluate("heard").count("1.c.12") == 1
    assert not {"1.c.9", "1.c.10", "1.c.11"} & set(page.evaluate("heard"))


def test_a_unit_from_python_repaints_without_remounting_or_losing_the_place(
    open_view: Open,
) -> None:
    page = open_view("prose-20000")
    page.locator(".unitscope").evaluate("(view) => { view.dataset.same = 'yes'; }")
    page.mouse.move(*cell_at(page, 3, 3))
    page.mouse.wheel(0, 3000)
    expect_text(page, "state", re.compile(r"visible \([1-9]"))
    before = visible_range(page)
    page.get_by_role("button", name="Show 0.h.2").click()
    expect_text(page, "unit", "0.h.2")
    expect_text(page, "state", "unit 0.h.2")
    assert visible_range(page) == before
    assert page.locator(".unitscope[data-same=yes]").count() == 1


def test_pythons_answer_to_an_earlier_key_does_not_undo_a_later_one(open_view: Open) -> None:
    page = open_view("prose-20000", follow="yes")
    for _ in range(6):
        press(page, "]")
        page.wait_for_timeout(260)  # long enough for each to reach Python
    expect_text(page, "state", "unit 1.c.13")
    page.wait_for_timeout(600)
    expect_text(page, "unit", "1.c.13")


def test_python_wins_when_it_asks_for_another_unit_after_the_user_stepped(open_view: Open) -> None:
    page = open_view("prose-20000")
    press(page, "]")
    expect_text(page, "state", "unit 1.c.8")
    page.get_by_role("button", name="Show 1.c.40").click()
    expect_text(page, "unit", "1.c.40")
    expect_text(page, "state", "unit 1.c.40")


def test_a_position_from_python_comes_into_view(open_view: Open) -> None:
    page = open_view("prose-20000", position=12_000)
    start, stop = visible_range(page)
    assert start <= 12_000 < stop
    page.get_by_role("button", name="Go to 9000").click()
    page.wait_for_timeout(1000)
    start, stop = visible_range(page)
    assert start <= 9000 < stop


def test_another_recording_takes_the_place_of_the_first(open_view: Open) -> None:
    page = open_view("prose-20000")
    drag(page, cell_at(page, 1, 6), cell_at(page, 4, 5))
    await_selection(page)
    page.get_by_role("button", name="Other recording").click()
    expect_text(page, "layer", "abcdefghijabcdefghij")
    expect_text(page, "state", "selection None")
    expect_colours(page, UNIT, BLUE_ORANGE.light)


def test_dragging_selects_code_points_and_copies_the_exact_text(open_view: Open) -> None:
    page = open_view("prose-20000")
    drag(page, cell_at(page, 1, 6), cell_at(page, 4, 5))
    found = re.search(r"selection \((\d+), (\d+)\)", await_selection(page))
    assert found
    start, stop = int(found[1]), int(found[2])
    lines = make_text("prose-20000").split("\n")
    assert start == 6
    assert stop == sum(len(line) + 1 for line in lines[:3]) + 6
    assert copied(page) == make_text("prose-20000")[start:stop]


def test_wrapped_lines_are_joined_when_copied(open_view: Open) -> None:
    page = open_view("unbroken-100000")
    press(page, "Control+a")
    await_selection(page)
    text = copied(page)
    assert "\n" not in text
    assert text == make_text("unbroken-100000")


def test_hovering_names_the_symbol_its_value_and_what_came_next(open_view: Open) -> None:
    page = open_view("prose-20000")
    text = make_text("prose-20000")
    page.mouse.move(*cell_at(page, 1, 4))
    expect_text(page, "tooltip", "came next")
    shown = page.locator(".unitscope .tooltip").inner_text()
    value = make_codes(UNIT, 4, 5)[0] / 127
    assert f"\u201c{text[4]}\u201d" in shown
    assert "position 4, 4 in first.txt" in shown
    assert f"{abs(value):.2f}" in shown
    assert page.locator(".unitscope .tooltip tr").count() == 5
    assert "space" in page.locator(".unitscope .tooltip tr.true").inner_text()


def test_the_true_next_symbol_is_shown_when_it_was_not_expected(open_view: Open) -> None:
    page = open_view("prose-20000")
    page.mouse.move(*cell_at(page, 1, 9))  # the harness misses after each tenth symbol
    expect_text(page, "tooltip", "not among the five")
    assert make_text("prose-20000")[10] == " "
    assert page.locator(".unitscope .tooltip tr.true").inner_text().startswith("space\t")


def test_hovering_a_newline_says_so_and_the_last_symbol_says_that_the_document_ends(
    open_view: Open,
) -> None:
    page = open_view("prose-20000")
    page.mouse.move(*cell_at(page, 1, make_text("prose-20000").index("\n")))
    expect_text(page, "tooltip", "newline U+000A")
    press(page, "Control+End", "Enter")
    expect_text(page, "tooltip", "The document ends here.")


def test_keys_move_the_caret_and_say_where_it_is(open_view: Open) -> None:
    page = open_view("prose-20000")
    text = make_text("prose-20000")
    press(page, "ArrowRight", "ArrowRight", "ArrowRight")
    expect_text(page, "live", f"\u201c{text[2]}\u201d, position 2, value ")
    second = text.index("\n") + 1
    press(page, "ArrowDown")
    expect_text(page, "live", f"position {second + 2}, value ")
    press(page, "End")
    expect_text(page, "live", f"newline, position {text.index(chr(10), second)}")
    press(page, "Home")
    expect_text(page, "live", f"position {second}, value ")
    press(page, "Control+End")
    expect_text(page, "live", "position 19999, value ")
    settle(page)
    press(page, "PageUp")
    assert page.locator(".unitscope .caret").is_visible()


def test_shift_selects_escape_clears_and_python_hears_both(open_view: Open) -> None:
    page = open_view("prose-20000")
    press(page, "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight")
    expect_text(page, "state", "selection (0, 3)")
    assert page.locator(".unitscope .chosen >> visible=true").count() == 1
    press(page, "Escape")
    expect_text(page, "state", "selection None")
    assert page.locator(".unitscope .chosen >> visible=true").count() == 0


def test_resizing_keeps_the_place(open_view: Open) -> None:
    page = open_view("unbroken-100000", position=50_000)
    before = visible_range(page)[0]
    page.set_viewport_size({"width": 700, "height": 800})
    page.wait_for_timeout(1200)
    after = visible_range(page)
    assert after[0] <= before < after[1]
    page.set_viewport_size({"width": 1280, "height": 800})
    page.wait_for_timeout(1200)
    assert abs(visible_range(page)[0] - before) < 500


def test_the_minimap_jumps_to_where_it_is_clicked(open_view: Open) -> None:
    page = open_view("prose-1000000")
    box = page.locator(".unitscope .strip").bounding_box()
    page.mouse.click(box["x"] + 10, box["y"] + 0.75 * box["height"])
    expect_text(page, "state", re.compile(r"visible \(7[45]\d{4}"))


def test_marked_spans_are_underlined(open_view: Open) -> None:
    page = open_view("prose-20000", marks="yes")
    drawn = page.locator(".unitscope .underlines").evaluate(
        "(canvas) => [...canvas.getContext('2d').getImageData(0, 19, 12, 1).data]"
        ".filter((_, at) => at % 4 === 3).map((alpha) => alpha > 0)"
    )
    assert drawn == [4 <= column < 9 for column in range(12)]


def test_the_view_can_be_named_reached_and_hit(open_view: Open) -> None:
    page = open_view("prose-20000")
    assert scroller(page).get_attribute("role") == "application"
    assert scroller(page).get_attribute("aria-roledescription") == "coloured text"
    for button in page.locator(".unitscope button >> visible=true").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 24
    assert page.locator(".unitscope .strip").bounding_box()["width"] >= 24
    page.keyboard.press("Tab")
    press(page, "ArrowRight")
    outline = scroller(page).evaluate("(element) => getComputedStyle(element).outlineWidth")
    assert outline == "2px"
