"""Recordings in a real browser: listed, verified, deleted after a question, and never elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import planted
import pytest
from app_server import running_dashboard

from analysis.recorder import record
from models.corpora import Corpus, Document

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SLOW_MS = 90_000  # a machine that does other things is slow


def make(path: Path, name: str) -> Path:
    corpus = Corpus(name, (Document("a.txt", "if x:\n  return 'a'\n" * 20),))
    record(planted.random_checkpoint(), corpus, path)
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with two recordings and a broken one; beside it another recording."""
    home = tmp_path_factory.mktemp("recordings_page") / "home"
    make(home / "recordings" / "one.zarr", "One *text*")
    make(home / "recordings" / "two.zarr", "Two")
    (home / "recordings" / "bad.zarr").mkdir()
    make(home.parent / "elsewhere.zarr", "Elsewhere")
    return home


@pytest.fixture(scope="module")
def address(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("recordings_server") / "log.txt"
    with running_dashboard(home, log) as url:
        yield url


@pytest.fixture
def app(browser_page: Page, address: str) -> Page:
    browser_page.goto(f"{address}/recordings")
    browser_page.get_by_role("heading", name="Recordings").wait_for(timeout=SLOW_MS)
    return browser_page


def card(page: Page, text: str):  # type: ignore[no-untyped-def]
    return page.locator("[class*='st-key-entry']").filter(has_text=text)


def test_all_are_listed_and_one_is_verified(app: Page) -> None:
    from playwright.sync_api import expect

    expect(app.get_by_text("2 recordings in the library")).to_be_visible()
    expect(card(app, "One *text*")).to_contain_text("1 document · 380 symbols · LSTM 2 × 5")
    expect(card(app, "bad.zarr").get_by_role("alert")).to_contain_text("not a recording")
    card(app, "One *text*").get_by_role("button", name="Verify").click()
    expect(card(app, "One *text*")).to_contain_text("It is sound", timeout=SLOW_MS)
    app.get_by_role("button", name="Dismiss").click()
    expect(app.get_by_text("It is sound")).to_have_count(0)


def test_the_one_shown_is_deleted_after_a_question_and_another_is_shown(
    app: Page, home: Path
) -> None:
    from playwright.sync_api import expect

    card(app, "Two").get_by_role("button", name="Show").click()
    app.locator(".unitscope").wait_for(timeout=SLOW_MS)
    app.get_by_role("link", name="Recordings").click()
    expect(card(app, "Two")).to_contain_text("shown now")
    card(app, "Two").get_by_role("button", name="Delete").click()
    question = app.get_by_role("dialog")
    expect(question).to_contain_text("380 symbols")
    expect(question).to_contain_text("its text and its checkpoint stay")
    question.get_by_role("button", name="Keep it").click()
    expect(question).to_have_count(0)
    assert (home / "recordings" / "two.zarr").is_dir()
    card(app, "Two").get_by_role("button", name="Delete").click()
    app.get_by_role("dialog").get_by_role("button", name="Delete it").click()
    expect(card(app, "Two")).to_have_count(0)
    expect(card(app, "One *text*")).to_contain_text("shown now")
    assert not (home / "recordings" / "two.zarr").exists()
    assert (home / "recordings" / "one.zarr").is_dir()
    app.get_by_role("link", name="Explore").click()
    expect(app.locator(".unitscope")).to_contain_text("return", timeout=SLOW_MS)


def test_one_from_elsewhere_is_forgotten_and_stays(app: Page, home: Path) -> None:
    from playwright.sync_api import expect

    app.get_by_role("link", name="Open").click()
    app.get_by_role("radio", name="A recording").click()
    path = app.get_by_role("textbox", name="Path of a recording")
    path.fill(str(home.parent / "elsewhere.zarr"))
    path.press("Enter")
    app.locator(".unitscope").wait_for(timeout=SLOW_MS)
    app.get_by_role("link", name="Recordings").click()
    found = card(app, "Elsewhere")
    expect(found).to_contain_text("not in the library")
    expect(found.get_by_role("button", name="Delete")).to_have_count(0)
    found.get_by_role("button", name="Forget").click()
    expect(card(app, "Elsewhere")).to_have_count(0)
    assert (home.parent / "elsewhere.zarr").is_dir()
