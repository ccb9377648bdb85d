"""Compare in a real browser: in step, the same symbol outlined, colours of losses as in numpy."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import numpy as np
import planted
import pytest
from app_server import running_dashboard
from text_view_driver import expected_colours

from analysis.comparison import DIFFERENCE_BITS, bits_to_codes, loss_bits
from analysis.hypotheses import find_hypotheses
from analysis.recorder import record
from analysis.recording import Recording
from analysis.search import search_units
from dashboard.library import place_digest
from dashboard.text_view import BLUE_ORANGE
from models.checkpoint import load_checkpoint
from models.corpora import Corpus, Document
from models.zoo import find_checkpoint

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

SLOW_MS = 90_000  # a machine that does other things is slow


@pytest.fixture(scope="module")
def pair(
    planted_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Recording]]:
    """A library with the planted text, read by two networks."""
    home = tmp_path_factory.mktemp("compare") / "home"
    networks = planted.planted_checkpoint(), planted.random_checkpoint()
    return home, [
        record(network, planted_corpus, home / "recordings" / f"{at}.zarr")
        for at, network in enumerate(networks)
    ]


@pytest.fixture(scope="module")
def address(
    pair: tuple[Path, list[Recording]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    log = tmp_path_factory.mktemp("compare_server") / "log.txt"
    with running_dashboard(pair[0], log) as url:
        yield url


@pytest.fixture
def app(browser_page: Page, address: str, pair: tuple[Path, list[Recording]]) -> Page:
    first, second = pair[1]
    browser_page.goto(
        f"{address}/compare?recording={first.id}&others={second.id}&hypothesis=double-quotes"
    )
    for at in range(2):
        row(browser_page, at).wait_for(timeout=SLOW_MS)
    browser_page.get_by_text("The best unit of each").wait_for(timeout=SLOW_MS)
    return browser_page


def view(page: Page, at: int) -> Locator:
    return page.locator(".unitscope").nth(at)


def row(page: Page, at: int) -> Locator:
    return view(page, at).locator(".row:not(.header) .text").first


def top(page: Page, at: int) -> float:
    found: float = view(page, at).locator(".scroller").evaluate("element => element.scrollTop")
    return found


def until(page: Page, done) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline, "it did not come to that"
        page.wait_for_timeout(50)


def rows_in_view(page: Page, at: int) -> list[str]:
    """What stands in the rows, from above: elements are used again in whatever order they have."""
    found: list[str] = view(page, at).evaluate(
        """view => [...view.querySelectorAll(".row:not([hidden])")]
            .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
            .map(row => row.innerText)"""
    )
    return found


def test_two_texts_scroll_in_step_from_either_side(app: Page) -> None:
    for leader, other in ((0, 1), (1, 0)):
        before = top(app, other)

        def scrolled(leader: int = leader, before: float = before) -> bool:
            # Again and again: the texts may still move away from the pointer.
            view(app, leader).locator(".scroller").hover()
            app.mouse.wheel(0, 333)
            app.wait_for_timeout(300)
            return top(app, leader) != before

        until(app, scrolled)
        until(app, lambda: top(app, leader) == top(app, other))  # noqa: B023
        # One place, and the same rows: nothing lags behind or answers back.
        app.wait_for_timeout(300)
        assert top(app, leader) == top(app, other) != before
        first, second = (rows_in_view(app, at) for at in range(2))
        assert len(first) > 1
        assert first == second


def test_what_is_pointed_at_in_one_is_outlined_and_explained_in_the_other(app: Page) -> None:
    from playwright.sync_api import expect

    outlines = [view(app, at).locator(".hovered") for at in range(2)]
    box: dict[str, float] = {}

    def both_outlined() -> bool:
        # Again and again: the texts may still move while what was found is put above them.
        box.update(view(app, 0).locator(".pane").bounding_box())
        app.mouse.move(box["x"] + 30 + 8 * len(moves), box["y"] + 50)
        moves.append(True)
        app.wait_for_timeout(300)
        return all(outline.is_visible() for outline in outlines)

    moves: list[bool] = []
    until(app, both_outlined)
    styles = [outline.get_attribute("style") for outline in outlines]
    assert styles[0] == styles[1]
    places = [
        re.search(r"position [\d,]+", view(app, at).locator(".tooltip").inner_text())
        for at in range(2)
    ]
    assert places[0] is not None
    assert places[1] is not None
    assert places[0][0] == places[1][0]
    app.mouse.move(box["x"] + 30, box["y"] - 200)
    expect(outlines[1]).to_be_hidden()


def test_caret_and_selection_are_in_step(app: Page) -> None:
    from playwright.sync_api import expect

    scroller = view(app, 1).locator(".scroller")
    scroller.focus()
    app.keyboard.press("ArrowRight")
    app.keyboard.press("Shift+ArrowRight")
    app.keyboard.press("Shift+ArrowRight")
    for at in range(2):
        expect(view(app, at).locator(".caret")).to_be_visible()
        expect(view(app, at).locator(".chosen:visible").first).to_be_visible()
    styles = [view(app, at).locator(".caret").get_attribute("style") for at in range(2)]
    assert styles[0] == styles[1]


def test_the_difference_of_losses_has_the_colours_of_its_numbers(
    app: Page, pair: tuple[Path, list[Recording]]
) -> None:
    from playwright.sync_api import expect

    first, second = pair[1]
    app.get_by_text("Difference of losses", exact=True).click()
    expect(view(app, 1).locator(".unit")).to_have_text("A − B, bits", timeout=SLOW_MS)
    expect(view(app, 0).locator(".unit")).to_have_text("loss, bits")
    assert legend(app, 1) == ["−4", "0", "+4"]
    assert legend(app, 0) == ["0", "+4", "+8"]  # no loss is negative
    middle = len(BLUE_ORANGE.light) // 2
    expect_legend_colours(app, 0, BLUE_ORANGE.light[middle], BLUE_ORANGE.light[-1])
    expect_legend_colours(app, 1, BLUE_ORANGE.light[0], BLUE_ORANGE.light[-1])
    line = row(app, 1).inner_text()
    count = min(20, len(line))
    start = first.text().index(line[:count])
    difference = (loss_bits(first) - loss_bits(second))[start : start + count]
    codes = bits_to_codes(difference, DIFFERENCE_BITS)
    assert len(set(codes.tolist())) > 5
    expected = expected_colours(codes, BLUE_ORANGE.light)
    rows = view(app, 1).locator(".row:visible").count()
    assert rows > 3
    until(app, lambda: np.abs(pixels(app, 1, count) - expected).max() <= 0.5)


def legend(page: Page, at: int) -> list[str]:
    scale = view(page, at).locator(".scale")
    return scale.evaluate("element => element.innerText.split(/\\s+/).filter(Boolean)")  # type: ignore[no-any-return]


def expect_legend_colours(page: Page, at: int, first: str, last: str) -> None:
    found = (
        view(page, at)
        .locator("canvas.legend")
        .evaluate(
            "canvas => [0, canvas.width - 1].map((x) => "
            "[...canvas.getContext('2d').getImageData(x, 0, 1, 1).data].slice(0, 3))"
        )
    )
    assert ["#" + bytes(each).hex() for each in found] == [first, last]


def pixels(page: Page, at: int, columns: int) -> np.ndarray:
    """Colours of the first cells of the row that follows the first header."""
    found = (
        view(page, at)
        .locator(".colours")
        .evaluate(
            "(canvas, columns) => [...canvas.getContext('2d').getImageData(0, 1, columns, 1).data]",
            columns,
        )
    )
    return np.array(found, float).reshape(-1, 4)[:, :3]


def test_each_begins_with_its_best_unit_and_the_address_restores_all(
    app: Page, pair: tuple[Path, list[Recording]], new_page
) -> None:  # type: ignore[no-untyped-def]
    from playwright.sync_api import expect

    asked = find_hypotheses(["double-quotes"])
    best = [search_units(each, asked, top=1).findings[0].unit for each in pair[1]]
    for at in range(2):
        expect(view(app, at).locator(".unit")).to_have_text(best[at], timeout=SLOW_MS)
    view(app, 1).get_by_role("button", name="Next unit").click()
    expect(view(app, 1).locator(".unit")).not_to_have_text(best[1])
    shown = view(app, 1).locator(".unit").inner_text()
    app.wait_for_function(
        f"() => new URL(location).searchParams.get('other_units')?.split(' ')[0] === '{shown}'"
    )
    app.get_by_text("Loss", exact=True).click()
    app.wait_for_function("() => new URL(location).searchParams.get('colouring') === 'loss'")
    assert parse_qs(urlsplit(app.url).query)["others"] == [pair[1][1].id]
    again = new_page()
    again.goto(app.url)
    expect(view(again, 1).locator(".unit")).to_have_text("loss, bits", timeout=SLOW_MS)
    again.get_by_text("A unit of each", exact=True).click()
    expect(view(again, 1).locator(".unit")).to_have_text(shown, timeout=SLOW_MS)


def test_with_nothing_to_compare_one_button_reads_the_text_with_a_second_network(
    browser_page: Page, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from playwright.sync_api import expect

    home = tmp_path_factory.mktemp("alone") / "home"
    file = find_checkpoint("python-2x128")
    corpus = Corpus("alone", (Document("b.py", "import os\n" * 9), Document("a.py", "x = 1\n" * 9)))
    place = home / "recordings" / f"alone-{place_digest(file, corpus.sha256)}.zarr"
    record(load_checkpoint(file), corpus, place)
    with running_dashboard(home, home / "log.txt") as url:
        browser_page.goto(f"{url}/compare")
        read = browser_page.get_by_role("button", name=re.compile("^Read it with python"))
        read.click(timeout=SLOW_MS)
        for at, name in enumerate(("python-2x128", "python-2x128/step-0000256")):
            expect(browser_page.get_by_text(f"{'AB'[at]}: {name}", exact=True).first).to_be_visible(
                timeout=SLOW_MS
            )
            layer = view(browser_page, at).locator(".layer")
            expect(layer).to_contain_text("import os", timeout=SLOW_MS)
            # Its folder is numbered, so that the order is kept; the names are those of A.
            expect(layer.locator(".header .text").first).to_have_text("b.py")
        expect(browser_page.get_by_role("button", name=re.compile("^Read it with"))).to_have_count(
            0
        )
