"""Measure matching against plain NumPy over the whole recording, which is on disk for both.

    python -m benchmarks.matching [--tiny] [--units 512] [--symbols 262144] [--repeats 5]

Three questions: which units are on in a range of 40 symbols, where three units are on together,
and where one unit is highest. NumPy reads the site whole, marks what is on at every symbol, and
sorts all symbols of the one unit; it looks at the same 8-bit codes.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from analysis.matching import units_for_range
from analysis.passages import band_passages, top_passages
from analysis.recording import Recording
from analysis.similar_places import places_like
from analysis.switches import Switch
from benchmarks.made_recording import make_recording
from benchmarks.search import make_codes, seconds

PIECE = 16_384  # symbols made; the rest is made of them, moved, since making is slow
FIRST = 39  # the code of 0.3
CHOSEN = (0, 1, 2)
LONG = 10_000_000


def make(units: int, symbols: int, path: Path) -> Recording:
    """Write a recording of unrelated slow units over 16 texts of random letters."""
    random = np.random.default_rng(0)
    piece = np.concatenate(make_codes(min(PIECE, symbols), units, random), axis=1)
    pieces = [np.roll(piece, k * 37, axis=1) for k in range(-(-symbols // len(piece)))]
    codes = np.concatenate(pieces)[:symbols]
    letters = "".join(random.choice(list("abcdefgh \n"), symbols))
    size = symbols // 16
    texts = [letters[k * size : (k + 1) * size if k < 15 else symbols] for k in range(16)]
    return make_recording(texts, {"0.h": codes}, path)


def numpy_units(recording: Recording, start: int, stop: int) -> list[int]:
    """The units that are high throughout a range and not beside it, from all symbols."""
    on = recording.codes("0.h") >= FIRST
    inside = on[start:stop].mean(axis=0)
    beside = np.maximum(on[start - 3 : start].mean(axis=0), on[stop : stop + 3].mean(axis=0))
    return np.argsort(-inside * (1 - beside), kind="stable")[:20].tolist()


def numpy_places(recording: Recording) -> list[tuple[int, int]]:
    """The longest runs where all chosen units are high."""
    on = (recording.codes("0.h") >= FIRST)[:, list(CHOSEN)].all(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(np.int8), [0]])))
    runs = edges.reshape(-1, 2)
    best = np.argsort(-(runs[:, 1] - runs[:, 0]), kind="stable")[:20]
    return [tuple(run) for run in runs[best].tolist()]


def numpy_passages(recording: Recording) -> list[str]:
    """The text around the highest symbols of a unit that are apart."""
    codes = recording.codes("0.h")[:, 0]
    text = recording.text()
    peaks: list[int] = []
    for t in np.argsort(-codes.astype(np.int16), kind="stable").tolist():
        if all(abs(t - peak) > 120 for peak in peaks):
            peaks.append(t)
        if len(peaks) == 20:
            break
    return [text[max(0, t - 60) : t + 61] for t in peaks]


def measure(units: int, symbols: int, long: int, repeats: int) -> dict[str, list[float]]:
    """Return seconds of each way, one entry a repeat; the ways take turns."""
    with tempfile.TemporaryDirectory() as folder:
        recording = make(units, symbols, Path(folder) / "made.zarr")
        start = symbols // 16 * 4 + min(500, symbols // 64)
        switches = [Switch.default(f"0.h.{unit}") for unit in CHOSEN]
        many = make_long(long)
        column = many.unit_codes("0.h.0")
        ways: dict[str, Callable[[], object]] = {
            "range": lambda: units_for_range(recording, start, start + 40),
            "range_numpy": lambda: numpy_units(recording, start, start + 40),
            "places": lambda: places_like(recording, switches),
            "places_numpy": lambda: numpy_places(recording),
            "passages": lambda: top_passages(recording, "0.h.0"),
            "passages_numpy": lambda: numpy_passages(recording),
            "long_top": lambda: top_passages(many, "0.h.0", codes=column),
            "long_band": lambda: band_passages(many, "0.h.0", 0.45, 0.55, codes=column),
        }
        taken: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(repeats):
            for way, function in ways.items():
                taken[way].append(seconds(function))
    return taken


def make_long(symbols: int) -> Recording:
    """One unit with random codes over a text of random letters, in memory."""
    random = np.random.default_rng(1)
    text = random.integers(ord("a"), ord("z"), symbols, dtype=np.uint8).tobytes().decode()
    codes = random.integers(-127, 128, (symbols, 1), dtype=np.int8)
    return make_recording([text[: symbols // 2], text[symbols // 2 :]], {"0.h": codes})


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table, and end with one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--units", type=int, default=512)
    parser.add_argument("--symbols", type=int, default=262_144)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--tiny", action="store_true", help="seconds only, to see that it runs")
    asked = parser.parse_args(arguments)
    long = LONG
    if asked.tiny:
        asked.units, asked.symbols, asked.repeats, long = 24, 8_192, 1, 100_000
    taken = measure(asked.units, asked.symbols, long, asked.repeats)
    print(f"{asked.units} units x {asked.symbols:,} symbols, median of {asked.repeats} (from - to)")
    for way, each in taken.items():
        print(f"{way:16} {np.median(each):8.4f} s ({min(each):.4f} - {max(each):.4f})")
    medians = {way: float(np.median(each)) for way, each in taken.items()}
    figures = {
        f"{way}_vs_numpy": round(medians[f"{way}_numpy"] / medians[way], 1)
        for way in ("range", "places", "passages")
    }
    figures |= {f"{way}_s": round(medians[way], 4) for way in ("range", "places", "passages")}
    figures |= {
        f"{way}_{long}_symbols_s": round(medians[f"long_{way}"], 4) for way in ("top", "band")
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
