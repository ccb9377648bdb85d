"""Where the dashboard keeps texts and recordings, and how it finds them again."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

from analysis.places import Place
from analysis.recording import Recording, RecordingError, open_recording
from models.corpora import Corpus, Document, decode_document, standard_library
from models.errors import UserError

# The first texts shown: files of about one length, which are read side by side in seconds.
_STARTER_SIZES = range(2_000, 5_500)
_STARTER_SYMBOLS = 50_000

_opened: dict[tuple[str, int], Recording] = {}
_lock = threading.Lock()


def home() -> Path:
    """The folder for texts and recordings: $UNITSCOPE_HOME, or ``~/.unitscope``."""
    return Path(os.environ.get("UNITSCOPE_HOME") or Path.home() / ".unitscope")


def open_at(path: str | Path) -> Recording:
    """Open a recording once; later calls give the same object until the file changes.

    Raises
    ------
    RecordingError
        As `open_recording`.
    """
    if Place(str(path)).is_url:  # whether it has changed would be a question to the network
        key = (str(path), 0)
    else:
        key = (str(Path(path).resolve()), changed_at(Path(path) / "zarr.json"))
    with _lock:
        if key not in _opened:
            _opened[key] = open_recording(path)
        return _opened[key]


def recordings_folder() -> Path:
    """Where the library's recordings lie."""
    return home() / "recordings"


def is_in_library(path: str | Path) -> bool:
    """Whether what is at a path, or was, lies in the library's folder of recordings."""
    if Place(str(path)).is_url:
        return False
    return Path(path).parent.resolve() == recordings_folder().resolve()


def close(path: str | Path) -> None:
    """Keep nothing open of a recording that is to be removed."""
    found = str(Path(path).resolve())
    with _lock:
        for key in [key for key in _opened if key[0] == found]:
            del _opened[key]


def find_recording(recording_id: str) -> Recording:
    """The recording of this id, among those opened and those in the library.

    Raises
    ------
    RecordingError
        If there is none.
    """
    with _lock:
        paths = [known.path for known in _opened.values() if known.id == recording_id]
    # Open it anew: another recording may have taken its place.
    found = _with_id(recording_id, open_readable(paths)) or _with_id(
        recording_id, list_recordings()
    )
    if found is not None:
        return found
    raise RecordingError(f"There is no recording {recording_id}. Open it again.")


def _with_id(recording_id: str, recordings: Iterable[Recording]) -> Recording | None:
    return next((each for each in recordings if each.id == recording_id), None)


def list_recordings() -> list[Recording]:
    """The library's recordings that can be read, newest first."""
    paths = sorted(recordings_folder().glob("*.zarr"), key=changed_at, reverse=True)
    return open_readable(paths)


def changed_at(path: Path) -> int:
    """When a file was last changed, in nanoseconds; 0 if it is not there, or no more."""
    try:
        return path.stat().st_mtime_ns
    except (OSError, ValueError):  # whatever may be typed as a path
        return 0


def open_readable(paths: Iterable[str | Path]) -> list[Recording]:
    """The recordings at these places, without those that cannot be read."""
    recordings = []
    for path in paths:
        try:
            recordings.append(open_at(path))
        except RecordingError:
            continue  # one that an older version wrote must not hide the others
    return recordings


def recording_path(checkpoint: Path, corpus: Corpus) -> Path:
    """Where the recording of this checkpoint over this corpus belongs, by the content of both.

    Raises
    ------
    UserError
        If the checkpoint's file cannot be read.
    """
    return place_of(checkpoint, corpus.name, corpus.sha256)


def place_of(checkpoint: Path, name: str, corpus_sha256: str) -> Path:
    """As `recording_path`, of a corpus of which only name and hash are known.

    Raises
    ------
    UserError
        If the checkpoint's file cannot be read.
    """
    return recordings_folder() / f"{_slug(name)}-{place_digest(checkpoint, corpus_sha256)}.zarr"


def place_digest(checkpoint: Path, corpus_sha256: str) -> str:
    """What the name of a recording's place ends with: it tells checkpoint's file and corpus.

    Raises
    ------
    UserError
        If the checkpoint's file cannot be read.
    """
    digest = _digest_of(checkpoint, changed_at(checkpoint)).copy()
    digest.update(corpus_sha256.encode())
    return digest.hexdigest()[:12]


@lru_cache(maxsize=200)
def _digest_of(checkpoint: Path, changed: int) -> hashlib._Hash:
    try:
        return hashlib.sha256(checkpoint.read_bytes())
    except OSError as error:
        raise UserError(
            f"Cannot read the checkpoint {checkpoint}: {error.strerror}. Choose another file."
        ) from error


def keep_texts(name: str, documents: Sequence[Document]) -> tuple[Path, Corpus]:
    """Write texts into the library, so that another process can read them.

    Returns
    -------
    folder : Path
        Holds one file a document.
    corpus : Corpus
        The documents, named as they are in the folder.

    Raises
    ------
    UserError
        If two documents have one name, a name or text cannot be kept as it is, or the library
        cannot be written to.
    """
    contents = {document.name: _content(document) for document in documents}
    # In the order in which the folder is read again.
    corpus = Corpus(name, tuple(sorted(documents, key=lambda d: PurePosixPath(d.name))))
    if len({document.name for document in documents}) < len(documents):
        raise UserError("Two texts have the same name. Rename one of them.")
    folder = home() / "texts" / corpus.sha256[:12] / _slug(name)
    try:
        for document in corpus.documents:
            target = folder / document.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(contents[document.name])
    except OSError as error:
        raise UserError(
            f"Cannot keep the text in {folder}: {error.strerror}. "
            "Set UNITSCOPE_HOME to a folder you can write to."
        ) from error
    return folder, corpus


def _content(document: Document) -> bytes:
    """The bytes of a document's file, sure to be read again as the same document."""
    path = PurePosixPath(document.name)
    is_hidden = any(part.startswith(".") for part in path.parts)
    if is_hidden or path.is_absolute() or path.as_posix() != document.name or not path.parts:
        raise UserError(
            f"A text cannot be called {document.name[:60]!r}. Rename it: a plain file name, or "
            "folders and a file name, none beginning with a dot."
        )
    content = document.text.encode("utf-8", "replace")
    if "\0" in document.name or decode_document(document.name, content) != document:
        raise UserError(
            f"The text {document.name!r} holds symbols that a UTF-8 file cannot. Remove them."
        )
    return content


def starter_documents() -> list[Document]:
    """A few files of the standard library that the shipped network has not been trained on."""
    held_out = standard_library("report").documents + standard_library("choose").documents
    fitting = [document for document in held_out if len(document.text) in _STARTER_SIZES]
    chosen: list[Document] = []
    for document in sorted(fitting, key=lambda d: -d.text.count('"') / len(d.text)):
        if sum(len(other.text) for other in chosen) + len(document.text) <= _STARTER_SYMBOLS:
            chosen.append(document)
    return chosen


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:40] or "text"
