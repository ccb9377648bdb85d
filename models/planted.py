"""Networks whose units are known because their weights are set by hand.

In the LSTM four units of the first layer each track one thing exactly; the rest of that layer and
all other layers are random units that change slowly, as real ones do. In the vanilla RNN no unit
alone knows whether a quotation is open, but two together do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.checkpoint import Checkpoint
from models.errors import UserError
from models.recurrent import Architecture, RecurrentModel
from models.vocabulary import UNKNOWN, Vocabulary

SYMBOLS = (UNKNOWN, *'\n "(),.abcdefghijklmnopqrstuvwxyz')
LSTM_UNITS = ("quote", "column", "depth", "newline")
PAIR_UNITS = ("and", "or")

OPEN = 20.0  # to a gate this is 1, its negative 0
_I, _F, _G, _O = range(4)  # torch stacks the rows of the gates in this order


class PlantingError(UserError):
    """A network is too small to plant units in."""


@dataclass(frozen=True)
class Planted:
    """A network, and where in its first layer the units hide whose weights are set by hand."""

    checkpoint: Checkpoint
    places: Mapping[str, int]


def planted_lstm(
    *,
    layers: int = 2,
    hidden: int = 256,
    seed: int = 0,
    places: Mapping[str, int] | None = None,
) -> Planted:
    """An LSTM over `SYMBOLS` with units for quotations, columns, brackets and newlines.

    Parameters
    ----------
    layers, hidden : int
        Its size. All units but four are random, with forget gates that stay nearly open.
    seed : int, default=0
        Draws the random weights and the places.
    places : mapping of str to int, optional
        Where in the first layer each of `LSTM_UNITS` goes; drawn by default.

    Returns
    -------
    Planted
        Its ``quote`` unit is +1 inside a quotation and -1 outside (0 before the first), ``column``
        counts symbols from the line's start, ``depth`` counts open brackets, and ``newline`` is
        up at a newline and down elsewhere. That is c; h is tanh c.

    Raises
    ------
    PlantingError
        If there is no room for the four units.
    """
    places = _places(LSTM_UNITS, hidden, seed, places)
    with _seeded(seed), torch.no_grad():
        model = RecurrentModel(Architecture("lstm", layers, hidden, None, len(SYMBOLS)))
        for number, layer in enumerate(model.layers):
            # Each unit hears as much from all units together however many there are.
            _make_slow_lstm(layer, from_below=0.7 if number == 0 else 2.8 / hidden**0.5)
        for name in places:
            _plant(name, places, model.layers[0])
    return Planted(Checkpoint("planted", model.eval(), Vocabulary(SYMBOLS)), places)


def planted_pair(
    *, hidden: int = 64, seed: int = 0, places: Mapping[str, int] | None = None
) -> Planted:
    """A vanilla tanh RNN over `SYMBOLS` that keeps "inside a quotation" in two units.

    With s for "inside" before a symbol and q for "it is a quote", the units are ``and`` = s AND q
    and ``or`` = s OR q, as -1 and +1. Their difference is 2 inside and 0 outside, exactly; either
    unit alone is wrong at some quotes.

    Parameters
    ----------
    hidden : int, default=64
        Units of its one layer; all but two are random and change slowly.
    seed : int, default=0
        Draws the random weights and the places.
    places : mapping of str to int, optional
        Where each of `PAIR_UNITS` goes; drawn by default.

    Returns
    -------
    Planted

    Raises
    ------
    PlantingError
        If there is no room for the two units.
    """
    places = _places(PAIR_UNITS, hidden, seed, places)
    with _seeded(seed), torch.no_grad():
        model = RecurrentModel(Architecture("rnn", 1, hidden, None, len(SYMBOLS)))
        layer = model.layers[0]
        _make_slow_rnn(layer)
        rows, quote = list(places.values()), SYMBOLS.index('"')
        for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"):
            layer.get_parameter(name)[rows] = 0
        layer.get_parameter("weight_ih_l0")[rows, quote] = OPEN
        # s is (or - and) / 2, so it needs no unit of its own.
        layer.get_parameter("weight_hh_l0")[rows, places["and"]] = -OPEN / 2
        layer.get_parameter("weight_hh_l0")[rows, places["or"]] = OPEN / 2
        layer.get_parameter("bias_ih_l0")[places["and"]] = -1.5 * OPEN
        layer.get_parameter("bias_ih_l0")[places["or"]] = -0.5 * OPEN
    return Planted(Checkpoint("planted-pair", model.eval(), Vocabulary(SYMBOLS)), places)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Torch's random state starts from a seed inside, and is outside as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def _places(
    names: tuple[str, ...], hidden: int, seed: int, places: Mapping[str, int] | None
) -> Mapping[str, int]:
    if hidden < len(names):
        raise PlantingError(
            f"A layer of {hidden} units has no room for the {len(names)} planted ones. "
            f"Make it at least {len(names)} wide."
        )
    if places is None:
        drawn = np.random.default_rng(seed).permutation(hidden)[: len(names)]
        places = dict(zip(names, drawn.tolist(), strict=True))
    return places


def _make_slow_lstm(layer: torch.nn.Module, *, from_below: float) -> None:
    """Random units that forget over tens or hundreds of symbols."""
    hidden = layer.get_parameter("weight_hh_l0").shape[1]
    layer.get_parameter("weight_ih_l0").normal_(0, from_below)
    layer.get_parameter("weight_hh_l0").normal_(0, 0.4 / hidden**0.5)
    layer.get_parameter("bias_hh_l0").zero_()
    layer.get_parameter("bias_ih_l0").zero_()
    layer.get_parameter("bias_ih_l0")[_F * hidden : (_F + 1) * hidden].uniform_(3, 6)


def _make_slow_rnn(layer: torch.nn.Module) -> None:
    """Random units that each keep most of what they hold."""
    weight = layer.get_parameter("weight_hh_l0")
    weight.normal_(0, 0.1 / weight.shape[1] ** 0.5)
    weight.diagonal().uniform_(0.8, 1.0)
    layer.get_parameter("weight_ih_l0").normal_(0, 0.3)
    layer.get_parameter("bias_ih_l0").zero_()
    layer.get_parameter("bias_hh_l0").zero_()


def _plant(name: str, places: Mapping[str, int], layer: torch.nn.Module) -> None:
    own = places[name]
    hidden = layer.get_parameter("weight_hh_l0").shape[1]
    from_input: Tensor = layer.get_parameter("weight_ih_l0").view(4, hidden, -1)[:, own]
    from_state: Tensor = layer.get_parameter("weight_hh_l0").view(4, hidden, hidden)[:, own]
    bias: Tensor = layer.get_parameter("bias_ih_l0").view(4, hidden)[:, own]  # each (gate, ...)
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
        from_state[_F, places["newline"]] = -2 * OPEN
    else:
        bias[_I] = bias[_F] = OPEN
        from_input[_G, SYMBOLS.index("(")] = 0.02
        from_input[_G, SYMBOLS.index(")")] = -0.02
