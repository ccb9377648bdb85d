"""Colours of activations: four palettes, one text colour that stays readable on all of them.

The dashboard's text view has the same. Each palette blends in straight lines in sRGB between five
stops. Every colour between them keeps a contrast of at least 5 with the text's ink.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import CODE_SCALE
from analysis.colour_scales import SCALE_NAMES, Ends, Scale, ends_of_scale, shares_of_codes


@dataclass(frozen=True)
class Palette:
    """Five stops from low to high, the colour of text on them, and of what is less important."""

    stops: tuple[str, str, str, str, str]
    ink: str
    faint: str
    paper: str
    """The page behind. Where a palette has two arms it is also the colour of the middle."""


def _light(*stops: str) -> Palette:
    return Palette(stops, "#2f2d2b", "#6b6661", "#ffffff")  # type: ignore[arg-type]


def _dark(*stops: str) -> Palette:
    return Palette(stops, "#edebe8", "#a19c96", "#171614")  # type: ignore[arg-type]


LIGHT = _light("#f1a340", "#fbdcae", "#ffffff", "#b9cfec", "#6fa0dc")
DARK = _dark("#9a4b00", "#5a3410", "#171614", "#123a63", "#0b5aa8")

DEFAULT_PALETTE = "blue-orange"
PALETTES: Mapping[str, tuple[Palette, Palette]] = {
    DEFAULT_PALETTE: (LIGHT, DARK),
    # The hues of matplotlib's map, in order, at such a lightness that text can be read on them.
    "viridis": (
        _light("#cd87db", "#9fb0f1", "#71d5cf", "#85ef85", "#ffec8f"),
        _dark("#3b0049", "#062e62", "#004845", "#025f18", "#6e6401"),
    ),
    # As in Karpathy's post of 2015: green is excited, blue is not.
    "green-blue": (
        _light("#8f9cf0", "#c6cdf7", "#ffffff", "#bfe5c0", "#55bd6a"),
        _dark("#3d46c4", "#26295f", "#171614", "#1c4525", "#1f6b31"),
    ),
    # As in the paper of Karpathy, Johnson and Fei-Fei: red is -1, blue is +1.
    "red-blue": (
        _light("#ef8f86", "#f7c9c4", "#ffffff", "#b9cfec", "#6fa0dc"),
        _dark("#a02c24", "#5c2420", "#171614", "#123a63", "#0b5aa8"),
    ),
}
"""By name, for light and for dark pages."""


@dataclass(frozen=True)
class ColourStyle:
    """How values become colours: between which, by which scale, with the ends exchanged or not."""

    palette: str = DEFAULT_PALETTE
    scale: Scale = "raw"
    flip: bool = False

    def colours(self, dark: bool = False) -> Palette:
        """The palette for light or dark pages, its ends exchanged if that is asked for."""
        return palette(dark, self.palette, self.flip)

    def table(
        self, counts: NDArray[np.integer] | None, *, signed: bool = True, dark: bool = False
    ) -> NDArray[np.uint8]:
        """Colours of a unit's codes, uint8 (255, 3): row ``code + 127`` is red, green, blue.

        `counts` and `signed` are those of `colour_scales.shares_of_codes`.
        """
        shares = shares_of_codes(counts, self.scale, signed=signed)
        return blend(self.colours(dark).stops, shares[1:])

    def ends(self, counts: NDArray[np.integer] | None, *, signed: bool = True) -> Ends:
        """What the first, the middle and the last colour stand for."""
        return ends_of_scale(counts, self.scale, signed=signed)

    @property
    def name(self) -> str:
        """In words, for a legend."""
        flipped = ", flipped" if self.flip else ""
        return f"{SCALE_NAMES[self.scale]}; {self.palette}{flipped}"


PLAIN = ColourStyle()
"""Raw values from orange to blue."""


def palette(dark: bool = False, name: str = DEFAULT_PALETTE, flip: bool = False) -> Palette:
    """The palette of this name for light or dark pages."""
    found = PALETTES[name][dark]
    return replace(found, stops=found.stops[::-1]) if flip else found


def blend(stops: tuple[str, ...], shares: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The colours at shares of the way from the first stop to the last, uint8 (..., 3)."""
    channels = np.array([_channels(stop) for stop in stops])
    place = np.clip(shares, 0.0, 1.0) * (len(stops) - 1)
    blended = [np.interp(place, np.arange(len(stops)), channel) for channel in channels.T]
    # Half goes up, as in the browser: both fronts then show the very same colour.
    return np.floor(np.stack(blended, axis=-1) + 0.5).astype(np.uint8)


@lru_cache(maxsize=16)
def colour_table(
    dark: bool = False, name: str = DEFAULT_PALETTE, flip: bool = False
) -> NDArray[np.uint8]:
    """Colours of all codes from -1 to 1, uint8 (255, 3): row ``code + 127``. Read-only."""
    table = blend(palette(dark, name, flip).stops, np.linspace(0, 1, 2 * CODE_SCALE + 1))
    table.setflags(write=False)
    return table


def to_hex(table: NDArray[np.uint8]) -> tuple[str, ...]:
    """Rows of red, green, blue as ``#rrggbb``."""
    return tuple(f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in table)


@lru_cache(maxsize=2)
def hex_colours(dark: bool = False) -> tuple[str, ...]:
    """The rows of `colour_table` as ``#rrggbb``."""
    return to_hex(colour_table(dark))


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))
