"""Pick whole documents of a recording until there are enough symbols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from analysis.recording import RecordedDocument

Value = TypeVar("Value", bound=np.generic)

MOST_SYMBOLS = 65_536


@dataclass(frozen=True)
class Sample:
    """Parts of a recording, each of one document, in the recording's order.

    Attributes
    ----------
    spans : tuple of (int, int)
        From which symbol up to which, in the recording; none is empty.
    documents : int
        Documents that could have been picked.
    """

    spans: tuple[tuple[int, int], ...]
    documents: int

    @property
    def symbols(self) -> int:
        """How many symbols were picked."""
        return int(self.offsets[-1])

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Where each span begins among the picked symbols, and the end: shape (spans + 1,)."""
        lengths = [stop - start for start, stop in self.spans]
        return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)

    def take(self, values: NDArray[Value]) -> NDArray[Value]:
        """Return the picked rows of an array that has one for each symbol of the recording."""
        parts = [values[start:stop] for start, stop in self.spans]
        return np.concatenate(parts) if parts else values[:0]


def sample_documents(
    documents: Sequence[RecordedDocument],
    defined: NDArray[np.bool_] | None = None,
    *,
    most: int = MOST_SYMBOLS,
    seed: int = 0,
) -> Sample:
    """Pick whole documents in random order until there are `most` symbols.

    The last one is cut to what there is room for: a block around a symbol drawn from it. So of
    one long document, a block is picked.

    Parameters
    ----------
    documents : sequence of RecordedDocument
        Those to pick from.
    defined : ndarray of bool, shape (time,), optional
        Over the whole recording: where the hypothesis is defined. Documents where it never is
        are left out, and a block is drawn around a symbol where it is.
    most : int, default=65_536
        Symbols to read, those where it is undefined included.
    seed : int, default=0
        Draws the order and the block.

    Returns
    -------
    Sample
        Of all documents, whole, where they have no more than `most` symbols.
    """
    random = np.random.default_rng(seed)
    usable = [
        d
        for d in documents
        if d.stop > d.start and (defined is None or defined[d.start : d.stop].any())
    ]
    spans = []
    left = most
    for k in random.permutation(len(usable)):
        start, stop = usable[k].start, usable[k].stop
        if stop - start > left:
            start, stop = _block(start, stop, left, defined, random)
        if stop > start:
            spans.append((start, stop))
        left -= stop - start
        if left <= 0:
            break
    return Sample(tuple(sorted(spans)), len(usable))


def _block(
    start: int,
    stop: int,
    length: int,
    defined: NDArray[np.bool_] | None,
    random: np.random.Generator,
) -> tuple[int, int]:
    """Return a block of this length that lies around a drawn symbol, inside the document."""
    candidates = (
        np.arange(start, stop) if defined is None else start + np.flatnonzero(defined[start:stop])
    )
    first = int(random.choice(candidates)) - int(random.integers(0, max(length, 1)))
    first = min(max(first, start), stop - length)
    return first, first + length
