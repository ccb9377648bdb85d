"""Hits, false alarms and misses in the text view, by pixels and by numbers, and the hover card."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
from text_view_data import SITES, make_codes, make_labels
from text_view_driver import UNIT, cell_at, colours, expect_text, press

from analysis.outcomes import Cut, best_cut, count_by_label, count_outcomes

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Open = Callable[..., "Page"]
CELLS = 50
HIT, ALARM, MISS = [0x6F, 0xA0, 0xDC], [0xF1, 0xA3, 0x40], [0xC9, 0xC4, 0xBD]


def tables() -> tuple[np.ndarray, np.ndarray]:
    return count_by_label(make_codes(UNIT, 0, 20_000), make_labels(0, 20_000))


def said(cut: Cut, codes: np.ndarray) -> np.ndarray:
    return codes >= cut.code if cut.direction == 1 else codes <= cut.code


def expected(cut: Cut) -> list[list[int]]:
    """Fills of the first symbols."""
    labels = make_labels(0, CELLS)
    fills = []
    for yes, label in zip(said(cut, make_codes(UNIT, 0, CELLS)), labels, strict=True):
        if yes:
            fills.append(HIT if label == 1 else ALARM)
        else:
            fills.append(MISS if label == 1 else [0, 0, 0])
    return fills


def lines(page: Page, stripe: int) -> list[bool]:
    """Where a stripe of the first row of text has a line."""
    drawn: list[bool] = page.locator(".unitscope .underlines").evaluate(
        "(canvas, [row, cells]) => [...canvas.getContext('2d').getImageData(0, row, cells, 1).data]"
        ".filter((_, at) => at % 4 === 3).map((alpha) => alpha > 0)",
        [10 + stripe, CELLS],
    )
    return drawn


def expect_outcomes(page: Page, cut: Cut) -> None:
    found = count_outcomes(*tables(), cut)
    tally = page.locator(".unitscope .tally")
    tally.get_by_text(f"hits {found.hits:,}").wait_for()
    tally.get_by_text(f"false alarms {found.false_alarms:,}").wait_for()
    tally.get_by_text(f"misses {found.misses:,}").wait_for()
    page.wait_for_timeout(200)
    assert colours(page, 1, CELLS) == expected(cut)


def test_outcomes_are_told_by_fill_by_lines_and_by_numbers(open_view: Open) -> None:
    page = open_view("prose-20000", labels="yes")
    page.get_by_role("button", name="Hits and misses").click()
    cut = best_cut(*tables())
    expect_outcomes(page, cut)
    assert lines(page, 9) == (make_labels(0, CELLS) == 1).tolist()
    assert lines(page, 0) == said(cut, make_codes(UNIT, 0, CELLS)).tolist()
    page.get_by_text("outcomes=True").wait_for()


def test_moving_the_cut_repaints_and_counts_again(open_view: Open) -> None:
    page = open_view("prose-20000", labels="yes", outcomes="yes")
    cut = best_cut(*tables())
    expect_outcomes(page, cut)
    slider = page.get_by_role("slider", name="Cut")
    moved = Cut(cut.direction, cut.code + (25 if cut.code < 90 else -25))
    slider.fill(str(moved.code))
    expect_outcomes(page, moved)
    told = page.get_by_text(f"cut='{UNIT} made {moved.code}'")
    told.wait_for()
    page.get_by_role("button", name="Next unit").click()
    page.get_by_role("button", name="Previous unit").click()
    expect_outcomes(page, moved)
    page.get_by_role("button", name="Best F1").click()
    expect_outcomes(page, cut)


def test_a_cut_that_is_asked_for_is_shown_and_one_of_other_labels_is_not(open_view: Open) -> None:
    best = best_cut(*tables())
    page = open_view("prose-20000", labels="yes", outcomes="yes", cut=f"{UNIT} made 33")
    expect_outcomes(page, Cut(best.direction, 33))
    page = open_view("prose-20000", labels="yes", outcomes="yes", cut=f"{UNIT} others 33")
    expect_outcomes(page, best)


def test_labels_are_underlined_without_any_spans(open_view: Open) -> None:
    page = open_view("prose-20000", labels="yes")
    page.wait_for_timeout(500)
    assert lines(page, 9) == (make_labels(0, CELLS) == 1).tolist()
    assert not any(lines(page, 0))


def test_the_card_has_all_signals_and_what_the_true_symbol_cost(open_view: Open) -> None:
    page = open_view("prose-20000")
    page.mouse.move(*cell_at(page, 1, 9))
    expect_text(page, "tooltip", "came next, not among the five, 9.3 bits")
    rows = page.locator(".unitscope .tooltip .signal")
    shown = [row.split("\n") for row in rows.all_inner_texts()]
    assert [row[0] for row in shown] == [site[2:] for site in SITES if site.startswith("1.")]
    value = make_codes(UNIT, 9, 10)[0] / 127
    assert re.sub("[+\u2212]", "", shown[0][-1]) == f"{abs(value):.2f}"
    page.mouse.move(*cell_at(page, 1, 4))
    expect_text(page, "tooltip", "came next, 1.5 bits")


def test_the_table_has_the_symbols_in_view_with_their_values(open_view: Open) -> None:
    page = open_view("prose-20000")
    page.get_by_role("button", name="Table", exact=True).click()
    table = page.get_by_role("dialog").get_by_role("table")
    rows = table.get_by_role("row")
    assert rows.nth(0).inner_text().split("\t")[-1] == UNIT
    assert 100 < rows.count() <= 601
    cells = rows.nth(12).inner_text().split("\t")
    value = make_codes(UNIT, 11, 12)[0] / 127
    assert cells[0] == "11"
    assert cells[-1][1:] == f"{abs(value):.2f}"
    page.keyboard.press("Escape")
    assert not page.get_by_role("dialog").is_visible()


def test_the_card_follows_the_unit(open_view: Open) -> None:
    page = open_view("prose-20000")
    press(page, "ArrowRight", "Enter")
    expect_text(page, "tooltip", f"{UNIT} = ")
    press(page, "]")
    expect_text(page, "tooltip", "1.c.8 = ")
    value = make_codes("1.c.8", 0, 1)[0] / 127
    expect_text(page, "tooltip", f"{abs(value):.2f}")
