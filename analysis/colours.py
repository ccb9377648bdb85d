"""Colours of activations: orange below zero, blue above, one text colour that stays readable.

The two palettes are also those of the dashboard's text view. Each blends in straight lines in sRGB
between five stops at -1, -0.5, 0, 0.5 and 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from analysis.arrays import CODE_SCALE


@dataclass(frozen=True)
class Palette:
    """Five stops from -1 to 1, the colour of text on top of them, and of what is less important."""

    stops: tuple[str, str, str, str, str]
    ink: str
    faint: str

    @property
    def paper(self) -> str:
        """The page behind, which is the colour of zero."""
        return self.stops[2]


LIGHT = Palette(("#f1a340", "#fbdcae", "#ffffff", "#b9cfec", "#6fa0dc"), "#2f2d2b", "#6b6661")
DARK = Palette(("#9a4b00", "#5a3410", "#171614", "#123a63", "#0b5aa8"), "#edebe8", "#a19c96")


def palette(dark: bool = False) -> Palette:
    """The palette for light or dark pages."""
    return DARK if dark else LIGHT


@lru_cache(maxsize=2)
def colour_table(dark: bool = False) -> np.ndarray:
    """Colours of all codes, uint8 (255, 3): row ``code + 127`` is red, green, blue. Read-only."""
    stops = np.array([_channels(stop) for stop in palette(dark).stops])
    place = np.linspace(0, len(stops) - 1, 2 * CODE_SCALE + 1)
    blended = [np.interp(place, np.arange(len(stops)), channel) for channel in stops.T]
    # Half goes up, as in the browser: both fronts then show the very same colour.
    table = np.floor(np.stack(blended, axis=1) + 0.5).astype(np.uint8)
    table.setflags(write=False)
    return table


@lru_cache(maxsize=2)
def hex_colours(dark: bool = False) -> tuple[str, ...]:
    """The rows of `colour_table` as ``#rrggbb``."""
    return tuple(f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in colour_table(dark))


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))
