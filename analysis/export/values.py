"""Activations as numbers: one row a symbol, in CSV."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from analysis.arrays import CODE_SCALE
from analysis.export.slices import Slice
from analysis.recording import RecordedDocument

_VALUES_AT_ONCE = 500_000
_DIGITS = 6


def write_csv(part: Slice, file: BinaryIO) -> None:
    """Write the columns time, document, position (in the document), symbol, and one a unit.

    A value is the stored code divided by 127, to six digits, so ``round(value * 127)`` gives the
    code back. Text is quoted, numbers are not; rows end with a line feed; the encoding is UTF-8.

    The first line is a comment: ``#`` and a JSON object that says what the values are of. Skip it:
    ``pandas.read_csv(path, skiprows=1, keep_default_na=False)``.
    """
    # A code point that is half of a pair has no UTF-8; it becomes "?" rather than a broken file.
    stream = io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")
    stream.write(f"# {json.dumps(part.provenance())}\n")
    names = ("time", "document", "position", "symbol", *part.units)
    stream.write(",".join(map(_quote, names)) + "\n")
    for document in part.documents:
        stream.writelines(_rows(part, document))
    stream.flush()
    stream.detach()


def _rows(part: Slice, document: RecordedDocument) -> Iterator[str]:
    # A row of codes becomes text by looking up whole strings: 6 times the speed of csv.writer,
    # which formats every number anew.
    codes = range(-CODE_SCALE, CODE_SCALE + 1)
    numbers = [repr(round(code / CODE_SCALE, _DIGITS)) for code in codes]
    name = _quote(document.name)
    size = max(1, _VALUES_AT_ONCE // len(part.indices))
    last = min(document.stop, part.stop)
    for start in range(max(document.start, part.start), last, size):
        stop = min(start + size, last)
        shifted = (part.codes(start, stop).astype(np.int16) + CODE_SCALE).astype(np.uint8)
        text = part.recording.text(start, stop)
        for time, (symbol, row) in enumerate(zip(text, shifted, strict=True), start):
            values = ",".join([numbers[code] for code in row.tobytes()])
            yield f"{time},{name},{time - document.start},{_quote(symbol)},{values}\n"


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
