"""Search: what is written is painted as it is typed, and units stand with their passages."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import numpy as np
import planted
import pytest
from text_view_driver import expected_colours

from analysis.card_words import half_life_words, timescale_words
from analysis.hypotheses import find_hypotheses
from analysis.multiples import small_multiples
from analysis.preview import preview_labels
from analysis.recording import Recording
from analysis.search import search_units
from analysis.unit_card import companions, unit_card
from dashboard.minus import true_minus
from dashboard.text_view import BLUE_ORANGE

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

SEARCHED_WITHIN_MS = 60_000  # a machine that does other things is slow
WORDS = "regex:[a-z]+"


@pytest.fixture
def app(browser_page: Page, address: str, recording: Recording) -> Page:
    """The Search page with quotations searched for."""
    browser_page.goto(f"{address}/search?recording={recording.id}&hypothesis=double-quotes")
    units(browser_page).first.wait_for(timeout=SEARCHED_WITHIN_MS)
    return browser_page


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Write a hypothesis")


def units(page: Page) -> Locator:
    return page.locator(".unit-rows button.unit")


def expect_underlined(page: Page, is_any: bool) -> None:
    """Wait until something in the text is underlined, or nothing is."""
    page.wait_for_function(
        """(isAny) => {
            const find = (root) => {
                for (const each of root.querySelectorAll("*")) {
                    if (each.matches(".unitscope .underlines")) return each;
                    const inner = each.shadowRoot && find(each.shadowRoot);
                    if (inner) return inner;
                }
            };
            const canvas = find(document);
            if (!canvas) return false;
            const brush = canvas.getContext("2d");
            const { data } = brush.getImageData(0, 0, canvas.width, canvas.height);
            const drawn = data.some((value, at) => at % 4 === 3 && value > 0);
            return isAny === (!canvas.hidden && drawn);
        }""",
        arg=is_any,
    )


def test_what_is_typed_is_counted_and_underlined(app: Page, recording: Recording) -> None:
    from playwright.sync_api import expect

    (hypothesis,) = find_hypotheses([WORDS])
    preview = preview_labels(recording, hypothesis)
    field(app).fill("regex:~~~")
    expect(app.get_by_text(re.compile("^It holds at 0 of"))).to_be_visible()
    expect_underlined(app, False)
    field(app).fill("regex:")
    field(app).press_sequentially(WORDS.removeprefix("regex:"), delay=20)
    expect(app.get_by_text(preview.sentence)).to_be_visible()
    expect_underlined(app, True)


def test_the_help_stands_there_once_while_it_is_being_counted(app: Page) -> None:
    from playwright.sync_api import expect

    help_button = app.get_by_role("button", name="What can be written")
    expect(app.get_by_role("button", name="Next place")).to_be_visible()
    expect(help_button).to_have_count(1)
    app.evaluate(
        """() => {
            const count = () => {
                const buttons = [...document.querySelectorAll("button")];
                const words = "What can be written";
                const shown = buttons.filter((each) => each.innerText.includes(words));
                window.mostHelp = Math.max(window.mostHelp ?? 0, shown.length);
            };
            new MutationObserver(count).observe(document.body, { childList: true, subtree: true });
        }"""
    )
    for written in ("regex:~~~", WORDS, "regex:[", "quotes", "lag(double-quotes, 3)"):
        field(app).fill(written)
        app.wait_for_timeout(700)
    assert app.evaluate("window.mostHelp") == 1


def test_what_cannot_be_read_is_told_and_the_last_stays(app: Page) -> None:
    from playwright.sync_api import expect

    expect_underlined(app, True)
    field(app).fill("double-quotes and")
    expect(app.get_by_text("Underlined is double-quotes.")).to_be_visible()
    expect_underlined(app, True)
    search = app.get_by_role("button", name="Search", exact=True)
    expect(search).to_be_disabled()
    expect(search.locator("p")).not_to_have_css("color", "rgb(255, 255, 255)")  # as the page
    field(app).fill("double-quotes and vowel")
    expect(app.get_by_text("Underlined is")).to_have_count(0)


def test_enter_searches_and_the_address_restores_it(
    app: Page, new_page, recording: Recording
) -> None:  # type: ignore[no-untyped-def]
    from playwright.sync_api import expect

    field(app).fill("column > 7")
    field(app).press("Enter")
    expect(app.get_by_role("heading", name="Units that track column > 7")).to_be_visible()
    best = search_units(recording, find_hypotheses(["column > 7"]), top=1).findings[0]
    expect(units(app).first).to_contain_text(best.unit)
    app.wait_for_function("() => new URL(location).searchParams.get('hypothesis') === 'column > 7'")
    other = new_page()
    other.goto(app.url)
    expect(field(other)).to_have_value("column > 7")
    expect(units(other).first).to_contain_text(best.unit, timeout=SEARCHED_WITHIN_MS)
    app.get_by_role("button", name="Earlier searches").click()
    app.get_by_role("button", name="double-quotes", exact=True).click()
    expect(app.get_by_role("heading", name="Units that track double-quotes")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_passages_stand_in_the_colours_of_their_unit(
    new_page, address: str, recording: Recording, scheme: str
) -> None:  # type: ignore[no-untyped-def]
    page = new_page(color_scheme=scheme)
    page.goto(f"{address}/search?recording={recording.id}&hypothesis=double-quotes")
    row = page.locator(".unit-rows tbody").first
    row.locator(".strip").first.wait_for(timeout=SEARCHED_WITHIN_MS)
    hypotheses = find_hypotheses(["double-quotes"])
    found = search_units(recording, hypotheses, top=20).findings
    multiples = small_multiples(recording, hypotheses[0], found)
    unit = row.get_attribute("data-unit")
    passage = multiples.shared[0]
    shown = row.locator(".strip .letters").first.text_content()
    assert shown == passage.text.replace("\n", "↵").replace("\t", "→")
    pixels = row.locator(".strip canvas").first.evaluate(
        "(canvas) => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, 1).data]"
    )
    drawn = np.array(pixels).reshape(-1, 4)[:, :3]
    stops = getattr(BLUE_ORANGE, scheme)
    expected = expected_colours(multiples.codes[unit][0], stops)
    assert np.abs(drawn - expected).max() <= 1
    assert row.locator(".strip").first.locator(".mark").count() == len(passage.marks)


def test_a_click_shows_the_unit_in_explore(app: Page) -> None:
    from playwright.sync_api import expect

    second = units(app).nth(1)
    unit = second.inner_text().split()[0]
    second.click()
    app.get_by_text("Text and network").wait_for()
    expect(app.locator(".unitscope .unit")).to_have_text(unit)
    app.wait_for_function(f"() => new URL(location).searchParams.get('unit') === '{unit}'")


def test_findings_are_downloaded_with_all_their_numbers(app: Page, recording: Recording) -> None:
    app.get_by_role("columnheader", name="3 symbols").wait_for(timeout=SEARCHED_WITHIN_MS)
    with app.expect_download() as download:
        app.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    found = search_units(recording, find_hypotheses(["double-quotes"]), top=20).findings
    assert [row["unit"] for row in rows] == [each.unit for each in found]
    assert float(rows[0]["score"]) == pytest.approx(found[0].score)
    assert float(rows[0]["p_value"]) <= 1


def test_other_colours_leave_what_only_explore_shows(app: Page) -> None:
    app.goto(f"{app.url}&outcomes=yes")
    app.locator(".unitscope .colouring").click()
    app.locator(".unitscope .panel").get_by_text("Exchange the ends", exact=True).click()
    app.wait_for_function("() => new URL(location).searchParams.get('flip') === 'yes'")
    assert parse_qs(urlsplit(app.url).query)["outcomes"] == ["yes"]


def test_places_follow_one_another(app: Page, recording: Recording) -> None:
    (hypothesis,) = find_hypotheses(["double-quotes"])
    spans = preview_labels(recording, hypothesis).spans
    app.get_by_role("button", name="Previous place").click()  # around to the last
    app.wait_for_function(
        "(last) => Number(new URL(location).searchParams.get('position')) > last / 2",
        arg=int(spans[-1, 0]),
    )


def test_the_card_has_the_figures_of_the_analysis(
    browser_page: Page, address: str, recording: Recording
) -> None:
    from playwright.sync_api import expect

    unit = f"0.c.{planted.PLACES['quote']}"
    page = browser_page
    page.goto(f"{address}/?recording={recording.id}&hypothesis=double-quotes&unit={unit}")
    page.get_by_text("that did not choose the units").wait_for(timeout=SEARCHED_WITHIN_MS)
    page.get_by_text("The unit's card").click()
    card = unit_card(recording, unit)
    expect(page.get_by_text(timescale_words(card))).to_be_visible()
    expect(page.get_by_text(half_life_words(card))).to_be_visible()
    picture = page.get_by_alt_text("Histogram of its values").evaluate(
        "async (image) => await (await fetch(image.src)).text()"
    )
    assert picture.count("<rect") == 64
    first = companions(recording, unit)[0]
    page.get_by_role("radio", name=true_minus(f"{first.unit} {first.correlation:+.2f}")).click()
    expect(page.locator(".unitscope .unit")).to_have_text(first.unit)
    expect(page.get_by_text(f"Values of {first.unit}")).to_be_visible()
