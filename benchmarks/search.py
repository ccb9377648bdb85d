"""Measure the unit search against scikit-learn's AUROC, one unit and one hypothesis at a time.

    python -m benchmarks.search [--tiny] [--units 512] [--symbols 262144] [--repeats 5]

The recording is made up and held in memory, and its labels are made beforehand: what is measured
is dividing, counting, scoring and ranking. scikit-learn scores a few units and is scaled to all.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from analysis.histograms import count_codes
from analysis.hypotheses.labels import Kind, Labels
from analysis.recording import CHUNK_UNITS, RecordedDocument, Recording
from analysis.search import search_units
from models.corpora import Document

PEER_UNITS = 3


@dataclass(frozen=True)
class MemoryRecording:
    """Codes and documents in memory, with what of `Recording` a search uses.

    Like a recording's chunks, each site is held in blocks of 16 units that lie together.
    """

    texts: tuple[Document, ...] = field(repr=False)
    blocks: Mapping[str, Sequence[NDArray[np.int8]]] = field(repr=False)

    def __len__(self) -> int:
        return sum(len(document.text) for document in self.texts)

    @property
    def documents(self) -> tuple[RecordedDocument, ...]:
        """Where each document lies."""
        stops = np.cumsum([len(document.text) for document in self.texts]).tolist()
        return tuple(
            RecordedDocument(document.name, stop - len(document.text), stop, document.sha256)
            for document, stop in zip(self.texts, stops, strict=True)
        )

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites' names."""
        return tuple(self.blocks)

    def units(self, site: str) -> int:
        """How many units a site has."""
        return sum(block.shape[1] for block in self.blocks[site])

    def codes(self, site: str, start: int, stop: int, units: slice) -> NDArray[np.int8]:
        """Codes of one block, shape (time, unit), copied as if read from a file."""
        block = self.blocks[site][units.start // CHUNK_UNITS]
        return np.array(block[start:stop, : units.stop - units.start])

    def labelled(self, index: int) -> tuple[Document, slice]:
        """One whole document, and that all of its labels are wanted."""
        return self.texts[index], slice(None)


@dataclass(frozen=True)
class MadeLabels:
    """A hypothesis whose labels were made beforehand, by document."""

    name: str
    kind: Kind
    labels: Mapping[str, Labels] = field(repr=False)
    description: str = "made up"

    def label(self, document: Document) -> Labels:
        """Look the document's labels up."""
        return self.labels[document.name]


def slow_walk(
    shape: tuple[int, ...], memory: float, random: np.random.Generator
) -> NDArray[np.float32]:
    """Return values about 1 in size that forget slowly along the first axis."""
    from scipy.signal import lfilter

    noise = random.standard_normal(shape, dtype=np.float32)
    filtered = lfilter([np.sqrt(1 - memory**2)], [1.0, -memory], noise, axis=0)
    return np.asarray(filtered, np.float32)


def make_codes(time: int, units: int, random: np.random.Generator) -> list[NDArray[np.int8]]:
    """Return codes of unrelated slow units, in blocks of shape (time, unit)."""
    widths = [min(CHUNK_UNITS, units - start) for start in range(0, units, CHUNK_UNITS)]
    walks = (slow_walk((time, width), 0.98, random) for width in widths)
    return [np.round(127 * np.tanh(walk)).astype(np.int8) for walk in walks]


def make_hypothesis(
    name: str,
    kind: Kind,
    documents: Sequence[Document],
    random: np.random.Generator,
) -> MadeLabels:
    """Return labels that change slowly: yes about one time in six, or the numbers 0 to 60."""
    labels = {}
    for document in documents:
        walk = slow_walk((len(document.text),), 0.95, random)
        values = walk > 1.0 if kind == "yes/no" else np.round(30 + 10 * walk).clip(0, 60)
        labels[document.name] = Labels.everywhere(values)
    return MadeLabels(name, kind, labels)


def seconds(function: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def peer(recording: MemoryRecording, hypotheses: Sequence[MadeLabels], units: int) -> None:
    """Score a few units with scikit-learn."""
    from sklearn.metrics import roc_auc_score

    for hypothesis in hypotheses:
        truth = np.concatenate([hypothesis.label(d).values for d in recording.texts])
        for unit in range(units):
            roc_auc_score(truth, recording.blocks["0.h"][0][:, unit])


def count_alone(recording: MemoryRecording, combinations: NDArray[np.uint16]) -> None:
    """Count all codes in one thread, with no label made and no score read."""
    for block in recording.blocks["0.h"]:
        counts = np.zeros((40, block.shape[1], 256), np.uint32)
        count_codes(block, combinations, counts)


def measure(units: int, symbols: int, repeats: int) -> dict[str, list[float]]:
    """Return activations a second of each way, one entry a repeat; the ways take turns."""
    random = np.random.default_rng(0)
    texts = tuple(Document(f"document {k}", "x" * (symbols // 16)) for k in range(16))
    recording = MemoryRecording(texts, {"0.h": make_codes(symbols // 16 * 16, units, random)})
    plain = [make_hypothesis(f"yes {k}", "yes/no", texts, random) for k in range(10)]
    mixed = plain[:7] + [make_hypothesis(f"number {k}", "number", texts, random) for k in range(3)]
    few = random.integers(0, 40, len(recording) // 8 + 1, np.uint16)
    combinations = np.repeat(few, 8)[: len(recording)]
    peer_units = min(PEER_UNITS, units)

    def search(hypotheses: Sequence[MadeLabels]) -> None:
        search_units(cast(Recording, recording), hypotheses)

    search(mixed)  # compiles
    total = len(recording) * units
    rates: dict[str, list[float]] = {"search": [], "search_mixed": [], "count": [], "sklearn": []}
    for _ in range(repeats):
        rates["search"].append(total / seconds(lambda: search(plain)))
        rates["search_mixed"].append(total / seconds(lambda: search(mixed)))
        rates["count"].append(total / seconds(lambda: count_alone(recording, combinations)))
        few_seconds = seconds(lambda: peer(recording, plain, peer_units))
        rates["sklearn"].append(len(recording) * peer_units / few_seconds)
    return rates


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table, and end with one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--units", type=int, default=512)
    parser.add_argument("--symbols", type=int, default=262_144)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--tiny", action="store_true", help="seconds only, to see that it runs")
    asked = parser.parse_args(arguments)
    if asked.tiny:
        asked.units, asked.symbols, asked.repeats = 24, 4_096, 1
    rates = measure(asked.units, asked.symbols, asked.repeats)
    names = {
        "search": "search_units, 10 yes/no hypotheses",
        "search_mixed": "search_units, 7 yes/no and 3 numbers",
        "count": "counting alone, 40 combinations, 1 thread",
        "sklearn": f"roc_auc_score, 10 hypotheses, {PEER_UNITS} units, scaled to all",
    }
    print(f"{asked.units} units x {asked.symbols:,} symbols, median of {asked.repeats} (from - to)")
    for way, name in names.items():
        middle, low, high = np.median(rates[way]), min(rates[way]), max(rates[way])
        print(f"{name:52} {middle / 1e6:10.2f} ({low / 1e6:.2f} - {high / 1e6:.2f}) M/s")
    medians = {way: float(np.median(each)) for way, each in rates.items()}
    figures = {
        "search_activations_per_s": round(medians["search"]),
        "vs_sklearn": round(medians["search"] / medians["sklearn"], 1),
        "mixed_activations_per_s": round(medians["search_mixed"]),
        "count_activations_per_s": round(medians["count"]),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
