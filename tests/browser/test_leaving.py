"""From a page that is still being drawn to another one: that one stays."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from app_server import ROOT, start_server

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

APP = Path(__file__).with_name("leaving_app.py")
TIMES = 8  # without care, every second time comes out empty
LONGER_MS = 500  # than anything that was asked for takes to be answered


def test_a_fragment_that_draws_itself_again_does_not_empty_the_next_page(
    browser_page: Page, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    env = frozenset({("PYTHONPATH", str(ROOT))})
    process, url = start_server(APP, env, tmp_path / "log.txt")
    try:
        for _ in range(TIMES):
            browser_page.goto(url)
            browser_page.get_by_text("It is").wait_for()
            browser_page.get_by_role("button", name="Go").click()
            browser_page.get_by_text("and ends.").wait_for()
            browser_page.wait_for_timeout(LONGER_MS)
            expect(browser_page.get_by_text("The second page begins")).to_be_visible()
            expect(browser_page.get_by_text("and ends.")).to_be_visible()
            expect(browser_page.get_by_text("It is")).to_be_hidden()
    finally:
        process.terminate()
        process.wait(20)
