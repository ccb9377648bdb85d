"""A document as the bytes that parsers and matchers read, and the way back to symbols."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import tree_sitter

_CARRIAGE_RETURN = 13
_SURROGATE = re.compile("[\ud800-\udfff]")


def encode(text: str) -> bytes:
    """A text in UTF-8. Lone surrogates have none and are read as U+FFFD, so positions stay."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text).encode()


@dataclass(frozen=True)
class Source:
    """A document's bytes, as the parser counts, and the way back to symbols."""

    data: bytes
    time: int
    symbols: np.ndarray | None  # (bytes + 1,): symbols that start before each byte; None: the same

    @classmethod
    def of(cls, text: str) -> Source:
        data = encode(text)
        if len(data) == len(text):
            return cls(data, len(text), None)
        begins = (np.frombuffer(data, dtype=np.uint8) & 0xC0) != 0x80
        return cls(data, len(text), np.append(0, np.cumsum(begins)))

    def spans(self, nodes: list[tree_sitter.Node]) -> tuple[np.ndarray, np.ndarray]:
        """First symbol of each node and the one after its last, int64 (nodes,)."""
        starts = np.fromiter((node.start_byte for node in nodes), np.int64, len(nodes))
        stops = np.fromiter((node.end_byte for node in nodes), np.int64, len(nodes))
        # Comments and directives reach to the \n: with \r\n lines that is one too far.
        last = np.frombuffer(self.data + b"\0", dtype=np.uint8)[stops - 1]
        stops = stops - ((last == _CARRIAGE_RETURN) & (stops > starts))
        return self.to_symbols(starts), self.to_symbols(stops)

    def to_symbols(self, offsets: np.ndarray) -> np.ndarray:
        """How many symbols begin before each byte: the position of the one that begins there."""
        return offsets if self.symbols is None else self.symbols[offsets]

    def level(self, deeper: list[np.ndarray], back: list[np.ndarray]) -> np.ndarray:
        """How many steps down and not back up each symbol is, int64 (time,)."""
        nothing = np.zeros(0, dtype=np.int64)
        down = np.bincount(np.concatenate([nothing, *deeper]), minlength=self.time + 1)
        up = np.bincount(np.concatenate([nothing, *back]), minlength=self.time + 1)
        level: np.ndarray = np.cumsum(down - up)[: self.time]
        return level
