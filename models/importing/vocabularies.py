"""Where the symbols of a network's rows come from: its file, one beside it, or the user."""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.importing.errors import ImportingError
from models.importing.found import FoundNetwork
from models.importing.tokens import read_tokens
from models.importing.unpickling import read_pickle

_MOST_FILE = 64 << 20
_BESIDE = ("*vocab*.json", "*chars*.json", "*char2*.json", "*vocab*.pkl", "*chars*.pkl")
_SOURCES = (
    "a json, txt or pickle file, string.printable, sorted-set:TEXT or sorted-set-lower:TEXT, "
    "where TEXT is the file it was trained on"
)
_SETS: dict[str, Callable[[str], str]] = {
    "sorted-set:": lambda text: text,
    "sorted-set-lower:": str.lower,
}


@dataclass(frozen=True)
class Tokens:
    """What the rows are called, row to token, and who says so."""

    source: str
    by_row: Mapping[int, str] = field(repr=False)


def find_tokens(network: FoundNetwork, path: Path, asked: str | None) -> Tokens | None:
    """The names of a network's rows.

    Parameters
    ----------
    network : FoundNetwork
    path : Path
        The file or folder that it was found in; vocabularies beside it are looked for.
    asked : str or None
        What the user names; it goes before what the file says.

    Returns
    -------
    Tokens or None
        None if nothing is known.

    Raises
    ------
    ImportingError
        If what the user names is no vocabulary, or two files beside it differ.
    """
    if asked is not None:
        return Tokens(_without_folder(asked), named_tokens(asked))
    if network.tokens is not None:
        return Tokens("the file", network.tokens)
    found = [t for t in _beside(path) if len(t.by_row) <= network.rows]
    if any(tokens.by_row != found[0].by_row for tokens in found):
        raise ImportingError(
            f"Beside {path} there are several vocabularies ({', '.join(t.source for t in found)}). "
            "Name one with --vocabulary."
        )
    return found[0] if found else None


def named_tokens(asked: str) -> Mapping[int, str]:
    """Row to token from what a user names.

    Raises
    ------
    ImportingError
        If it names no vocabulary.
    """
    if asked == "string.printable":
        return dict(enumerate(string.printable))
    for start, change in _SETS.items():
        if asked.startswith(start):
            text = _read(Path(asked.removeprefix(start))).decode("utf-8", "replace")
            return dict(enumerate(sorted(set(change(text)))))
    tokens = _from_file(Path(asked))
    if tokens is None:
        raise ImportingError(f"{asked} holds no vocabulary. It can be {_SOURCES}.")
    return tokens


def _without_folder(asked: str) -> str:
    """What a user names as a checkpoint keeps it: where a file lay concerns nobody later."""
    start = next((start for start in _SETS if asked.startswith(start)), "")
    return start + Path(asked.removeprefix(start)).name


def candidates(rows: int, sample: Path | None) -> Iterator[str]:
    """What --vocabulary could be for so many rows: the likely ones that fit."""
    asked = ["string.printable"]
    if sample is not None:
        asked += [f"{start}{sample}" for start in _SETS]
    for name in asked:
        if 0 <= rows - len(named_tokens(name)) <= 1:
            yield name


def missing(rows: int, path: Path, fitting: list[str]) -> ImportingError:
    """What to say where no vocabulary is known."""
    likely = " or ".join(f"--vocabulary {name}" for name in fitting)
    known = (
        f"As many rows has {likely}."
        if likely
        else "With --text FILE, the text it was trained on, likely ones are tried."
    )
    return ImportingError(
        f"{path} has {rows} rows, but no vocabulary says which symbols they are. {known} "
        f"Name one with --vocabulary: {_SOURCES}."
    )


def _beside(path: Path) -> Iterator[Tokens]:
    folder = path if path.is_dir() else path.parent
    for file in sorted({file for pattern in _BESIDE for file in folder.glob(pattern)}):
        if file == path or not file.is_file():
            continue
        try:
            tokens = _from_file(file)
        except ImportingError:
            continue
        if tokens:
            yield Tokens(file.name, tokens)


def _from_file(path: Path) -> Mapping[int, str] | None:
    data = _read(path)
    if data.startswith(b"\x80") or data.startswith((b"(dp", b"(lp")):
        return read_tokens(read_pickle(data).value)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ImportingError(
            f"{path} is neither UTF-8 text nor a pickle. A vocabulary can be {_SOURCES}."
        ) from error
    if text.lstrip().startswith(("{", "[")) and len(text) > 2:
        try:
            return read_tokens(json.loads(text))
        except (ValueError, RecursionError):
            pass  # a text may begin like this too
    return _from_text(path, text)


def _from_text(path: Path, text: str) -> Mapping[int, str]:
    if len(set(text)) == len(text):  # the symbols as they follow each other
        return dict(enumerate(text))
    lines = text.removesuffix("\n").split("\n")
    escapes = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\\\": "\\"}
    symbols = [escapes.get(line, line) for line in lines]
    if len(set(symbols)) != len(symbols) or sum(len(symbol) != 1 for symbol in symbols) > 4:
        raise ImportingError(
            f"{path} is no vocabulary: as text it would have one symbol a line (\\n for a new "
            "line), or each symbol once, in order."
        )
    return dict(enumerate(symbols))


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_FILE:
            raise ImportingError(f"{path} is too long for a vocabulary's text. Take a part of it.")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ImportingError(
            f"Cannot read {path} for the vocabulary: {reason}. It can be {_SOURCES}."
        ) from error
