"""What a colour means: the value itself, or its place among all values of its unit.

A scale is a map from the 256 codes to shares of the way from a palette's first colour to its last.
All but the raw one follow from how often the unit has each code over the whole recording.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import CODE_SCALE, GATES

if TYPE_CHECKING:
    from analysis.recording import Recording

Scale = Literal["raw", "maximum", "quantile", "z"]
SCALES: tuple[Scale, ...] = get_args(Scale)
SCALE_NAMES = {
    "raw": "raw values",
    "maximum": "share of the unit's maximum",
    "quantile": "rank among the unit's values",
    "z": "standard deviations from the mean",
}
REACH = 3.0
"""The colours of z end at so many standard deviations on both sides."""

_CODES = np.arange(-128, 128)
_VALUES = np.maximum(_CODES, -CODE_SCALE) / CODE_SCALE
_AT_ONCE = 65_536  # symbols: a chunk of the store


@dataclass(frozen=True)
class Ends:
    """What the first, the middle and the last colour of a scale stand for, and in which words."""

    low: float
    middle: float
    high: float
    names: tuple[str, str, str] = ("", "", "")

    @property
    def texts(self) -> tuple[str, str, str]:
        """The three as they stand beside a legend, such as ``("−1", "0", "+1")``."""
        low, middle, high = (
            f"{name} {value_text(value)}".strip()
            for name, value in zip(self.names, (self.low, self.middle, self.high), strict=True)
        )
        return low, middle, high


def is_signed(signal: str) -> bool:
    """Whether a signal goes from -1 to 1; gates go from 0 to 1."""
    return signal not in GATES


def count_codes_of(codes: NDArray[np.int8]) -> NDArray[np.int64]:
    """Return how often a unit has each code: int64 (256,), code -128 first."""
    # As bytes, 0 to 127 come first and the negative ones after them.
    return np.roll(np.bincount(np.ascontiguousarray(codes).view(np.uint8), minlength=256), 128)


def count_units(recording: Recording, site: str, indices: Sequence[int]) -> NDArray[np.integer]:
    """Return how often units of a site have each code over a recording: (unit, 256)."""
    if len(indices) == 1:
        return count_codes_of(recording.unit_codes(f"{site}.{indices[0]}"))[None]
    from analysis.histograms import count_codes  # compiled: many units at once

    first, last = min(indices), max(indices)
    counts = np.zeros((1, last + 1 - first, 256), np.uint32)
    for start in range(0, len(recording), _AT_ONCE):
        codes = recording.codes(site, start, start + _AT_ONCE, slice(first, last + 1))
        count_codes(codes, np.zeros(len(codes), np.uint16), counts)
    found: NDArray[np.uint32] = counts[0, np.array(indices) - first]
    return found


def shares_of_codes(
    counts: NDArray[np.integer] | None, scale: Scale = "raw", *, signed: bool = True
) -> NDArray[np.float64]:
    """Return the place of every code between a palette's first colour and its last.

    Parameters
    ----------
    counts : ndarray of int, shape (256,), or None
        How often the unit has each code over the whole recording, code -128 first; `raw` needs
        none.
    scale : {"raw", "maximum", "quantile", "z"}
        `raw`: the value. `maximum`: its share of the unit's greatest magnitude. `quantile`: its
        rank among the unit's values, equal ones in the middle of theirs, so that the median has
        the middle colour. `z`: its distance from the unit's mean, up to three standard deviations.
    signed : bool, default=True
        Whether the signal goes from -1 to 1, or is a gate, from 0 to 1.

    Returns
    -------
    ndarray of float64, shape (256,)
        In [0, 1], never falling, entry k for the code k - 128. A unit that never varies, or is
        always 0, has the middle colour.
    """
    if scale == "raw" or counts is None:
        return _between(_VALUES, -1.0 if signed else 0.0, 1.0)
    total = int(counts.sum())
    if scale == "quantile":
        if total == 0:
            return np.full(256, 0.5)
        return (np.cumsum(counts) - counts / 2) / total
    if scale == "maximum":
        most = _greatest(counts)
        return _between(_VALUES, -most if signed else 0.0, most)
    mean, spread = mean_and_spread(counts)
    return _between(_VALUES, mean - REACH * spread, mean + REACH * spread)


def ends_of_scale(
    counts: NDArray[np.integer] | None, scale: Scale = "raw", *, signed: bool = True
) -> Ends:
    """Return what the colours of a scale end at, in values of the unit.

    Parameters are those of `shares_of_codes`.
    """
    if scale == "raw" or counts is None:
        return Ends(-1.0, 0.0, 1.0) if signed else Ends(0.0, 0.5, 1.0)
    if scale == "maximum":
        most = _greatest(counts)
        return Ends(-most, 0.0, most) if signed else Ends(0.0, most / 2, most)
    if scale == "quantile":
        met = np.flatnonzero(counts)
        if not met.size:
            return Ends(0.0, 0.0, 0.0, ("lowest", "median", "highest"))
        median = int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
        low, middle, high = (float(_VALUES[k]) for k in (met[0], median, met[-1]))
        return Ends(low, middle, high, ("lowest", "median", "highest"))
    mean, spread = mean_and_spread(counts)
    reach = REACH * spread
    return Ends(mean - reach, mean, mean + reach, ("−3 sd =", "mean", "+3 sd ="))


def mean_and_spread(counts: NDArray[np.integer]) -> tuple[float, float]:
    """Return the mean and the standard deviation of a unit's values; 0 and 0 of none."""
    total = int(counts.sum())
    if total == 0:
        return 0.0, 0.0
    mean = float(counts @ _VALUES) / total
    squares = float(counts @ (_VALUES - mean) ** 2) / total
    return mean, float(np.sqrt(squares))


def value_text(value: float) -> str:
    """A value with its sign and at most two decimals: ``−0.83``, ``0``, ``+1``."""
    shown = f"{abs(value):.2f}".rstrip("0").rstrip(".")
    if shown == "0":
        return "0"
    return ("−" if value < 0 else "+") + shown


def _greatest(counts: NDArray[np.integer]) -> float:
    met = np.flatnonzero(counts)
    return float(np.abs(_VALUES[met]).max()) if met.size else 0.0


def _between(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    if high - low < 1e-9:  # it never varies: rounding must not give it a colour
        return np.full(values.shape, 0.5)
    return ((values - low) / (high - low)).clip(0.0, 1.0)
