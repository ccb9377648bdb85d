"""Measure the text view in Chromium: from a key or click to the frame, and scrolling.

    python -m benchmarks.text_view [--tiny] [--repeats 20]

The limit, measured in the same browser, is a page that only moves an empty box. The peer is the
usual way to colour text: one span a symbol, here for 100,000 symbols. `floor` is what a key press
costs when one element changes its colour.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

HARNESS = Path(__file__).parents[1] / "tests" / "browser"
SECONDS = 3.0
STEP_PX = 33  # scrolled in each frame: a page and a half of text a second
PEER_SYMBOLS = 100_000

_SCROLL = """(element, [seconds, step]) => new Promise((done) => {
  const start = performance.now();
  let frames = 0;
  const next = () => {
    const spent = performance.now() - start;
    if (spent > 1000 * seconds) return done(1000 * frames / spent);
    frames += 1;
    element.scrollTop += step;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})"""

AFTER_FRAME = """const afterFrame = (since) => new Promise((done) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => { port1.close(); done(performance.now() - since); };
  port2.postMessage(0);
}));"""

_FLOOR_PAGE = f"""<div id="box" tabindex="0" style="height: 600px; overflow-y: scroll">
<div style="height: 4000000px"><div id="cell" style="position: sticky; top: 0; height: 20px"></div>
</div></div><script>{{{AFTER_FRAME}
box.onkeydown = async (event) => {{
  cell.style.background = cell.style.background === "orange" ? "blue" : "orange";
  window.spent = await afterFrame(event.timeStamp);
}};}}</script>"""

PEER_PAGE = f"""<div id="box" tabindex="0" style="height: 600px; overflow-y: scroll; white-space:
pre-wrap; font: 14px/20px monospace"></div><script>{{{AFTER_FRAME}
const colours = (seed) => (at) => `hsl(${{(at * 7 + seed) % 360}} 70% 80%)`;
const spans = Array.from({{ length: {PEER_SYMBOLS} }}, (_, at) => {{
  const span = document.createElement("span");
  span.textContent = at % 60 === 59 ? "\\n" : "abcdefghij"[at % 10];
  return span;
}});
box.append(...spans);
let seed = 0;
box.onkeydown = async (event) => {{
  const colour = colours((seed += 31));
  spans.forEach((span, at) => {{ span.style.background = colour(at); }});
  window.spent = await afterFrame(event.timeStamp);
}};}}</script>"""


@dataclass(frozen=True)
class Figures:
    """One row of the table; times in milliseconds."""

    name: str
    switch: list[float]
    fps: float
    elements: int
    opened: float = float("nan")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--tiny", action="store_true", help="a short text and few repeats")
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args()
    repeats, seconds = (3, 0.3) if options.tiny else (options.repeats, SECONDS)
    lengths = [10_000] if options.tiny else [100_000, 1_000_000, 10_000_000]
    with _pages() as (url, page):
        limit = measure_plain(page, "limit: one element changes", _FLOOR_PAGE, repeats, seconds)
        peer = measure_plain(page, "peer: a span a symbol, 100 k", PEER_PAGE, repeats, seconds)
        ours = [_measure_view(page, url, length, repeats, seconds) for length in lengths]
        reruns = _measure_reruns(page, url, lengths[min(1, len(lengths) - 1)], repeats)
        throttled = _measure_throttled(page, seconds)
    _print_table([limit, peer, *ours])
    print(f"a button of the page, through Python: {spread(reruns)} ms")
    print(f"scrolling with the processor slowed down 4 times: {throttled:.0f} frames/s")
    print(json.dumps(_summary(limit, peer, ours, reruns, throttled)))


def harness(name: str) -> ModuleType:
    """A module of the browser tests."""
    if str(HARNESS) not in sys.path:
        sys.path.insert(0, str(HARNESS))
    return import_module(name)


@contextmanager
def chromium() -> Iterator[Page]:
    """An empty page in Chromium."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    if path is None:
        raise SystemExit(
            "There is no chromium on this machine; install Debian's package of that name."
        )
    flags = harness("app_server").CHROMIUM_FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser.new_page(viewport={"width": 1600, "height": 900})
        browser.close()


@contextmanager
def _pages() -> Iterator[tuple[str, Page]]:
    """A page in Chromium, and the address of the harness with made-up recordings."""
    app = HARNESS / "text_view_app.py"
    with tempfile.TemporaryDirectory() as folder, chromium() as page:
        log = Path(folder) / "log.txt"
        process, url = harness("app_server").start_server(app, frozenset(), log)
        try:
            yield url, page
        finally:
            process.terminate()
            process.wait(20)


def measure_plain(page: Page, name: str, html: str, repeats: int, seconds: float) -> Figures:
    """A page whose `#box` repaints at each key and says in `window.spent` how long it took."""
    page.set_content(html)
    box = page.locator("#box")
    box.focus()
    times = []
    for _ in range(repeats + 1):
        page.evaluate("window.spent = undefined")
        page.keyboard.press("]")
        page.wait_for_function("window.spent !== undefined")
        times.append(page.evaluate("window.spent"))
    elements = page.evaluate("document.querySelectorAll('*').length")
    return Figures(name, times[1:], frames_per_second(box, seconds), elements)


def _measure_view(page: Page, url: str, length: int, repeats: int, seconds: float) -> Figures:
    started = time.perf_counter()
    _open_view(page, url, length)
    opened = 1000 * (time.perf_counter() - started)
    page.wait_for_timeout(2000)  # Python hears what is in view; neighbours are fetched
    view = page.locator(".unitscope .scroller")
    view.focus()
    times = []
    for _ in range(repeats):
        before = page.evaluate("window.__unitscope?.paints ?? 0")
        page.keyboard.press("]")
        page.wait_for_function(f"window.__unitscope?.paints > {before}")
        times.append(page.evaluate("window.__unitscope.lastPaintMs"))
        page.wait_for_timeout(300)
    elements = page.locator(".unitscope").evaluate("(all) => all.querySelectorAll('*').length")
    name = f"text view, {length:,} symbols"
    return Figures(name, times, frames_per_second(view, seconds), elements, opened)


def _open_view(page: Page, url: str, length: int) -> None:
    page.goto(f"{url}/?recording=prose-{length}&height=640")
    page.locator(".unitscope .row >> visible=true").first.wait_for(timeout=120_000)


def _measure_reruns(page: Page, url: str, length: int, repeats: int) -> list[float]:
    """From a click on a Streamlit button to the frame with the unit that Python then asked for."""
    _open_view(page, url, length)
    page.wait_for_timeout(2000)
    page.evaluate(
        "document.addEventListener('click', (e) => { window.clicked = e.timeStamp; }, true)"
    )
    times = []
    for turn in range(repeats):
        unit = ("1.c.40", "0.h.2")[turn % 2]
        page.get_by_role("button", name=f"Show {unit}").click()
        page.wait_for_function(f"window.__unitscope?.unit === '{unit}'")
        times.append(page.evaluate("window.__unitscope.paintedAt - window.clicked"))
        page.wait_for_timeout(300)
    return times


def _measure_throttled(page: Page, seconds: float) -> float:
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    return frames_per_second(page.locator(".unitscope .scroller"), seconds)


def frames_per_second(element: Locator, seconds: float) -> float:
    """Frames drawn in a second while an element is scrolled a little in each."""
    return float(element.evaluate(_SCROLL, [seconds, STEP_PX]))


def spread(times: list[float]) -> str:
    """The median and both extremes."""
    low, high = min(times), max(times)
    return f"{statistics.median(times):8.1f} ({low:.0f} to {high:.0f})"


def _print_table(rows: list[Figures]) -> None:
    print(f"{'':32}{'key to frame, ms':>24}{'frames/s':>10}{'elements':>10}{'opened, s':>11}")
    for row in rows:
        opened = "" if row.opened != row.opened else f"{row.opened / 1000:.1f}"
        print(f"{row.name:32}{spread(row.switch):>24}{row.fps:10.0f}{row.elements:10,}{opened:>11}")


def _summary(
    limit: Figures, peer: Figures, ours: list[Figures], reruns: list[float], throttled: float
) -> dict[str, float]:
    """The figures by name; lengths are named 100k, 1m, 10m."""
    names = {10_000: "10k", 100_000: "100k", 1_000_000: "1m", 10_000_000: "10m"}
    summary = {
        "floor_ms": statistics.median(limit.switch),
        "fps_limit": limit.fps,
        "peer_switch_ms_100k": statistics.median(peer.switch),
        "peer_fps_100k": peer.fps,
    }
    for row in ours:
        length = names[int(row.name.split()[2].replace(",", ""))]
        summary[f"switch_ms_{length}"] = statistics.median(row.switch)
        summary[f"fps_{length}"] = row.fps
        summary[f"elements_{length}"] = row.elements
    summary["rerun_ms"] = statistics.median(reruns)
    summary["fps_slowed_4"] = throttled
    summary["faster_than_peer"] = summary["peer_switch_ms_100k"] / statistics.median(ours[0].switch)
    return {name: round(value, 1) for name, value in summary.items()}


if __name__ == "__main__":
    main()
