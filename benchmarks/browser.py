"""Measure the dashboard as people use it, in Chromium, beside a bare page and the usual way.

    python -m benchmarks.browser [--symbols 1000000] [--repeats 60] [--users 10]

A real network reads the standard library; the app shows that recording. The limits, measured in the
same run: Streamlit's page with one line of text on it, for what the first paint costs anyway, and
the frames that the browser draws at most. The peer is one span a symbol, for 100,000 symbols.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import in_browser
from benchmarks.text_view import PEER_PAGE, PEER_SYMBOLS, chromium, harness, measure_plain

if TYPE_CHECKING:
    from playwright.sync_api import Page

NETWORK = "python-2x128"
BARE = "import streamlit as st\nst.write('bare')\n"
SETTLED = "that did not choose the units"  # the page's last sentence: its first search has ended


@dataclass(frozen=True)
class Servers:
    """Addresses of the dashboard over the recording, and of a page with one line of text."""

    app: str
    bare: str


def main() -> None:
    """Measure, print a table, and end with one line of JSON."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--symbols", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=60)
    parser.add_argument("--users", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        symbols = make_recording(Path(folder), options.symbols)
        with serving(Path(folder)) as servers, chromium() as page:
            in_browser.prepare(page.context)
            figures = measure(page, servers, options.repeats)
            figures |= measure_users(page, servers, options.users)
    print_table(symbols, figures)
    print(json.dumps({name: round(value, 2) for name, value in figures.items()}))


def make_recording(folder: Path, symbols: int) -> int:
    """Read the standard library with a network that ships; how many symbols were read."""
    from analysis.recorder import record
    from models.checkpoint import load_checkpoint
    from models.corpora import Corpus, standard_library
    from models.zoo import find_checkpoint

    chosen, total = [], 0
    for document in standard_library("train").documents:
        if total + len(document.text) <= symbols:
            chosen.append(document)
            total += len(document.text)
    corpus = Corpus("standard library", tuple(chosen))
    record(load_checkpoint(find_checkpoint(NETWORK)), corpus, folder / "read.zarr")
    return total


@contextmanager
def serving(folder: Path) -> Iterator[Servers]:
    """Start both servers."""
    servers = harness("app_server")
    bare = folder / "bare.py"
    bare.write_text(BARE)
    recording = str(folder / "read.zarr")
    with servers.running_dashboard(folder / "home", folder / "app.txt", recording) as app:
        process, url = servers.start_server(bare, frozenset(), folder / "bare.txt")
        try:
            yield Servers(app, url)
        finally:
            process.terminate()
            process.wait(20)


def measure(page: Page, servers: Servers, repeats: int) -> dict[str, float]:
    """All that one visitor does, in milliseconds."""
    peer = measure_plain(page, "a span a symbol", PEER_PAGE, 3, 1.0)
    in_browser.open_text(page, servers.app)  # fills the browser's cache
    page.get_by_text(SETTLED).wait_for(timeout=600_000)
    paints, bares = [], []
    for _ in range(9):  # in turn: what else the machine does holds up both
        paints.append(in_browser.open_text(page, servers.app))
        page.wait_for_timeout(300)
        bares.append(in_browser.open_bare(page, servers.bare))
    in_browser.open_text(page, servers.app)
    page.get_by_text(SETTLED).wait_for(timeout=600_000)
    page.wait_for_timeout(2_000)
    switches, wire = in_browser.switch_units(page, repeats)
    clicks = in_browser.click_choices(page, repeats // 3)
    frames = in_browser.scroll(page, 5.0)
    hovers = in_browser.hover(page, repeats // 2)
    heap = in_browser.heap_mb(page)
    typed = in_browser.type_hypothesis(page, f"{servers.app}/search", 8)
    switch = statistics.median(switches + clicks)
    peer_ms = statistics.median(peer.switch)
    return {
        "switch_p50_ms": switch,
        "switch_p95_ms": percentile(switches + clicks, 95),
        "scroll_fps": 1000 * len(frames) / sum(frames),
        "scroll_p95_frame_ms": percentile(frames, 95),
        "hover_ms": statistics.median(hovers),
        "hover_p95_ms": percentile(hovers, 95),
        "type_ms": statistics.median(typed),
        "paint_ms": statistics.median(paints),
        "paint_vs_bare": statistics.median(paints) / statistics.median(bares),
        "heap_mb": heap,
        "wire_kb_per_switch": wire / 1000,
        "peer_switch_ms": peer_ms,
        "faster_than_peer": peer_ms / switch,
    }


def measure_users(page: Page, servers: Servers, users: int) -> dict[str, float]:
    """Several browsers at once, each stepping through units of its own."""
    browser = page.context.browser
    assert browser is not None
    page.close()
    times, failed = in_browser.crowd(browser, servers.app, users)
    return {
        "ten_users_p50_ms": statistics.median(times),
        "ten_users_p95_ms": percentile(times, 95),
        "ten_users_failed": float(failed),
    }


def percentile(values: Sequence[float], share: int) -> float:
    """The value that so many percent do not exceed."""
    return sorted(values)[max(0, -(-share * len(values) // 100) - 1)]


def print_table(symbols: int, figures: dict[str, float]) -> None:
    """The figures beside what was asked of them."""
    asked = {
        "switch_p50_ms": 30,
        "switch_p95_ms": 100,
        "scroll_fps": 60,
        "scroll_p95_frame_ms": 20,
        "hover_p95_ms": 50,
        "type_ms": 200,
        "paint_vs_bare": 1.5,
        "heap_mb": 60,
        "ten_users_p95_ms": 300,
        "ten_users_failed": 0,
    }
    print(
        f"{symbols:,} symbols; the peer has {PEER_SYMBOLS:,}\n{'':24}{'measured':>12}{'limit':>9}"
    )
    for name, value in figures.items():
        print(f"{name:24}{value:12.2f}{asked.get(name, ''):>9}")


if __name__ == "__main__":
    main()
