"""What the Recordings page says of each recording: facts as lines for people."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.estimate import size
from analysis.recording import Recording
from dashboard.shelf import Entry

_KINDS = {
    "recording": "whole",
    "unfinished": "not finished",
    "broken": "cannot be read",
    "foreign": "not a recording",
}


def contents(entry: Entry) -> str:
    """Text, network, signals, precision, size and date of a recording in one line."""
    recording = entry.recording
    assert recording is not None
    network = recording.attributes["checkpoint"]
    parts = [
        counted(len(recording.documents), "document"),
        counted(len(recording), "symbol"),
        f"{str(network['cell']).upper()} {_layers(network)}"
        if recording.has_network
        else "made by another program",
        f"signals {signals(recording)}",
        recording.precision,
        size(entry.size) if entry.size else "",
        made_when(entry),
        "" if entry.in_library else "not in the library",
        "a link to another place" if entry.is_link else "",
    ]
    return " · ".join(part for part in parts if part)


def _layers(network: Mapping[str, Any]) -> str:
    widths = network.get("widths")
    return " + ".join(map(str, widths)) if widths else f"{network['layers']} × {network['hidden']}"


def counted(count: int, what: str) -> str:
    """As in "1 document" or "2 documents"."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def signals(recording: Recording) -> str:
    """The signals that are recorded, each once, as in "h, c"."""
    return ", ".join(dict.fromkeys(site.split(".")[1] for site in recording.sites))


def made_when(entry: Entry) -> str:
    """When it was written, in the machine's time; nothing if that is not known."""
    if not entry.changed:
        return ""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.changed))


def details(recording: Recording) -> list[tuple[str, str]]:
    """What identifies a recording, and how exact it is where documents were cut."""
    about = recording.attributes
    return [
        ("Id: the same network, text and signals have the same", recording.id),
        ("Hash of the network", str(about["checkpoint"]["sha256"])),
        ("Hash of the text", str(about["corpus"]["sha256"])),
        ("Seams, where a document was cut for reading", seams(recording)),
    ]


def seams(recording: Recording) -> str:
    """How many seams there are, and to what they hold."""
    count = recording.attributes.get("seams")
    if count is None:
        return "not told: an older version wrote it"
    if not count:
        return "none"
    return f"{count:,}, which hold to {recording.attributes['seam_error']:.1g}"


def rows(entries: Sequence[Entry], titles: Mapping[str, str]) -> dict[str, list[object]]:
    """All entries as the columns of a table."""
    table: dict[str, list[object]] = {}
    for entry in entries:
        for name, value in _row(entry, titles).items():
            table.setdefault(name, []).append(value)
    return table


def _row(entry: Entry, titles: Mapping[str, str]) -> dict[str, object]:
    recording = entry.recording
    known = recording is not None
    return {
        "text": recording.corpus_name if known else entry.name,
        "network": titles.get(recording.id, "") if known else "",
        "documents": len(recording.documents) if known else None,
        "symbols": len(recording) if known else None,
        "signals": signals(recording) if known else "",
        "precision": recording.precision if known else "",
        "MB": round(entry.size / 1e6, 1),
        "made": made_when(entry),
        "state": _KINDS[entry.kind],
        "id": recording.id if known else "",
        "path": entry.path,
    }
