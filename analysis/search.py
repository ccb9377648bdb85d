"""Rank the units of a recording by how well each follows a hypothesis about the text."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from itertools import starmap
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.histograms import Group, cell_table, count_codes, group_cells, prepare
from analysis.labelling import Claim, Skipped, Split, divide, label_recording
from analysis.recording import CHUNK_TIME, CHUNK_UNITS
from analysis.scores import auroc, spearman
from models.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from analysis.hypotheses.labels import Hypothesis
    from analysis.recording import Recording

Item = TypeVar("Item")
Result = TypeVar("Result")

LABELLING_SHARE = 0.2  # of the progress bar; the rest is counting
MAX_WORKERS = 8  # each holds counts of its own


class SearchError(UserError):
    """A search that can't be made: nothing to search in, or nothing to search for."""


@dataclass(frozen=True)
class Finding:
    """A unit chosen for a hypothesis on one half of the text, and its score on the other.

    Attributes
    ----------
    hypothesis : str
        The hypothesis' name.
    unit : str
        The unit, as in "1.c.78".
    measure : {"auroc", "spearman"}
        AUROC for yes/no (chance 0.5), Spearman's rank correlation for numbers (chance 0.0).
    score : float
        On the half that reports, in the direction chosen on the other half: below chance if the
        unit goes the other way there.
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
    """

    hypothesis: str
    unit: str
    measure: Literal["auroc", "spearman"]
    score: float
    direction: Literal[1, -1]
    positives: int
    n: int
    choose_score: float
    documents: int
    split: Split

    def to_json(self) -> dict[str, str | float | int]:
        """Return the fields in their order, ready for `json.dumps`."""
        return asdict(self)


@dataclass(frozen=True)
class SearchResult:
    """What a search found, and what it could not score.

    Attributes
    ----------
    findings : tuple of Finding
        Hypotheses in the order asked; for each, the units with the best `choose_score` first.
    skipped : tuple of Skipped
        The other hypotheses, each with the reason.
    """

    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]


def search_units(
    recording: Recording,
    hypotheses: Sequence[Hypothesis],
    *,
    top: int = 5,
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
    claims, groups, skipped = _group_claims(
        recording, hypotheses, lambda p: report(LABELLING_SHARE * p)
    )
    scores = _score_units(
        recording, claims, groups, lambda p: report(LABELLING_SHARE + (1 - LABELLING_SHARE) * p)
    )
    names = [f"{site}.{k}" for site in recording.sites for k in range(recording.units(site))]
    findings = (_findings(c, own, names, top) for c, own in zip(claims, scores, strict=True))
    return SearchResult(tuple(finding for some in findings for finding in some), skipped)


def findings_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return one row a finding, one column a field, in the order given.

    Parameters
    ----------
    findings : sequence of Finding

    Returns
    -------
    pandas.DataFrame
        With all columns even where there is no finding.
    """
    import pandas as pd

    columns = [field.name for field in fields(Finding)]
    return pd.DataFrame([finding.to_json() for finding in findings], columns=columns)


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


def _group_claims(
    recording: Recording,
    hypotheses: Sequence[Hypothesis],
    progress: Callable[[float], None],
) -> tuple[list[Claim], tuple[Group, ...], tuple[Skipped, ...]]:
    """Label, divide and group; a group names claims by their place in the list of claims."""
    labels = label_recording(recording, hypotheses, progress)
    divided = [
        divide(hypothesis, own, recording.documents)
        for hypothesis, own in zip(hypotheses, labels, strict=True)
    ]
    scored = [each for each in divided if not isinstance(each, Skipped)]
    skipped = tuple(each for each in divided if isinstance(each, Skipped))
    return [claim for claim, _ in scored], group_cells([cells for _, cells in scored]), skipped


def _score_units(
    recording: Recording,
    claims: Sequence[Claim],
    groups: Sequence[Group],
    progress: Callable[[float], None],
) -> NDArray[np.float64]:
    """Return scores on both halves, shape (claim, half, unit), units in the sites' order."""
    blocks = [
        (site, slice(start, min(start + CHUNK_UNITS, recording.units(site))))
        for site in recording.sites
        for start in range(0, recording.units(site), CHUNK_UNITS)
    ]
    if not claims or not blocks:
        progress(1.0)
        return np.zeros((len(claims), 2, 0))
    prepare()

    def score(block: tuple[str, slice]) -> NDArray[np.float64]:
        return _score_block(recording, *block, claims, groups)

    scores = []
    for done, block in enumerate(_in_threads(score, blocks), start=1):
        scores.append(block)
        progress(done / len(blocks))
    return np.concatenate(scores, axis=-1)


def _in_threads(function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """Yield results in the items' order; whoever stops early cancels what hasn't begun."""
    pool = ThreadPoolExecutor(min(_processors(), MAX_WORKERS), thread_name_prefix="search")
    try:
        yield from pool.map(function, items)
    finally:
        pool.shutdown(cancel_futures=True)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):  # where missing, no process is kept from a processor
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _score_block(
    recording: Recording,
    site: str,
    units: slice,
    claims: Sequence[Claim],
    groups: Sequence[Group],
) -> NDArray[np.float64]:
    """Return scores of shape (claim, half, unit) for a few units of a site."""
    width = units.stop - units.start
    counts = [group.zeros(width) for group in groups]
    for start in range(0, len(recording), CHUNK_TIME):
        stop = min(start + CHUNK_TIME, len(recording))
        codes = recording.codes(site, start, stop, units)
        for group, own in zip(groups, counts, strict=True):
            count_codes(codes, group.combinations[start:stop], own)
    scores = np.empty((len(claims), 2, width))
    for group, own in zip(groups, counts, strict=True):
        for place, cells in group.cells.items():
            scores[place] = _score_claim(claims[place], cell_table(own, cells, claims[place].cells))
    return scores


def _score_claim(claim: Claim, table: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return scores of shape (half, unit) from counts of shape (cell, unit, 256)."""
    halves = table[1:].reshape(2, claim.bins, *table.shape[1:])
    if claim.kind == "yes/no":
        return np.stack(list(starmap(auroc, halves)))
    return np.stack([spearman(half) for half in halves])


def _findings(
    claim: Claim, scores: NDArray[np.float64], names: Sequence[str], top: int
) -> list[Finding]:
    """Return the best units of one hypothesis from scores of shape (half, unit)."""
    chance = 0.5 if claim.kind == "yes/no" else 0.0
    directions = np.where(scores[0] >= chance, 1, -1)
    chosen, reported = chance + directions * (scores - chance)
    # Stable: of equally good units the first is chosen, whatever the machine.
    best = np.argsort(-chosen, kind="stable")[:top]
    return [
        Finding(
            hypothesis=claim.hypothesis,
            unit=names[k],
            measure="auroc" if claim.kind == "yes/no" else "spearman",
            score=float(reported[k]),
            direction=1 if directions[k] > 0 else -1,
            positives=claim.positives,
            n=claim.n,
            choose_score=float(chosen[k]),
            documents=claim.documents,
            split=claim.split,
        )
        for k in best
    ]
