"""Protocol buffers' wire format: a message as its fields' numbers and raw values."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from models.importing.errors import ImportingError

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_MOST_VARINT = 10  # bytes


@dataclass(frozen=True)
class Message:
    """The fields of a message in order; a whole number, or bytes that may be a message too."""

    fields: tuple[tuple[int, int | bytes], ...]

    def numbers(self, field: int) -> list[int]:
        """The whole numbers of a field, packed together or one by one."""
        found: list[int] = []
        for number, value in self.fields:
            if number == field:
                found += [value] if isinstance(value, int) else _packed(value)
        return found

    def floats(self, field: int) -> tuple[float, ...]:
        """The float32 numbers of a field, packed together or one by one."""
        data = b"".join(self.raw(field))
        whole = data[: len(data) // 4 * 4]
        return tuple(float(value) for (value,) in struct.iter_unpack("<f", whole))

    def raw(self, field: int) -> list[bytes]:
        """The values of a field that are bytes."""
        return [v for number, v in self.fields if number == field and isinstance(v, bytes)]

    def text(self, field: int) -> str:
        """The last text of a field, empty if there is none."""
        return self.raw(field)[-1].decode("utf-8", "replace") if self.raw(field) else ""

    def messages(self, field: int) -> list[Message]:
        """The messages of a field."""
        return [read_message(value) for value in self.raw(field)]


def read_message(data: bytes) -> Message:
    """Read the fields of one message.

    Raises
    ------
    ImportingError
        If they do not end where it does.
    """
    return Message(tuple(_fields(data)))


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            length, at = _varint(data, at)
        elif kind in {_EIGHT, _FOUR}:
            length = 8 if kind == _EIGHT else 4
        else:
            raise ImportingError("It is no whole protocol buffer. It may be truncated.")
        if length > len(data) - at:
            raise ImportingError(
                f"It ends within a field of {length:,} bytes. It is truncated; copy it again."
            )
        yield key >> 3, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(_MOST_VARINT):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at
    raise ImportingError("It is no whole protocol buffer. It may be truncated.")


def _packed(data: bytes) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        found.append(value)
    return found
