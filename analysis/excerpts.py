"""Short stretches of a recording's text: inside one document, read once, no two the same."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict

import numpy as np

from analysis.recording import CHUNK_TIME, RecordedDocument, Recording
from analysis.switches import MatchingError

_MOST_CHUNKS = 256  # 64 MB


class TextReader:
    """Reads stretches of text here and there, and keeps the chunks that it read last."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._starts = [document.start for document in recording.documents]
        self._chunks: OrderedDict[int, np.ndarray] = OrderedDict()

    def document_at(self, position: int) -> RecordedDocument:
        """The document that holds the symbol at a position."""
        # Of documents that start there, all but the last are empty.
        return self._recording.documents[bisect_right(self._starts, position) - 1]

    def text(self, start: int, stop: int) -> str:
        """The symbols from `start` up to `stop`."""
        parts = [
            self._chunk(number)[max(0, start - number * CHUNK_TIME) : stop - number * CHUNK_TIME]
            for number in range(start // CHUNK_TIME, -(-stop // CHUNK_TIME))
        ]
        codes = np.concatenate([np.zeros(0, "<u4"), *parts]).astype("<u4")
        return codes.tobytes().decode("utf-32-le", "surrogatepass")

    def around(self, start: int, stop: int, context: int) -> tuple[str, str, str]:
        """The text before, inside and after a stretch, no further than its document goes."""
        document = self.document_at(start)
        return (
            self.text(max(document.start, start - context), start),
            self.text(start, stop),
            self.text(stop, min(document.stop, stop + context)),
        )

    def _chunk(self, number: int) -> np.ndarray:
        if number not in self._chunks:
            if len(self._chunks) >= _MOST_CHUNKS:
                self._chunks.popitem(last=False)
            start = number * CHUNK_TIME
            self._chunks[number] = self._recording.symbols(start, start + CHUNK_TIME)
        self._chunks.move_to_end(number)
        return self._chunks[number]


def check_shown(top: int, context: int = 0) -> None:
    """Raise a MatchingError unless so many results, with so many symbols around, can be shown."""
    if top < 1:
        raise MatchingError(f"The best {top} were asked for: ask for at least 1.")
    if context < 0:
        raise MatchingError(f"The context must be 0 symbols or more, not {context}.")


def same_to_a_reader(text: str) -> str:
    """What two texts have in common that differ in white space alone."""
    return " ".join(text.split())


def most_considered(top: int) -> int:
    """How many candidates are looked at for `top` results: a text may repeat for ever."""
    return 1_000 + 50 * top
