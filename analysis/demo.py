"""Whether the search finds units that were planted: record a planted network and search it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analysis.hypotheses.catalogue import find_hypotheses
from analysis.recording import Recording, Unit
from analysis.search import Finding, search_units
from models.corpora import Corpus
from models.planted import Planted

CLAIMS = {
    "quote": "double-quotes",
    "column": "column",
    "depth": "parenthesis-depth",
    "newline": "newline",
}
"""What each planted unit tracks, by the name of the hypothesis."""


@dataclass(frozen=True)
class Outcome:
    """One planted unit, and what the search made of its hypothesis.

    Attributes
    ----------
    hypothesis : str
    planted : int
        The planted unit's index in the first layer.
    first : Finding
        The unit that the search put first.
    next_best : Finding or None
        The best unit that was not planted for this; None if there was none among those asked for.
    """

    hypothesis: str
    planted: int
    first: Finding
    next_best: Finding | None

    @property
    def is_found(self) -> bool:
        """Whether the planted unit came first, at h or at c."""
        return _is_planted(self.first, self.planted)


def run_demo(planted: Planted, corpus: Corpus, destination: Path) -> tuple[Outcome, ...]:
    """Record a planted LSTM over a corpus and search for what each planted unit tracks.

    Parameters
    ----------
    planted : Planted
        From `models.planted.planted_lstm`.
    corpus : Corpus
    destination : Path
        The recording to write, NAME.zarr; one that is there is replaced.

    Returns
    -------
    tuple of Outcome
        One a planted unit, in the order of `CLAIMS`.
    """
    from analysis.recorder import record

    recording = record(planted.checkpoint, corpus, destination, force=True)
    return find_planted(recording, planted)


def find_planted(recording: Recording, planted: Planted) -> tuple[Outcome, ...]:
    """Search a recording of a planted LSTM; see `run_demo`."""
    hypotheses = find_hypotheses(list(CLAIMS.values()))
    # A planted unit is seen at each of its sites: the best of the others comes after those.
    top = 1 + len(recording.sites)
    findings = search_units(recording, hypotheses, top=top).findings
    return tuple(
        _outcome(claim, planted.places[name], [f for f in findings if f.hypothesis == claim])
        for name, claim in CLAIMS.items()
    )


def _outcome(hypothesis: str, place: int, findings: list[Finding]) -> Outcome:
    others = (finding for finding in findings if not _is_planted(finding, place))
    return Outcome(hypothesis, place, findings[0], next(others, None))


def _is_planted(finding: Finding, place: int) -> bool:
    unit = Unit.parse(finding.unit)
    return (unit.layer, unit.index) == (0, place)
