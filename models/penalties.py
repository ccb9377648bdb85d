"""What a training adds to its loss so that units are near zero, or stay as they are.

The penalties of h are those of Merity, McCann and Socher 2017 ("Revisiting activation
regularization for language RNNs"), here of sizes, not of squares. Those of an LSTM's cells are of
tanh c, which is what remembers: h is mostly near zero only because the output gate is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn

from models.cells import layer_weights
from models.recurrent import State

Terms = Sequence[tuple[float, Callable[[Tensor], Tensor]]]
"""Factors, and of what each is a factor."""

_HALF = 0.1
_LEAST_GATE = 1e-8


def penalties(signals: Iterable[Tensor], terms: Terms) -> Tensor | float:
    """The terms of all signals, added up; what has the factor 0 is not computed."""
    total: Tensor | float = 0.0
    for signal in signals:
        for factor, term in terms:
            if factor:
                total = total + factor * term(signal)
    return total


def size(signal: Tensor) -> Tensor:
    """Mean |signal|."""
    return signal.abs().mean()


def change(signal: Tensor) -> Tensor:
    """Mean |signal_t - signal_(t-1)| over (time, batch, hidden); zero at a single time."""
    return size(signal[1:] - signal[:-1]) if len(signal) > 1 else signal.new_zeros(())


def presence(signal: Tensor) -> Tensor:
    """Mean of |signal| / (|signal| + 0.1): about how large a share of a unit's times it is on.

    Unlike the mean size, it weighs little how large a value is, and much whether it is zero: a
    unit that is on in few places and off elsewhere costs less than one that is always a little on.
    """
    sizes = signal.abs()
    return (sizes / (sizes + _HALF)).mean()


def remembered(layer: nn.LSTM, x: Tensor, h: Tensor, before: State) -> Tensor:
    """The tanh c of a layer, from what the layer read and gave: h = o tanh c.

    torch's fused layer keeps its cells to itself. What the output gate takes away from the
    gradient of h it gives back here, so that the gradient is that of tanh c.

    Parameters
    ----------
    layer : nn.LSTM
        Of one layer, with the textbook's gates.
    x : Tensor, float (time, batch, inputs)
    h : Tensor, float (time, batch, hidden)
        What the layer gave for x.
    before : State
        The state that it began with.

    Returns
    -------
    Tensor, float (time, batch, hidden)
    """
    w = layer_weights(layer)
    gate = slice(3 * layer.hidden_size, None)  # i, f, g, o
    h_before = torch.cat([before[0].unsqueeze(0).to(h.dtype), h[:-1]])
    o = torch.sigmoid(
        nn.functional.linear(x, w.ih[gate], w.b_ih[gate])
        + nn.functional.linear(h_before, w.hh[gate], w.b_hh[gate])
    )
    return h.float() / o.float().clamp_min(_LEAST_GATE)  # half precision has no room for it
