"""Measure the unit search: from disk, fifty hypotheses at once, a long recording, and its peers.

    python -m benchmarks.search [--tiny] [--repeats 3]

Recordings are made up: codes of unrelated slow units, in files as the recorder writes them, over
the standard library's text, over and over if need be. Hypotheses are the catalogue's and patterns.
Labels are made beforehand, but for the first answer, which has to make its own. Every recording
has just been written or read, so its files come from the page cache. Peers score a few units and
are scaled to all: scikit-learn's AUROC, and sorting each unit's activations for the average
precision, as NeuroX does. Needs 11 GB of disk, and as much memory to come from the page cache.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from analysis.hypotheses import catalogue, find_hypotheses
from analysis.hypotheses.labels import Hypothesis
from analysis.labelling import label_recording
from analysis.parts import first_look
from analysis.recording import CHUNK_TIME, CHUNK_UNITS, Recording
from analysis.search import search_units
from benchmarks.made_recording import make_codes, make_long_recording, open_made
from models.corpora import standard_library

PEER_UNITS = 3
MORE = (
    *("regex:self", "regex-start:[A-Z][a-z]+", "regex-end:[a-z]+", "regex:import", "regex:return"),
    *("symbols:(){}", "symbols:_", "onset(string)", "offset(comment)", "lag(newline, 4)"),
    *("lag(string, 8)", "column > 40", "indent > 4", "bracket-depth > 1", "not comment"),
    *("string and not docstring", "column - indent", "regex:None"),
)


@dataclass(frozen=True)
class Sizes:
    """What is measured: units x symbols of the two recordings, and how often."""

    units: int = 512
    symbols: int = 1_000_000
    long_units: int = 1_024
    long_symbols: int = 10_000_000
    repeats: int = 3


def library_texts(symbols: int) -> list[str]:
    """Documents of the standard library, over and over, the last one cut."""
    texts: list[str] = []
    left = symbols
    while left > 0:
        for document in standard_library().documents:
            texts.append(document.text[:left])
            left -= len(texts[-1])
            if left <= 0:
                break
    return texts


def fifty_hypotheses(recording: Recording) -> list[Hypothesis]:
    """Fifty that can be scored on Python: the catalogue's, then others."""
    found = find_hypotheses([*catalogue(), *MORE])
    labels = label_recording(recording, found, lambda share: None)
    changes = [own.defined.any() and np.ptp(own.values[own.defined].astype(int)) for own in labels]
    return [each for each, use in zip(found, changes, strict=True) if use][:50]


def seconds(function: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def median_seconds(function: Callable[[], object], repeats: int) -> float:
    """Return the median of some calls after one that is not measured."""
    function()
    return statistics.median(seconds(function) for _ in range(repeats))


def peers(recording: Recording, hypothesis: Hypothesis) -> tuple[float, float]:
    """Seconds a unit that scikit-learn's AUROC takes, and sorting."""
    from sklearn.metrics import roc_auc_score

    (labels,) = label_recording(recording, [hypothesis], lambda share: None)
    codes = [recording.unit_codes(f"0.h.{k}") for k in range(PEER_UNITS)]

    def by_sorting(own: np.ndarray) -> float:
        order = np.argsort(-own.astype(np.float32), kind="stable")
        hits = np.cumsum(labels.values[order])
        places = np.flatnonzero(labels.values[order])
        return float(np.mean(hits[places] / (places + 1)))

    auroc = seconds(lambda: [roc_auc_score(labels.values, own) for own in codes])
    sorting = seconds(lambda: [by_sorting(own) for own in codes])
    return auroc / PEER_UNITS, sorting / PEER_UNITS


def print_peak(path: str) -> None:
    """Search a recording and print the most memory this process ever held, in MB."""
    search_units(open_made(Path(path)), find_hypotheses(["newline"]))
    status = Path("/proc/self/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    print(int(peak.split()[1]) / 1024)


def measure_short(sizes: Sizes, folder: Path) -> dict[str, float]:
    """One hypothesis and fifty at once, against peers with one."""
    blocks = made_blocks()
    recording = make_long_recording(
        library_texts(sizes.symbols), sizes.units, blocks, folder / "short.zarr"
    )
    fifty = fifty_hypotheses(recording)
    (newline,) = find_hypotheses(["newline"])
    one = median_seconds(lambda: search_units(recording, [newline]), sizes.repeats)
    many = median_seconds(lambda: search_units(recording, fifty), sizes.repeats)
    auroc, sorting = peers(recording, newline)
    size = f"{sizes.units} units x {sizes.symbols:,} symbols"
    print(f"{size}, 1 hypothesis {one:8.2f} s; {len(fifty)} hypotheses {many:8.2f} s")
    print(
        f"  peers, 1 hypothesis, {PEER_UNITS} units scaled to all: roc_auc_score "
        f"{auroc * sizes.units:,.0f} s, sorting {sorting * sizes.units:,.0f} s"
    )
    return {
        "gact_per_s": sizes.units * sizes.symbols / one / 1e9,
        "s_512x1m_x50": many,
        "vs_sklearn": auroc * sizes.units * len(fifty) / many,
        "vs_sort": sorting * sizes.units * len(fifty) / many,
    }


def measure_long(sizes: Sizes, folder: Path) -> dict[str, float]:
    """The first answer and the exact one on a long recording, and the memory that takes."""
    path = folder / "long.zarr"
    recording = make_long_recording(
        library_texts(sizes.long_symbols), sizes.long_units, made_blocks(), path
    )
    (newline,) = find_hypotheses(["newline"])
    # Other documents each time, so that labels are made anew.
    first = [
        seconds(partial(first_look, recording, [newline], seed=seed))
        for seed in range(sizes.repeats + 1)
    ]
    exact = median_seconds(lambda: search_units(recording, [newline]), sizes.repeats)
    code = f"from benchmarks.search import print_peak; print_peak({str(path)!r})"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    figures = {
        "s_first_1024x10m": statistics.median(first[1:]),
        "s_exact_1024x10m": exact,
        "peak_mb": float(ended.stdout.splitlines()[-1]),
    }
    print(
        f"{sizes.long_units:,} units x {sizes.long_symbols:,} symbols: first answer "
        f"{figures['s_first_1024x10m']:.2f} s, exact {exact:.2f} s, "
        f"{sizes.long_units * sizes.long_symbols / exact / 1e9:.2f} G activations/s, "
        f"{figures['peak_mb']:,.0f} MB"
    )
    return figures


def made_blocks() -> list[np.ndarray]:
    """Chunks of unrelated slow units: eight, since more would only take longer to make."""
    return make_codes(CHUNK_TIME, 8 * CHUNK_UNITS, np.random.default_rng(0))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table, and end with one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tiny", action="store_true", help="seconds only, to see that it runs")
    asked = parser.parse_args(arguments)
    sizes = Sizes(24, 20_000, 24, 70_000, 1) if asked.tiny else Sizes(repeats=asked.repeats)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure_short(sizes, Path(folder)) | measure_long(sizes, Path(folder))
    order = ("gact_per_s", "s_512x1m_x50", "s_first_1024x10m", "s_exact_1024x10m")
    order += ("vs_sklearn", "vs_sort", "peak_mb")
    print(json.dumps({name: float(f"{figures[name]:.4g}") for name in order}))


if __name__ == "__main__":
    main()
