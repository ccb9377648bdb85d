"""Made-up recordings in memory, and labels made beforehand, for what searches them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analysis.hypotheses.labels import Kind, Labels
from analysis.recording import CHUNK_UNITS, RecordedDocument
from models.corpora import Document
from models.vocabulary import code_points


@dataclass(frozen=True)
class MemoryRecording:
    """Codes and documents in memory, with what of `Recording` a search uses.

    Like a recording's chunks, each site is held in blocks of 16 units that lie together.
    """

    texts: tuple[Document, ...] = field(repr=False)
    blocks: Mapping[str, Sequence[NDArray[np.int8]]] = field(repr=False)

    def __len__(self) -> int:
        return sum(len(document.text) for document in self.texts)

    @property
    def documents(self) -> tuple[RecordedDocument, ...]:
        """Where each document lies."""
        stops = np.cumsum([len(document.text) for document in self.texts]).tolist()
        return tuple(
            RecordedDocument(document.name, stop - len(document.text), stop, document.sha256)
            for document, stop in zip(self.texts, stops, strict=True)
        )

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites' names."""
        return tuple(self.blocks)

    def units(self, site: str) -> int:
        """How many units a site has."""
        return sum(block.shape[1] for block in self.blocks[site])

    def codes(self, site: str, start: int, stop: int, units: slice) -> NDArray[np.int8]:
        """Codes of one block, shape (time, unit), copied as if read from a file."""
        block = self.blocks[site][units.start // CHUNK_UNITS]
        return np.array(block[start:stop, : units.stop - units.start])

    def symbols(self, start: int = 0, stop: int | None = None) -> NDArray[np.uint32]:
        """Code points, uint32 (time,)."""
        text = "".join(document.text for document in self.texts)
        return code_points(text)[start:stop]

    def document_text(self, index: int) -> Document:
        """One whole document."""
        return self.texts[index]

    def labelled(self, index: int) -> tuple[Document, slice]:
        """One whole document, and that all of its labels are wanted."""
        return self.texts[index], slice(None)


@dataclass(frozen=True)
class MadeLabels:
    """A hypothesis whose labels were made beforehand, by document."""

    name: str
    kind: Kind
    labels: Mapping[str, Labels] = field(repr=False)
    description: str = "made up"

    def label(self, document: Document) -> Labels:
        """Look the document's labels up."""
        return self.labels[document.name]


def slow_walk(
    shape: tuple[int, ...], memory: float, random: np.random.Generator
) -> NDArray[np.float32]:
    """Return values about 1 in size that forget slowly along the first axis."""
    from scipy.signal import lfilter

    noise = random.standard_normal(shape, dtype=np.float32)
    filtered = lfilter([np.sqrt(1 - memory**2)], [1.0, -memory], noise, axis=0)
    return np.asarray(filtered, np.float32)


def make_codes(time: int, units: int, random: np.random.Generator) -> list[NDArray[np.int8]]:
    """Return codes of unrelated slow units, in blocks of shape (time, unit)."""
    widths = [min(CHUNK_UNITS, units - start) for start in range(0, units, CHUNK_UNITS)]
    walks = (slow_walk((time, width), 0.98, random) for width in widths)
    return [np.round(127 * np.tanh(walk)).astype(np.int8) for walk in walks]


def make_hypothesis(
    name: str,
    kind: Kind,
    documents: Sequence[Document],
    random: np.random.Generator,
) -> MadeLabels:
    """Return labels that change slowly: yes about one time in six, or the numbers 0 to 60."""
    labels = {}
    for document in documents:
        walk = slow_walk((len(document.text),), 0.95, random)
        values = walk > 1.0 if kind == "yes/no" else np.round(30 + 10 * walk).clip(0, 60)
        labels[document.name] = Labels.everywhere(values)
    return MadeLabels(name, kind, labels)
