"""How long a unit remembers: how its values resemble themselves later, and what its gate keeps."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MOST_LAG = 1_000
_MOST_AT_ONCE = 1 << 22  # numbers in a batch of transforms


def autocorrelation(
    values: NDArray[np.int8] | NDArray[np.floating],
    spans: Sequence[tuple[int, int]],
    most_lag: int = MOST_LAG,
) -> NDArray[np.float64]:
    """How a unit's values go with its own so many symbols later, within documents.

    Parameters
    ----------
    values : ndarray, shape (time,)
        Codes or values of one unit.
    spans : sequence of (int, int)
        Start and stop of each document.
    most_lag : int, default=1_000

    Returns
    -------
    ndarray of float64, shape (lag + 1,)
        From lag 0, which is 1, up to `most_lag`, or as far as two symbols of one document are
        apart. Each is the mean product of deviations from the mean of all symbols, over the
        pairs there are, divided by the variance. All NaN where the unit does not vary.
    """
    lengths = np.array([stop - start for start, stop in spans], np.int64)
    lags = int(min(most_lag, max(0, lengths.max(initial=1) - 1)))
    used = [values[start:stop] for start, stop in spans]
    total = int(lengths.sum())
    if not total:
        return np.full(lags + 1, np.nan)
    mean = sum(float(part.sum(dtype=np.float64)) for part in used) / total
    products = _lagged_products(used, mean, lags)
    pairs = np.array([np.maximum(lengths - lag, 0).sum() for lag in range(lags + 1)])
    variance = products[0] / total
    if variance <= 1e-9:
        return np.full(lags + 1, np.nan)
    found: NDArray[np.float64] = products / pairs / variance
    return found


def _lagged_products(
    parts: Sequence[NDArray[np.generic]], mean: float, lags: int
) -> NDArray[np.float64]:
    """Sums of products of deviations at each lag, over all documents; by Fourier transforms."""
    by_size: dict[int, list[NDArray[np.generic]]] = {}
    for part in parts:
        if part.size:  # room behind each document, so that its end does not meet its start
            size = 1 << (part.size + min(lags, part.size)).bit_length()
            by_size.setdefault(size, []).append(part)
    products = np.zeros(lags + 1)
    for size, same in by_size.items():
        batch = max(1, _MOST_AT_ONCE // size)
        own_lags = min(lags, max(part.size for part in same) - 1)
        for first in range(0, len(same), batch):
            some = same[first : first + batch]
            padded = np.zeros((len(some), size), np.float32)
            for row, part in zip(padded, some, strict=True):
                row[: part.size] = part
                row[: part.size] -= np.float32(mean)
            spectrum = np.fft.rfft(padded)
            power = np.sum(spectrum.real**2 + spectrum.imag**2, axis=0, dtype=np.float64)
            products[: own_lags + 1] += np.fft.irfft(power, size)[: own_lags + 1]
    return products


def lag_under(correlations: NDArray[np.float64], level: float = 1 / math.e) -> int | None:
    """The first lag at which an autocorrelation is below a level; None if it never is."""
    below = np.flatnonzero(correlations < level)
    return int(below[0]) if below.size else None


def integrated_timescale(correlations: NDArray[np.float64]) -> float | None:
    """Symbols after which a unit's values are as good as new: 1 + 2 (r1 + r2 + ...).

    The sum ends before the first correlation that is not positive, as is usual for Markov chains
    (Geyer 1992): what follows is noise. None for a unit that does not vary.
    """
    if correlations.size == 0 or np.isnan(correlations[0]):
        return None
    ended = np.flatnonzero(correlations[1:] <= 0)
    stop = int(ended[0]) if ended.size else correlations.size - 1
    return 1 + 2 * float(correlations[1 : 1 + stop].sum())


def half_life(gate: float) -> float:
    """Symbols after which half is left of what a gate keeps a share of: ln 0.5 / ln gate.

    Parameters
    ----------
    gate : float
        From 0, which keeps nothing: 0.0, to 1, which keeps all: infinite.
    """
    if gate <= 0:
        return 0.0
    return math.inf if gate >= 1 else math.log(0.5) / math.log(gate)
