"""LSTMVis projects: states that another program kept, and the words or characters it read.

A project is a folder with an ``lstm.yml``. It names HDF5 files with a row of numbers for each word
(or character), one with the words' ids, and a dictionary of lines ``word id``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from models.importing.errors import ImportingError
from models.importing.hdf5 import open_hdf5, read_array
from models.vocabulary import UNKNOWN

CONFIG = "lstm.yml"
_MOST_CONFIG = 1 << 20  # bytes
_MOST_DICTIONARY = 64 << 20
_MOST_LAYERS = 1000
_SIGNALS = {"state": "c", "output": "h"}
_NEW_LINES = {"<eos>", "</s>", "<eol>", "<newline>", "\\n"}
_SPACES = {"<space>", "<SPACE>", "<sp>", "\\s"}
_UNKNOWNS = {"<unk>", "<UNK>"}


@dataclass(frozen=True)
class StoredSite:
    """Where a site's values lie: an array (word, unit) in an HDF5 file.

    `transform` is what the project says: "tanh", "none", or "" for LSTMVis's default, tanh.
    """

    site: str
    file: Path
    path: str
    transform: str


@dataclass(frozen=True)
class Project:
    """A project as read, but for its states.

    Attributes
    ----------
    name : str
    sites : tuple of StoredSite
        In the order of the project.
    files : tuple of Path
        All that was or will be read of it, the configuration first.
    tokens : int64 (word,)
        For each word or character that was read, its place in `texts`.
    texts : tuple of str
        What each token becomes in the text, at least one symbol.
    is_of_characters : bool
        Whether a token is one symbol; else it is a word, with a space or new line at its end.
    notes : tuple of str
    """

    name: str
    sites: tuple[StoredSite, ...]
    files: tuple[Path, ...]
    tokens: np.ndarray = field(repr=False)
    texts: tuple[str, ...] = field(repr=False)
    is_of_characters: bool = True
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All that was read."""
        return "".join(map(self.texts.__getitem__, self.tokens.tolist()))

    def word_of_symbol(self, words: int) -> np.ndarray:
        """Which of the first so many words each symbol is part of, int64 (time,)."""
        lengths = np.array([len(text) for text in self.texts])
        return np.repeat(np.arange(words), lengths[self.tokens[:words]])


def project_config(path: Path) -> Path | None:
    """The configuration of the project that a path names, a folder or a YAML file, if it does."""
    if path.is_dir():
        return next((p for p in (path / CONFIG, path / "lstm.yaml") if p.is_file()), None)
    return path if path.suffix.lower() in {".yml", ".yaml"} and path.is_file() else None


def read_project(config: Path) -> Project:
    """Read a project's configuration, words and dictionary.

    Raises
    ------
    ImportingError
        If a file is missing, damaged, or lies outside the folder, or the project has no states.
    """
    told = _configuration(config)
    files = _Files(config, _mapping(told, "files"))
    sequence = _mapping(told, "word_sequence")
    words = files.path_of(sequence.get("file"), "word_sequence")
    dictionary = files.path_of(sequence.get("dict_file"), "word_sequence's dict_file")
    ids = _word_ids(words, str(sequence.get("path")))
    sites, notes = _sites(files, _mapping(told, "states"))
    tokens, texts, is_of_characters, told_of_words = _texts(ids, _dictionary(dictionary))
    used = dict.fromkeys((config, words, dictionary, *(site.file for site in sites)))
    return Project(
        name=str(told.get("name") or config.parent.name)[:200],
        sites=tuple(sites),
        files=tuple(used),
        tokens=tokens,
        texts=texts,
        is_of_characters=is_of_characters,
        notes=(*notes, *told_of_words),
    )


def _configuration(path: Path) -> Mapping[str, Any]:
    import yaml

    data = _read(path, _MOST_CONFIG).replace(b"\t", b"  ")  # LSTMVis's own example has tabs
    try:
        told = yaml.safe_load(data)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:120]
        raise ImportingError(
            f"{path} is no whole YAML ({reason}). Mend it, or copy it again."
        ) from (error)
    if not isinstance(told, dict) or not {"files", "states", "word_sequence"} <= told.keys():
        raise ImportingError(
            f"{path} is not the configuration of an LSTMVis project: that has files, states and "
            "word_sequence."
        )
    return told


def _mapping(told: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = told[key]
    if not isinstance(value, dict):
        raise ImportingError(f"The project's {key} is not a list of names and values.")
    return {str(name): held for name, held in value.items()}


@dataclass(frozen=True)
class _Files:
    """The project's files by the names that it gives them."""

    config: Path
    named: Mapping[str, Any]

    def path_of(self, name: object, of: str) -> Path:
        if not isinstance(name, str) or name not in self.named:
            known = ", ".join(list(self.named)[:8])
            raise ImportingError(
                f"The project's {of} names the file {str(name)[:40]!r}, which is not among its "
                f"files: {known}. Mend {self.config}."
            )
        place = str(self.named[name])
        parts = PurePosixPath(place)
        if parts.is_absolute() or ".." in parts.parts or "\\" in place or not parts.name:
            raise ImportingError(
                f"The project's file {place[:80]!r} does not lie in its folder, and is not opened."
            )
        path = self.config.parent / place
        if not path.is_file():
            raise ImportingError(
                f"The project's file {path} is missing. Copy the whole folder of the project."
            )
        return path


def _sites(files: _Files, states: Mapping[str, Any]) -> tuple[list[StoredSite], list[str]]:
    sites: dict[str, StoredSite] = {}
    notes = []
    types = states.get("types")
    for entry in types if isinstance(types, list) else ():
        if not isinstance(entry, dict):
            raise ImportingError("An entry of the project's states is not a list of values.")
        kind, layer, path = entry.get("type"), entry.get("layer", 1), entry.get("path")
        if type(layer) is not int or not 1 <= layer <= _MOST_LAYERS or not isinstance(path, str):
            raise ImportingError(
                f"The states {str(path)[:40]!r} of the project have no path, or the layer "
                f"{str(layer)[:20]!r}; layers count from 1."
            )
        file = files.path_of(entry.get("file", states.get("file")), "states")
        site = f"{layer - 1}.{_SIGNALS.get(str(kind), '')}"
        if site.endswith(".") or site in sites:
            why = f"of the type {str(kind)[:40]!r}" if site.endswith(".") else "told twice"
            notes.append(f"The states {path[:80]!r} are left out: they are {why}.")
            continue
        sites[site] = StoredSite(site, file, path, str(entry.get("transform") or ""))
    if not sites:
        raise ImportingError(
            "The project lists no states of the type state (cells) or output (hidden states)."
        )
    return list(sites.values()), notes


def _word_ids(path: Path, inside: str) -> np.ndarray:
    with open_hdf5(path) as file:
        values = read_array(dataset_of(file, path, inside))
    flat = values.reshape(-1)
    if max(values.shape, default=0) != flat.size or values.dtype.kind not in "iuf":
        raise ImportingError(
            f"The words {inside!r} in {path} have the shape {values.shape} and type "
            f"{values.dtype}, but one number for each word was expected."
        )
    if not flat.size or (flat.dtype.kind == "f" and not (flat == np.rint(flat)).all()):
        raise ImportingError(f"The words {inside!r} in {path} are none, or no whole numbers.")
    return flat.astype(np.int64)


def dataset_of(file: Any, path: Path, inside: str) -> Any:
    """An array in an open HDF5 file.

    Raises
    ------
    ImportingError
        If there is none of this name.
    """
    if inside not in file:
        held = ", ".join(list(file)[:8])
        raise ImportingError(f"{path} has no array {inside[:80]!r}; it has {held}.")
    return file[inside]


def _dictionary(path: Path) -> dict[int, str]:
    """Id to word, from lines ``word id``; the word may be a space."""
    words: dict[int, str] = {}
    lines = _read(path, _MOST_DICTIONARY).decode("utf-8", "replace").split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        word, _, last = line.rstrip("\r").replace("\t", " ").rpartition(" ")
        if not last.isascii() or not last.isdigit() or len(last) > 9:
            raise ImportingError(
                f"Line {number} of {path} is {line[:40]!r}, but a word and its number were "
                "expected, with a space between."
            )
        words.setdefault(int(last), word or " ")
    return words


def _texts(
    ids: np.ndarray, words: Mapping[int, str]
) -> tuple[np.ndarray, tuple[str, ...], bool, list[str]]:
    """Each token's place among the texts, these, whether they are characters, and notes."""
    met, tokens = np.unique(ids, return_inverse=True)
    named = [words.get(int(number)) for number in met]
    if all(word is None for word in named):
        raise ImportingError(
            "None of the words' ids is in the project's dictionary. They belong to two projects."
        )
    is_of_characters = all(
        word is None or len(word) == 1 or word in _NEW_LINES | _SPACES | _UNKNOWNS or _is_mark(word)
        for word in named
    )
    notes = []
    if missing := sum(word is None for word in named):
        notes.append(f"{missing:,} ids are not in the dictionary and read as unknown.")
    if not is_of_characters:
        notes.append(
            "Its tokens are words: each symbol of a word, and the space after it, has the values "
            "that were kept for the word."
        )
    texts = tuple(_text_of(word, is_of_characters) for word in named)
    return tokens.reshape(-1), texts, is_of_characters, notes


def _is_mark(word: str) -> bool:
    return len(word) > 2 and word[0] == "<" and word[-1] == ">"


def _text_of(word: str | None, is_character: bool) -> str:
    if word in _NEW_LINES:
        return "\n"
    if word in _SPACES:
        return " "
    if is_character:
        return word if word is not None and len(word) == 1 else UNKNOWN
    return f"{UNKNOWN if word is None else word} "


def _read(path: Path, most: int) -> bytes:
    try:
        if path.stat().st_size > most:
            raise ImportingError(f"{path} is longer than {most:,} bytes, too long for what it is.")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, ImportingError):
            raise
        raise ImportingError(f"Cannot read {path}: {error}. Check the path.") from error


def blocks(dataset: Any, start: int, stop: int, rows: int) -> Iterator[np.ndarray]:
    """Rows of a dataset as float32, so many at a time."""
    for first in range(start, stop, rows):
        yield np.asarray(dataset[first : min(first + rows, stop)], dtype=np.float32)
