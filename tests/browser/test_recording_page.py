"""Recording from the app in a real browser: asked first, watched, cancelled, found again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from app_server import free_port, start_process

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

SLOW_MS = 120_000  # a machine that does other things is slow
LINE = 'def greet(name):\n\treturn "hello"  # quietly\n'
SOURCE = "or name a file or folder on this machine, or a corpus"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recording") / "home"


@pytest.fixture(scope="module")
def server(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The dashboard over an empty library: its process, and the address of the page."""
    port = free_port()
    command = [sys.executable, "-m", "unitscope", "serve", "--no-browser", "--port", str(port)]
    log = tmp_path_factory.mktemp("server") / "log.txt"
    process, url = start_process(command, port, {"UNITSCOPE_HOME": str(home)}, log)
    yield process, f"{url}/open"
    process.terminate()
    process.wait(20)


@pytest.fixture
def own(browser_page: Page, server: tuple[object, str]) -> Iterator[Page]:
    """The page; what a test leaves running is cancelled."""
    from playwright.sync_api import expect

    browser_page.goto(server[1], timeout=SLOW_MS)
    browser_page.get_by_role("button", name="Read it").wait_for(timeout=SLOW_MS)
    yield browser_page
    browser_page.goto(server[1], timeout=SLOW_MS)
    browser_page.get_by_role("button", name="Read it").wait_for(timeout=SLOW_MS)
    for cancel in browser_page.get_by_role("button", name="Cancel").all():
        cancel.click()
    expect(browser_page.get_by_role("button", name="Cancel")).to_have_count(0, timeout=SLOW_MS)


def ask(page: Page, source: object, network: str = "python-2x128") -> None:
    box = page.get_by_role("combobox", name="Read with")
    box.click()
    box.fill(network)
    page.get_by_role("option", name=network, exact=True).click()
    field = page.get_by_role("textbox", name=SOURCE)
    field.fill(str(source))
    field.press("Enter")
    page.get_by_role("button", name="Read it").click()


def start(page: Page) -> None:
    page.get_by_role("button", name="Start", exact=True).click(timeout=SLOW_MS)


def alert(page: Page, text: str) -> Locator:
    return page.get_by_role("alert").filter(has_text=text)


def progress(page: Page) -> Locator:
    return page.get_by_text(re.compile(r"[\d,]+ of [\d,]+ symbols, [\d,]+ a second, about .* left"))


@pytest.fixture
def long_text(tmp_path: Path) -> Path:
    """Minutes of reading: a job over it is always met on its way."""
    (tmp_path / "long.py").write_text(LINE * 100_000)
    return tmp_path / "long.py"


def test_the_estimate_comes_first_then_the_text_is_read_and_shown(
    own: Page, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    for number in range(20):
        (tmp_path / f"{number:02d}.py").write_text(f"# file {number}\n" + LINE * 30)
    ask(own, tmp_path)
    said = own.get_by_text(
        re.compile(r"^About \d+ \w+ and at most 14 MB on disk for 26,590 symbols")
    )
    expect(said).to_be_visible(timeout=SLOW_MS)
    own.get_by_role("button", name="Back").click()
    expect(said).to_be_hidden()
    expect(own.get_by_role("textbox", name=SOURCE)).to_have_value(str(tmp_path))
    own.get_by_role("button", name="Read it").click()
    start(own)
    expect(own.locator(".unitscope")).to_contain_text("# file 0", timeout=SLOW_MS)


def test_a_cancelled_recording_leads_back_and_leaves_nothing(
    own: Page, long_text: Path, home: Path
) -> None:
    from playwright.sync_api import expect

    before = set((home / "recordings").iterdir()) if home.exists() else set()
    ask(own, long_text)
    start(own)
    expect(progress(own)).to_be_visible(timeout=SLOW_MS)
    own.get_by_role("button", name="Cancel").click()
    own.get_by_role("button", name="Read it").wait_for(timeout=SLOW_MS)
    expect(own.get_by_role("alert")).to_have_count(0)
    assert set((home / "recordings").iterdir()) == before


def test_a_recording_goes_on_through_a_reload_and_another_waits_for_it(
    own: Page, long_text: Path, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    ask(own, long_text)
    start(own)
    expect(progress(own)).to_be_visible(timeout=SLOW_MS)
    own.reload()
    expect(progress(own)).to_be_visible(timeout=SLOW_MS)
    (tmp_path / "short.py").write_text(LINE)
    ask(own, tmp_path / "short.py")  # too short to ask about
    expect(own.get_by_text("Reading short.py: waiting for long.py")).to_be_visible(timeout=SLOW_MS)
    own.get_by_role("button", name="Read another text").click()
    # Until the list of both is there, the only Cancel is that of the short one.
    expect(own.get_by_role("button", name="Cancel")).to_have_count(2, timeout=SLOW_MS)
    own.get_by_role("button", name="Cancel").first.click()
    own.get_by_role("button", name="Open it").click(timeout=SLOW_MS)
    expect(own.locator(".unitscope")).to_contain_text("greet", timeout=SLOW_MS)


def test_a_killed_recording_says_so_and_is_read_again(
    own: Page, long_text: Path, server: tuple[subprocess.Popen[bytes], str]
) -> None:
    from playwright.sync_api import expect

    ask(own, long_text)
    start(own)
    expect(progress(own)).to_be_visible(timeout=SLOW_MS)
    (child,) = children(server[0].pid)
    os.kill(child, signal.SIGKILL)
    expect(alert(own, "long.py: The reading process was killed from outside")).to_be_visible()
    own.get_by_role("button", name="Read it again").click()
    expect(progress(own)).to_be_visible(timeout=SLOW_MS)


def children(pid: int) -> list[int]:
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for each in lists for child in each.read_text().split()]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("missing", "There is no file or folder {}. Check the path and its spelling."),
        ("binary.bin", "{} is not a UTF-8 text file (it holds bytes that are not text)."),
        ("empty", "No text files in the folder {}. Name a folder that holds some."),
    ],
)
def test_what_cannot_be_read_is_one_sentence(
    own: Page, tmp_path: Path, name: str, sentence: str
) -> None:
    from playwright.sync_api import expect

    (tmp_path / "binary.bin").write_bytes(b"\0\1\2")
    (tmp_path / "empty").mkdir()
    ask(own, tmp_path / name)
    expect(alert(own, sentence.format(tmp_path / name))).to_be_visible(timeout=SLOW_MS)
    expect(own.get_by_role("alert")).to_have_count(1)
    expect(own.get_by_role("button", name="Start", exact=True)).to_have_count(0)
