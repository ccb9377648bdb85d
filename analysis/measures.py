"""Every score of units against one hypothesis, from the counts of their codes on the two halves.

Half 0 chooses: it gives the direction of each unit, and the threshold. Half 1 reports.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import CODE_SCALE
from analysis.correlations import spearman_from_sums
from analysis.scores import (
    at_threshold,
    auroc,
    average_precision,
    best_threshold,
    cohens_d,
    information_bias,
    mutual_information,
)

YesNoMeasure = Literal[
    "auroc", "average_precision", "f1", "jaccard", "mutual_information", "cohens_d"
]
"""What units can be ranked by for a yes/no hypothesis."""
YES_NO_MEASURES: tuple[YesNoMeasure, ...] = get_args(YesNoMeasure)
Measure = YesNoMeasure | Literal["spearman"]
"""What units are ranked by: Spearman for numbers."""


def yes_no_score(
    measure: YesNoMeasure,
    no: NDArray[np.int64],
    yes: NDArray[np.int64],
    code: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Score units by one measure.

    Parameters
    ----------
    measure : YesNoMeasure
    no, yes : ndarray of int64, shape (..., 256)
        How often each code was met, turned so that the unit is high at yes.
    code : ndarray of int64, shape (...)
        The threshold, for F1 and Jaccard; from -128 to 127, turned as well.

    Returns
    -------
    ndarray of float64, shape (...)
    """
    if measure == "auroc":
        return auroc(no, yes)
    if measure == "average_precision":
        return average_precision(no, yes)
    if measure == "mutual_information":
        table = np.stack([no, yes])
        return (mutual_information(table) - information_bias(table)).clip(0.0)
    if measure == "cohens_d":
        return cohens_d(no, yes)
    found = at_threshold(no, yes, code)
    return found.f1 if measure == "f1" else found.jaccard


def turned_counts(
    counts: NDArray[np.int64], direction: NDArray[np.int64] | int
) -> NDArray[np.int64]:
    """Counts (..., unit, 256) as if a unit of direction -1 were high where it is low."""
    return np.where(np.asarray(direction)[..., None] > 0, counts, counts[..., ::-1])


def turned_code(
    code: NDArray[np.int64] | int, direction: NDArray[np.int64] | int
) -> NDArray[np.int64]:
    """A threshold of turned counts as a unit's own code, and back."""
    return np.where(np.asarray(direction) > 0, code, -1 - np.asarray(code))


@dataclass(frozen=True)
class YesNoCounts:
    """How often each code was met where a label is no and where it is yes.

    Attributes
    ----------
    table : ndarray of int64, shape (half, 2, unit, 256)
    """

    table: NDArray[np.int64] = field(repr=False)

    def rank(self, by: YesNoMeasure) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Score every unit on both halves: float64 (half, unit), and its direction, (unit,)."""
        area = np.stack([auroc(no, yes) for no, yes in self.table])
        direction = np.where(area[0] >= 0.5, 1, -1)
        if by == "auroc":  # the other direction's area is what is left of 1
            return 0.5 + direction * (area - 0.5), direction
        no, yes = turned_counts(self.table, direction).swapaxes(0, 1)
        return yes_no_score(by, no, yes, np.stack([best_threshold(no[0], yes[0])] * 2)), direction

    def report(self, direction: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        """Every measure on the half that reports, each of shape (unit,)."""
        no, yes = turned_counts(self.table, direction).swapaxes(0, 1)
        code = best_threshold(no[0], yes[0])
        found = at_threshold(no[1], yes[1], code)
        scores: dict[str, NDArray[np.float64]] = {
            "precision": found.precision,
            "recall": found.recall,
            "threshold": turned_code(code, direction) / CODE_SCALE,
        }
        for measure in YES_NO_MEASURES:
            scores[measure] = yes_no_score(measure, no[1], yes[1], code)
        return scores


@dataclass(frozen=True)
class NumberCounts:
    """How often each code was met, and which ranks of a number it was met at.

    Attributes
    ----------
    codes, rank_sums : ndarray of int64, shape (half, unit, 256)
        As for `analysis.correlations.spearman_from_sums`.
    values : ndarray of int64, shape (half, bin)
        How often each value of the label was met.
    """

    codes: NDArray[np.int64] = field(repr=False)
    rank_sums: NDArray[np.int64] = field(repr=False)
    values: NDArray[np.int64] = field(repr=False)

    def rank(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Score every unit on both halves: float64 (half, unit), and its direction, (unit,)."""
        rho = np.stack(
            [
                spearman_from_sums(*half)
                for half in zip(self.codes, self.rank_sums, self.values, strict=True)
            ]
        )
        direction = np.where(rho[0] >= 0, 1, -1)
        return direction * rho, direction
