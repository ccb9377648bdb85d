"""The palettes of the text view: those of every export and figure, by the names of the address."""

from __future__ import annotations

from collections.abc import Mapping

from analysis import colours
from dashboard.text_view.state import Palette

PALETTES: Mapping[str, Palette] = {
    name: Palette(light.stops, dark.stops) for name, (light, dark) in colours.PALETTES.items()
}
"""Five stops a theme, from low over the middle to high."""
