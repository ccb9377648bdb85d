"""Search: write a hypothesis, see where it holds, and the units that follow it."""

from __future__ import annotations

from analysis.recording import Recording
from dashboard.views.drafting import drafting
from dashboard.views.ranked_units import ranked_units


def show(recording: Recording) -> None:
    """The page."""
    drafting(recording)
    ranked_units(recording)
