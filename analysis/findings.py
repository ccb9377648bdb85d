"""What a search finds: units chosen on one half of the text and scored on the other half."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from analysis.labelling import Skipped, Split
from analysis.measures import Measure

if TYPE_CHECKING:
    import pandas as pd


def with_arrow(unit: str, direction: int) -> str:
    """A unit and where it is high: "1.c.78 ▲" where the label holds, "1.c.78 ▼" elsewhere."""
    return f"{unit} {'▲' if direction > 0 else '▼'}"


@dataclass(frozen=True)
class Finding:
    """A unit chosen for a hypothesis on one half of the text, and its scores on the other.

    What has not been asked for, or means nothing for this kind of hypothesis, is None.

    Attributes
    ----------
    hypothesis : str
        The hypothesis' name.
    unit : str
        The unit, as in "1.c.78".
    measure : Measure
        What units were ranked by. AUROC for yes/no (chance 0.5) unless another was asked for,
        Spearman's rank correlation for numbers (chance 0.0).
    score : float
        The measure on the half that reports, in the direction chosen on the other half: below
        chance if the unit goes the other way there.
    direction : {1, -1}
        -1 if the unit is low where the label is high.
    positives : int
        Symbols of the reporting half where the label is yes, or a number above zero.
    n : int
        Symbols of the reporting half where the label is defined.
    choose_score : float
        On the half that chose the unit. Best of many, so it overstates: rank by it, don't report
        it.
    documents : int
        Documents of the reporting half where the label is defined somewhere.
    split : {"documents", "halves of one document"}
        What the halves are. Two halves of one document share more than two documents do.
    low, high : float
        95% interval of the score, by a bootstrap over documents.
    p_value : float
        How often the best of all units does as well on labels shifted in a circle.
    q_value : float
        The same, corrected for the number of hypotheses (Benjamini and Hochberg 1995): of the
        best unit of the hypothesis.
    within_symbol : float
        The score among symbols that are the same character.
    symbol_baseline, trigram_baseline : float
        What the current character explains alone, and the last three together.
    untrained : float
        The best unit's score in an untrained network of the same shape.
    auroc, average_precision, f1, precision, recall, jaccard, cohens_d : float
        Of yes/no hypotheses; the threshold of F1, precision, recall and Jaccard is the best one
        for F1 on the half that chooses.
    mutual_information : float
        In nats, less its bias.
    threshold : float
        An activation: yes is said from it on, in the unit's direction.
    spearman, pearson, r2 : float
        Of numbers. r2 is the share of the activation's variance that the number explains, by
        whatever curve.
    """

    hypothesis: str
    unit: str
    measure: Measure
    score: float
    direction: Literal[1, -1]
    positives: int
    n: int
    choose_score: float
    documents: int
    split: Split
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    q_value: float | None = None
    within_symbol: float | None = None
    symbol_baseline: float | None = None
    trigram_baseline: float | None = None
    untrained: float | None = None
    auroc: float | None = None
    average_precision: float | None = None
    f1: float | None = None
    precision: float | None = None
    recall: float | None = None
    jaccard: float | None = None
    threshold: float | None = None
    mutual_information: float | None = None
    cohens_d: float | None = None
    spearman: float | None = None
    pearson: float | None = None
    r2: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the fields in their order, ready for `json.dumps`; without those that are None."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class SearchResult:
    """What a search found, and what it could not score.

    Attributes
    ----------
    findings : tuple of Finding
        Hypotheses in the order asked; for each, the units with the best `choose_score` first.
    skipped : tuple of Skipped
        The other hypotheses, each with the reason.
    unproved : tuple of Skipped
        Hypotheses whose findings could not be given a p value, each with the reason.
    """

    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    unproved: tuple[Skipped, ...] = ()


def interval_text(finding: Finding, between: str = "\N{EN DASH}") -> str:
    """The 95% interval of a finding's score, or nothing where there is none."""
    if finding.low is None or finding.high is None:
        return ""
    return f"{finding.low:.3f}{between}{finding.high:.3f}"


def findings_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return one row a finding, one column a field, in the order given.

    Parameters
    ----------
    findings : sequence of Finding

    Returns
    -------
    pandas.DataFrame
        With all columns even where there is no finding; what is None is missing.
    """
    import pandas as pd

    columns = [field.name for field in fields(Finding)]
    return pd.DataFrame([asdict(finding) for finding in findings], columns=columns)
