"""A part of a recording, to be searched as if it were all there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.gathering import over_spans
from analysis.recording import RecordedDocument, Recording
from analysis.sampling import Sample, sample_documents

if TYPE_CHECKING:
    from analysis.findings import SearchResult
    from analysis.hypotheses.labels import Hypothesis
    from analysis.measures import YesNoMeasure
    from models.corpora import Document

FIRST_SYMBOLS = 262_144


@dataclass(frozen=True)
class Part:
    """Some documents of a recording; the last may be cut. Positions count symbols of the part."""

    recording: Recording = field(repr=False)
    sample: Sample

    def __len__(self) -> int:
        return self.sample.symbols

    @property
    def sites(self) -> tuple[str, ...]:
        """As those of the recording."""
        return self.recording.sites

    def units(self, site: str) -> int:
        """How many units a site has."""
        return self.recording.units(site)

    @cached_property
    def documents(self) -> tuple[RecordedDocument, ...]:
        """The documents, where they lie in the part."""
        offsets = self.sample.offsets.tolist()
        return tuple(
            replace(self.recording.documents[k], start=start, stop=stop)
            for k, start, stop in zip(self._places, offsets, offsets[1:], strict=False)
        )

    def labelled(self, index: int) -> tuple[Document, slice]:
        """The whole document, from whose start labels are made, and what of it is here."""
        k = self._places[index]
        start, stop = self.sample.spans[index]
        begin = self.recording.documents[k].start
        return self.recording.document_text(k), slice(start - begin, stop - begin)

    def symbols(self) -> NDArray[np.uint32]:
        """Code points, uint32 (time,)."""
        parts = [self.recording.symbols(start, stop) for start, stop in self.sample.spans]
        return np.concatenate(parts)

    def codes(self, site: str, start: int, stop: int, units: slice) -> NDArray[np.int8]:
        """Codes of a few units, int8 (time, unit)."""
        spans = []
        for (first, last), begin in zip(self.sample.spans, self.sample.offsets, strict=False):
            low, high = max(start - begin, 0), min(stop - begin, last - first)
            if low < high:
                spans.append((first + int(low), first + int(high)))
        return over_spans(self.recording, site, units, spans)

    @cached_property
    def _places(self) -> list[int]:
        starts = [document.start for document in self.recording.documents]
        begins = [start for start, _ in self.sample.spans]
        # Of documents without a symbol that begin at one place, the last is the one that has any.
        places: list[int] = (np.searchsorted(starts, begins, side="right") - 1).tolist()
        return places


def first_look(
    recording: Recording,
    hypotheses: Sequence[Hypothesis],
    *,
    top: int = 5,
    by: YesNoMeasure = "auroc",
    most: int = FIRST_SYMBOLS,
    seed: int = 0,
) -> SearchResult:
    """Search a sample of the documents: an answer at once, with bounds, before the exact one.

    Parameters
    ----------
    recording, hypotheses, top, by
        As for `analysis.search.search_units`.
    most : int, default=262_144
        Symbols of the sample, of documents in random order.
    seed : int, default=0
        Draws them.

    Returns
    -------
    SearchResult
        `low` and `high` bound each score by how much the sampled documents differ; None where
        fewer than 5 report. If the recording has no more than `most` symbols, it is the exact one.
    """
    from typing import cast

    from analysis.proof import prove
    from analysis.search import search_units

    part = cast(
        "Recording", Part(recording, sample_documents(recording.documents, most=most, seed=seed))
    )
    found = search_units(part, hypotheses, top=top, by=by)
    return prove(part, hypotheses, found, shifts=0, seed=seed)
