"""The part of a recording that one export is of, and what the export says about itself."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from analysis.colour_scales import count_units, is_signed
from analysis.colours import PLAIN, ColourStyle
from analysis.export.errors import ExportError
from analysis.recording import RecordedDocument, Recording, RecordingError, Unit

_HASH_DIGITS = 10
_DOCUMENTS_NAMED = 3


@dataclass(frozen=True)
class Beneath:
    """What a page of coloured text shows beneath each line at first; its reader may change it."""

    guesses: bool = False
    """Whether the network's five guesses stand beneath each symbol."""
    stacked: tuple[str, ...] = ()
    """Further units, of any site: a band of colour each, from the top."""

    def __bool__(self) -> bool:
        return self.guesses or bool(self.stacked)


NOTHING = Beneath()


@dataclass(frozen=True)
class Slice:
    """Some units of one site over the symbols from `start` up to `stop`."""

    recording: Recording = field(repr=False)
    target: str  # as it was asked for: a unit's name or a site's
    site: str
    indices: tuple[int, ...]
    start: int
    stop: int
    colours: ColourStyle = PLAIN
    """How values become colours, where there are any."""

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def is_unit(self) -> bool:
        """Whether a unit was asked for by its name, and not a site."""
        return self.target != self.site

    @property
    def units(self) -> tuple[str, ...]:
        """Names of the units, in their order."""
        return tuple(f"{self.site}.{index}" for index in self.indices)

    @property
    def documents(self) -> tuple[RecordedDocument, ...]:
        """The documents that the range touches."""
        return tuple(
            document
            for document in self.recording.documents
            if document.start < self.stop and document.stop > self.start
        )

    def codes(self, start: int, stop: int) -> np.ndarray:
        """Codes of the units in their order, int8 (time, unit), for a part of the range."""
        first, last = min(self.indices), max(self.indices)
        block = self.recording.codes(self.site, start, stop, slice(first, last + 1))
        if self.indices == tuple(range(first, last + 1)):
            return block
        return block[:, np.array(self.indices) - first]

    def text(self) -> str:
        """The text of the range."""
        return self.recording.text(self.start, self.stop)

    @property
    def title(self) -> str:
        """What is shown, in a few words."""
        if self.is_unit:
            return f"Unit {self.target}"
        count = len(self.indices)
        units = f"{count:,} {'unit' if count == 1 else 'units'}"
        whole = count == self.recording.units(self.site)
        return f"Site {self.site}, {units}" if whole else f"{units} of site {self.site}"

    @property
    def signal(self) -> str:
        """The quantity that the colours stand for."""
        letter = self.site.rpartition(".")[2]
        if letter == "h" and self.recording.attributes["checkpoint"].get("relu"):
            return "h / (1 + h)"
        return "tanh c" if letter == "c" else letter  # c has no bounds; recordings hold its tanh

    @property
    def signed(self) -> bool:
        """Whether the values go from -1 to 1; those of gates go from 0 to 1."""
        return is_signed(self.site.rpartition(".")[2])

    @cached_property
    def counts(self) -> np.ndarray | None:
        """How often each unit has each code over the whole recording, int64 (unit, 256).

        None for raw colours, which need none.
        """
        if self.colours.scale == "raw":
            return None
        return count_units(self.recording, self.site, self.indices)

    def tables(self, dark: bool = False) -> np.ndarray:
        """Colours of the units' codes, uint8 (unit, 255, 3): entry ``code + 127``."""
        if self.counts is None:
            raw = self.colours.table(None, signed=self.signed, dark=dark)
            return np.broadcast_to(raw, (len(self.indices), *raw.shape))
        return np.stack(
            [self.colours.table(each, signed=self.signed, dark=dark) for each in self.counts]
        )

    def ends(self) -> tuple[str, str, str]:
        """What the first, the middle and the last colour mean, in values where units agree."""
        counts = self.counts
        if counts is None or len(counts) == 1:
            only = None if counts is None else counts[0]
            return self.colours.ends(only, signed=self.signed).texts
        if self.colours.scale == "maximum":
            return ("−max", "0", "+max") if self.signed else ("0", "half", "max")
        names = self.colours.ends(counts[0], signed=self.signed).names
        low, middle, high = (name.removesuffix(" =") for name in names)
        return low, middle, high

    def about(self) -> tuple[str, ...]:
        """Where the values come from, in short sentences for people."""
        attributes = self.recording.attributes
        names = [document.name for document in self.documents]
        shown = ", ".join(names[:_DOCUMENTS_NAMED])
        if len(names) > _DOCUMENTS_NAMED:
            shown += f" and {len(names) - _DOCUMENTS_NAMED:,} more"
        return (
            f"Checkpoint {self.recording.checkpoint_name} "
            f"({attributes['checkpoint']['sha256'][:_HASH_DIGITS]})",
            f"Text {shown}, symbols {self.start:,} to {self.stop - 1:,} "
            f"of {self.recording.corpus_name} "
            f"({attributes['corpus']['sha256'][:_HASH_DIGITS]})",
            f"Colours: {self.colours.name}",
            f"Unitscope {version()}",
        )

    def provenance(self) -> dict[str, Any]:
        """The same for programs, with whole hashes."""
        attributes = self.recording.attributes
        return {
            "unitscope": version(),
            "checkpoint": {key: attributes["checkpoint"][key] for key in ("name", "sha256")},
            "corpus": dict(attributes["corpus"]),
            "documents": [document.name for document in self.documents],
            "target": self.target,
            "start": self.start,
            "stop": self.stop,
            "scale": "activation in [-1, 1]; a code of 127 is 1",
        }


def version() -> str:
    """The installed version of Unitscope."""
    return importlib.metadata.version("unitscope")


def choose_slice(
    recording: Recording,
    target: str,
    start: int,
    stop: int,
    units: Sequence[int] | None = None,
    colours: ColourStyle = PLAIN,
) -> Slice:
    """Check what was asked for against the recording.

    Parameters
    ----------
    target : str
        A unit's name, ``1.c.78``, or a site's, ``1.c``.
    units : sequence of int, optional
        Which units of the site, in the order they are wanted; by default all.
    colours : ColourStyle, optional

    Raises
    ------
    ExportError
        If the range is empty, reversed or not inside the recording, or `units` are wrong.
    RecordingError
        If the recording has no such unit or site.
    """
    if stop <= start:
        raise ExportError(
            f"The range from {start:,} to {stop:,} holds no symbols. "
            "The end must lie after the start."
        )
    if start < 0 or stop > len(recording):
        raise ExportError(
            f"The range from {start:,} to {stop:,} is not inside the recording, which has "
            f"{len(recording):,} symbols. Choose from 0 to {len(recording):,}."
        )
    if target.count(".") == 1:
        indices = _choose_units(recording.units(target), target, units)
        return Slice(recording, target, target, indices, start, stop, colours)
    if units is not None:
        raise ExportError(f"{target} is one unit, so no units can be chosen. Name a site instead.")
    unit = _find_unit(recording, target)
    return Slice(recording, target, unit.site, (unit.index,), start, stop, colours)


def _find_unit(recording: Recording, target: str) -> Unit:
    try:
        return recording.find_unit(target)
    except RecordingError as error:
        if target.count(".") == 2:
            raise
        raise ExportError(
            f"{target!r} is neither a unit, such as 1.c.78, nor a site; "
            f"the recording has the sites {', '.join(recording.sites)}."
        ) from error


def _choose_units(count: int, site: str, units: Sequence[int] | None) -> tuple[int, ...]:
    if units is None:
        return tuple(range(count))
    if not units:
        raise ExportError(f"No units of {site} are chosen. Choose at least one.")
    for index in units:
        if not 0 <= index < count:
            raise ExportError(
                f"There is no unit {site}.{index}: the site {site} has units 0 to {count - 1}."
            )
    if len(set(units)) != len(units):
        raise ExportError(f"A unit of {site} is chosen twice. Name each once.")
    return tuple(int(index) for index in units)
