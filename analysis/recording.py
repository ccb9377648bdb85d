"""A recording on disk: open it, slice it, know what it is of.

Entry `t` of every array is what was so after the network had read symbol `t`. Positions count
symbols from the start of the corpus, its documents one after another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import zarr

from analysis.arrays import GUESSES, to_codes, to_values
from analysis.places import Place
from analysis.raw_chunks import read_raw_chunk
from models.corpora import Document
from models.errors import UserError

Read = TypeVar("Read")

SCHEMA_VERSION = 2
MODEL_FREE_VERSION = 3
"""Of recordings that no network of ours made: they have no loss and no predictions."""
_READABLE = (1, SCHEMA_VERSION, MODEL_FREE_VERSION)  # 1 had 8-bit codes alone, no checksums
CHUNK_TIME = 65_536
CHUNK_UNITS = 16


class RecordingError(UserError):
    """A recording is missing, unfinished, or does not hold what was asked of it."""


@dataclass(frozen=True)
class Unit:
    """One hidden dimension at a site; `str` gives its name, such as ``1.c.78``."""

    layer: int
    signal: str
    index: int

    def __str__(self) -> str:
        return f"{self.site}.{self.index}"

    @property
    def site(self) -> str:
        """The layer's signal that the unit belongs to, such as ``1.c``."""
        return f"{self.layer}.{self.signal}"

    @classmethod
    def parse(cls, name: str) -> Unit:
        """Read a unit's name.

        Raises
        ------
        RecordingError
            If it is not a layer, a signal and an index with dots between.
        """
        match = re.fullmatch(r"([0-9]{1,9})\.([a-z])\.([0-9]{1,9})", name)
        if match is None:
            raise RecordingError(
                f"{name[:40]!r} is not a unit's name. "
                "Write layer, signal and index, such as 1.c.78."
            )
        return cls(int(match[1]), match[2], int(match[3]))


@dataclass(frozen=True)
class RecordedDocument:
    """Where a document lies in the recording: symbols from `start` up to `stop`."""

    name: str
    start: int
    stop: int
    sha256: str


@dataclass(frozen=True)
class Recording:
    """One network's activations over one corpus, held in chunks on disk."""

    path: str
    arrays: zarr.Group = field(repr=False)
    attributes: Mapping[str, Any] = field(repr=False)

    def __len__(self) -> int:
        return self.documents[-1].stop

    @property
    def id(self) -> str:
        """Hash over checkpoint, corpus and signals, in hex; the same content, the same id."""
        return str(self.attributes["id"])

    @property
    def checkpoint_name(self) -> str:
        """What the network that was read with is called."""
        return str(self.attributes["checkpoint"]["name"])

    @property
    def has_network(self) -> bool:
        """Whether a network of ours made it: what others kept has no loss and no predictions."""
        return "made_from" not in self.attributes

    @property
    def corpus_name(self) -> str:
        """What the corpus that was read is called."""
        return str(self.attributes["corpus"]["name"])

    @property
    def sites(self) -> tuple[str, ...]:
        """The recorded signals of all layers, such as ``("0.h", "0.c", "1.h", "1.c")``."""
        return tuple(self.attributes["sites"])

    @property
    def precision(self) -> str:
        """How signals are stored: "int8", "float16" or "float32"."""
        return str(self.attributes["precision"])

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The network's symbols, by index."""
        return tuple(self.attributes["vocabulary"])

    @cached_property
    def documents(self) -> tuple[RecordedDocument, ...]:
        """The documents, in order."""
        return tuple(
            RecordedDocument(d["name"], d["start"], d["start"] + d["symbols"], d["sha256"])
            for d in self.attributes["documents"]
        )

    def units(self, site: str) -> int:
        """How many units a site has."""
        return int(self._site(site).shape[1])

    def find_unit(self, name: str) -> Unit:
        """The unit of this name, checked to be in the recording.

        Raises
        ------
        RecordingError
            If the name is malformed, or the recording has no such site or unit.
        """
        unit = Unit.parse(name)
        if unit.index >= self.units(unit.site):
            raise RecordingError(
                f"There is no unit {name}: the site {unit.site} has units 0 to "
                f"{self.units(unit.site) - 1}."
            )
        return unit

    def codes(
        self, site: str, start: int = 0, stop: int | None = None, units: slice = slice(None)
    ) -> np.ndarray:
        """Codes of a site, int8 (time, unit): 127 times the value, whatever is stored."""
        # Opened once for whole chunks, which tell by themselves when they are gone. Where zarr
        # reads it is opened each time: zarr takes a missing chunk for one of zeros.
        if site not in self._known:
            self._known[site] = self._site(site)
        array = self._known[site]
        rows = slice(*slice(start, stop).indices(array.shape[0]))
        columns = slice(*units.indices(array.shape[1]))
        chunk = self._guarded(array, lambda: read_raw_chunk(array, (rows, columns)))
        return to_codes(self._read(self._site(site), rows, columns)) if chunk is None else chunk

    def unit_codes(self, unit: Unit | str, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Codes of one unit, int8 (time,)."""
        found = self.find_unit(str(unit))
        return to_codes(self._read(self._site(found.site), slice(start, stop), found.index))

    def values(
        self, site: str, start: int = 0, stop: int | None = None, units: slice = slice(None)
    ) -> np.ndarray:
        """Values of a site, float32 (time, unit), as exact as they are stored."""
        return to_values(self._read(self._site(site), slice(start, stop), units))

    def symbols(self, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Code points of the text as it was given, uint32 (time,)."""
        return self._read(self._array("text"), slice(start, stop))

    def text(self, start: int = 0, stop: int | None = None) -> str:
        """The text as it was given."""
        codes = self.symbols(start, stop).astype("<u4")
        return codes.tobytes().decode("utf-32-le", "surrogatepass")

    def document_text(self, index: int) -> Document:
        """One whole document."""
        found = self.documents[index]
        return Document(found.name, self.text(found.start, found.stop))

    def labelled(self, index: int) -> tuple[Document, slice]:
        """The document to label, and which of its labels are wanted: all."""
        return self.document_text(index), slice(None)

    def network_symbols(self, start: int = 0, stop: int | None = None) -> np.ndarray:
        """The symbols as the network read them: indices into the vocabulary, uint16 (time,)."""
        return self._read(self._array("symbols"), slice(start, stop))

    def loss(self, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Loss of each symbol in nats, float32 (time,).

        NaN where a document begins, and everywhere if `has_network` is False.
        """
        if not self.has_network:
            rows = range(len(self))[slice(start, stop)]
            return np.full(len(rows), np.nan, dtype=np.float32)
        return self._read(self._array("loss"), slice(start, stop))

    def next_symbols(
        self, start: int = 0, stop: int | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The five most probable next symbols after each symbol, most probable first.

        Returns
        -------
        indices : uint16 (time, 5)
            Into the vocabulary.
        probabilities : float16 (time, 5)
            All 0 if `has_network` is False.
        """
        if not self.has_network:
            shape = (len(range(len(self))[slice(start, stop)]), GUESSES)
            return np.zeros(shape, dtype=np.uint16), np.zeros(shape, dtype=np.float16)
        return (
            self._read(self._array("next_symbol"), slice(start, stop)),
            self._read(self._array("next_probability"), slice(start, stop)),
        )

    @cached_property
    def unknown_share(self) -> float:
        """Share of the symbols that the network does not know and read as unknown."""
        unknown = self.vocabulary.index("\N{REPLACEMENT CHARACTER}")
        return float((self._read(self._array("symbols"), slice(None)) == unknown).mean())

    def _site(self, site: str) -> zarr.Array[Any]:
        if site not in self.sites:
            raise RecordingError(
                f"There is no site {site} in {Path(self.path).name}. It has "
                f"{', '.join(self.sites)}; record again with --signals to have more."
            )
        return self._array(site.replace(".", "/"))

    def _array(self, name: str) -> zarr.Array[Any]:
        try:
            array = self.arrays[name]
        except KeyError as error:
            raise RecordingError(
                f"{self.path} lacks the array {name!r}. Record it again."
            ) from error
        if not isinstance(array, zarr.Array):
            raise RecordingError(f"{self.path}: {name!r} is not an array. Record it again.")
        return array

    @cached_property
    def _known(self) -> dict[str, zarr.Array[Any]]:
        return {}

    def _read(self, array: zarr.Array[Any], *selection: slice | int) -> np.ndarray:
        return self._guarded(array, lambda: np.asarray(array[selection]))

    def _guarded(self, array: zarr.Array[Any], read: Callable[[], Read]) -> Read:
        try:
            return read()
        except (OSError, RuntimeError, ValueError) as error:
            raise RecordingError(
                f"{self.path}: {array.path!r} is damaged ({error}). Record it again."
            ) from error


def open_recording(path: str | Path) -> Recording:
    """Open a finished recording for reading.

    Raises
    ------
    RecordingError
        If there is none at this path, it is damaged, or another version wrote it.
    """
    place = Place(str(path))
    if not place.exists():
        raise RecordingError(f"There is no recording {path}. Make one with `unitscope record`.")
    if not place.is_url and not Path(path).is_dir():  # zarr would open an archive
        raise RecordingError(f"{path} is a file, not a recording, which is a folder NAME.zarr.")
    try:
        arrays = zarr.open_group(place.store(read_only=True), mode="r")
        attributes = dict(arrays.attrs)
    except (ValueError, OSError, LookupError, TypeError, AttributeError) as error:
        raise RecordingError(
            f"{path} is not a recording ({error}). Make one with `unitscope record`."
        ) from error
    if attributes.get("unfinished"):
        raise RecordingError(
            f"The recording {path} is not finished. Go on with `unitscope record --resume`."
        )
    if attributes.get("schema_version") not in _READABLE:
        raise RecordingError(
            f"{path} is not a recording that this version can read "
            f"(schema {attributes.get('schema_version')}, not {SCHEMA_VERSION}). Record it again."
        )
    recording = Recording(str(path), arrays, attributes)
    try:
        _check(recording)
    except RecordingError:
        raise
    except (ValueError, OSError, LookupError, TypeError, AttributeError) as error:
        raise RecordingError(f"{path} is damaged ({error!r}). Record it again.") from error
    return recording


def _check(recording: Recording) -> None:
    """Every attribute is there, and every array, of one length, that of all documents."""
    _ = recording.id, recording.checkpoint_name, recording.corpus_name, recording.vocabulary
    expected = recording.documents[-1].stop
    axes = dict.fromkeys(("text", "symbols"), 1)
    if recording.has_network:
        axes |= {"loss": 1, "next_symbol": 2, "next_probability": 2}
    axes |= {site.replace(".", "/"): 2 for site in recording.sites}
    for name, axis_count in axes.items():
        shape = recording._array(name).shape
        if len(shape) != axis_count or shape[0] != expected:
            raise RecordingError(
                f"{recording.path}: {name!r} has the shape {shape}, but the documents have "
                f"{expected:,} symbols. Record it again."
            )
