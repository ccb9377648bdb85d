"""Made-up recordings of unrelated slow units, with room to plant others."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analysis.hypotheses.labels import Labels
from analysis.labelling import split_documents
from analysis.recording import CHUNK_UNITS
from benchmarks.made_search import MadeLabels, MemoryRecording, make_codes, slow_walk
from models.corpora import Document


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
