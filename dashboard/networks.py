"""Which network made a recording, and what to call it where several have one name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from analysis.comparison import distinct_names
from analysis.recording import Recording
from dashboard.checkpoints import known_checkpoints
from dashboard.library import place_digest
from models.errors import UserError
from models.zoo import zoo_snapshots

_SNAPSHOT = "step-0000256"  # of a training: it knows words by then, and little else
_FIRST_SECOND = "python-2x128"
"""What a text is read with beside another network, if nothing else is asked for."""


def all_checkpoints() -> dict[str, Path]:
    """The checkpoints to choose from by key, with the snapshots that ship at the end."""
    return known_checkpoints() | zoo_snapshots()


def origin_of(recording: Recording) -> tuple[str, Path] | None:
    """Key and file of the checkpoint that a recording of the library was made with, if known.

    The name of its place tells: it was made from the checkpoint's file and the text.
    """
    found = re.search(r"-([0-9a-f]{12})\.zarr$", recording.path)
    if found is None:
        return None
    corpus = str(recording.attributes["corpus"]["sha256"])
    for key, path in all_checkpoints().items():
        try:
            if place_digest(path, corpus) == found[1]:
                return key, path
        except UserError:  # it has gone, or cannot be read
            continue
    return None


def network_titles(recordings: Sequence[Recording]) -> dict[str, str]:
    """What to call the network of each recording, by the recording's id."""
    names = distinct_names(recordings)
    origins = [origin_of(each) for each in recordings]
    return {
        each.id: origin[0] if origin else name
        for each, name, origin in zip(recordings, names, origins, strict=True)
    }


def suggested_checkpoint(used: Sequence[str], known: Sequence[str]) -> str | None:
    """Which checkpoint to read a text with beside those that have read it, by key.

    One of the same training if there is one, then a small network that ships.
    """
    wanted = [f"{name}/{_SNAPSHOT}" for name in used]
    wanted += [_FIRST_SECOND, f"{_FIRST_SECOND}/{_SNAPSHOT}", *known]
    return next((key for key in wanted if key in known and key not in used), None)
