"""Every page in windows of all widths: nothing is cut off, and the text comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analysis.recording import Recording

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

PAGES = ("", "search", "units", "heatmap", "compare", "models", "recordings", "open")
# Words of buttons whose letters reach beyond what one of the elements around them shows of them.
CUT = """() => [...document.querySelectorAll('.stMainBlockContainer button p')].filter(words => {
  const ends = document.createRange();
  ends.selectNodeContents(words);
  const { left, right } = ends.getBoundingClientRect();
  for (let around = words; around; around = around.parentElement) {
    const box = around.getBoundingClientRect();
    if (getComputedStyle(around).overflowX !== 'visible'
      && (left < box.left - 1 || right > box.right + 1)) return true;
  }
  return false;
}).map(words => words.textContent)"""


def show(page: Page, address: str, recording: Recording, name: str = "") -> None:
    page.goto(f"{address}/{name}?recording={recording.id}&hypothesis=string&unit=0.c.1")
    page.locator(".stMainBlockContainer :is(button, h3)").first.wait_for()
    page.wait_for_timeout(1_500)  # the last of the page, whichever it is


def top(part: Locator) -> float:
    part.wait_for()
    return float(part.bounding_box()["y"])  # type: ignore[index]


@pytest.mark.parametrize("width", [400, 800, 1280])
def test_no_label_is_cut_and_no_page_scrolls_sideways(
    browser_page: Page, address: str, recording: Recording, width: int
) -> None:
    browser_page.set_viewport_size({"width": width, "height": 800})
    for name in PAGES:
        show(browser_page, address, recording, name)
        assert browser_page.evaluate(CUT) == [], name
        main = browser_page.locator("[data-testid=stMain]")
        assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0, name


def test_in_a_narrow_window_the_text_comes_first_then_the_controls_then_the_units(
    browser_page: Page, address: str, recording: Recording
) -> None:
    browser_page.set_viewport_size({"width": 400, "height": 800})
    show(browser_page, address, recording)
    skip = browser_page.get_by_role("button", name="Skip the tour")
    skip.click()
    skip.wait_for(state="hidden")
    text, units = browser_page.locator(".unitscope"), browser_page.locator(".unitsheet")
    control = browser_page.get_by_role("combobox", name="Find units that track")
    assert top(text) < 300
    assert top(text) < top(control) < top(units)
    assert text.bounding_box()["height"] <= 600  # type: ignore[index]
    browser_page.set_viewport_size({"width": 1280, "height": 800})
    browser_page.wait_for_timeout(500)
    assert abs(top(control) - top(text)) < 200, "beside each other in a wide one"
    assert control.bounding_box()["x"] < text.bounding_box()["x"]  # type: ignore[index]
