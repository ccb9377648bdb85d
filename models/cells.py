"""Recurrent cells as the textbook writes them: one step, every gate returned.

These are the equations to read, to differentiate and to change; `models.reading` gives the same
numbers for long texts. Weights are laid out as in torch.nn: the rows of the gates are stacked in
the order i, f, g, o (LSTM) and r, z, n (GRU). Networks of other programs may have a `Variant`.
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


@dataclass(frozen=True)
class Variant:
    """What sets the cells of some programs apart from the textbook's.

    Attributes
    ----------
    gate_slope : float or None
        The gates that are sigmoids are instead ``clip(slope x + 1/2, 0, 1)``: 0.2 in Keras 1 and 2
        and by default in ONNX, 1/6 in Keras 3. None is the sigmoid itself.
    reset_before : bool
        The GRU's reset gate acts before the matrix product, ``W_hn (r h)``, as in the paper.
    relu : bool
        The vanilla network's states are ``max(0, x)`` instead of ``tanh(x)``.
    """

    gate_slope: float | None = None
    reset_before: bool = False
    relu: bool = False

    def gate(self, x: Tensor) -> Tensor:
        """What makes a gate of i, f, o, r or z from its sum."""
        if self.gate_slope is None:
            return torch.sigmoid(x)
        return (self.gate_slope * x + 0.5).clamp(0, 1)

    def __str__(self) -> str:
        told = []
        if self.gate_slope is not None:
            told.append(f"hard sigmoid gates of slope {self.gate_slope:.3g}")
        if self.reset_before:
            told.append("reset before the product")
        if self.relu:
            told.append("relu")
        return ", ".join(told)


STANDARD = Variant()


_SIGMOIDS = {"rnn": (), "lstm": (0, 1, 3), "gru": (0, 1)}


def scale_gates(cell: str, w: Weights, scale: float, shift: float = 0.0) -> Weights:
    """Weights whose sigmoid gates have their sums multiplied by `scale`, `shift` added.

    With a hard sigmoid's slope and 1/2, what is left to do of it is to clip at 0 and 1; with 1/2
    and 0, tanh gives both kinds of gates: sigmoid(x) = (1 + tanh(x / 2)) / 2.
    """
    hidden = w.hh.shape[1]
    factor = w.b_ih.new_ones(len(w.b_ih) // hidden, hidden)
    factor[list(_SIGMOIDS[cell])] = scale
    added = torch.zeros_like(factor)
    added[list(_SIGMOIDS[cell])] = shift
    factor, added = factor.flatten(), added.flatten()
    rows = factor.unsqueeze(1)
    return Weights(w.ih * rows, w.hh * rows, w.b_ih * factor + added, w.b_hh * factor)


def layer_weights(layer: nn.RNNBase) -> Weights:
    """The weights of one of torch's single-layer recurrent modules."""
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    return Weights(*(layer.get_parameter(name) for name in names))


def rnn_step(x: Tensor, h: Tensor, w: Weights, variant: Variant = STANDARD) -> dict[str, Tensor]:
    """Vanilla recurrent network: h' = tanh(W_xh x + W_hh h + b) (Elman 1990).

    Parameters
    ----------
    x : Tensor, float (batch, inputs)
    h : Tensor, float (batch, hidden)
    w : Weights
    variant : Variant, optional

    Returns
    -------
    dict of signal name to Tensor (batch, hidden)
        ``h``: the new state.
    """
    activation = torch.relu if variant.relu else torch.tanh
    return {"h": activation(x @ w.ih.T + w.b_ih + h @ w.hh.T + w.b_hh)}


def lstm_step(
    x: Tensor, h: Tensor, c: Tensor, w: Weights, variant: Variant = STANDARD
) -> dict[str, Tensor]:
    """Long short-term memory with a forget gate (Gers, Schmidhuber and Cummins 2000).

    i, f, o = sigmoid(...), g = tanh(...), c' = f c + i g, h' = o tanh(c').

    Returns
    -------
    dict of signal name to Tensor (batch, hidden)
        ``h``, ``c`` (the raw cell, not its tanh) and the gates ``i``, ``f``, ``g``, ``o``.
    """
    i, f, g, o = (x @ w.ih.T + w.b_ih + h @ w.hh.T + w.b_hh).chunk(4, dim=-1)
    i, f, g, o = variant.gate(i), variant.gate(f), torch.tanh(g), variant.gate(o)
    c = f * c + i * g
    return {"h": o * torch.tanh(c), "c": c, "i": i, "f": f, "g": g, "o": o}


def gru_step(x: Tensor, h: Tensor, w: Weights, variant: Variant = STANDARD) -> dict[str, Tensor]:
    """Gated recurrent unit (Cho et al. 2014), with the reset gate after the matrix product.

    r, z = sigmoid(...), n = tanh(W_in x + b_in + r (W_hn h + b_hn)), h' = (1 - z) n + z h.
    With `Variant.reset_before`, n = tanh(W_in x + b_in + W_hn (r h) + b_hn).

    Returns
    -------
    dict of signal name to Tensor (batch, hidden)
        ``h``, ``r``, ``z``, ``n``.
    """
    xr, xz, xn = (x @ w.ih.T + w.b_ih).chunk(3, dim=-1)
    hidden = h.shape[-1]
    hr, hz = (h @ w.hh[: 2 * hidden].T + w.b_hh[: 2 * hidden]).chunk(2, dim=-1)
    r, z = variant.gate(xr + hr), variant.gate(xz + hz)
    w_hn, b_hn = w.hh[2 * hidden :], w.b_hh[2 * hidden :]
    hn = (r * h) @ w_hn.T + b_hn if variant.reset_before else r * (h @ w_hn.T + b_hn)
    n = torch.tanh(xn + hn)
    return {"h": (1 - z) * n + z * h, "r": r, "z": z, "n": n}


STEPS: dict[str, Callable[..., dict[str, Tensor]]] = {
    "rnn": rnn_step,
    "lstm": lstm_step,
    "gru": gru_step,
}
"""Each cell's step by its name: called with x, the state's parts, weights and variant."""


def unroll(
    step: Callable[..., dict[str, Tensor]],
    x: Tensor,
    w: Weights,
    state: tuple[Tensor, ...] | None = None,
    variant: Variant = STANDARD,
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
    variant : Variant, optional

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
        steps.append(step(x_t, *state, w, variant))
        state = tuple(steps[-1][part] for part in parts)
    return {name: torch.stack([signals[name] for signals in steps]) for name in steps[0]}
