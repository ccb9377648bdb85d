"""Take the pictures of the documentation again, over the texts that the app begins with.

    .venv/bin/python docs/take_pictures.py [NAME ...]

Without names, all of them.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

from app_server import CHROMIUM_FLAGS, running_dashboard  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WAIT_MS = 300_000
TEXT = ".unitscope .row"


@dataclass(frozen=True)
class Picture:
    """One page, and what to wait for and do before it is taken."""

    page: str
    wait: str
    act: Callable[[Page], None] = lambda page: None
    dark: bool = False
    height: int = 900


def proved(page: Page) -> None:
    """Wait for the end of the search."""
    page.get_by_text(re.compile(r"scores .*, p = ")).first.wait_for(timeout=WAIT_MS)


def compared(page: Page) -> None:
    """Let a second network read the text, and wait until both stand side by side."""
    page.get_by_role("button", name="Read it with").click()
    page.locator(".unitscope").nth(1).locator(".row").first.wait_for(timeout=WAIT_MS)


PICTURES = {
    "explore": Picture("", TEXT, proved),
    "explore-dark": Picture("", TEXT, proved, dark=True),
    "guesses": Picture("?rows=guesses", TEXT),
    "search": Picture("search", TEXT),
    "units": Picture("units", "canvas"),
    "heatmap": Picture("heatmap", "canvas"),
    "compare": Picture("compare", "button", compared),
    "models": Picture("models", "[role=radiogroup]"),
    "recordings": Picture("recordings", "button"),
    "open": Picture("open", "textarea"),
}


def main() -> None:
    """Serve an empty library, let it read its first texts, and take the pictures."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder) / "home"
        home.mkdir()
        (home / "tour-seen").touch()
        with running_dashboard(home, Path(folder) / "log.txt") as url:
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=CHROMIUM_FLAGS
            )
            try:
                page = browser.new_page()
                page.goto(url)
                page.locator(TEXT).first.wait_for(timeout=WAIT_MS)
                page.close()
                for name in sys.argv[1:] or PICTURES:
                    take(browser, url, PICTURES[name], ROOT / "docs" / "pictures" / f"{name}.png")
            finally:
                browser.close()


def take(browser: Browser, url: str, picture: Picture, path: Path) -> None:
    """Open a page, wait until it is drawn, and keep what is seen."""
    page = browser.new_page(
        viewport={"width": 1440, "height": picture.height},
        color_scheme="dark" if picture.dark else "light",
    )
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{url}/{picture.page}")
    page.locator(picture.wait).locator("visible=true").first.wait_for()
    picture.act(page)
    page.wait_for_timeout(2_500)  # until nothing moves any more
    path.parent.mkdir(exist_ok=True)
    page.screenshot(path=path)
    page.close()


if __name__ == "__main__":
    main()
