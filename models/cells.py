"""Recurrent cells as the textbook writes them: one step, every gate returned.

These are the equations to read, to differentiate and to change; `models.reading` gives the same
numbers for long texts. Weights are laid out as in torch.nn: the rows of the gates are stacked in
the order i, f, g, o (LSTM) and r, z, n (GRU).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Weights:
    """One layer: `ih` (gates x hidden, inputs), `hh` (gates x hidden, hidden), two biases."""

    ih: Tensor
    hh: Tensor
    b_ih: Tensor
    b_hh: Tensor


def layer_weights(layer: nn.RNNBase) -> Weights:
    """The weights of one of torch's single-layer recurrent modules."""
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    return Weights(*(layer.get_parameter(name) for name in names))


def rnn_step(x: Tensor, h: Tensor, w: Weights) -> dict[str, Tensor]:
    """Vanilla recurrent network: h' = tanh(W_xh x + W_hh h + b) (Elman 1990).

    Parameters
    ----------
    x : Tensor, float (batch, inputs)
    h : Tensor, float (batch, hidden)
    w : Weights

    Returns
    -------
    dict of signal name to Tensor (batch, hidden)
        ``h``: the new state.
    """
    return {"h": torch.tanh(x @ w.ih.T + w.b_ih + h @ w.hh.T + w.b_hh)}


def lstm_step(x: Tensor, h: Tensor, c: Tensor, w: Weights) -> dict[str, Tensor]:
    """Long short-term memory with a forget gate (Gers, Schmidhuber and Cummins 2000).

    i, f, o = sigmoid(...), g = tanh(...), c' = f c + i g, h' = o tanh(c').

    Returns
    -------
    dict of signal name to Tensor (batch, hidden)
        ``h``, ``c`` (the raw cell, not its tanh) and the gates ``i``, ``f``, ``g``, ``o``.
    """
    i, f, g, o = (x @ w.ih.T + w.b_ih + h @ w.hh.T + w.b_hh).chunk(4, dim=-1)
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    c = f * c + i * g
    return {"h": o * torch.tanh(c), "c": c, "i": i, "f": f, "g": g, "o": o}


def gru_step(x: Tensor, h: Tensor, w: Weights) -> dict[str, Tensor]:
    """Gated recurrent unit (Cho et al. 2014), with the reset gate after the matrix product.

    r, z = sigmoid(...), n = tanh(W_in x + b_in + r (W_hn h + b_hn)), h' = (1 - z) n + z h.

    Returns
    -------
    dict of signal name to Tensor (batch, hidden)
        ``h``, ``r``, ``z``, ``n``.
    """
    xr, xz, xn = (x @ w.ih.T + w.b_ih).chunk(3, dim=-1)
    hr, hz, hn = (h @ w.hh.T + w.b_hh).chunk(3, dim=-1)
    r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
    n = torch.tanh(xn + r * hn)
    return {"h": (1 - z) * n + z * h, "r": r, "z": z, "n": n}


def unroll(
    step: Callable[..., dict[str, Tensor]],
    x: Tensor,
    w: Weights,
    state: tuple[Tensor, ...] | None = None,
) -> dict[str, Tensor]:
    """Read a sequence with one layer: the same step with the same weights at each time.

    Parameters
    ----------
    step : callable
        `rnn_step`, `lstm_step` or `gru_step`.
    x : Tensor, float (time, batch, inputs)
    w : Weights
    state : tuple of Tensor (batch, hidden), optional
        Where to start: ``(h0, c0)`` for the LSTM, ``(h0,)`` otherwise; by default zeros.

    Returns
    -------
    dict of signal name to Tensor (time, batch, hidden)
        What `step` returns, entry t after x[t]. Gradients reach x, the weights and the state.
    """
    parts = ("h", "c") if step is lstm_step else ("h",)
    if state is None:
        state = tuple(x.new_zeros(x.shape[1], w.hh.shape[1]) for _ in parts)
    steps = []
    for x_t in x:
        steps.append(step(x_t, *state, w))
        state = tuple(steps[-1][part] for part in parts)
    return {name: torch.stack([signals[name] for signals in steps]) for name in steps[0]}
