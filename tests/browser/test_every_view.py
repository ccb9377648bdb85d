"""Every page in a real browser, light and dark: nothing breaks, all can use it, nothing leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

LOADED_WITHIN_MS = 120_000
# What is there once a page has drawn all of itself.
PAGES = {
    "": ".unitscope .row",
    "search": ".unitscope .row",
    "units": "canvas",
    "heatmap": "canvas",
    "compare": "h1, h2, h3, .unitscope .row",
    "models": "[role=radiogroup]",
    "recordings": "[data-testid=stDataFrame], button",
    "open": "textarea",
}
SERIOUS = {"serious", "critical"}
# Streamlit asks below the page's own path first, to find out where the app's root is.
LOOKED_FOR = ("_stcore/health", "_stcore/host-config")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_drawn_without_errors_and_asks_nobody_else(
    new_page: Callable[..., Page], address: str, tmp_path: Path, name: str, scheme: str
) -> None:
    page = new_page(color_scheme=scheme)
    errors: list[str] = []
    strangers: list[str] = []

    def hear(request: Any) -> None:
        place = urlsplit(request.url)
        if place.scheme not in ("data", "blob") and place.hostname != "127.0.0.1":
            strangers.append(request.url)

    page.on("request", hear)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if is_error(said) else None)
    show(page, f"{address}/{name}", PAGES[name])
    assert errors == []
    assert strangers == []
    assert page.locator("[data-testid=stException]").count() == 0
    found = Axe().run(page).response["violations"]
    told = [
        f"{rule['id']}: {rule['help']}: {node['html'][:200]}"
        for rule in found
        if rule["impact"] in SERIOUS
        for node in rule["nodes"]
    ]
    assert told == []


def is_error(said: Any) -> bool:
    return said.type == "error" and not said.location["url"].endswith(LOOKED_FOR)


def show(page: Page, url: str, mark: str) -> None:
    """Open a page and wait until it has come to rest."""
    page.goto(url)
    page.locator(mark).locator("visible=true").first.wait_for(timeout=LOADED_WITHIN_MS)
    page.wait_for_load_state("networkidle")
    page.wait_for_function(
        "() => !document.querySelector('[data-testid=stApp][data-test-script-state=running]')",
        timeout=LOADED_WITHIN_MS,
    )
