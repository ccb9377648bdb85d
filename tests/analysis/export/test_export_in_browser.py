"""HTML exports in a real Chromium, from disk: they show what they should and fetch nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analysis.export import Beneath, ViewAssets, export
from analysis.recording import Recording
from dashboard.text_view.standalone import standalone_script, standalone_style

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
Open = Callable[[Path], "Page"]


@pytest.fixture
def open_file(browser: Browser) -> Iterator[Open]:
    """Open a file; at the end nothing may have been asked for, and nothing have gone wrong."""
    asked: list[str] = []
    problems: list[str] = []
    opened: list[str] = []
    context = browser.new_context(viewport={"width": 1100, "height": 700})

    def open_file(file: Path) -> Page:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text))
        opened.append(file.as_uri())
        page.goto(file.as_uri())
        return page

    yield open_file
    context.close()
    assert asked == opened
    assert problems == []


def test_a_page_of_text_shows_the_text_and_steps_through_the_units(
    recording: Recording, tmp_path: Path, open_file: Open
) -> None:
    view = ViewAssets(standalone_script(), standalone_style())
    options = {"units": [4, 9], "view": view}
    page = open_file(export(recording, "1.c", 0, 700, tmp_path / "a.html", kind="text", **options))  # type: ignore[arg-type]
    page.get_by_text("int f(char *s) {").first.wait_for()
    assert page.locator("h1").inner_text() == "2 units of site 1.c"
    unit = page.locator(".unitscope .unit")
    assert unit.inner_text() == "1.c.4"
    page.get_by_role("button", name="Next unit").click()
    assert unit.inner_text() == "1.c.9"


def test_a_page_of_text_shows_the_stacked_units_and_the_guesses(
    recording: Recording, tmp_path: Path, open_file: Open
) -> None:
    view = ViewAssets(standalone_script(), standalone_style())
    asked = Beneath(guesses=True, stacked=("0.h.2", "1.c.9"))
    file = export(recording, "1.c.4", 0, 700, tmp_path / "a.html", view=view, beneath=asked)
    page = open_file(file)
    page.get_by_text("int f(char *s) {").first.wait_for()
    stack = page.locator(".unitscope .stack")
    assert re.findall(r"\d\.\w\.\d+", stack.inner_text()) == ["0.h.2", "1.c.9"]
    guesses = page.get_by_role("button", name="Guesses")
    assert guesses.get_attribute("aria-pressed") == "true"


def test_a_heatmap_page_says_unit_value_position_and_symbol_under_the_pointer(
    recording: Recording, tmp_path: Path, open_file: Open
) -> None:
    page = open_file(export(recording, "1.c", 20, 120, tmp_path / "a.html"))
    page.locator("#heatmap .heatmaplayer image").first.wait_for(state="attached")
    page.locator("#heatmap .nsewdrag").hover()
    label = page.locator("#heatmap .hovertext").first
    label.wait_for()
    text = (label.text_content() or "").replace("−", "-")
    said = re.fullmatch(r"1\.c\.(\d+)\s+([+-]\d\.\d{3})symbol (\d+): “(.)”", text)
    assert said is not None, text
    time = int(said[3])
    value = recording.codes("1.c", time, time + 1)[0, int(said[1])] / 127
    assert abs(float(said[2]) - value) <= 0.0005
    assert said[4] == recording.text(time, time + 1)
