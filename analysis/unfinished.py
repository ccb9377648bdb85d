"""What there is of a recording before it is whole; known without torch."""

from __future__ import annotations

from analysis.places import Place

WORK = "unfinished"
"""The folder of the unfinished store that is removed at the end: each finished shard's file."""


def finished(place: Place) -> set[str]:
    """The files of the shards that are done."""
    return {f"{WORK}/{name}" for name in place.names(WORK) if name.endswith(".npz")}
