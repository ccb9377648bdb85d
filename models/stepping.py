"""Step a network at batch 1, as fast as one core can read its weights.

A step is a few products of a matrix and a vector, and the rest is what each call costs: NumPy's
calls cost less than torch's. The first layer's input is no product at all: what W_ih makes of a
symbol is a row of a table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # torch takes a second to load; whoever has a model has loaded it
    from torch import Tensor
    from torch.nn import RNNBase

    from models.cells import Variant, Weights
    from models.recurrent import RecurrentModel

Array: TypeAlias = NDArray[np.floating[Any]]
Step: TypeAlias = Callable[[Array], Array]
"""Part of a step; it returns a buffer of its own, which its next call overwrites."""


def make_stepper(model: RecurrentModel) -> Callable[[int], Array]:
    """Make a function that reads one symbol after another from a zero state, at batch 1.

    Parameters
    ----------
    model : RecurrentModel
        Its weights are copied, in its own precision. Dropout is never applied.

    Returns
    -------
    callable
        From a row of the vocabulary to the logits of the next symbol, float (symbols,): the
        numbers of `models.reading.read`. Each call overwrites what the last one returned.
    """
    from models.cells import layer_weights

    name, variant = model.architecture.cell, model.architecture.variant
    weights = [layer_weights(cast("RNNBase", layer)) for layer in model.layers]
    layers = [_prepare(name, variant, w) for w in weights]
    # One-hot input picks a column of W_ih; an embedding's vectors are multiplied by it here, once.
    rows = layers[0].ih.T
    if model.architecture.embedding is not None:
        rows = model.get_parameter("embedding.weight").detach() @ rows
    table = _array(rows + layers[0].b_ih)
    # Above each layer is what makes its h the next layer's input part, or in the end the logits.
    above = [_projection(layer.ih, layer.b_ih) for layer in layers[1:]]
    above.append(_projection(model.readout.weight, model.readout.bias))
    stack = list(zip([_CELLS[name](layer, variant) for layer in layers], above, strict=True))

    def step(symbol: int) -> Array:
        signal: Array = table[symbol]
        for cell, project in stack:
            signal = project(cell(signal))
        return signal

    return step


def _prepare(cell: str, variant: Variant, w: Weights) -> Weights:
    """Weights for gates that are all computed by tanh: sigmoid(x) = (1 + tanh(x / 2)) / 2.

    Halving is exact. Those of hard sigmoids are left to be clipped. `b_ih` gets the other bias
    too, except in the GRU whose reset gate acts on all that comes from the state.
    """
    from models.cells import Weights, scale_gates

    ih, hh, b_ih, b_hh = (part.detach() for part in (w.ih, w.hh, w.b_ih, w.b_hh))
    if cell != "gru" or variant.reset_before:
        b_ih = b_ih + b_hh
    w = Weights(ih, hh, b_ih, b_hh)
    slope = variant.gate_slope
    return scale_gates(cell, w, 0.5) if slope is None else scale_gates(cell, w, slope, 0.5)


def _projection(weight: Tensor, bias: Tensor) -> Step:
    rows, shift = _array(weight), _array(bias)
    out = np.empty_like(shift)

    def project(x: Array) -> Array:
        _product(rows, x, out)
        return np.add(out, shift, out=out)

    return project


def _product(rows: Array, x: Array, out: Array) -> None:
    # One dot product a row, each too short for BLAS to share among threads. `np.dot` is shared:
    # a quarter faster in one thread, many times slower where its threads wait for a busy core.
    np.vecdot(rows, x, out=out)


def _to_sigmoid(halves: Array) -> None:
    """From tanh(x/2), in place."""
    np.multiply(halves, 0.5, out=halves)
    np.add(halves, 0.5, out=halves)


def _clip(values: Array) -> None:
    """Between 0 and 1, in place."""
    np.maximum(values, 0, out=values)
    np.minimum(values, 1, out=values)


def _lstm(w: Weights, variant: Variant) -> Step:
    hh = _array(w.hh)
    hidden = hh.shape[1]
    h, c, gates = (np.zeros(size, hh.dtype) for size in (hidden, hidden, 4 * hidden))
    i, f, g, o = gates.reshape(4, hidden)
    i_and_f = gates[: 2 * hidden]
    is_hard = variant.gate_slope is not None
    finish, through_tanh = (_clip, g) if is_hard else (_to_sigmoid, gates)

    def step(from_input: Array) -> Array:
        _product(hh, h, gates)
        np.add(gates, from_input, out=gates)
        np.tanh(through_tanh, out=through_tanh)
        finish(i_and_f)
        finish(o)
        np.multiply(f, c, out=c)
        np.multiply(i, g, out=g)
        np.add(c, g, out=c)
        np.tanh(c, out=g)
        return np.multiply(o, g, out=h)

    return step


def _finish_gates(variant: Variant) -> Callable[[Array], None]:
    """What makes the GRU's gates r and z of their prepared sums, in place."""

    def through_tanh(sums: Array) -> None:
        np.tanh(sums, out=sums)
        _to_sigmoid(sums)

    return through_tanh if variant.gate_slope is None else _clip


def _gru(w: Weights, variant: Variant) -> Step:
    if variant.reset_before:
        return _gru_before(w, variant)
    hh, bias = _array(w.hh), _array(w.b_hh)
    hidden = hh.shape[1]
    finish = _finish_gates(variant)
    h, gates = (np.zeros(size, hh.dtype) for size in (hidden, 3 * hidden))
    r, z, n = gates.reshape(3, hidden)
    r_and_z = gates[: 2 * hidden]

    def step(from_input: Array) -> Array:
        _product(hh, h, gates)
        np.add(gates, bias, out=gates)
        np.add(r_and_z, from_input[: 2 * hidden], out=r_and_z)
        finish(r_and_z)
        np.multiply(r, n, out=n)
        np.add(n, from_input[2 * hidden :], out=n)
        np.tanh(n, out=n)
        np.subtract(h, n, out=h)
        np.multiply(z, h, out=h)
        return np.add(n, h, out=h)

    return step


def _gru_before(w: Weights, variant: Variant) -> Step:
    hh = _array(w.hh)
    hidden = hh.shape[1]
    to_gates, to_new = hh[: 2 * hidden], hh[2 * hidden :]
    h, gates = (np.zeros(size, hh.dtype) for size in (hidden, 3 * hidden))
    r, z, n = gates.reshape(3, hidden)
    r_and_z = gates[: 2 * hidden]
    finish = _finish_gates(variant)

    def step(from_input: Array) -> Array:
        _product(to_gates, h, r_and_z)
        np.add(r_and_z, from_input[: 2 * hidden], out=r_and_z)
        finish(r_and_z)
        np.multiply(r, h, out=r)
        _product(to_new, r, n)
        np.add(n, from_input[2 * hidden :], out=n)
        np.tanh(n, out=n)
        np.subtract(h, n, out=h)
        np.multiply(z, h, out=h)
        return np.add(n, h, out=h)

    return step


def _rnn(w: Weights, variant: Variant) -> Step:
    hh = _array(w.hh)
    h, before = (np.zeros(len(hh), hh.dtype) for _ in range(2))

    def step(from_input: Array) -> Array:
        _product(hh, h, before)
        np.add(before, from_input, out=before)
        return np.maximum(before, 0, out=h) if variant.relu else np.tanh(before, out=h)

    return step


_CELLS: dict[str, Callable[[Weights, Variant], Step]] = {"rnn": _rnn, "lstm": _lstm, "gru": _gru}


def _array(tensor: Tensor) -> Array:
    """A copy in the machine's memory, its rows one after another."""
    return np.array(tensor.detach().cpu().numpy(), order="C")
