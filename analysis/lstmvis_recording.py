"""A recording of an LSTMVis project: its states as codes, its text, no network."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from analysis.arrays import CODE_SCALE, model_free_specs
from analysis.building import building, check_destination, create_arrays
from analysis.lstmvis import Project, StoredSite, blocks, dataset_of
from analysis.places import Place
from analysis.recording import CHUNK_TIME, MODEL_FREE_VERSION, Recording, open_recording
from models.corpora import Corpus, Document
from models.importing.errors import ImportingError
from models.importing.hdf5 import check_dataset, open_hdf5
from models.vocabulary import MOST_SYMBOLS, UNKNOWN, code_points

_ROWS = 8192  # read at a time
_SLACK = 1e-3  # beyond 1, of values that are rounded
_BLOCK = 1 << 20


@dataclass(frozen=True)
class _Source:
    """A site's values, open, and whether tanh is still to be taken of them."""

    site: StoredSite
    dataset: Any = field(repr=False)
    is_raw: bool


def import_project(
    project: Project,
    destination: str | Path,
    *,
    force: bool = False,
    on_progress: Callable[[float], None] = lambda share: None,
) -> Recording:
    """Make a recording of a project's states.

    Cells (``type: state``) become ``c``, of which tanh is taken unless the project says
    ``transform: none``; hidden states (``type: output``) become ``h``, as they are where they lie
    in [-1, 1] and else by tanh, which is what LSTMVis shows. A word's values are held over its
    symbols. There is no loss and no prediction.

    Parameters
    ----------
    project : Project
    destination : str or Path
        The store to make: a folder, or a URL that fsspec reaches.
    force : bool
        Replace a recording that is there already.
    on_progress : callable
        Called with the share that is written.

    Raises
    ------
    ImportingError
        If a file is damaged, its values are no numbers, or their shapes do not fit the words.
    RecordingError
        If the destination exists or cannot be written.
    """
    target = Place(str(destination))
    check_destination(target, force)
    with ExitStack() as stack:
        sources, notes = _open(project, stack)
        words = min(len(project.tokens), *(len(source.dataset) for source in sources))
        if words < len(project.tokens) or any(len(s.dataset) != words for s in sources):
            notes.append(
                f"Words and states differ in number; the first {words:,}, which all have, are kept."
            )
        rows = project.word_of_symbol(words)
        text = project.text[: len(rows)]
        vocabulary = _vocabulary(text)
        with building(target, force=force) as place:
            root = zarr.create_group(
                place.store(read_only=False), zarr_format=3, attributes={"unfinished": True}
            )
            widths = {source.site.site: source.dataset.shape[1] for source in sources}
            create_arrays(root, model_free_specs(widths), len(rows))
            points = code_points(text)
            root["text"][:] = points  # type: ignore[index]
            root["symbols"][:] = _indices(points, vocabulary)  # type: ignore[index]
            _write(root, sources, rows, on_progress)
            root.attrs.put(_about(project, text, vocabulary, sources, notes))
    return open_recording(target.path)


def _open(project: Project, stack: ExitStack) -> tuple[list[_Source], list[str]]:
    opened: dict[Path, Any] = {}
    sources, notes = [], list(project.notes)
    for site in project.sites:
        if site.file not in opened:
            opened[site.file] = stack.enter_context(open_hdf5(site.file))
        dataset = dataset_of(opened[site.file], site.file, site.path)
        check_dataset(dataset)
        shape = dataset.shape
        if len(shape) != 2 or 0 in shape or dataset.dtype.kind not in "fiu":
            raise ImportingError(
                f"The states {site.path!r} in {site.file} have the shape {shape} and type "
                f"{dataset.dtype}, but numbers (words, units) were expected."
            )
        is_raw = site.transform != "none"
        if is_raw and site.site.endswith(".h"):
            is_raw = any(
                float(np.abs(block).max()) > 1 for block in blocks(dataset, 0, len(dataset), _ROWS)
            )
            if is_raw:
                notes.append(f"The outputs {site.path!r} go beyond 1: their tanh is kept.")
        sources.append(_Source(site, dataset, is_raw))
    return sources, notes


def _vocabulary(text: str) -> tuple[str, ...]:
    symbols = sorted({*text} - {UNKNOWN})
    if len(symbols) >= MOST_SYMBOLS:
        raise ImportingError(
            f"The text has {len(symbols):,} different symbols; at most {MOST_SYMBOLS - 1:,} can be "
            "kept. The dictionary may be another project's."
        )
    return (*symbols, UNKNOWN)


def _indices(points: np.ndarray, vocabulary: Sequence[str]) -> np.ndarray:
    """Rows of the vocabulary, uint16: sorted symbols, and the unknown one last."""
    known = np.searchsorted(code_points("".join(vocabulary[:-1])), points)
    return np.where(points == ord(UNKNOWN), len(vocabulary) - 1, known).astype(np.uint16)


def _write(
    root: zarr.Group,
    sources: Sequence[_Source],
    rows: np.ndarray,
    on_progress: Callable[[float], None],
) -> None:
    done, total = 0, len(sources) * len(rows)
    for source in sources:
        array = root[source.site.site.replace(".", "/")]
        for start in range(0, len(rows), CHUNK_TIME):
            part = rows[start : start + CHUNK_TIME]
            first, last = int(part[0]), int(part[-1]) + 1
            codes = np.concatenate(
                [_codes(source, b) for b in blocks(source.dataset, first, last, _ROWS)]
            )
            array[start : start + len(part)] = codes[part - first]  # type: ignore[index]
            done += len(part)
            on_progress(done / total)


def _codes(source: _Source, values: np.ndarray) -> np.ndarray:
    """Codes of raw or bounded values, int8."""
    where = f"The states {source.site.path!r} in {source.site.file}"
    if not np.isfinite(values).all():
        raise ImportingError(f"{where} hold NaN or infinity. Record them again there.")
    bounded = np.tanh(values) if source.is_raw else values
    if float(np.abs(bounded).max()) > 1 + _SLACK:
        raise ImportingError(
            f"{where} go up to {float(np.abs(values).max()):.3g}, but with transform: none they "
            "lie in [-1, 1]. Leave the transform out."
        )
    codes: np.ndarray = np.rint(np.clip(bounded, -1, 1) * CODE_SCALE).astype(np.int8)
    return codes


def _about(
    project: Project,
    text: str,
    vocabulary: Sequence[str],
    sources: Sequence[_Source],
    notes: Sequence[str],
) -> dict[str, Any]:
    corpus = Corpus(project.name, (Document(f"{project.name}.txt", text),))
    about: dict[str, Any] = {
        "schema_version": MODEL_FREE_VERSION,
        "checkpoint": {"name": project.name, "sha256": _hash(project.files)},
        "corpus": {"name": corpus.name, "sha256": corpus.sha256},
        "sites": sorted((source.site.site for source in sources), key=_order),
        "precision": "int8",
    }
    about["id"] = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:24]
    document = corpus.documents[0]
    return about | {
        "made_from": {
            "format": "LSTMVis project",
            "files": [path.name for path in project.files],
            "notes": list(notes),
        },
        "seams": 0,
        "seam_error": 0.0,
        "versions": {
            name: importlib.metadata.version(name) for name in ("unitscope", "zarr", "numpy")
        },
        "vocabulary": list(vocabulary),
        "documents": [
            {
                "name": document.name,
                "start": 0,
                "symbols": len(text),
                "sha256": document.sha256,
            }
        ],
    }


def _order(site: str) -> tuple[int, bool]:
    layer, _, signal = site.partition(".")
    return int(layer), signal != "h"


def _hash(files: Sequence[Path]) -> str:
    """Over all files of a project: in place of a network's."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            while part := file.read(_BLOCK):
                digest.update(part)
    return digest.hexdigest()
