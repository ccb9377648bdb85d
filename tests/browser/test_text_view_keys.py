"""Keys of the whole page: / to search, g to go to, ? for help; never while someone writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from text_view_data import make_text
from text_view_driver import expect_text, press

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Open = Callable[..., "Page"]


def focused(page: Page) -> str:
    """What has the focus, inside the component's shadow too."""
    named: str = page.evaluate(
        "() => { let at = document.activeElement;"
        " while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;"
        " return at.className || at.getAttribute('aria-label') || at.tagName; }"
    )
    return named


def go_to(page: Page, place: str) -> None:
    press(page, "g")
    page.get_by_role("dialog", name="Go to").wait_for()
    page.keyboard.type(place)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("place", "line", "document"),
    [("1,234", None, None), ("second.py", 1, 400), ("folder/second.py:3", 3, 400), (":2", 2, 0)],
)
def test_g_goes_to_a_position_a_document_a_line(
    open_view: Open, place: str, line: int | None, document: int | None
) -> None:
    page = open_view("prose-20000")
    go_to(page, place)
    page.get_by_role("dialog").wait_for(state="hidden")
    position = 1234
    if document is not None:
        position = document
        for _ in range((line or 1) - 1):
            position = make_text("prose-20000").index("\n", position) + 1
    expect_text(page, "live", f"position {position}, value ")
    assert focused(page) == "scroller"


def test_a_place_that_is_none_is_said_in_place_and_escape_gives_the_focus_back(
    open_view: Open,
) -> None:
    page = open_view("prose-20000")
    for place, sentence in [
        ("nowhere.c", "no document \u201cnowhere.c\u201d"),
        ("99999", "ends at position 19,999"),
        ("first.txt:9999", "first.txt has "),
    ]:
        go_to(page, place)
        page.get_by_role("alert").get_by_text(sentence).wait_for()
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="hidden")
        assert focused(page) == "scroller"


def test_question_mark_lists_the_keys_from_anywhere(open_view: Open) -> None:
    page = open_view("prose-20000")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    keys.get_by_text("the previous and the next unit").wait_for()
    page.keyboard.press("Escape")
    keys.wait_for(state="hidden")


def test_slash_goes_to_the_field_and_there_the_keys_are_letters(open_view: Open) -> None:
    page = open_view("prose-20000", field="yes")
    press(page, "/")
    assert focused(page) == "or write your own"
    page.keyboard.type("g/?")
    assert page.get_by_label("or write your own").input_value() == "g/?"
    assert not page.get_by_role("dialog").is_visible()
