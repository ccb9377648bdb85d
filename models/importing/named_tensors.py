"""A network from tensors that carry torch's names, in whatever modules they lie."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from models.cells import Weights
from models.importing.errors import ImportingError
from models.importing.found import FoundNetwork, cell_of, check_shape

_RECURRENT = re.compile(r"^(.*?)(weight|bias)_(ih|hh)(_l(\d+))?$")
_PEEPHOLE = re.compile(r"peephole|(^|[._])(weight_(ci|cf|co)|w_[ifo]_diag)", re.IGNORECASE)
_ATTENTION = re.compile(r"attn|attention|q_proj|in_proj|\.h\.\d+\.", re.IGNORECASE)
_INPUT_NAME = re.compile(r"emb|encod|lookup|wte", re.IGNORECASE)
_MOST_NAMED = 3


@dataclass(frozen=True)
class Outside:
    """The tensors around the recurrent layers, by name."""

    tensors: Mapping[str, Tensor] = field(repr=False)

    def matrices(self, width: int) -> list[str]:
        """Names of those of shape (any, width)."""
        return [n for n, t in self.tensors.items() if t.dim() == 2 and t.shape[1] == width]

    def bias_of(self, name: str) -> str | None:
        """The name of the bias that belongs to a weight."""
        bias = f"{name.removesuffix('weight')}bias"
        return bias if bias != name and bias in self.tensors else None


def network_of(
    tensors: Mapping[str, Tensor], layout: str, tokens: Mapping[int, str] | None = None
) -> FoundNetwork:
    """Find layers, embedding and readout by names and shapes.

    Parameters
    ----------
    tensors : mapping of str to Tensor
        In the order of the file.
    layout : str
        What to call it.
    tokens : mapping of int to str, optional
        What the file calls its rows.

    Raises
    ------
    ImportingError
        If it is no plain stack of recurrent layers; the tensor at fault is named.
    """
    _refuse_by_name(tensors)
    layers, used = _layers(tensors)
    first = layers[0]
    cell = cell_of(first.hh.shape[0] // first.hh.shape[1], next(iter(used)))
    outside = Outside({n: t for n, t in tensors.items() if n not in used and t.is_floating_point()})
    readout = _readout_name(outside, first, layers[-1].hh.shape[1])
    embedding = _embedding_name(outside, first.ih.shape[1], readout)
    bias = outside.bias_of(readout)
    rest = [n for n in outside.tensors if n not in {readout, embedding, bias}]
    if rest:
        raise ImportingError(
            f"What the tensor {_few(rest)} does between symbols, layers and readout is not known, "
            "so the states would not be the network's own. Only embedding or one-hot input, "
            "recurrent layers and one linear readout can be run."
        )
    _check_widths(tensors, layers, readout, embedding)
    rows = tensors[readout].shape[0]
    return FoundNetwork(
        layout=layout,
        cell=cell,
        layers=tuple(layers),
        embedding=None if embedding is None else tensors[embedding],
        readout=(tensors[readout], torch.zeros(rows) if bias is None else tensors[bias]),
        tokens=tokens,
    )


def _check_widths(
    tensors: Mapping[str, Tensor], layers: list[Weights], readout: str, embedding: str | None
) -> None:
    """Input and readout must be of the same symbols."""
    rows, width = tensors[readout].shape[0], layers[0].ih.shape[1]
    if embedding is not None:
        expected = (tensors[embedding].shape[0], layers[-1].hh.shape[1])
        check_shape(f"the readout {readout!r}", tensors[readout], expected)
    elif width != rows:
        raise ImportingError(
            f"The first layer reads {width} numbers at a time and the readout {readout!r} has "
            f"{rows} rows: with one-hot input they would be equal, and there is no embedding of "
            f"shape ({rows}, {width})."
        )


def _refuse_by_name(tensors: Mapping[str, Tensor]) -> None:
    for name, tensor in tensors.items():
        leaf = name.rsplit(".", 1)[-1]
        if leaf.endswith("_reverse"):
            reason = "is of a bidirectional layer, whose states depend on the text that follows"
        elif leaf.startswith("weight_hr"):
            reason = "projects the states of an LSTM (proj_size)"
        elif _PEEPHOLE.search(name):
            reason = "is a peephole of an LSTM, from its cell to its gates"
        elif leaf.endswith("_raw"):
            reason = "is changed before it is used (weight drop)"
        else:
            continue
        raise ImportingError(
            f"The tensor {name!r}, of shape {tuple(tensor.shape)}, {reason}: "
            "Unitscope does not run such layers."
        )
    if not any(_RECURRENT.match(name) for name in tensors):
        _refuse_others(tensors)


def _refuse_others(tensors: Mapping[str, Tensor]) -> None:
    if attention := [n for n in tensors if _ATTENTION.search(n)]:
        what = f"of a Transformer ({_few(attention)})"
    elif kernels := [n for n, t in tensors.items() if t.dim() >= 3]:
        what = f"of a convolutional network ({_few(kernels)})"
    else:
        what = f"without recurrent layers ({_few(list(tensors))})" if tensors else "that are none"
    raise ImportingError(
        f"It holds tensors {what}. Unitscope reads recurrent networks: an RNN, a GRU or an LSTM, "
        "with tensors such as weight_hh_l0."
    )


def _layers(tensors: Mapping[str, Tensor]) -> tuple[list[Weights], set[str]]:
    """The recurrent layers in order, and the names that they take."""
    parts: dict[tuple[str, int], dict[str, str]] = {}
    for name in tensors:
        if match := _RECURRENT.match(name):
            prefix, kind, side, _, number = match.groups()
            parts.setdefault((prefix, int(number or 0)), {})[f"{kind}_{side}"] = name
    order = {prefix: place for place, (prefix, _) in enumerate(parts)}
    layers: list[Weights] = []
    used: dict[str, None] = {}
    for key in sorted(parts, key=lambda key: (order[key[0]], key[1])):
        layers.append(_layer(tensors, parts[key], layers[-1] if layers else None))
        used |= dict.fromkeys(parts[key].values())
    return layers, set(used)


def _layer(
    tensors: Mapping[str, Tensor], names: Mapping[str, str], before: Weights | None
) -> Weights:
    some = next(iter(names.values()))
    if missing := {"weight_ih", "weight_hh"} - names.keys():
        raise ImportingError(
            f"Beside the tensor {some!r} there is no {min(missing)}. Export the network again."
        )
    ih, hh = tensors[names["weight_ih"]], tensors[names["weight_hh"]]
    if hh.dim() != 2 or hh.shape[1] == 0 or hh.shape[0] % hh.shape[1]:
        raise ImportingError(
            f"The tensor {names['weight_hh']!r} has shape {tuple(hh.shape)}, but (gates x hidden, "
            "hidden) was expected."
        )
    rows, hidden = hh.shape
    if before is not None and rows // hidden != before.hh.shape[0] // before.hh.shape[1]:
        raise ImportingError(
            f"The tensor {names['weight_hh']!r} of shape {tuple(hh.shape)} is of another kind of "
            "cell than the layer before it: layers of several kinds are not run."
        )
    width = ih.shape[-1] if before is None else before.hh.shape[1]
    check_shape(f"the tensor {names['weight_ih']!r}", ih, (rows, width))
    biases = []
    for kind in ("bias_ih", "bias_hh"):
        bias = tensors[names[kind]] if kind in names else torch.zeros(rows)
        check_shape(f"the tensor {names.get(kind, kind)!r}", bias, (rows,))
        biases.append(bias)
    return Weights(ih, hh, *biases)


def _readout_name(outside: Outside, first: Weights, hidden: int) -> str:
    names = outside.matrices(hidden)
    # An embedding as wide as the layers has the readout's shape; it has no bias and comes first.
    names.sort(key=lambda n: (outside.bias_of(n) is None, bool(_INPUT_NAME.search(n))))
    needs_embedding = not any(outside.tensors[n].shape[0] == first.ih.shape[1] for n in names)
    is_alone = len(names) == 1 and outside.bias_of(names[0]) is None and needs_embedding
    if not names or (is_alone and _INPUT_NAME.search(names[0])):
        raise ImportingError(
            f"There is no readout, a tensor of shape (symbols, {hidden}). Export the whole "
            "network, not its recurrent layers alone."
        )
    return names[0]


def _embedding_name(outside: Outside, width: int, readout: str) -> str | None:
    names = [n for n in outside.matrices(width) if n != readout and outside.bias_of(n) is None]
    return min(names, key=lambda n: not _INPUT_NAME.search(n), default=None)


def _few(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(repr(name[:80]) for name in names[:_MOST_NAMED]) + more
