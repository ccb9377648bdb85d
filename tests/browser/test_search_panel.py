"""Ask in one's own words, see it counted, ranked and proved; and from a selection to its units."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import planted
import pytest
from text_view_driver import cell_at, drag

from analysis.hypotheses import find_hypotheses
from analysis.matching import units_for_range
from analysis.passages import random_passages
from analysis.preview import preview_labels
from analysis.recording import Recording
from analysis.search import search_units

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

SEARCHED_WITHIN_MS = 60_000  # a machine that does other things is slow
QUOTED = 'regex:"[^"]*"'


@pytest.fixture
def app(browser_page: Page, address: str, recording: Recording) -> Page:
    """The dashboard with the planted text."""
    browser_page.goto(f"{address}/?recording={recording.id}&hypothesis=newline")
    best(browser_page).wait_for(timeout=SEARCHED_WITHIN_MS)
    return browser_page


def best(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile(r"^\d+\.[a-z]\.\d+ [▲▼]")).first


def ask(page: Page, expression: str) -> None:
    field = page.get_by_role("textbox", name="or write your own")
    field.fill(expression)
    field.press("Enter")


def test_an_expression_is_counted_searched_and_put_to_the_test(
    app: Page, recording: Recording
) -> None:
    from playwright.sync_api import expect

    hypotheses = find_hypotheses([QUOTED])
    preview = preview_labels(recording, hypotheses[0])
    first = search_units(recording, hypotheses, top=1).findings[0]
    ask(app, QUOTED)
    expect(app.get_by_text(preview.sentence)).to_be_visible()
    expect(best(app)).to_contain_text(first.unit)
    expect(app.locator(".unitscope .unit")).to_have_text(first.unit)
    proved = app.get_by_text(re.compile(rf"{re.escape(first.unit)} scores .*95%: .* p = 0\.\d+"))
    proved.wait_for(timeout=SEARCHED_WITHIN_MS)
    expect(app.locator("td").filter(has_text=first.unit).first).to_be_attached()
    expect(app.get_by_text(re.compile("^(Clear of|No better than)"))).to_be_visible()


def test_the_address_restores_an_expression(app: Page, new_page) -> None:  # type: ignore[no-untyped-def]
    from playwright.sync_api import expect

    expression = "column > 7 and not double-quotes"
    ask(app, expression)
    app.wait_for_function("() => new URL(location).searchParams.get('hypothesis')[0] === 'c'")
    assert parse_qs(urlsplit(app.url).query)["hypothesis"] == [expression]
    other = new_page()
    other.goto(app.url)
    expect(other.get_by_role("textbox", name="or write your own")).to_have_value(expression)
    best(other).wait_for(timeout=SEARCHED_WITHIN_MS)


@pytest.mark.parametrize(
    ("expression", "said"),
    [("regex:(oh", "has a fault"), ("csv:/etc/passwd", "in the terminal"), ("vowle", "Did you")],
)
def test_a_mistake_is_told_in_a_sentence(app: Page, expression: str, said: str) -> None:
    from playwright.sync_api import expect

    ask(app, expression)
    expect(app.get_by_role("alert").filter(has_text=said)).to_be_visible()
    ask(app, "digit or newline")
    expect(app.get_by_text(re.compile("^It holds at"))).to_be_visible()
    expect(app.get_by_role("alert").filter(has_text=said)).to_have_count(0)


def test_a_selection_leads_to_the_planted_unit(app: Page, recording: Recording) -> None:
    from playwright.sync_api import expect

    lines = recording.document_text(0).text.split("\n")
    row = next(k for k, line in enumerate(lines) if line.count('"') == 2)
    line = lines[row]
    left, right = line.index('"'), line.rindex('"')
    start = sum(len(each) + 1 for each in lines[:row]) + left
    found = units_for_range(recording, start, start + right - left, top=8)
    planted_name = f"0.c.{planted.PLACES['quote']}"
    assert planted_name in [match.unit for match in found]
    drag(app, cell_at(app, row + 1, left), cell_at(app, row + 1, right - 1))
    app.get_by_role("button", name="Units for the selection").click()
    unit = app.get_by_role("radio", name=re.compile(rf"^{re.escape(planted_name)} "))
    unit.click()
    expect(app.locator(".unitscope .unit")).to_have_text(planted_name)
    app.get_by_role("button", name="Mark it, and search").click()
    name = recording.documents[0].name
    written = f'marks:{{"{name}":[[{start},{start + right - left}]]}}'
    expect(app.get_by_role("textbox", name="or write your own")).to_have_value(written)
    expect(app.get_by_text(f"It holds at {right - left:,} of ")).to_be_visible()


def test_a_click_on_a_passage_moves_the_text_there(app: Page, recording: Recording) -> None:
    from playwright.sync_api import expect

    unit = app.locator(".unitscope .unit").inner_text()
    found = random_passages(recording, unit, top=6, context=18)
    far = next(k for k, passage in enumerate(found) if passage.start > len(recording) // 2)
    app.get_by_text("Passages", exact=True).click()
    app.get_by_role("radio", name="Random").click()
    passage = app.get_by_role("button", name=re.compile("\N{LEFT ONE EIGHTH BLOCK}")).nth(far)
    expect(passage).to_contain_text(found[far].after.split()[0])
    passage.click()
    app.wait_for_function("() => Number(new URL(location).searchParams.get('position')) > 1000")
