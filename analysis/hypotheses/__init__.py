"""Named claims about a text that give a label to each of its symbols."""

from analysis.hypotheses.catalogue import catalogue, find_hypotheses
from analysis.hypotheses.labels import Hypothesis, HypothesisError, Kind, Labels

__all__ = [
    "Hypothesis",
    "HypothesisError",
    "Kind",
    "Labels",
    "catalogue",
    "find_hypotheses",
]
