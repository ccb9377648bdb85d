"""Named claims about a text that give a label to each of its symbols."""

from analysis.hypotheses.caching import label_document
from analysis.hypotheses.catalogue import catalogue, find_hypotheses
from analysis.hypotheses.functions import from_function
from analysis.hypotheses.labels import Hypothesis, HypothesisError, Kind, Labels
from analysis.hypotheses.languages import languages_of
from analysis.hypotheses.marks import MarkedSpans, read_marks
from analysis.hypotheses.patterns import PATTERNS
from analysis.hypotheses.reasons import undefined_reason

__all__ = [
    "PATTERNS",
    "Hypothesis",
    "HypothesisError",
    "Kind",
    "Labels",
    "MarkedSpans",
    "catalogue",
    "find_hypotheses",
    "from_function",
    "label_document",
    "languages_of",
    "read_marks",
    "undefined_reason",
]
