"""A real Chromium and a real server for the tests in this folder."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from app_server import running_dashboard, start_server
from text_view_driver import settle

from analysis.recording import Recording

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Serve = Callable[..., str]
NewPage = Callable[..., "Page"]


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Open pages with settings of their own, such as ``color_scheme="dark"``."""
    contexts = []

    def open_page(**settings: Any) -> Page:
        settings.setdefault("viewport", {"width": 1280, "height": 800})
        settings.setdefault("permissions", ["clipboard-read", "clipboard-write"])
        contexts.append(browser.new_context(**settings))
        page: Page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def browser_page(new_page: NewPage) -> Page:
    """An empty page in light colours."""
    return new_page(color_scheme="light")


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Start an app and get its address; the same app with the same environment starts once.

    ``serve(app_path, env)`` runs ``streamlit run`` on the file. All servers stop at the end.
    """
    started: dict[tuple[Path, frozenset[tuple[str, str]]], tuple[subprocess.Popen[bytes], str]] = {}

    def start(app_path: Path, env: Mapping[str, str] | None = None) -> str:
        wanted = (Path(app_path), frozenset((env or {}).items()))
        if wanted not in started:
            log = tmp_path_factory.mktemp("server") / "log.txt"
            started[wanted] = start_server(*wanted, log)
        return started[wanted][1]

    yield start
    for process, _ in started.values():
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def address(recording: Recording, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard that shows the planted recording; each file has one with a library of its own."""
    folder = tmp_path_factory.mktemp("dashboard")
    with running_dashboard(folder / "home", folder / "log.txt", recording.path) as url:
        yield url


@pytest.fixture
def open_view(browser_page: Page, serve: Serve) -> Callable[..., Page]:
    """Open the text view over a made-up recording and wait until Python knows what is in view.

    ``open_view("prose-20000", marks="yes")``; further arguments go into the address.
    ``settle=""`` does not wait, ``page=`` shows it in another page.
    """
    url = serve(Path(__file__).with_name("text_view_app.py"))

    def show(recording: str, page: Page = browser_page, **asked: object) -> Page:
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        page.goto(f"{url}/?recording={recording}&{query}")
        page.locator(".unitscope .bar").wait_for()
        if asked.get("settle", True):
            settle(page)
        return page

    return show
