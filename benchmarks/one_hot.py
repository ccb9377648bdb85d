"""Measure what looking columns up saves over multiplying weights by one-hot vectors.

    python -m benchmarks.one_hot [--tiny] [--hidden 512] [--batch 64] [--repeats 5]

An LSTM of one layer reads the same text in two ways, in turn: as `models.reading` reads one-hot
input, and with the same weights and real one-hot vectors, which are multiplied by them. Before
anything is timed, both are seen to give the same bits. One thread, so that both have the same.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence

import numpy as np
import torch

from models.reading import read
from models.recurrent import Architecture, RecurrentModel

VOCABULARIES = (100, 1000)
LENGTH = 128


def make_pair(hidden: int, symbols: int) -> dict[str, RecurrentModel]:
    """One network with one-hot input, and the same one with an embedding of one-hot vectors."""
    torch.manual_seed(0)
    look_up = RecurrentModel(Architecture("lstm", 1, hidden, None, symbols))
    product = RecurrentModel(Architecture("lstm", 1, hidden, symbols, symbols))
    product.load_state_dict(look_up.state_dict() | {"embedding.weight": torch.eye(symbols)})
    return {"look_up": look_up, "product": product}


def check_same_bits(pair: dict[str, RecurrentModel], text: torch.Tensor) -> None:
    """Raise if the two ways do not give the same logits."""
    first, second = (read(model, text, model.zero_state(text.shape[1])) for model in pair.values())
    if not torch.equal(first.logits, second.logits):
        raise RuntimeError("The look-up and the product give different numbers.")


def measure(hidden: int, symbols: int, batch: int, repeats: int) -> dict[str, list[float]]:
    """Return symbols a second of each way, one entry a repeat; the ways take turns."""
    pair = make_pair(hidden, symbols)
    text = torch.randint(0, symbols, (LENGTH, batch))
    check_same_bits(pair, text)  # and warms both up
    rates: dict[str, list[float]] = {way: [] for way in pair}
    for _ in range(repeats):
        for way, model in pair.items():
            state = model.zero_state(batch)
            start = time.perf_counter()
            read(model, text, state)
            rates[way].append(text.numel() / (time.perf_counter() - start))
    return rates


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table, and end with one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--batch", type=int, default=64, help="texts read at once")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--tiny", action="store_true", help="seconds only, to see that it runs")
    asked = parser.parse_args(arguments)
    if asked.tiny:
        asked.hidden, asked.batch, asked.repeats = 16, 2, 1
    torch.set_num_threads(1)
    names = {"look_up": "columns looked up", "product": "product with one-hot vectors"}
    figures: dict[str, float] = {}
    print(
        f"1 x {asked.hidden} LSTM reads {asked.batch} texts x {LENGTH} symbols, "
        f"median of {asked.repeats} (from - to)"
    )
    for symbols in VOCABULARIES:
        rates = measure(asked.hidden, symbols, asked.batch, asked.repeats)
        for way, name in names.items():
            middle, low, high = np.median(rates[way]), min(rates[way]), max(rates[way])
            what = f"{symbols:,} symbols: {name}"
            print(f"{what:44} {middle:10,.0f} ({low:,.0f} - {high:,.0f}) symbols/s")
        look_up, product = (float(np.median(rates[way])) for way in names)
        figures[f"look_up_symbols_per_s_{symbols}"] = round(look_up)
        figures[f"look_up_vs_product_{symbols}"] = round(look_up / product, 2)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
