"""The Open page in a real browser: a network from another program, then a text read with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import foreign
import pytest
import torch
from app_server import running_dashboard

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard with an empty library."""
    folder = tmp_path_factory.mktemp("open")
    with running_dashboard(folder / "home", folder / "log.txt") as url:
        yield f"{url}/open"


def test_a_network_is_dropped_and_reads_the_next_text(
    browser_page: Page, address: str, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    file = tmp_path / "brought here.pt"
    torch.save(foreign.make_source().state_dict(), file)
    page = browser_page
    page.goto(f"{address}?bring=network")
    drops = page.locator("input[type=file]")
    expect(drops).to_have_count(2, timeout=60_000)
    drops.first.set_input_files(file)
    expect(page.get_by_role("button", name=f"Remove {file.name}")).to_be_visible()
    page.locator("[data-test-script-state=notRunning]").wait_for()  # nobody drops two at once
    rows = {"name": "rows.txt", "mimeType": "text/plain", "buffer": foreign.SYMBOLS.encode()}
    drops.last.set_input_files([rows])
    expect(page.get_by_text("rows.txt", exact=True)).to_be_visible()
    page.get_by_role("button", name="Import it").click()
    expect(page.get_by_text("It is a checkpoint now")).to_be_visible(timeout=120_000)
    expect(page.get_by_role("combobox", name="Read with")).to_have_value("brought-here")
    text = page.get_by_role("textbox", name="or paste text")
    text.fill("a cab\n" * 30)
    text.press("Control+Enter")
    page.get_by_role("button", name="Read it").click()
    expect(page.locator(".unitscope .layer")).to_contain_text("cab", timeout=240_000)


@pytest.mark.parametrize("brings", ["text", "network", "recording", "<b>nothing</b>"])
def test_the_address_says_what_is_brought(browser_page: Page, address: str, brings: str) -> None:
    from playwright.sync_api import expect

    marks = {
        "text": browser_page.get_by_role("textbox", name="or paste text"),
        "network": browser_page.get_by_role("button", name="Look inside"),
        "recording": browser_page.get_by_role("textbox", name="Path of a recording"),
    }
    browser_page.goto(f"{address}?bring={brings}")
    expect(marks.get(brings, marks["text"])).to_be_visible(timeout=60_000)
