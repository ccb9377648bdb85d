"""Torch7's binary files, written."""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass
from typing import Any

import foreign
import numpy as np

ORDER = "ifog"


@dataclass(frozen=True)
class LuaObject:
    kind: str
    fields: dict[Any, Any]


def dump(value: Any) -> bytes:
    """One value as torch.save writes it."""
    return _write(value, itertools.count(1))


def _write(value: Any, numbers: itertools.count[int]) -> bytes:
    if value is None:
        return struct.pack("<i", 0)
    if isinstance(value, bool):
        return struct.pack("<ii", 5, value)
    if isinstance(value, (int, float)):
        return struct.pack("<id", 1, value)
    if isinstance(value, (str, bytes)):
        return struct.pack("<i", 2) + _text(value)
    number = struct.pack("<i", next(numbers))
    if isinstance(value, dict):
        pairs = b"".join(
            _write(key, numbers) + _write(held, numbers) for key, held in value.items()
        )
        return struct.pack("<i", 3) + number + struct.pack("<i", len(value)) + pairs
    start = struct.pack("<i", 4) + number + _text("V 1")
    if isinstance(value, LuaObject):
        return start + _text(value.kind) + _write(value.fields, numbers)
    flat = np.ascontiguousarray(value, np.float32)
    sizes = struct.pack(f"<{flat.ndim}q", *flat.shape)
    strides = struct.pack(f"<{flat.ndim}q", *(s // 4 for s in flat.strides))
    storage = struct.pack("<ii", 4, next(numbers)) + _text("V 1") + _text("torch.FloatStorage")
    storage += struct.pack("<q", flat.size) + flat.tobytes()
    head = _text("torch.FloatTensor") + struct.pack("<i", flat.ndim) + sizes + strides
    return start + head + struct.pack("<q", 1) + storage


def dump_ascii(value: Any) -> bytes:
    """One value as torch.save writes it with the format 'ascii'."""
    return _write_ascii(value, itertools.count(1))


def _write_ascii(value: Any, numbers: itertools.count[int]) -> bytes:
    if value is None:
        return b"0\n"
    if isinstance(value, bool):
        return b"5\n%d\n" % value
    if isinstance(value, (int, float)):
        return b"1\n%.17g\n" % value
    if isinstance(value, (str, bytes)):
        return b"2\n" + _line(value)
    number = b"%d\n" % next(numbers)
    if isinstance(value, dict):
        pairs = b"".join(
            _write_ascii(key, numbers) + _write_ascii(held, numbers) for key, held in value.items()
        )
        return b"3\n" + number + b"%d\n" % len(value) + pairs
    start = b"4\n" + number + _line("V 1")
    if isinstance(value, LuaObject):
        return start + _line(value.kind) + _write_ascii(value.fields, numbers)
    flat = np.ascontiguousarray(value, np.float32)
    shape = b" ".join(b"%d" % size for size in flat.shape) + b"\n"
    strides = b" ".join(b"%d" % (size // 4) for size in flat.strides) + b"\n"
    storage = b"4\n%d\n" % next(numbers) + _line("V 1") + _line("torch.FloatStorage")
    storage += b"%d\n" % flat.size + b" ".join(b"%.9g" % one for one in flat.flatten()) + b"\n"
    return (
        start
        + _line("torch.FloatTensor")
        + b"%d\n" % flat.ndim
        + shape
        + strides
        + (b"1\n" + storage)
    )


def _line(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return b"%d\n" % len(raw) + raw + (b"\n" if raw else b"")


def _text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<i", len(raw)) + raw


def table(*values: Any) -> dict[int, Any]:
    return {place + 1: value for place, value in enumerate(values)}


def linear(weight: np.ndarray, bias: np.ndarray) -> LuaObject:
    return LuaObject("nn.Linear", {"weight": weight, "bias": bias})


def reordered(rows: np.ndarray, cell: str) -> np.ndarray:
    return foreign.blocks(rows, "ifgo", ORDER) if cell == "lstm" else rows


def language_model(source: foreign.Source, cell: str, *extra: LuaObject) -> LuaObject:
    """torch-rnn's: one matrix for input and state, one bias, columns in the order i f o g."""
    layers = []
    for number in range(source.rnn.num_layers):
        w_ih, w_hh, b_ih, b_hh = (reordered(part, cell) for part in source.arrays(number))
        fields = {"weight": np.concatenate([w_ih, w_hh], 1).T, "bias": b_ih + b_hh}
        kind = "nn.LSTM" if cell == "lstm" else "nn.VanillaRNN"
        layers += [LuaObject(kind, fields), LuaObject("nn.Dropout", {"p": 0.5})]
    assert source.embedding is not None
    readout = (part.detach().numpy() for part in (source.readout.weight, source.readout.bias))
    net = table(
        LuaObject("nn.LookupTable", {"weight": source.embedding.weight.detach().numpy()}),
        *layers,
        *extra,
        linear(*readout),
    )
    return LuaObject(
        "nn.LanguageModel",
        {
            "net": LuaObject("nn.Sequential", {"modules": net}),
            "idx_to_token": table(*foreign.SYMBOLS),
        },
    )


def char_rnn(source: foreign.Source) -> dict[str, Any]:
    """karpathy/char-rnn's: a graph of named nodes."""
    nodes = []
    for number in range(source.rnn.num_layers):
        w_ih, w_hh, b_ih, b_hh = (reordered(part, "lstm") for part in source.arrays(number))
        nodes += [(f"h2h_{number + 1}", w_hh, b_hh), (f"i2h_{number + 1}", w_ih, b_ih)]
    weight, bias = (part.detach().numpy() for part in (source.readout.weight, source.readout.bias))
    nodes.append(("decoder", weight, bias))
    made = [
        LuaObject(
            "nngraph.Node",
            {"data": {"annotations": {"name": name}, "module": linear(weight, bias)}},
        )
        for name, weight, bias in nodes
    ]
    graph = LuaObject("nn.gModule", {"forwardnodes": table(*made)})
    return {
        "protos": {"rnn": graph, "criterion": LuaObject("nn.ClassNLLCriterion", {})},
        "opt": {"model": "lstm"},
        "vocab": {symbol: row + 1 for row, symbol in enumerate(foreign.SYMBOLS)},
    }
