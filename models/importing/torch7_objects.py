"""Torch7's files as plain values: a small reader of its own, which runs nothing.

A value begins with its kind, an int32. Tables, objects and functions are numbered, so that what is
met again is a number alone. A tensor is its sizes, its strides, an offset and a storage. In ASCII
the same numbers are written out, each list of them in a line; texts are as they are, in a line too.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.importing.errors import ImportingError

_NIL, _NUMBER, _STRING, _TABLE, _OBJECT, _BOOLEAN = range(6)
_FUNCTIONS = {6, 7, 8}
_ASCII = re.compile(rb"[34]\n[0-9]{1,8}\n")  # a table or an object, numbered
_MOST_DEPTH = 200
_NUMBERS = {
    "Double": "<f8",
    "Float": "<f4",
    "Cuda": "<f4",
    "Long": "<i8",
    "Int": "<i4",
    "Short": "<i2",
    "Char": "<i1",
    "Byte": "<u1",
}


@dataclass
class TorchObject:
    """An object of a class, such as nn.LSTM: its name and its fields."""

    kind: str
    fields: dict[Any, Any] = field(repr=False, default_factory=dict)


def is_ascii(head: bytes) -> bool:
    """Whether a file that begins like this is one of Torch7 in ASCII."""
    return _ASCII.match(head) is not None


def read_torch7(data: bytes) -> Any:
    """Read one value: None, float, str or bytes, bool, dict (a table), array or `TorchObject`.

    Functions are read over and become None.

    Raises
    ------
    ImportingError
        If the file is damaged.
    """
    try:
        return (_AsciiReader if is_ascii(data) else _Reader)(data).value(0)
    except (struct.error, ValueError, TypeError, OverflowError) as error:
        if isinstance(error, ImportingError):
            raise
        raise ImportingError(
            f"It is no whole Torch7 file ({str(error)[:80]}). It may be truncated; copy it again."
        ) from error


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.met: dict[int, Any] = {}

    def take(self, length: int) -> bytes:
        if not 0 <= length <= len(self.data) - self.at:
            raise ImportingError(
                f"It ends within a value of {length:,} bytes at byte {self.at:,}. "
                "It is truncated or damaged; copy it again."
            )
        self.at += length
        return self.data[self.at - length : self.at]

    def int32(self) -> int:
        return int(struct.unpack("<i", self.take(4))[0])

    def longs(self, number: int) -> tuple[int, ...]:
        return struct.unpack(f"<{number}q", self.take(8 * number))

    def double(self) -> float:
        return float(struct.unpack("<d", self.take(8))[0])

    def raw(self, length: int) -> bytes:
        return self.take(length)

    def numbers(self, code: np.dtype[Any], size: int) -> np.ndarray:
        return np.frombuffer(self.take(size * code.itemsize), code)

    def text(self) -> str | bytes:
        raw = self.raw(self.int32())
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw

    def value(self, depth: int) -> Any:
        if depth > _MOST_DEPTH:
            raise ImportingError("Its values are nested too deeply. The file is damaged.")
        kind = self.int32()
        if kind == _NIL:
            return None
        if kind == _NUMBER:
            return self.double()
        if kind == _BOOLEAN:
            return self.int32() != 0
        if kind == _STRING:
            return self.text()
        if kind not in _FUNCTIONS | {_TABLE, _OBJECT}:
            raise ImportingError(f"It has a value of the unknown kind {kind} at byte {self.at:,}.")
        number = self.int32()
        if number not in self.met:
            self._numbered(kind, number, depth)
        return self.met[number]

    def _numbered(self, kind: int, number: int, depth: int) -> None:
        if kind == _TABLE:
            self.met[number] = {}
            self._fill(self.met[number], depth)
        elif kind in _FUNCTIONS:
            self.met[number] = None
            self.raw(self.int32())  # its code
            self.value(depth + 1)  # what it closes over
        else:
            self._object(number, depth)

    def _fill(self, table: dict[Any, Any], depth: int) -> None:
        for _ in range(self.int32()):
            key = self.value(depth + 1)
            table[key if isinstance(key, (float, str, bytes, bool)) else id(key)] = self.value(
                depth + 1
            )

    def _object(self, number: int, depth: int) -> None:
        name = str(self.text())
        if name.startswith("V "):  # a version, in all but very old files
            name = str(self.text())
        word = name.removeprefix("torch.")
        if word.endswith("Tensor") and word.removesuffix("Tensor") in _NUMBERS:
            self.met[number] = None
            self.met[number] = self._tensor(depth)
        elif word.endswith("Storage") and word.removesuffix("Storage") in _NUMBERS:
            code = np.dtype(_NUMBERS[word.removesuffix("Storage")])
            (size,) = self.longs(1)
            self.met[number] = self.numbers(code, size)
        else:
            self.met[number] = found = TorchObject(name)
            held = self.value(depth + 1)
            if isinstance(held, dict):
                found.fields = held

    def _tensor(self, depth: int) -> np.ndarray:
        dimensions = self.int32()
        if not 0 <= dimensions <= 16:
            raise ImportingError(f"It has a tensor of {dimensions} dimensions. It is damaged.")
        sizes, strides = self.longs(dimensions), self.longs(dimensions)
        first = self.longs(1)[0] - 1
        storage = self.value(depth + 1)
        if not dimensions or storage is None:
            return np.zeros(0, np.float32)
        reach = first + 1 + sum((n - 1) * s for n, s in zip(sizes, strides, strict=True))
        least = min((*sizes, *strides, first))
        if least < 0 or 0 in sizes or max(reach, int(np.prod(sizes, dtype=object))) > len(storage):
            raise ImportingError(
                f"It has a tensor of shape {sizes} over a storage of {len(storage):,} numbers, "
                "too few for it. The file is damaged."
            )
        return np.lib.stride_tricks.as_strided(
            storage[first:], sizes, [s * storage.itemsize for s in strides], writeable=False
        )


class _AsciiReader(_Reader):
    """Each list of numbers is a line; no line is there for an empty list."""

    def line(self) -> bytes:
        end = self.data.find(b"\n", self.at)
        return self.take((len(self.data) if end < 0 else end + 1) - self.at)

    def int32(self) -> int:
        return int(self.line())

    def double(self) -> float:
        return float(self.line())

    def longs(self, number: int) -> tuple[int, ...]:
        found = tuple(map(int, self.line().split())) if number else ()
        if len(found) != number:
            raise ImportingError(f"{number} numbers were expected before byte {self.at:,}.")
        return found

    def raw(self, length: int) -> bytes:
        found = self.take(length)
        if length:
            self.take(1)  # the end of its line
        return found

    def numbers(self, code: np.dtype[Any], size: int) -> np.ndarray:
        if code.itemsize == 1:
            return np.frombuffer(self.raw(size), code)
        words = self.line().split() if size else []
        if len(words) != size:
            raise ImportingError(
                f"A storage says that it has {size:,} numbers, but {len(words):,} are in the file "
                f"before byte {self.at:,}. It is truncated or damaged; copy it again."
            )
        return np.array(words, dtype="S").astype(np.float64 if code.kind == "f" else code)
