"""Rank the units of a recording by how well each follows a hypothesis about the text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from analysis.findings import Finding, SearchResult, findings_table
from analysis.labelling import Claim
from analysis.measures import YesNoMeasure
from analysis.ranking import RankBlocks, Ranked, label_request, rank_here, rank_units
from models.errors import UserError

if TYPE_CHECKING:
    from analysis.hypotheses.labels import Hypothesis
    from analysis.recording import Recording

__all__ = ["Finding", "SearchError", "SearchResult", "findings_table", "search_units"]

LABELLING_SHARE = 0.2  # of the progress bar; the rest is counting


class SearchError(UserError):
    """A search that can't be made: nothing to search in, or nothing to search for."""


def search_units(
    recording: Recording,
    hypotheses: Sequence[Hypothesis],
    *,
    top: int = 5,
    by: YesNoMeasure = "auroc",
    rank_blocks: RankBlocks = rank_here,
    progress: Callable[[float], None] | None = None,
) -> SearchResult:
    """Find the units that follow each hypothesis best.

    The documents where a hypothesis is defined are divided into two halves
    (`analysis.labelling.split_documents`). Units and their directions are chosen on one half,
    scores reported on the other. Labels are made for whole documents; the codes are read once,
    a chunk at a time.

    Parameters
    ----------
    recording : Recording
        Activation codes of shape (time, unit) at each site.
    hypotheses : sequence of Hypothesis
        Each with a name of its own.
    top : int, default=5
        Findings a hypothesis; fewer where there are fewer units.
    by : YesNoMeasure, default="auroc"
        What units are ranked by for yes/no hypotheses; for numbers it is always Spearman.
    rank_blocks : RankBlocks, optional
        Who counts: threads of this process by default, or workers of Dask
        (`analysis.cluster.dask_rankers`). What is found is the same.
    progress : callable, optional
        Called in the calling thread with the share done, from 0 to 1, never falling. What it
        raises stops the search.

    Returns
    -------
    SearchResult
        Hypotheses that are undefined or never change on a half are in `skipped`.

    Raises
    ------
    SearchError
        If the recording is empty, there is no hypothesis, two have one name, or `top` is below 1.
    HypothesisError
        If a hypothesis' labels don't fit a document.
    """
    _check_request(recording, hypotheses, top)
    report = progress or (lambda share: None)
    request = label_request(recording, hypotheses, by, lambda p: report(LABELLING_SHARE * p))
    ranked = rank_units(
        recording,
        request,
        top,
        rank_blocks,
        lambda p: report(LABELLING_SHARE + (1 - LABELLING_SHARE) * p),
    )
    found = (_findings(*each, by) for each in zip(request.claims, ranked, strict=True))
    return SearchResult(tuple(finding for some in found for finding in some), request.skipped)


def _check_request(recording: Recording, hypotheses: Sequence[Hypothesis], top: int) -> None:
    if not len(recording):
        raise SearchError("The recording holds no symbol. Record a text that isn't empty.")
    if not hypotheses:
        raise SearchError("There is no hypothesis to search for. Name at least one.")
    names = [hypothesis.name for hypothesis in hypotheses]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SearchError(
            f"Two hypotheses are named {twice!r}. Give each its own name, or drop one."
        )
    if top < 1:
        raise SearchError(f"The search was asked for the best {top} units. Ask for at least 1.")


def _findings(claim: Claim, ranked: Ranked, by: YesNoMeasure) -> list[Finding]:
    reported = ranked.report()
    return [
        Finding(
            hypothesis=claim.hypothesis,
            unit=name,
            measure=by if claim.kind == "yes/no" else "spearman",
            score=float(ranked.scores[1, k]),
            direction=1 if ranked.direction[k] > 0 else -1,
            positives=claim.positives,
            n=claim.n,
            choose_score=float(ranked.scores[0, k]),
            documents=claim.documents,
            split=claim.split,
            **{name: float(values[k]) for name, values in reported.items()},
        )
        for k, name in enumerate(ranked.names)
    ]
