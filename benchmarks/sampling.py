"""Measure how fast a network writes, against a plain loop over torch.nn.LSTM at batch 1.

    python -m benchmarks.sampling [--tiny] [--symbols 500] [--repeats 7]

Each way reads a symbol, takes the softmax and draws the next one, in one thread; the rates are of
that thread's own time, so that another program on the core does not count. Torch's LSTM runs with
oneDNN, as torch chooses, and without it, which is often faster; the ratios are to the better one.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

import numpy as np
import torch
from torch import nn

from models.recurrent import Architecture, RecurrentModel
from models.sampling import SamplingOptions, sample
from models.vocabulary import UNKNOWN, Vocabulary

VOCABULARY = Vocabulary((UNKNOWN, "\n", *map(chr, range(32, 127))))
LAYERS, EMBEDDING = 2, 64
WARM_UP = 20
WAYS = {
    "sample": "models.sampling",
    "torch": "torch.nn.LSTM",
    "torch_plain": "torch.nn.LSTM without oneDNN",
}


@contextmanager
def one_dnn_is(enabled: bool) -> Iterator[None]:
    """Switch oneDNN on or off; torch's own `flags` sets more, and warns of it."""
    before, *_ = torch.backends.mkldnn.set_flags(enabled)
    try:
        yield
    finally:
        torch.backends.mkldnn.set_flags(before)


def write_with_torch(hidden: int, one_dnn: bool) -> Iterator[int]:
    """Draw symbol after symbol as a tutorial would."""
    embedding = nn.Embedding(len(VOCABULARY), EMBEDDING)
    lstm = nn.LSTM(EMBEDDING, hidden, LAYERS)
    readout = nn.Linear(hidden, len(VOCABULARY))
    symbol, state = torch.ones(1, 1, dtype=torch.int64), None
    while True:
        with torch.inference_mode(), one_dnn_is(one_dnn):
            signal, state = lstm(embedding(symbol), state)
            probabilities = torch.softmax(readout(signal[0]), dim=1)
            symbol = torch.multinomial(probabilities, 1)
        yield int(symbol)


def rate(stream: Iterator[object], symbols: int) -> float:
    """Return symbols a second of this thread's time."""
    for _ in islice(stream, WARM_UP):
        pass
    start = time.thread_time()
    for _ in islice(stream, symbols):
        pass
    return symbols / (time.thread_time() - start)


def measure(hidden: int, symbols: int, repeats: int) -> dict[str, list[float]]:
    """Return the rates of each way, one entry a repeat; the ways take turns."""
    torch.manual_seed(0)
    model = RecurrentModel(Architecture("lstm", LAYERS, hidden, EMBEDDING, len(VOCABULARY)))
    streams: dict[str, Iterator[object]] = {
        "sample": sample(model, VOCABULARY, "", SamplingOptions()),
        "torch": write_with_torch(hidden, one_dnn=True),
        "torch_plain": write_with_torch(hidden, one_dnn=False),
    }
    rates: dict[str, list[float]] = {way: [] for way in streams}
    for _ in range(repeats):
        for way, stream in streams.items():
            rates[way].append(rate(stream, symbols))
    return rates


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table, and end with one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--tiny", action="store_true", help="seconds only, to see that it runs")
    asked = parser.parse_args(arguments)
    if asked.tiny:
        asked.symbols, asked.repeats = 20, 1
    torch.set_num_threads(1)
    figures: dict[str, float] = {}
    print(f"symbols/s, median of {asked.repeats} x {asked.symbols} symbols (from - to)")
    for hidden in (256, 512):
        rates = measure(hidden, asked.symbols, asked.repeats)
        for way, name in WAYS.items():
            middle, low, high = np.median(rates[way]), min(rates[way]), max(rates[way])
            print(f"{LAYERS}x{hidden}  {name:30} {middle:8,.0f} ({low:,.0f} - {high:,.0f})")
        medians = {way: float(np.median(each)) for way, each in rates.items()}
        size = f"{LAYERS}x{hidden}"
        figures[f"sample_{size}_symbols_per_s"] = round(medians["sample"])
        peer = max(medians["torch"], medians["torch_plain"])
        figures[f"sample_{size}_vs_torch"] = round(medians["sample"] / peer, 2)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
