"""What the dashboard shows, as one value that is also the page's address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.recording import Recording, RecordingError

DEFAULT_HYPOTHESIS = "string"


@dataclass(frozen=True)
class View:
    """One state of the Explore page."""

    recording: str  # id
    unit: str
    position: int = 0  # first symbol in sight
    hypothesis: str = DEFAULT_HYPOTHESIS  # a name, or an expression of one's own

    def to_query(self) -> dict[str, str]:
        """As the parameters of an address."""
        return {
            "recording": self.recording,
            "unit": self.unit,
            "position": str(self.position),
            "hypothesis": self.hypothesis,
        }


def view_from_query(query: Mapping[str, str], recording: Recording, default_unit: str) -> View:
    """The view that an address asks for; what the recording does not have stays at its default."""
    unit = query.get("unit", default_unit)
    try:
        recording.find_unit(unit)
    except RecordingError:
        unit = default_unit
    return View(
        recording.id,
        unit,
        min(number_from_query(query, "position"), len(recording) - 1),
        query.get("hypothesis", DEFAULT_HYPOTHESIS),
    )


def number_from_query(query: Mapping[str, str], name: str) -> int:
    """The whole number of this name in an address, or 0 where there is none."""
    text = query.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 16 else 0
