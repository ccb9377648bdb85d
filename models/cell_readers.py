"""Each cell over a chunk, in place: the state's part added to the input's, step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from models.cells import Variant, Weights
from models.recurrent import CellName, State

_PACKED_HIDDEN, _PACKED_BATCH = 384, 32  # below, the plain product is as fast


@dataclass(frozen=True)
class CellTrack:
    """What became of an LSTM layer's raw cells through a chunk, each tensor (batch, hidden).

    Where nothing but the cell differs, a difference d before the chunk is ``kept * d`` after it.
    """

    kept: Tensor  # product of the forget gates
    low: Tensor  # least and greatest value after any step
    high: Tensor


_AddState = Callable[[Tensor, Tensor], Tensor]
_InPlace = Callable[[Tensor], Tensor]
Signals = dict[str, Tensor]
Reader = Callable[[CellTrack | None, Tensor, Signals, State], State]
"""Fills the signals of a chunk from its gates and gives the state after the last step."""


def make_reader(cell: CellName, w: Weights, gates: Tensor, variant: Variant) -> Reader:
    """The reader of a cell with these weights, for chunks such as `gates`."""
    # The weights of a hard sigmoid bring its slope and its 1/2.
    gate = torch.sigmoid_ if variant.gate_slope is None else _clip
    if cell == "rnn":
        activate = torch.relu_ if variant.relu else torch.tanh_
        return partial(_read_rnn, _state_part(w.hh, gates), activate)
    if cell == "lstm":
        return partial(_read_lstm, _state_part(w.hh, gates), gate)
    if not variant.reset_before:
        return partial(_read_gru, w.b_hh, _state_part(w.hh, gates), gate)
    hidden = w.hh.shape[1]
    to_gates = _state_part(w.hh[: 2 * hidden], gates)
    to_new = _state_part(w.hh[2 * hidden :], gates)
    return partial(_read_gru_before, to_gates, to_new, gate)


def _clip(x: Tensor) -> Tensor:
    return x.clamp_(0, 1)


def _read_lstm(
    add_state: _AddState,
    activate: _InPlace,
    track: CellTrack | None,
    gates: Tensor,
    signals: Signals,
    state: State,
) -> State:
    h, c = state
    hidden = h.shape[1]
    for at, gate in enumerate(gates):
        add_state(gate, h)
        activate(gate[:, : 2 * hidden])
        gate[:, 2 * hidden : 3 * hidden].tanh_()
        activate(gate[:, 3 * hidden :])
        i, f, g, o = gate.chunk(4, dim=1)
        c = torch.addcmul(f * c, i, g)
        bounded = torch.tanh(c, out=signals["c"][at])
        h = torch.mul(o, bounded, out=signals["h"][at])
        if track is not None:
            track.kept.mul_(f)
            torch.minimum(track.low, c, out=track.low)
            torch.maximum(track.high, c, out=track.high)
    return h, c


def _read_gru(
    bias: Tensor,
    add_state: _AddState,
    activate: _InPlace,
    track: CellTrack | None,
    gates: Tensor,
    signals: Signals,
    state: State,
) -> State:
    (h,) = state
    hidden = h.shape[1]
    for at, gate in enumerate(gates):
        from_state = add_state(bias.expand_as(gate).clone(), h)
        both = activate(gate[:, : 2 * hidden].add_(from_state[:, : 2 * hidden]))
        r, z = both.chunk(2, dim=1)
        n = gate[:, 2 * hidden :].addcmul_(r, from_state[:, 2 * hidden :]).tanh_()
        h = torch.lerp(n, h, z, out=signals["h"][at])
    return (h,)


def _read_gru_before(
    add_to_gates: _AddState,
    add_to_new: _AddState,
    activate: _InPlace,
    track: CellTrack | None,
    gates: Tensor,
    signals: Signals,
    state: State,
) -> State:
    (h,) = state
    hidden = h.shape[1]
    for at, gate in enumerate(gates):
        both = activate(add_to_gates(gate[:, : 2 * hidden], h))
        r, z = both.chunk(2, dim=1)
        n = add_to_new(gate[:, 2 * hidden :], r * h).tanh_()
        h = torch.lerp(n, h, z, out=signals["h"][at])
    return (h,)


def _read_rnn(
    add_state: _AddState,
    activate: _InPlace,
    track: CellTrack | None,
    gates: Tensor,
    signals: Signals,
    state: State,
) -> State:
    (h,) = state
    for gate in gates:  # which is where `signals` has its h
        h = activate(add_state(gate, h))
    return (h,)


def _state_part(hh: Tensor, gates: Tensor) -> _AddState:
    """What adds W_hh h to a step's gates, in place: (batch, gates x hidden), (batch, hidden)."""
    recurrent = hh.T
    is_packed = (
        gates.device.type == "cpu"
        and gates.dtype == torch.float32
        and hh.shape[1] >= _PACKED_HIDDEN
        and gates.shape[1] >= _PACKED_BATCH
        and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    )
    if not is_packed:
        return lambda gate, h: gate.addmm_(h, recurrent)
    # Weights laid out for oneDNN once a chunk save a fifth of each product, where it is large.
    packed = torch.ops.mkldnn._reorder_linear_weight(hh.detach().contiguous(), gates.shape[1])
    multiply = torch.ops.mkldnn._linear_pointwise
    return lambda gate, h: gate.add_(multiply(h, packed, None, "none", [], ""))
