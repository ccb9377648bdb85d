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
CHANCE = {"auroc": 0.5, "spearman": 0.0}
"""Where a measure is folded: a unit may as well be low where the label is high."""


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
        direction = np.where(area[0] >= CHANCE["auroc"], 1, -1)
        if by == "auroc":
            return 0.5 + direction * (area - 0.5), direction
        no, yes = self._turned(direction)
        if by == "average_precision":
            return average_precision(no, yes), direction
        if by == "mutual_information":
            return self._information(), direction
        if by == "cohens_d":
            return cohens_d(no, yes), direction
        found = at_threshold(no, yes, np.stack([best_threshold(no[0], yes[0])] * 2))
        return found.f1 if by == "f1" else found.jaccard, direction

    def report(self, direction: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        """Every measure on the half that reports, each of shape (unit,)."""
        no, yes = self._turned(direction)
        code = best_threshold(no[0], yes[0])
        found = at_threshold(no[1], yes[1], code)
        return {
            "auroc": auroc(no[1], yes[1]),
            "average_precision": average_precision(no[1], yes[1]),
            "f1": found.f1,
            "precision": found.precision,
            "recall": found.recall,
            "jaccard": found.jaccard,
            "threshold": np.where(direction > 0, code, -1 - code) / CODE_SCALE,
            "mutual_information": self._information()[1],
            "cohens_d": cohens_d(no[1], yes[1]),
        }

    def _turned(self, direction: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Counts of no and of yes, each (half, unit, 256), as if every unit were high at yes."""
        turned = np.where(direction[:, None] > 0, self.table, self.table[..., ::-1])
        return turned[:, 0], turned[:, 1]

    def _information(self) -> NDArray[np.float64]:
        by_label = self.table.swapaxes(0, 1)
        return (mutual_information(by_label) - information_bias(by_label)).clip(0.0)


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
