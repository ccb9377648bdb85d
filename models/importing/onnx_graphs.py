"""ONNX graphs: their nodes and the arrays that they hold, inside the file or beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from models.importing.errors import ImportingError
from models.importing.protobuf import Message, read_message

_GRAPH, _NODE, _INITIALIZER = 7, 1, 5
_INPUT, _OUTPUT, _KIND, _ATTRIBUTE = 1, 2, 4, 5
_NUMBER, _NUMBERS = 2, 7  # of an attribute: a float, floats
_DIMS, _TYPE, _FLOATS, _NAME, _RAW, _DOUBLES, _OUTSIDE = 1, 2, 4, 8, 9, 10, 13
_TYPES = {1: "<f4", 10: "<f2", 11: "<f8", 16: "bfloat16"}


@dataclass(frozen=True)
class Node:
    """One operation: its kind, the names it reads and gives, its settings."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    numbers: Mapping[str, int] = field(repr=False)
    texts: Mapping[str, str] = field(repr=False)
    lists: Mapping[str, tuple[str, ...]] = field(repr=False)
    floats: Mapping[str, tuple[float, ...]] = field(repr=False)  # lists, and single ones too


@dataclass(frozen=True)
class Graph:
    """Operations in the order in which they run, and arrays of floats by name."""

    nodes: tuple[Node, ...]
    arrays: Mapping[str, np.ndarray] = field(repr=False)


def read_graph(path: Path) -> Graph:
    """The graph of an ONNX file.

    Raises
    ------
    ImportingError
        If the file is damaged, or keeps arrays in files that are not beside it.
    """
    graphs = read_message(path.read_bytes()).messages(_GRAPH)
    if len(graphs) != 1:
        raise ImportingError("It is a protocol buffer, but not an ONNX model: it has no graph.")
    arrays: dict[str, np.ndarray] = {}
    for message in graphs[0].messages(_INITIALIZER):
        _add_array(arrays, message.text(_NAME), message, path.parent)
    nodes = []
    for message in graphs[0].messages(_NODE):
        nodes.append(_node(message))
        if nodes[-1].kind == "Constant" and nodes[-1].outputs:
            for attribute in message.messages(_ATTRIBUTE):
                for tensor in attribute.messages(5):
                    _add_array(arrays, nodes[-1].outputs[0], tensor, path.parent)
    return Graph(tuple(nodes), arrays)


def _node(message: Message) -> Node:
    attributes = {held.text(1): held for held in message.messages(_ATTRIBUTE)}
    return Node(
        kind=message.text(_KIND),
        inputs=tuple(raw.decode("utf-8", "replace") for raw in message.raw(_INPUT)),
        outputs=tuple(raw.decode("utf-8", "replace") for raw in message.raw(_OUTPUT)),
        numbers={name: held.numbers(3)[-1] for name, held in attributes.items() if held.numbers(3)},
        texts={name: held.text(4) for name, held in attributes.items() if held.raw(4)},
        lists={
            name: tuple(raw.decode("utf-8", "replace") for raw in held.raw(9))
            for name, held in attributes.items()
            if held.raw(9)
        },
        floats={
            name: held.floats(_NUMBERS) or held.floats(_NUMBER)
            for name, held in attributes.items()
            if held.raw(_NUMBERS) or held.raw(_NUMBER)
        },
    )


def _add_array(arrays: dict[str, np.ndarray], name: str, tensor: Message, folder: Path) -> None:
    code = _TYPES.get((tensor.numbers(_TYPE) or [0])[-1])
    if code is None:  # whole numbers, which shape things, and quantised ones
        return
    shape = tuple(tensor.numbers(_DIMS))
    if tensor.raw(_OUTSIDE):
        data = _outside(name, tensor, folder)
    elif tensor.raw(_RAW):
        data = tensor.raw(_RAW)[-1]
    else:
        data = b"".join(tensor.raw(_DOUBLES if code == "<f8" else _FLOATS))
    size = 2 if code == "bfloat16" else np.dtype(code).itemsize
    if math.prod(shape) * size != len(data):
        raise ImportingError(
            f"The array {name!r} says its shape is {shape}, but it has {len(data):,} bytes. "
            "The file is damaged."
        )
    if code == "bfloat16":
        flat = (np.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4")
    else:
        flat = np.frombuffer(data, code)
    arrays[name] = flat.reshape(shape)


def _outside(name: str, tensor: Message, folder: Path) -> bytes:
    told = {entry.text(1): entry.text(2) for entry in tensor.messages(_OUTSIDE)}
    place = told.get("location", "")
    if not place or PurePosixPath(place).name != place or "\\" in place:
        raise ImportingError(
            f"The array {name!r} is said to lie in {place!r}, which is not a file beside the model."
        )
    try:
        start, length = int(told.get("offset", "0")), int(told.get("length", "-1"))
        with (folder / place).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(start)
            return file.read(min(length, size) if length >= 0 else size)
    except (OSError, ValueError) as error:
        raise ImportingError(
            f"The array {name!r} lies in the file {place!r}, which cannot be read. Keep it beside "
            "the model."
        ) from error
