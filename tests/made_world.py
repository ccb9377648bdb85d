"""Made-up recordings of unrelated slow units, with room to plant others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analysis.hypotheses.labels import Kind, Labels
from analysis.labelling import split_documents
from analysis.recording import CHUNK_UNITS, RecordedDocument
from benchmarks.made_recording import make_codes, slow_walk
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


@dataclass(frozen=True)
class World:
    """A made-up recording of unrelated slow units, with room to plant others in it."""

    recording: MemoryRecording
    random: np.random.Generator = field(repr=False)

    def plant(self, unit, values):
        """Let a unit have these values, shape (time,), from -1 to 1."""
        site, index = unit.rsplit(".", 1)
        block, column = divmod(int(index), CHUNK_UNITS)
        codes = np.round(127 * np.clip(values, -1, 1)).astype(np.int8)
        self.recording.blocks[site][block][:, column] = codes

    def codes(self, unit):
        site, index = unit.rsplit(".", 1)
        block, column = divmod(int(index), CHUNK_UNITS)
        return self.recording.blocks[site][block][:, column]

    def noise(self, size):
        return size * self.random.standard_normal(len(self.recording))

    def hypothesis(self, name, values, defined=None):
        """Make a hypothesis from labels over the whole recording, shape (time,)."""
        values = values if values.dtype == np.bool_ else values.astype(np.float32)
        kind = "yes/no" if values.dtype == np.bool_ else "number"
        defined = np.ones(values.size, np.bool_) if defined is None else defined
        labels = {
            d.name: Labels(values[d.start : d.stop], defined[d.start : d.stop])
            for d in self.recording.documents
        }
        return MadeLabels(name, kind, labels)

    def reports(self):
        """Symbols of the half that reports, for labels that are defined everywhere."""
        halves = split_documents(self.recording.documents)
        return np.repeat(halves, [d.stop - d.start for d in self.recording.documents])


def make_world(seed=0, documents=8, symbols=2_000, units=40, sites=("0.h", "0.c", "1.h", "1.c")):
    random = np.random.default_rng(seed)
    texts = tuple(Document(f"{k}.py", "x" * symbols) for k in range(documents))
    blocks = {site: make_codes(documents * symbols, units, random) for site in sites}
    return World(MemoryRecording(texts, blocks), random)


def slow_labels(world, above=0.8):
    return slow_walk((len(world.recording),), 0.97, world.random) > above


def slow_numbers(world):
    return np.round(5 + 3 * slow_walk((len(world.recording),), 0.97, world.random)).clip(0, 12)
