"""Get a file from the dashboard's export menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Download, Page


def download_file(page: Page, suffix: str) -> Download:
    """Have the open export menu prepare a file of this kind, and download it."""
    menu = page.get_by_role("dialog", name="Export")
    menu.get_by_text(suffix, exact=True).click()
    page.get_by_role("button", name="Prepare the file").click()
    button = page.get_by_role("button", name=f"Download {suffix}")
    button.wait_for(timeout=60_000)
    with page.expect_download() as download:
        button.click()
    return download.value
