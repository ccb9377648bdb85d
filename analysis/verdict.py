"""What to conclude from a finding's numbers, in one sentence."""

from __future__ import annotations

from analysis.findings import Finding

SMALL_P = 0.05
LEAST_WITHIN = 0.05
"""How far from chance the score within symbols must lie to tell of more than the symbol."""


def verdict(finding: Finding) -> str:
    """Say how far to believe a finding that `analysis.proof.prove` has put to the test.

    The first doubt that stands is named. `docs/truth.md` says what each means.

    Parameters
    ----------
    finding : Finding
        Measured by AUROC or Spearman, with its baselines.

    Returns
    -------
    str
        One sentence or two. That the network uses the unit is never among them.
    """
    chance = 0.0 if finding.measure == "spearman" else 0.5
    baseline = finding.trigram_baseline
    if finding.score <= chance or (finding.p_value is not None and finding.p_value > SMALL_P):
        return "No better than chance."
    if baseline is not None and finding.score <= baseline:
        return "No better than the last three characters."
    if finding.p_value is None:
        return "Not tested against chance."
    if finding.low is None:
        return "Too few documents for an interval."
    if finding.low <= chance:
        return "Clear of shifted labels, but other documents might score at chance."
    if baseline is not None and finding.low <= baseline:
        return "Clear of chance; hardly better than the last three characters."
    within = finding.within_symbol
    if within is not None and within - chance < LEAST_WITHIN:
        return "Clear of chance, but it may only tell symbols apart."
    return "Clear of chance and of what three characters explain."
