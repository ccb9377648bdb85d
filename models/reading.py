"""Read long texts fast and keep every signal of every layer.

Torch's fused layers hide the cell and the gates. Here the input's part of the gates is one matrix
product for a whole chunk (for one-hot input: none, its columns are looked up), and each step adds
the state's part to it in place: the gates are kept at no further cost, and the numbers are those
of `models.cells`. Where `h` is all that is wanted, the fused layers read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from models.cells import Weights, layer_weights
from models.recurrent import CellName, OneHot, RecurrentModel, State, read_fused

SIGNALS: dict[str, tuple[str, ...]] = {
    "rnn": ("h",),
    "lstm": ("h", "c", "i", "f", "g", "o"),
    "gru": ("h", "r", "z", "n"),
}
"""The signals that each cell has; all lie in [-1, 1]. `c` is given as tanh c."""

_PACKED_HIDDEN, _PACKED_BATCH = 384, 32  # below, the plain product is as fast

Hook = Callable[[int, int, State], State]
"""What `read` calls as ``hook(layer, time, state)`` after each step of each layer.

The state is ``(h, c)`` for the LSTM (the raw cell, not its tanh), ``(h,)`` otherwise, each tensor
(batch, hidden); `time` counts within the chunk. What the hook returns, the same state or another,
takes its place: it is recorded, the next step goes on from it, and the next layer reads its ``h``.
An ``h`` is not computed again from a ``c`` that was changed. Layers are read one after another:
all times of layer 0 come before time 0 of layer 1.
"""


@dataclass(frozen=True)
class CellTrack:
    """What became of an LSTM layer's raw cells through a chunk, each tensor (batch, hidden).

    Where nothing but the cell differs, a difference d before the chunk is ``kept * d`` after it.
    """

    kept: Tensor  # product of the forget gates
    low: Tensor  # least and greatest value after any step
    high: Tensor


@dataclass(frozen=True)
class Reading:
    """A chunk as read: `signals[layer][name]` and the logits, time first."""

    signals: tuple[dict[str, Tensor], ...]  # float (time, batch, hidden)
    logits: Tensor  # float (time, batch, symbols)
    state: list[State]
    tracks: tuple[CellTrack, ...] = ()  # one a layer, if they were asked for


@torch.inference_mode()
def read(
    model: RecurrentModel,
    symbols: Tensor,
    state: list[State],
    hook: Hook | None = None,
    *,
    signals: Sequence[str] | None = None,
    track_cells: bool = False,
) -> Reading:
    """Read a chunk and keep its signals.

    Parameters
    ----------
    model : RecurrentModel
    symbols : Tensor, int64 (time, batch)
    state : list of State
        One for each layer, as `RecurrentModel.zero_state` or an earlier reading gave it.
    hook : Hook, optional
        May replace each layer's state between two steps.
    signals : sequence of str, optional
        Which to return; by default all that the cell has. Asked for ``h`` alone, the fused layers
        read: the same but for the last bits.
    track_cells : bool, default=False
        Return the tracks of an LSTM's cells too.

    Returns
    -------
    Reading
    """
    cell = model.architecture.cell
    wanted = SIGNALS[cell] if signals is None else tuple(signals)
    is_tracked = track_cells and cell == "lstm"
    may_fuse = signals is not None and wanted == ("h",) and hook is None and not is_tracked
    signal = symbols if isinstance(model.embedding, OneHot) else model.embedding(symbols)
    kept: list[dict[str, Tensor]] = []
    after: list[State] = []
    tracks: list[CellTrack] = []
    for number, (layer, before) in enumerate(zip(model.layers, state, strict=True)):
        assert isinstance(layer, nn.RNNBase)
        if may_fuse and signal.is_floating_point():
            signal, end = read_fused(layer, signal, before)
            every = {"h": signal}
        else:
            w = layer_weights(layer)
            gates = _input_part(cell, signal, w)
            every = _room(cell, gates, w)
            track = _new_track(before[1]) if is_tracked else None
            reader = partial(_READERS[cell], w, _state_part(w, gates), track)
            if hook is None:
                end = reader(gates, every, before)
            else:
                end = _read_stepwise(reader, gates, every, before, partial(hook, number))
            tracks += [track] if track is not None else []
            signal = every["h"]
        kept.append({name: every[name] for name in wanted})
        after.append(end)
    return Reading(tuple(kept), model.readout(signal), after, tuple(tracks))


def _new_track(c: Tensor) -> CellTrack:
    infinity = torch.full_like(c, torch.inf)
    return CellTrack(torch.ones_like(c), infinity, -infinity)


def _state_part(w: Weights, gates: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    """What adds W_hh h to a step's gates, in place: (batch, gates x hidden), (batch, hidden)."""
    recurrent = w.hh.T
    is_packed = (
        gates.device.type == "cpu"
        and gates.dtype == torch.float32
        and w.hh.shape[1] >= _PACKED_HIDDEN
        and gates.shape[1] >= _PACKED_BATCH
        and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    )
    if not is_packed:
        return lambda gate, h: gate.addmm_(h, recurrent)
    # Weights laid out for oneDNN once a chunk save a fifth of each product, where it is large.
    packed = torch.ops.mkldnn._reorder_linear_weight(w.hh.detach().contiguous(), gates.shape[1])
    multiply = torch.ops.mkldnn._linear_pointwise
    return lambda gate, h: gate.add_(multiply(h, packed, None, "none", [], ""))


def _input_part(cell: CellName, x: Tensor, w: Weights) -> Tensor:
    """The input's part of the gates for the whole chunk: (time, batch, gates x hidden).

    `x` is float (time, batch, inputs), or int64 (time, batch): symbols, for their one-hot vectors.
    """
    # The GRU's reset gate acts on b_hh, which therefore stays with the state's part.
    bias = w.b_ih if cell == "gru" else w.b_ih + w.b_hh
    if not x.is_floating_point():
        return _look_up(x, w.ih, bias)
    return torch.addmm(bias, x.flatten(0, 1), w.ih.T).view(*x.shape[:2], -1)


def _look_up(symbols: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """`weight` times one-hot vectors: the sum over a row has one term that is not zero."""
    columns = weight.T  # a row for each symbol, its numbers far apart in memory
    if symbols.numel() < len(columns):
        return embedding(symbols, columns).add_(bias)
    return embedding(symbols, (columns + bias).contiguous())


def _room(cell: CellName, gates: Tensor, w: Weights) -> dict[str, Tensor]:
    """Where a layer's signals go: the gates stay where their input's part is."""
    names = SIGNALS[cell]
    if cell == "rnn":
        return {"h": gates}
    states = 2 if cell == "lstm" else 1
    room = {name: gates.new_empty(*gates.shape[:2], w.hh.shape[1]) for name in names[:states]}
    parts = gates.chunk(len(names) - states, dim=2)
    return room | dict(zip(names[states:], parts, strict=True))


# Each reader fills `signals` and returns the state after the last step.

_AddState = Callable[[Tensor, Tensor], Tensor]
_Signals = dict[str, Tensor]


def _read_lstm(
    w: Weights,
    add_state: _AddState,
    track: CellTrack | None,
    gates: Tensor,
    signals: _Signals,
    state: State,
) -> State:
    h, c = state
    hidden = h.shape[1]
    for at, gate in enumerate(gates):
        add_state(gate, h)
        gate[:, : 2 * hidden].sigmoid_()
        gate[:, 2 * hidden : 3 * hidden].tanh_()
        gate[:, 3 * hidden :].sigmoid_()
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
    w: Weights,
    add_state: _AddState,
    track: CellTrack | None,
    gates: Tensor,
    signals: _Signals,
    state: State,
) -> State:
    (h,) = state
    hidden = h.shape[1]
    for at, gate in enumerate(gates):
        from_state = add_state(w.b_hh.expand_as(gate).clone(), h)
        both = gate[:, : 2 * hidden].add_(from_state[:, : 2 * hidden]).sigmoid_()
        r, z = both.chunk(2, dim=1)
        n = gate[:, 2 * hidden :].addcmul_(r, from_state[:, 2 * hidden :]).tanh_()
        h = torch.lerp(n, h, z, out=signals["h"][at])
    return (h,)


def _read_rnn(
    w: Weights,
    add_state: _AddState,
    track: CellTrack | None,
    gates: Tensor,
    signals: _Signals,
    state: State,
) -> State:
    (h,) = state
    for gate in gates:  # which is where `signals` has its h
        h = add_state(gate, h).tanh_()
    return (h,)


_READERS = {"rnn": _read_rnn, "lstm": _read_lstm, "gru": _read_gru}


def _read_stepwise(
    reader: Callable[[Tensor, _Signals, State], State],
    gates: Tensor,
    signals: _Signals,
    state: State,
    change: Callable[[int, State], State],
) -> State:
    """Read one step at a time, so that each starts from the state that `change` gave.

    Every number lies where a reading in one go has it: a matrix product's last bits depend on
    where in memory its factors begin.
    """
    for at in range(len(gates)):
        now = {name: values[at : at + 1] for name, values in signals.items()}
        h, *rest = change(at, reader(gates[at : at + 1], now, state))
        state = (signals["h"][at].copy_(h), *rest)
        if rest:
            torch.tanh(rest[0], out=signals["c"][at])
    return state
