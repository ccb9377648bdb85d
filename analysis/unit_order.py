"""Put the units of a site in an order: by how much they move, saturate, score, or are alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import CODE_SCALE
from analysis.gathering import over_spans, unit_blocks

if TYPE_CHECKING:
    from analysis.hypotheses.labels import Hypothesis
    from analysis.recording import Recording

SAMPLE = 20_000
"""Symbols that variance, saturation and similarity are measured over, at most."""
STRETCH = 500
"""Symbols of each stretch that a sample is made of."""
SATURATED = 0.9
"""A unit is saturated where its magnitude is above."""
_MOST_LEAVES = 1_024  # the best order of a tree's leaves takes a square of them, many times


@dataclass(frozen=True)
class UnitScores:
    """How well each unit of a site follows a hypothesis.

    Attributes
    ----------
    chosen : ndarray of float64, shape (unit,)
        On the half of the documents that a search chooses on; what it ranks by.
    reported : ndarray of float64, shape (unit,)
        On the other half.
    measure : str
        "auroc", or "spearman" for a hypothesis that is a number.
    """

    chosen: NDArray[np.float64]
    reported: NDArray[np.float64]
    measure: str


def sample_spans(length: int, at_most: int = SAMPLE) -> list[tuple[int, int]]:
    """Stretches spread evenly over a text, rising and apart; all of a text that is short."""
    if length <= at_most:
        return [(0, length)]
    count = max(1, at_most // STRETCH)
    long = min(STRETCH, at_most)
    starts = [number * (length - long) // max(1, count - 1) for number in range(count)]
    return [(start, start + long) for start in starts]


def sample_codes(
    recording: Recording, site: str, progress: Callable[[float], None] = lambda share: None
) -> NDArray[np.int8]:
    """Codes of a site over `sample_spans`, int8 (time, unit).

    Raises
    ------
    RecordingError
        If there is no such site, or it is damaged.
    """
    spans = sample_spans(len(recording))
    blocks = unit_blocks(recording, [site])
    parts = []
    for done, (_, units) in enumerate(blocks, start=1):
        parts.append(over_spans(recording, site, units, spans))
        progress(done / len(blocks))
    return np.concatenate(parts, axis=1)


def variances(codes: NDArray[np.int8]) -> NDArray[np.float64]:
    """The variance of each unit's values, float64 (unit,), from codes (time, unit)."""
    found: NDArray[np.float64] = codes.var(axis=0, dtype=np.float64) / CODE_SCALE**2
    return found


def saturation(codes: NDArray[np.int8]) -> NDArray[np.float64]:
    """The share of symbols where a unit's magnitude is above `SATURATED`, float64 (unit,)."""
    shares: NDArray[np.float64] = (np.abs(codes.astype(np.int16)) > SATURATED * CODE_SCALE).mean(
        axis=0
    )
    return shares


def correlations(codes: NDArray[np.int8]) -> NDArray[np.float64]:
    """Pearson's correlation of every two units, float64 (unit, unit), from codes (time, unit).

    A unit that never changes is correlated with nothing but itself.
    """
    centred = codes.astype(np.float32) - codes.mean(axis=0, dtype=np.float64).astype(np.float32)
    products = (centred.T @ centred).astype(np.float64)
    lengths = np.sqrt(np.diag(products))
    lengths[lengths == 0] = np.inf
    found: NDArray[np.float64] = np.clip(products / np.outer(lengths, lengths), -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return found


def similarity_order(codes: NDArray[np.int8]) -> NDArray[np.int64]:
    """An order in which units that rise and fall together, or against each other, are neighbours.

    Average linkage on one minus the magnitude of the correlation. Up to 1,024 units the tree's
    branches are turned so that neighbouring leaves are as alike as the tree allows.

    Parameters
    ----------
    codes : ndarray of int8, shape (time, unit)

    Returns
    -------
    ndarray of int64, shape (unit,)
        Indices of the units, in order.
    """
    units = codes.shape[1]
    if units < 3:
        return np.arange(units)
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    distances = squareform(1.0 - np.abs(correlations(codes)), checks=False)
    tree = linkage(distances, "average", optimal_ordering=units <= _MOST_LEAVES)
    order: NDArray[np.int64] = leaves_list(tree).astype(np.int64)
    return order


def falling(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Indices of the largest value first; equal ones, and NaN at the end, in their order."""
    return np.argsort(np.where(np.isnan(values), np.inf, -values), kind="stable")


def unit_scores(
    recording: Recording,
    site: str,
    hypothesis: Hypothesis,
    progress: Callable[[float], None] = lambda share: None,
) -> UnitScores | str:
    """Score every unit of a site by one hypothesis, as a search does.

    Parameters
    ----------
    recording : Recording
    site : str
    hypothesis : Hypothesis
    progress : callable, optional
        Called with the share done. What it raises stops the work.

    Returns
    -------
    UnitScores or str
        Why the hypothesis cannot be scored, in a sentence, where it cannot.
    """
    from analysis.ranking import label_request, rank_here
    from analysis.recording import CHUNK_UNITS

    request = label_request(recording, [hypothesis], "auroc", lambda share: progress(share / 2))
    if not request.claims:
        return request.skipped[0].reason
    chosen, reported = np.zeros((2, recording.units(site)))
    blocks = unit_blocks(recording, [site])
    for done, (ranked,) in enumerate(rank_here(recording, blocks, request, CHUNK_UNITS), start=1):
        places = [int(name.rpartition(".")[2]) for name in ranked.names]
        chosen[places], reported[places] = ranked.scores
        progress(0.5 + done / len(blocks) / 2)
    kind = request.claims[0].kind
    return UnitScores(chosen, reported, "auroc" if kind == "yes/no" else "spearman")
