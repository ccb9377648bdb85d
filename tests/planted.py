"""Networks whose units are known because their weights are set by hand, and texts to read.

Four units of the first layer each track one thing exactly; the rest of that layer and the whole
second layer are random units that change slowly, as real ones do.
"""

from __future__ import annotations

import numpy as np
import torch

from models.checkpoint import Checkpoint
from models.corpora import Corpus, Document
from models.recurrent import Architecture, CellName, RecurrentModel
from models.vocabulary import UNKNOWN, Vocabulary

SYMBOLS = (UNKNOWN, *'\n "(),.abcdefghijklmnopqrstuvwxyz')
HIDDEN = 16
PLACES = {"quote": 11, "column": 2, "depth": 13, "newline": 6}
"""Where in the first layer the planted units hide."""

OPEN = 20.0  # to a gate this is 1, its negative 0
_I, _F, _G, _O = range(4)  # torch stacks the rows of the gates in this order


def planted_checkpoint() -> Checkpoint:
    """A 2 x 16 LSTM over `SYMBOLS` with the units of `PLACES` in its first layer."""
    torch.manual_seed(7)
    model = RecurrentModel(Architecture("lstm", 2, HIDDEN, len(SYMBOLS), len(SYMBOLS)))
    with torch.no_grad():
        model.embedding.weight.copy_(torch.eye(len(SYMBOLS)))  # one-hot input
        for layer in model.layers:
            _make_slow(layer)
        for name in PLACES:
            _plant(name, model.layers[0])
    return Checkpoint("planted", model.eval(), Vocabulary(SYMBOLS))


def _make_slow(layer: torch.nn.RNNBase) -> None:
    """Random units that forget over tens or hundreds of symbols."""
    layer.weight_ih_l0.normal_(0, 0.7)
    layer.weight_hh_l0.normal_(0, 0.1)
    layer.bias_hh_l0.zero_()
    layer.bias_ih_l0.zero_()
    layer.bias_ih_l0[HIDDEN : 2 * HIDDEN].uniform_(3, 6)


def _plant(name: str, layer: torch.nn.RNNBase) -> None:
    own = PLACES[name]
    from_input = layer.weight_ih_l0.view(4, HIDDEN, -1)[:, own]  # (gate, symbol)
    from_state = layer.weight_hh_l0.view(4, HIDDEN, HIDDEN)[:, own]  # (gate, unit)
    bias = layer.bias_ih_l0.view(4, HIDDEN)[:, own]  # (gate,)
    for weights in (from_input, from_state, bias):
        weights.zero_()
    bias[_O] = OPEN
    if name == "quote":
        # Each quote writes the opposite of what the unit holds: +1 inside, -1 outside.
        quote = SYMBOLS.index('"')
        bias[_I], from_input[_I, quote] = -OPEN, 2 * OPEN
        bias[_F], from_input[_F, quote] = OPEN, -2 * OPEN
        bias[_G], from_state[_G, own] = 0.38 * OPEN, -OPEN
    elif name == "newline":
        newline = SYMBOLS.index("\n")
        bias[_I], bias[_F] = OPEN, -OPEN
        bias[_G], from_input[_G, newline] = -OPEN, 2 * OPEN
    elif name == "column":
        # A newline still belongs to its line, so the count ends one symbol after it: when the
        # newline unit, +0.76 or -0.76, says that the last symbol was one.
        bias[_I], bias[_G] = OPEN, 0.01
        from_state[_F, PLACES["newline"]] = -2 * OPEN
    else:
        bias[_I] = bias[_F] = OPEN
        from_input[_G, SYMBOLS.index("(")] = 0.02
        from_input[_G, SYMBOLS.index(")")] = -0.02


def random_checkpoint(
    cell: CellName = "lstm", *, layers: int = 2, symbols: tuple[str, ...] = SYMBOLS
) -> Checkpoint:
    """A small network whose random weights move its gates, yet not so far as to be chaotic."""
    torch.manual_seed(3)
    model = RecurrentModel(Architecture(cell, layers, 5, 4, len(symbols)))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.5)
    return Checkpoint("tiny", model.eval(), Vocabulary(symbols))


def planted_corpus() -> Corpus:
    """Twelve generated texts with quotations that close, lines, and nested brackets."""
    random = np.random.default_rng(5)
    documents = tuple(
        Document(f"text-{number}.txt", _text(random, lines=int(random.integers(10, 30))))
        for number in range(12)
    )
    return Corpus("planted", documents)


def _text(random: np.random.Generator, *, lines: int) -> str:
    return "".join(_line(random) + "\n" for _ in range(lines))


def _line(random: np.random.Generator) -> str:
    words = [_word(random) for _ in range(random.integers(2, 9))]
    if random.random() < 0.6:
        _enclose(words, '"', '"', random)
    if random.random() < 0.5:
        depth = int(random.integers(1, 4))
        _enclose(words, "(" * depth, ")" * depth, random)
    return " ".join(words) + "."


def _enclose(words: list[str], opening: str, closing: str, random: np.random.Generator) -> None:
    first, last = np.sort(random.integers(0, len(words), 2))
    words[first] = opening + words[first]
    words[last] += closing


def _word(random: np.random.Generator) -> str:
    return "".join(random.choice(list("abcdefghijklmnopqrstuvwxyz"), random.integers(1, 9)))
