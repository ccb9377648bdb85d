"""Measure the whole dashboard on a real recording in Chromium: warm start, clicks, scrolling.

    python -m benchmarks.dashboard RECORDING.zarr

A click on a unit goes through Streamlit and back; a key in the text does not. The limit for
scrolling is the browser's own 60 frames a second, for a click 100 ms.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.recording import open_recording
from benchmarks.text_view import chromium, frames_per_second, harness

if TYPE_CHECKING:
    from playwright.sync_api import Page

CLICK_LIMIT_MS = 100.0
FPS_LIMIT = 60.0
_UNIT_BUTTONS = ".unitscope .choice"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("recording", type=Path)
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args()
    symbols = len(open_recording(options.recording))
    servers = harness("app_server")
    port = servers.free_port()
    serve = [sys.executable, "-m", "unitscope", "serve", str(options.recording)]
    with tempfile.TemporaryDirectory() as folder, chromium() as page:
        began = time.perf_counter()
        process, url = servers.start_process(
            [*serve, "--no-browser", "--port", str(port)],
            port,
            {"UNITSCOPE_HOME": folder},
            Path(folder) / "log.txt",
        )
        try:
            served = time.perf_counter()
            page.goto(url)
            page.locator(".unitscope .row >> visible=true").first.wait_for(timeout=120_000)
            painted = time.perf_counter()
            page.get_by_text("did not choose the units").wait_for(timeout=300_000)
            page.wait_for_timeout(5_000)
            clicks = [_click(page, turn) for turn in range(options.repeats)]
            fps = frames_per_second(page.locator(".unitscope .scroller"), 3.0)
        finally:
            process.terminate()
            process.wait(20)
    click = statistics.median(clicks)
    print(f"{symbols:,} symbols")
    print(f"server start to its first page  {served - began:8.2f} s")
    print(f"page opened to coloured text    {painted - served:8.2f} s")
    print(
        f"click on a unit to its frame    {click:8.1f} ms ({min(clicks):.0f} to {max(clicks):.0f})"
    )
    print(f"scrolling                       {fps:8.1f} frames/s")
    summary = {
        "symbols": symbols,
        "server_start_s": round(served - began, 2),
        "first_paint_s": round(painted - served, 2),
        "click_ms": round(click, 1),
        "click_vs_limit": round(click / CLICK_LIMIT_MS, 3),
        "fps_vs_limit": round(fps / FPS_LIMIT, 3),
    }
    print(json.dumps(summary))


def _click(page: Page, turn: int) -> float:
    """Milliseconds from a click on one of the found units to the frame that shows it."""
    page.evaluate("() => { document.onclick = (event) => { window.clicked = event.timeStamp; }; }")
    buttons = page.locator(_UNIT_BUTTONS)
    button = buttons.nth(1 + turn % (buttons.count() - 1))
    unit = button.inner_text().split()[0]
    button.click()
    page.wait_for_function(f"window.__unitscope.unit === {unit!r}")
    spent: float = page.evaluate("window.__unitscope.paintedAt - window.clicked")
    page.wait_for_timeout(700)  # the next click is a new one, not a hurried one
    return spent


if __name__ == "__main__":
    main()
