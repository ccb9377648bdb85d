"""Where a unit, cut at one value, and a yes/no label agree: hits, false alarms, misses."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.colour_scales import count_codes_of
from analysis.scores import auroc, best_threshold

NO, YES, UNDEFINED = 0, 1, 255


@dataclass(frozen=True)
class Cut:
    """A unit says yes from a code on (`direction` 1), or up to it (-1)."""

    direction: int
    code: int


@dataclass(frozen=True)
class Outcomes:
    """How many symbols are said yes and are, are said yes and are not, are and are not said."""

    hits: int
    false_alarms: int
    misses: int


def best_cut(outside: NDArray[np.int64], inside: NDArray[np.int64]) -> Cut:
    """Return the cut with the largest F1, in the direction in which the unit follows the label.

    Parameters
    ----------
    outside, inside : ndarray of int64, shape (256,)
        How often each code was met where the label is no, and where it is yes; code -128 first.
    """
    if auroc(outside, inside) >= 0.5:
        return Cut(1, int(best_threshold(outside, inside)))
    # Seen in a mirror, low is high: code c stands at -1 - c.
    return Cut(-1, -1 - int(best_threshold(outside[::-1], inside[::-1])))


def count_outcomes(outside: NDArray[np.int64], inside: NDArray[np.int64], cut: Cut) -> Outcomes:
    """Return the outcomes of a cut; arguments as for `best_cut`."""
    codes = np.arange(-128, 128)
    said = codes >= cut.code if cut.direction == 1 else codes <= cut.code
    hits = int(inside[said].sum())
    return Outcomes(hits, int(outside[said].sum()), int(inside.sum()) - hits)


def count_by_label(
    codes: NDArray[np.int8], labels: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how often each code was met where the label is no and where it is yes, (256,) each.

    Parameters
    ----------
    codes : ndarray of int8, shape (time,)
    labels : ndarray of uint8, shape (time,)
        0 no, 1 yes, 255 undefined: not counted.
    """
    return count_codes_of(codes[labels == NO]), count_codes_of(codes[labels == YES])


def paint_labels(
    spans: NDArray[np.int64], gaps: NDArray[np.int64], start: int, stop: int
) -> NDArray[np.uint8]:
    """Return the labels of the symbols [start, stop), uint8: 0 no, 1 yes, 255 undefined.

    Parameters
    ----------
    spans, gaps : ndarray of int64, shape (n, 2)
        Where the label is yes, and where there is none: start and stop, rising and apart.
    """
    labels = np.full(stop - start, NO, np.uint8)
    labels[_inside(spans, start, stop)] = YES
    labels[_inside(gaps, start, stop)] = UNDEFINED
    return labels


def _inside(runs: NDArray[np.int64], start: int, stop: int) -> NDArray[np.bool_]:
    """Which of the symbols [start, stop) lie in one of the runs."""
    first = int(np.searchsorted(runs[:, 1], start, side="right"))
    last = int(np.searchsorted(runs[:, 0], stop))
    edges = (runs[first:last] - start).clip(0, stop - start)
    steps = np.zeros(stop - start + 1, np.int8)
    steps[edges[:, 0]] += 1
    steps[edges[:, 1]] -= 1
    return np.cumsum(steps[:-1], dtype=np.int8).astype(np.bool_)


def digest_of(spans: NDArray[np.int64], gaps: NDArray[np.int64], symbols: int) -> str:
    """Return a name for these labels, in hex: equal labels have the same, others another."""
    content = hashlib.sha256(f"{symbols} {len(spans)} ".encode())
    content.update(np.ascontiguousarray(spans, "<i8").tobytes())
    content.update(np.ascontiguousarray(gaps, "<i8").tobytes())
    return content.hexdigest()[:32]
