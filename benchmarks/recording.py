"""Measure reading against torch's fused layers, and recording of a long text in every way.

    python -m benchmarks.recording [--tiny] [--rounds 5] [--checkpoint python-2x128]
        [--symbols 10000000]

Reading: all in one thread, a random 2x512 LSTM; the peer is the fused network with its readout at
its best batch, ours is `models.reading.read` at the batch that the recorder uses. Recording: one
document of the standard library's text, with all that is written, against the same recorder going
through it from left to right, one symbol after another; beside them the fused network at batch 1,
which keeps nothing. Dask: two processes of one thread against one. Memory: the peak of a process
that records 100 million symbols with a 2x512 network, up to its first finished shard, and of a
quarter as wide a network with 10 and 100 million; from /proc, as Linux has it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from analysis.cluster import dask_readers
from analysis.plan import Cut, Shard
from analysis.recorder import TextOf, read_here, record
from analysis.recording import CHUNK_TIME
from analysis.shard_writing import Job
from models.checkpoint import Checkpoint, load_checkpoint
from models.corpora import Corpus, Document, standard_library
from models.reading import SIGNALS, read
from models.recurrent import Architecture, RecurrentModel
from models.vocabulary import UNKNOWN, Vocabulary
from models.zoo import find_checkpoint

BATCHES = (64, 128, 256)
KEPT = {"h": ("h",), "hc": ("h", "c"), "all": SIGNALS["lstm"]}


@dataclass(frozen=True)
class Sizes:
    """What is measured."""

    hidden: int
    rounds: int
    symbols: int
    checkpoint: str
    shards: int  # for Dask, of eight chunks of time each
    memory: tuple[int, int]


def made_network(hidden: int) -> Checkpoint:
    """A random 2-layer LSTM of 98 symbols."""
    torch.manual_seed(0)
    symbols = (UNKNOWN, *(chr(code) for code in range(32, 128)), "\n")
    model = RecurrentModel(Architecture("lstm", 2, hidden, 64, len(symbols)))
    return Checkpoint("made", model.eval(), Vocabulary(symbols))


def long_text(symbols: int) -> Corpus:
    """One document of the standard library's text, over and over if need be."""
    text = "".join(document.text for document in standard_library().documents)
    return Corpus("long", (Document("long.py", (text * (symbols // len(text) + 1))[:symbols]),))


def measure_reading(hidden: int, rounds: int) -> dict[str, float]:
    """Symbols/s of every way of reading, in turns; the median of the rounds."""
    model, cut = made_network(hidden).model, Cut()
    ways: dict[str, tuple[int, Callable[[torch.Tensor], Any]]] = {}
    for batch in BATCHES:
        state = model.zero_state(batch)
        ways[f"raw {batch}"] = (batch, lambda symbols, state=state: model(symbols, state))
    for name, signals in KEPT.items():
        state = model.zero_state(cut.slots)
        ways[name] = (
            cut.slots,
            lambda symbols, state=state, signals=signals: read(
                model, symbols, state, signals=signals
            ),
        )
    rates: dict[str, list[float]] = {name: [] for name in ways}
    with torch.inference_mode():
        for turn in range(rounds + 1):
            for name, (batch, way) in ways.items():
                symbols = torch.randint(0, len(model.readout.bias), (cut.length, batch))
                began = time.perf_counter()
                way(symbols)
                if turn:  # the first one sets things up
                    rates[name].append(symbols.numel() / (time.perf_counter() - began))
    return {name: statistics.median(found) for name, found in rates.items()}


def rate_at_batch_1(checkpoint: Checkpoint, corpus: Corpus, seconds: float) -> float:
    """Symbols/s of the fused network on one document, with its readout."""
    symbols = torch.from_numpy(checkpoint.vocabulary.encode(corpus.documents[0].text[:1_000_000]))
    state, done = checkpoint.model.zero_state(1), 0
    with torch.inference_mode():
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            at = done % (len(symbols) - 256)
            chunk = symbols[at : at + 256].long()[:, None]
            _, state = checkpoint.model(chunk, state)
            done += len(chunk)
        return done / (time.perf_counter() - began)


def measure_long(checkpoint: Checkpoint, corpus: Corpus, folder: Path) -> dict[str, float]:
    """One long document, recorded cut and side by side, against from left to right."""
    fused = rate_at_batch_1(checkpoint, corpus, seconds=10 if len(corpus) > 100_000 else 0.2)
    straight = Corpus("short", (Document("s.py", corpus.documents[0].text[: len(corpus) // 250]),))
    began = time.perf_counter()
    record(checkpoint, straight, folder / "straight.zarr", cut=Cut(slots=1, least_piece=1 << 40))
    alone = len(straight) / (time.perf_counter() - began)
    began = time.perf_counter()
    made = record(checkpoint, corpus, folder / "long.zarr")
    seconds = time.perf_counter() - began
    size = sum(path.stat().st_size for path in (folder / "long.zarr").rglob("*"))
    shutil.rmtree(folder / "long.zarr")
    about = made.attributes
    again = about["symbols_read_again"] / len(corpus)
    print(
        f"{len(corpus):,} symbols, one document, {checkpoint.name}: {len(corpus) / seconds:,.0f} "
        f"symbols/s, from left to right {alone:,.0f}, fused at batch 1 {fused:,.0f}; "
        f"{size / 1e9:.2f} GB on disk; {about['seams']} seams hold to {about['seam_error']:.2g}, "
        f"{again:.1%} of the symbols read again, of the pieces {about['pieces_read_again']} whole"
    )
    return {"vs_batch1": len(corpus) / seconds / alone, "seam_error": about["seam_error"]}


def measure_dask(checkpoint: str, sizes: Sizes, folder: Path) -> float:
    """How many times as fast two processes are as one, each with one thread."""
    network = load_checkpoint(find_checkpoint(checkpoint))
    cut = Cut(shard_time=8 * CHUNK_TIME if sizes.shards > 2 else CHUNK_TIME)
    corpus = long_text(sizes.shards * cut.shard_time)
    one = float(run_apart(f"record_on_one_core({checkpoint!r}, {len(corpus)}, {cut.shard_time})"))
    with dask_readers("local:2") as read_shards:
        # Both load what they need.
        warm, small = long_text(min(2 * CHUNK_TIME, len(corpus))), Cut(shard_time=CHUNK_TIME)
        record(network, warm, folder / "warm.zarr", cut=small, read_shards=read_shards)
        began = time.perf_counter()
        record(network, corpus, folder / "two.zarr", cut=cut, read_shards=read_shards)
        two = time.perf_counter() - began
    print(f"Dask, {len(corpus):,} symbols: one process {one:.1f} s, two {two:.1f} s")
    return one / two


def record_on_one_core(checkpoint: str, symbols: int, shard_time: int) -> None:
    """Record a text with every thread of this process on one core; print the seconds."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    torch.set_num_threads(1)
    network, cut = load_checkpoint(find_checkpoint(checkpoint)), Cut(shard_time=shard_time)
    with tempfile.TemporaryDirectory() as folder:
        record(network, long_text(20_000), f"{folder}/warm.zarr")
        began = time.perf_counter()
        record(network, long_text(symbols), f"{folder}/one.zarr", cut=cut)
        print(time.perf_counter() - began)


class _FirstShardDone(Exception):
    pass


def record_first_shard(symbols: int, hidden: int) -> None:
    """Record a text up to its first finished shard; print the peak resident memory in MB."""

    def read_first(
        job: Job, shards: Sequence[Shard], text_of: TextOf, on_progress: Callable[[int], None]
    ) -> None:
        read_here(job, shards[:1], text_of, on_progress)
        raise _FirstShardDone

    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(_FirstShardDone):
        record(made_network(hidden), long_text(symbols), f"{folder}/x.zarr", read_shards=read_first)
    status = Path("/proc/self/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    print(int(peak.split()[1]) / 1024)


def run_apart(call: str) -> str:
    """The last line that a function of this module prints in a process of its own."""
    code = f"from benchmarks import recording; recording.{call}"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return ended.stdout.splitlines()[-1]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run every measurement and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="whether it runs, in seconds")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--checkpoint", default="python-2x128")
    parser.add_argument("--symbols", type=int, default=10_000_000)
    options = parser.parse_args(arguments)
    sizes = Sizes(
        512, options.rounds, options.symbols, options.checkpoint, 8, (100_000_000, 10_000_000)
    )
    if options.tiny:
        sizes = Sizes(16, 1, 70_000, "python-2x128", 1, (50_000, 50_000))
    checkpoint = load_checkpoint(find_checkpoint(sizes.checkpoint))

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    rates = measure_reading(sizes.hidden, sizes.rounds)
    torch.set_num_threads(threads)
    for name, rate in rates.items():
        print(f"reading 2x{sizes.hidden}, 1 thread, {name:8} {rate:12,.0f} symbols/s")
    raw = max(rate for name, rate in rates.items() if name.startswith("raw"))
    figures = {f"{name}_vs_raw": rates[name] / raw for name in KEPT}
    with tempfile.TemporaryDirectory() as folder:
        figures |= measure_long(checkpoint, long_text(sizes.symbols), Path(folder))
        figures["dask2"] = measure_dask(sizes.checkpoint, sizes, Path(folder))
    most, least = sizes.memory
    narrow = sizes.hidden // 4
    for count, hidden in dict.fromkeys(((least, narrow), (most, narrow), (most, sizes.hidden))):
        figures["peak_mb"] = float(run_apart(f"record_first_shard({count}, {hidden})"))
        print(f"peak memory, 2x{hidden}, {count:,} symbols: {figures['peak_mb']:,.0f} MB")
    print(json.dumps({name: float(f"{figure:.4g}") for name, figure in figures.items()}))


if __name__ == "__main__":
    main()
