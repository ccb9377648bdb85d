"""What a visitor of the dashboard does, timed by the browser's own clock (``in_browser.js``)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

_SCRIPT = Path(__file__).with_suffix(".js")
_WAIT_MS = 600_000
_BETWEEN_MS = 250  # from one action to the next: neighbours are fetched meanwhile
_STEP_PX = 33  # scrolled in each frame: a page and a half of text a second
_ROW_PX = 20


def prepare(context: BrowserContext) -> None:
    """Put the stopwatch into every page of a context, before it is opened."""
    context.add_init_script(path=_SCRIPT)


def open_text(page: Page, url: str) -> float:
    """Load the dashboard; milliseconds from the navigation to coloured text."""
    page.goto(url, wait_until="commit")
    return float(page.wait_for_function("bench.painted()", timeout=_WAIT_MS).json_value())


def open_bare(page: Page, url: str) -> float:
    """Load a page with one line of text; milliseconds to the line."""
    page.goto(url, wait_until="commit")
    return float(page.wait_for_function("bench.bare()", timeout=_WAIT_MS).json_value())


def switch_units(page: Page, repeats: int) -> tuple[list[float], float]:
    """Press ``]`` so many times: milliseconds from each key to its frame, and bytes for each."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    received = [0.0]

    def count(event: dict[str, Any]) -> None:
        received[0] += event["encodedDataLength"]

    session.on("Network.dataReceived", count)
    page.locator(".unitscope .scroller").focus()
    times = [_after(page, lambda: page.keyboard.press("]")) for _ in range(repeats)]
    session.detach()
    return times, received[0] / repeats


def click_choices(page: Page, repeats: int) -> list[float]:
    """Click the units that a search has found, one after another: milliseconds to each frame."""
    buttons = page.locator(".unitscope .choice")
    count = buttons.count()
    return [_after(page, buttons.nth(turn % count).click) for turn in range(repeats)]


def _after(page: Page, act: Callable[[], None]) -> float:
    before = page.evaluate("window.__unitscope?.paints ?? 0")
    act()
    page.wait_for_function(f"window.__unitscope?.paints > {before}")
    spent = float(page.evaluate("window.__unitscope.lastPaintMs"))
    page.wait_for_timeout(_BETWEEN_MS)
    return spent


def scroll(page: Page, seconds: float) -> list[float]:
    """Scroll on and on: milliseconds between the frames."""
    frames: list[float] = page.evaluate(f"bench.scroll({seconds}, {_STEP_PX})")
    return frames


def hover(page: Page, repeats: int) -> list[float]:
    """Point at symbols far apart: milliseconds to each whole card."""
    box = page.locator(".unitscope .pane").bounding_box()
    assert box is not None
    times = []
    for turn in range(repeats):
        page.mouse.move(box["x"] + box["width"] + 40, box["y"])  # leave: the card goes
        page.locator(".unitscope .scroller").evaluate(
            f"(element) => {{ element.scrollTop += {60 * _ROW_PX}; }}"  # to other predictions
        )
        page.wait_for_timeout(_BETWEEN_MS)
        page.evaluate("window.waits = bench.hovered(), 0")
        # Near the left edge, where the lines have symbols.
        page.mouse.move(box["x"] + 12, box["y"] + _ROW_PX * (1.5 + turn % 20))
        times.append(float(page.evaluate("waits")))
    return [time for time in times if time >= 0]  # not of empty lines and documents' names


def type_hypothesis(page: Page, url: str, repeats: int) -> list[float]:
    """Type into the search page: milliseconds from a key to other underlines in the text."""
    open_text(page, url)
    field = page.get_by_role("textbox").first
    field.fill("regex:d")
    page.wait_for_timeout(5_000)
    times = []
    for turn in range(repeats):
        page.evaluate("window.waits = bench.typed(), 0")
        page.keyboard.press("Backspace" if turn % 2 else "e")
        times.append(float(page.evaluate("waits")))
        page.wait_for_timeout(1_500)
    return times


def heap_mb(page: Page) -> float:
    """What the page holds after a collection: JavaScript's heap and the arrays outside of it."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    session.detach()
    return float(usage["usedSize"] + usage.get("backingStorageSize", 0)) / 1e6


def crowd(browser: Browser, url: str, users: int) -> tuple[list[float], int]:
    """Several browsers at once: milliseconds to each frame, and how many browsers failed."""
    pages = []
    for _ in range(users):
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        prepare(context)
        pages.append(context.new_page())
        pages[-1].goto(url, wait_until="commit")
    for page in pages:
        page.wait_for_function("bench.painted()", timeout=_WAIT_MS)
    pages[0].wait_for_timeout(5_000)
    for number, page in enumerate(pages):
        pause = 500 + 10 * number
        page.evaluate(f"window.waits = bench.stepAlone(20, {pause}).catch(() => null), 0")
    stamps = [page.evaluate("waits") for page in pages]
    for page in pages:
        page.context.close()
    return [time for each in stamps if each for time in each], stamps.count(None)
