"""Read long texts fast and keep every signal of every layer.

Torch's fused layers hide the cell and the gates. Here the input's part of the gates is one matrix
product for a whole chunk, and each step adds the state's part to it in place: the gates are kept
at no further cost, and the numbers are those of `models.cells`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.cells import Weights, layer_weights
from models.recurrent import RecurrentModel, State

SIGNALS: dict[str, tuple[str, ...]] = {
    "rnn": ("h",),
    "lstm": ("h", "c", "i", "f", "g", "o"),
    "gru": ("h", "r", "z", "n"),
}
"""The signals that each cell has; all lie in [-1, 1]. `c` is given as tanh c."""


@dataclass(frozen=True)
class Reading:
    """A chunk as read: `signals[layer][name]` and the logits, time first."""

    signals: tuple[dict[str, Tensor], ...]  # float (time, batch, hidden)
    logits: Tensor  # float (time, batch, symbols)
    state: list[State]


@torch.inference_mode()
def read(model: RecurrentModel, symbols: Tensor, state: list[State]) -> Reading:
    """Read a chunk and keep every signal.

    Parameters
    ----------
    model : RecurrentModel
    symbols : Tensor, int64 (time, batch)
    state : list of State
        One for each layer, as `RecurrentModel.zero_state` or an earlier reading gave it.

    Returns
    -------
    Reading
    """
    read_layer = _READERS[model.architecture.cell]
    signal: Tensor = model.embedding(symbols)
    kept: list[dict[str, Tensor]] = []
    after: list[State] = []
    for layer, before in zip(model.layers, state, strict=True):
        assert isinstance(layer, nn.RNNBase)
        signals, end = read_layer(signal, before, layer_weights(layer))
        kept.append(signals)
        after.append(end)
        signal = signals["h"]
    return Reading(tuple(kept), model.readout(signal), after)


def _read_lstm(x: Tensor, state: State, w: Weights) -> tuple[dict[str, Tensor], State]:
    h, c = state
    hidden = h.shape[1]
    gates = _project(x, w.ih, w.b_ih + w.b_hh)
    recurrent = w.hh.T
    hs, cs = (x.new_empty(len(x), *h.shape) for _ in "hc")
    for at, gate in enumerate(gates):
        gate.addmm_(h, recurrent)
        gate[:, : 2 * hidden].sigmoid_()
        gate[:, 2 * hidden : 3 * hidden].tanh_()
        gate[:, 3 * hidden :].sigmoid_()
        i, f, g, o = gate.chunk(4, dim=1)
        c = torch.addcmul(f * c, i, g)
        torch.tanh(c, out=cs[at])
        h = torch.mul(o, cs[at], out=hs[at])
    i, f, g, o = gates.chunk(4, dim=2)
    return {"h": hs, "c": cs, "i": i, "f": f, "g": g, "o": o}, (h, c)


def _read_gru(x: Tensor, state: State, w: Weights) -> tuple[dict[str, Tensor], State]:
    (h,) = state
    hidden = h.shape[1]
    gates = _project(x, w.ih, w.b_ih)
    recurrent = w.hh.T
    hs = x.new_empty(len(x), *h.shape)
    for at, gate in enumerate(gates):
        from_state = torch.addmm(w.b_hh, h, recurrent)
        both = gate[:, : 2 * hidden].add_(from_state[:, : 2 * hidden]).sigmoid_()
        r, z = both.chunk(2, dim=1)
        n = gate[:, 2 * hidden :].addcmul_(r, from_state[:, 2 * hidden :]).tanh_()
        h = torch.lerp(n, h, z, out=hs[at])
    r, z, n = gates.chunk(3, dim=2)
    return {"h": hs, "r": r, "z": z, "n": n}, (h,)


def _read_rnn(x: Tensor, state: State, w: Weights) -> tuple[dict[str, Tensor], State]:
    (h,) = state
    hs = _project(x, w.ih, w.b_ih + w.b_hh)
    recurrent = w.hh.T
    for at in hs:
        h = at.addmm_(h, recurrent).tanh_()
    return {"h": hs}, (h,)


def _project(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """The input's part of the gates for the whole chunk: (time, batch, gates x hidden)."""
    return torch.addmm(bias, x.flatten(0, 1), weight.T).view(*x.shape[:2], -1)


_READERS = {"rnn": _read_rnn, "lstm": _read_lstm, "gru": _read_gru}
