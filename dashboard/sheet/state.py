"""What the sheet is told and what it tells back, checked; no Streamlit in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.recording import Recording, RecordingError
from dashboard.text_view.state import TextViewError


def check_rows(rows: Sequence[int] | None, units: int) -> list[int]:
    """The units to show, by index: all where none are named.

    Raises
    ------
    TextViewError
        If one does not exist.
    """
    if rows is None:
        return list(range(units))
    checked = [int(row) for row in rows]
    wrong = next((row for row in checked if not 0 <= row < units), None)
    if wrong is not None:
        raise TextViewError(f"There is no unit {wrong}: the site has units 0 to {units - 1}.")
    return checked


def revision_of(raw: Mapping[str, Any]) -> int:
    """How many times the user has changed range or unit in the sheet."""
    found = [_field(raw, name, "revision") for name in ("range", "unit")]
    return max((each for each in found if isinstance(each, int)), default=0)


def sent_range(raw: Mapping[str, Any], recording: Recording) -> tuple[int, int] | None:
    """The range the user settled on, cut to the text; None for nonsense: it may hold anything."""
    start, stop = _field(raw, "range", "start"), _field(raw, "range", "stop")
    if not (_is_of(raw, "range", recording) and isinstance(start, int) and isinstance(stop, int)):
        return None
    start, stop = max(0, start), min(len(recording), stop)
    return (start, stop) if start < stop else None


def sent_unit(raw: Mapping[str, Any], recording: Recording, name: str = "unit") -> str | None:
    """The unit the user chose, or None if there is no such unit; `name` says in which state."""
    unit = _field(raw, name, "unit")
    if not _is_of(raw, name, recording) or not isinstance(unit, str):
        return None
    try:
        return str(recording.find_unit(unit))
    except RecordingError:
        return None


def sent_place(raw: Mapping[str, Any], recording: Recording) -> tuple[int, str] | None:
    """The symbol and the unit that the user asked to see in the text, or None."""
    position = _field(raw, "place", "position")
    unit = sent_unit(raw, recording, "place")
    if unit is None or not isinstance(position, int):
        return None
    return min(max(0, position), len(recording) - 1), unit


def _is_of(raw: Mapping[str, Any], name: str, recording: Recording) -> bool:
    return _field(raw, name, "recording") == recording.id


def _field(raw: Mapping[str, Any], name: str, field: str) -> Any:
    sent = raw.get(name)
    return sent.get(field) if isinstance(sent, Mapping) else None
