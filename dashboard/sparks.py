"""Small drawings of one unit's figures as SVG: numbers only, on the colours of the page."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from analysis.colours import DARK, LIGHT, blend, to_hex
from dashboard.text_view.state import Palette

WIDTH, HEIGHT = 288, 64
_BARS = 64
_POINTS = 60


def histogram_svg(
    counts: Sequence[int], palette: Palette, *, lowest: int = -127, dark: bool = False
) -> str:
    """How often each value occurs, from the lowest code to 127, in the colours of the text.

    Parameters
    ----------
    counts : sequence of int
        Of the codes from -128 to 127.
    palette : Palette
    lowest : int, default=-127
        The code at the left edge; 0 for gates.
    dark : bool, default=False
        Whether the page is dark.
    """
    bars = pooled(counts[lowest + 128 :], _BARS)
    most = max(bars, default=0) or 1
    wide = WIDTH / len(bars)
    codes = lowest + (127 - lowest) * (np.arange(len(bars)) + 0.5) / len(bars)
    colours = to_hex(blend(palette.dark if dark else palette.light, (codes / 127 + 1) / 2))
    drawn = []
    for k, (count, colour) in enumerate(zip(bars, colours, strict=True)):
        # A bar that is not empty shows.
        tall = max(1.5, HEIGHT * count / most) if count else 0
        drawn.append(
            f'<rect x="{k * wide:.2f}" y="{HEIGHT - tall:.2f}" width="{wide - 0.6:.2f}" '
            f'height="{tall:.2f}" fill="{colour}" stroke="currentColor" '
            'stroke-opacity="0.45" stroke-width="0.5"/>'
        )
    return _svg("".join(drawn), dark)


def decay_svg(correlations: Sequence[float], decay: int | None, *, dark: bool = False) -> str:
    """The autocorrelation over lags on a logarithmic axis, with 1/e and where it is passed."""
    last = len(correlations) - 1
    if last < 1:
        return ""
    lags = sorted({round(last ** (k / (_POINTS - 1))) for k in range(_POINTS)})
    points = " ".join(f"{_across(lag, last):.1f},{_down(correlations[lag]):.1f}" for lag in lags)
    drawn = (
        f'<line x1="0" x2="{WIDTH}" y1="{_down(0):.1f}" y2="{_down(0):.1f}" '
        'stroke="currentColor" stroke-opacity="0.35"/>'
        f'<line x1="0" x2="{WIDTH}" y1="{_down(1 / math.e):.1f}" y2="{_down(1 / math.e):.1f}" '
        'stroke="currentColor" stroke-opacity="0.5" stroke-dasharray="3 3"/>'
        f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="2"/>'
    )
    if decay is not None:
        drawn += (
            f'<circle cx="{_across(decay, last):.1f}" cy="{_down(correlations[decay]):.1f}" r="4" '
            'fill="currentColor"/>'
        )
    return _svg(drawn, dark)


def pooled(counts: Sequence[int], bars: int) -> list[int]:
    """Sums of counts in so many steps of about equally many codes."""
    edges = [round(k * len(counts) / bars) for k in range(bars + 1)]
    return [sum(counts[a:b]) for a, b in itertools.pairwise(edges)]


def _across(lag: int, last: int) -> float:
    return WIDTH * math.log(max(1, lag)) / math.log(last) if last > 1 else 0.0


def _down(correlation: float) -> float:
    low = -0.25  # what lies deeper is cut
    share = (max(low, min(1.0, correlation)) - low) / (1 - low)
    return 4 + (HEIGHT - 8) * (1 - share)


def _svg(drawn: str, dark: bool) -> str:
    ink = (DARK if dark else LIGHT).ink
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" color="{ink}">{drawn}</svg>'
    )
