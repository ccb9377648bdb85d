"""Measure training against a bare torch loop, and the memory of a step.

    python -m benchmarks.training [--tiny] [--rounds 5] [--steps 8]

Speed: `models.training.train` and a bare loop take turns over the same symbols. The bare loop has
one fused nn.LSTM of all layers and the same batch, chunk length, optimizer and clipping.
Memory: what training adds to the peak of a fresh process, for longer chunks and for longer texts;
it is read from /proc, as Linux has it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from models.recurrent import Architecture, RecurrentModel
from models.training import train
from models.training_options import Progress, TrainingOptions

SYMBOLS, EMBEDDING = 96, 64
BATCH, LENGTH = 32, 128
FIRST = 2  # steps that are not measured: they set things up
CHUNKS = (25, 100, 400, 1600)
TEXTS = (1_000_000, 4_000_000, 16_000_000)


class BareModel(nn.Module):
    """Embedding, one LSTM of all layers, readout."""

    def __init__(self, layers: int, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(SYMBOLS, EMBEDDING)
        self.lstm = nn.LSTM(EMBEDDING, hidden, layers)
        self.readout = nn.Linear(hidden, SYMBOLS)

    def forward(
        self, symbols: Tensor, state: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Logits (time, batch, symbols), and the state after the chunk."""
        signal, state = self.lstm(self.embedding(symbols), state)
        return self.readout(signal), state


def made_text(length: int) -> np.ndarray:
    """Symbols that mean nothing, uint16 (time,)."""
    return np.random.default_rng(0).integers(0, SYMBOLS, length, dtype=np.uint16)


def bare_steps(layers: int, hidden: int, steps: int) -> Iterator[float]:
    """Train with nothing but torch; yields the time after each step."""
    model = BareModel(layers, hidden)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=2e-3, betas=(0.9, 0.99), weight_decay=0.0, fused=True
    )
    text = torch.from_numpy(made_text(BATCH * (steps * LENGTH + 1)).astype(np.int64))
    rows = text.view(BATCH, -1).T.contiguous()
    state = None
    for start in range(0, steps * LENGTH, LENGTH):
        logits, state = model(rows[start : start + LENGTH], state)
        following = rows[start + 1 : start + LENGTH + 1]
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), following.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        state = (state[0].detach(), state[1].detach())
        loss.item()
        yield time.perf_counter()


def our_steps(layers: int, hidden: int, steps: int, length: int = LENGTH) -> list[float]:
    """The time after each step of `train`."""
    model = RecurrentModel(Architecture("lstm", layers, hidden, EMBEDDING, SYMBOLS))
    options = TrainingOptions(symbols=steps * BATCH * length, batch=BATCH, length=length)
    times: list[float] = []

    def watch(progress: Progress) -> None:
        if progress.step > 0:
            times.append(time.perf_counter())

    train(model, [made_text(BATCH * (steps * length + 1))], [], options, watch)
    return times


def symbols_per_second(times: Sequence[float]) -> float:
    """The rate of a run, without its first steps."""
    return BATCH * LENGTH * (len(times) - FIRST) / (times[-1] - times[FIRST - 1])


def measure_speed(hidden: int, steps: int, rounds: int) -> tuple[list[float], list[float]]:
    """Symbols a second, ours and of the bare loop, one entry a round."""
    ours, bare = [], []
    for _ in range(rounds):
        ours.append(symbols_per_second(our_steps(2, hidden, steps + FIRST)))
        bare.append(symbols_per_second(list(bare_steps(2, hidden, steps + FIRST))))
    return ours, bare


def memory_bytes(name: str) -> int:
    """A line of this process' status: VmRSS is its memory now, VmHWM the most it had."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split(f"{name}:")[1].split()[0])


def print_memory(hidden: int, length: int, text: int) -> None:
    """In a process of its own: print what a few steps of training add to the peak, in bytes."""
    our_steps(1, 8, 2, length=2)  # loads whatever training loads
    model = RecurrentModel(Architecture("lstm", 2, hidden, EMBEDDING, SYMBOLS))
    document = made_text(text)
    options = TrainingOptions(symbols=4 * BATCH * length, batch=BATCH, length=length)
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far was that of the imports
    before = memory_bytes("VmRSS")
    train(model, [document], [], options)
    print(memory_bytes("VmHWM") - before)


def measure_memory(hidden: int, length: int, text: int) -> int:
    """Bytes that training adds, beside the text itself."""
    command = [sys.executable, "-m", "benchmarks.training", "--memory"]
    numbers = [str(number) for number in (hidden, length, text)]
    ended = subprocess.run([*command, *numbers], capture_output=True, text=True, check=True)
    return int(ended.stdout)


def show(name: str, values: Sequence[float], unit: str) -> float:
    """Print a row of the table and give its median."""
    middle = float(np.median(values))
    print(f"{name:44} {middle:12,.0f} ({min(values):,.0f} - {max(values):,.0f}) {unit}")
    return middle


def report_speed(hidden: int, steps: int, rounds: int) -> float:
    """Print both rates; the ratio is the median of the rounds' ratios."""
    ours, bare = measure_speed(hidden, steps, rounds)
    show(f"2x{hidden}: train", ours, "symbols/s")
    show(f"2x{hidden}: bare torch loop", bare, "symbols/s")
    return float(np.median(np.divide(ours, bare)))


def report_memory(hidden: int, chunks: Sequence[int], texts: Sequence[int]) -> tuple[float, float]:
    """Print the memory of a step; give the two ratios."""
    text = BATCH * (4 * max(chunks) + 1)
    by_chunk = [measure_memory(hidden, length, text) for length in chunks]
    for length, added in zip(chunks, by_chunk, strict=True):
        print(f"{f'memory at chunk length {length:,}':44} {added / 2**20:12,.0f} MiB")
    by_text = [measure_memory(hidden, LENGTH, length) for length in texts]
    for length, added in zip(texts, by_text, strict=True):
        held = f"beside {2 * length / 2**20:,.0f} MiB of text"
        print(f"{f'memory at {length:,} symbols':44} {added / 2**20:12,.0f} MiB {held}")
    at = dict(zip(chunks, by_chunk, strict=True))
    return at[chunks[-1]] / at[chunks[1]], by_text[-1] / by_text[0]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table, and end with one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=8, help="steps measured in a round")
    parser.add_argument("--tiny", action="store_true", help="seconds only, to see that it runs")
    parser.add_argument("--memory", type=int, nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.memory is not None:
        print_memory(*asked.memory)
        return
    small, large = (8, 16) if asked.tiny else (256, 512)
    if asked.tiny:
        asked.rounds, asked.steps = 1, 1
    print(f"batch {BATCH}, chunks of {LENGTH}, median of {asked.rounds} rounds (from - to)")
    speeds = [report_speed(hidden, asked.steps, asked.rounds) for hidden in (small, large)]
    chunks, texts = (CHUNKS[:2], TEXTS[:1]) if asked.tiny else (CHUNKS, TEXTS)
    by_chunk, by_text = report_memory(small, chunks, texts)
    figures = {
        "train_2x256_vs_raw": round(speeds[0], 3),
        "train_2x512_vs_raw": round(speeds[1], 3),
        "memory_1600_vs_100": round(by_chunk, 2),
        "memory_16m_symbols_vs_1m": round(by_text, 2),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
