"""The text view over a recording: what is the same on every page that shows its text."""

from __future__ import annotations

from typing import Any

from analysis.recording import Recording
from dashboard.routes import BASE
from dashboard.text_view import text_view


def recorded_text(recording: Recording, **view: Any) -> None:
    """Draw it; `view` are the arguments of `text_view` that the page decides on."""
    told = {
        "documents": [(d.name, d.start, d.stop) for d in recording.documents],
        "units_by_site": {site: recording.units(site) for site in recording.sites},
    }
    text_view(
        base=BASE,
        recording_id=recording.id,
        length=len(recording),
        vocabulary=recording.vocabulary,
        **(told | view),
    )
