"""Read long texts fast and keep every signal of every layer.

Torch's fused layers hide the cell and the gates. Here the input's part of the gates is one matrix
product for a whole chunk (for one-hot input: none, its columns are looked up), and each step adds
the state's part to it in place: the gates are kept at no further cost, and the numbers are those
of `models.cells`. Where `h` is all that is wanted, the fused layers read, unless the cells are a
variant that torch does not have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from models.cell_readers import CellTrack, Signals, make_reader
from models.cells import STANDARD, Variant, Weights, layer_weights, scale_gates
from models.recurrent import CellName, OneHot, RecurrentModel, State, read_fused

SIGNALS: dict[str, tuple[str, ...]] = {
    "rnn": ("h",),
    "lstm": ("h", "c", "i", "f", "g", "o"),
    "gru": ("h", "r", "z", "n"),
}
"""The signals that each cell has; all lie in [-1, 1].

`c` is given as tanh c, and the `h` of a relu network, which has no upper bound, as h / (1 + h).
"""

Hook = Callable[[int, int, State], State]
"""What `read` calls as ``hook(layer, time, state)`` after each step of each layer.

The state is ``(h, c)`` for the LSTM (the raw cell, not its tanh), ``(h,)`` otherwise, each tensor
(batch, hidden); `time` counts within the chunk. What the hook returns, the same state or another,
takes its place: it is recorded, the next step goes on from it, and the next layer reads its ``h``.
An ``h`` is not computed again from a ``c`` that was changed. Layers are read one after another:
all times of layer 0 come before time 0 of layer 1.
"""


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
    cell, variant = model.architecture.cell, model.architecture.variant
    wanted = SIGNALS[cell] if signals is None else tuple(signals)
    is_tracked = track_cells and cell == "lstm"
    may_fuse = signals is not None and wanted == ("h",) and hook is None and not is_tracked
    may_fuse = may_fuse and variant == STANDARD
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
            if variant.gate_slope is not None:
                w = scale_gates(cell, w, variant.gate_slope, 0.5)
            gates = _input_part(cell, signal, w, variant)
            every = _room(cell, gates, w)
            track = _new_track(before[1]) if is_tracked else None
            reader = partial(make_reader(cell, w, gates, variant), track)
            if hook is None:
                end = reader(gates, every, before)
            else:
                end = _read_stepwise(reader, gates, every, before, partial(hook, number))
            tracks += [track] if track is not None else []
            signal = every["h"]
            if variant.relu:
                every = {"h": bounded(signal, variant)}
        kept.append({name: every[name] for name in wanted})
        after.append(end)
    return Reading(tuple(kept), model.readout(signal), after, tuple(tracks))


def bounded(h: Tensor, variant: Variant) -> Tensor:
    """A layer's ``h`` as it is recorded, in [-1, 1]: what a relu network has is squashed.

    h / (1 + h) keeps the order of the values, and more of their differences than tanh does.
    """
    return 1 - 1 / (1 + h) if variant.relu else h


def predict(
    model: RecurrentModel, symbols: Tensor, state: list[State]
) -> tuple[Tensor, list[State]]:
    """What the model itself gives, by the faster way if its cells are a variant; no gradients."""
    if model.architecture.variant == STANDARD:
        return model(symbols, state)  # type: ignore[no-any-return]
    reading = read(model, symbols, state, signals=("h",))
    return reading.logits, reading.state


def _new_track(c: Tensor) -> CellTrack:
    infinity = torch.full_like(c, torch.inf)
    return CellTrack(torch.ones_like(c), infinity, -infinity)


def _input_part(cell: CellName, x: Tensor, w: Weights, variant: Variant) -> Tensor:
    """The input's part of the gates for the whole chunk: (time, batch, gates x hidden).

    `x` is float (time, batch, inputs), or int64 (time, batch): symbols, for their one-hot vectors.
    """
    # The GRU's reset gate acts on b_hh, which therefore stays with the state's part.
    is_apart = cell == "gru" and not variant.reset_before
    bias = w.b_ih if is_apart else w.b_ih + w.b_hh
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


def _read_stepwise(
    reader: Callable[[Tensor, Signals, State], State],
    gates: Tensor,
    signals: Signals,
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
