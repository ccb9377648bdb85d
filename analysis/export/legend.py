"""The numbers beside a colour scale, as the dashboard's text view writes them."""

from __future__ import annotations

from analysis.export.slices import Slice

_RAW = ((0.0, "−1"), (0.25, "−0.5"), (0.5, "0"), (0.75, "+0.5"), (1.0, "+1"))


def ticks(part: Slice) -> tuple[tuple[float, str], ...]:
    """Places along the legend, from 0 to 1, and what stands there.

    Values of the one unit; for several, whose values differ, what the ends mean for each.
    """
    if part.colours.scale == "raw" and part.signed:
        return _RAW
    ends = part.ends()
    return tuple(zip((0.0, 0.5, 1.0), ends, strict=True))
