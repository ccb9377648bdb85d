"""The pass over a recording that ranks every unit by every hypothesis."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.gathering import Block, unit_blocks
from analysis.histograms import (
    CODES,
    Cells,
    Group,
    cell_tables,
    count_codes,
    group_cells,
    prepare,
    sum_ranks,
)
from analysis.labelling import Claim, Skipped, divide_labels, label_recording
from analysis.measures import NumberCounts, YesNoCounts, YesNoMeasure
from analysis.recording import CHUNK_TIME

if TYPE_CHECKING:
    from analysis.hypotheses.labels import Hypothesis
    from analysis.recording import Recording

MAX_WORKERS = 8  # each holds counts of its own


@dataclass(frozen=True)
class Request:
    """What a search looks for, labelled and ready to be counted.

    Attributes
    ----------
    claims : tuple of Claim
    cells : tuple of Cells
        One entry a claim.
    groups : tuple of Group
        They name claims by their place. Of numbers they count the halves alone: their ranks are
        summed apart.
    skipped : tuple of Skipped
    by : YesNoMeasure
    """

    claims: tuple[Claim, ...]
    cells: tuple[Cells, ...] = field(repr=False)
    groups: tuple[Group, ...] = field(repr=False)
    skipped: tuple[Skipped, ...]
    by: YesNoMeasure


def label_request(
    recording: Recording,
    hypotheses: Sequence[Hypothesis],
    by: YesNoMeasure,
    progress: Callable[[float], None],
) -> Request:
    """Label the documents, divide them into halves, group what can be counted together.

    Raises
    ------
    HypothesisError
        If a hypothesis' labels don't fit a document.
    """
    labels = label_recording(recording, hypotheses, progress)
    with ThreadPoolExecutor(workers()) as pool:
        divided = list(pool.map(partial(divide_labels, recording), hypotheses, labels))
    scored = [each for each in divided if not isinstance(each, Skipped)]
    return Request(
        tuple(claim for claim, _ in scored),
        tuple(cells for _, cells in scored),
        group_cells([_counted_cells(*each) for each in scored]),
        tuple(each for each in divided if isinstance(each, Skipped)),
        by,
    )


def _counted_cells(claim: Claim, cells: Cells) -> Cells:
    if claim.kind == "yes/no":
        return cells
    halves = np.where(cells.ids == 0, 0, 1 + (cells.ids > claim.bins))
    return Cells(halves.astype(np.uint16), 3)


@dataclass(frozen=True)
class Ranked:
    """The best units of one claim, best first.

    Attributes
    ----------
    names : tuple of str
    scores : ndarray of float64, shape (half, unit)
    direction : ndarray of int64, shape (unit,)
    counts : YesNoCounts or None
        Of yes/no claims: what every other measure is read off.
    """

    names: tuple[str, ...]
    scores: NDArray[np.float64] = field(repr=False)
    direction: NDArray[np.int64] = field(repr=False)
    counts: YesNoCounts | None = field(repr=False)

    def report(self) -> dict[str, NDArray[np.float64]]:
        """Every measure there is on the half that reports, each of shape (unit,)."""
        if self.counts is None:
            return {"spearman": self.scores[1]}
        return self.counts.report(self.direction)


RankBlocks = Callable[["Recording", Sequence[Block], Request, int], Iterator[list[Ranked]]]
"""Does `rank_block` for each block, here or elsewhere, and yields results in the blocks' order."""


def rank_units(
    recording: Recording,
    request: Request,
    top: int,
    rank_blocks: RankBlocks,
    progress: Callable[[float], None],
) -> list[Ranked]:
    """Return the best units of each claim, of all sites.

    Parameters
    ----------
    recording : Recording
    request : Request
    top : int
        Units a claim.
    rank_blocks : RankBlocks
    progress : callable
        Called with the share of the units that are done.
    """
    blocks = unit_blocks(recording)
    if not request.claims or not blocks:
        progress(1.0)
        return [Ranked((), np.zeros((2, 0)), np.zeros(0, np.int64), None) for _ in request.claims]
    best: list[Ranked] = []
    for done, ranked in enumerate(rank_blocks(recording, blocks, request, top), start=1):
        pairs = zip(best, ranked, strict=True)
        best = [_best(pair, top) for pair in pairs] if best else ranked
        progress(done / len(blocks))
    return best


def rank_here(
    recording: Recording, blocks: Sequence[Block], request: Request, top: int
) -> Iterator[list[Ranked]]:
    """Rank units in threads of this process; whoever stops early cancels what hasn't begun."""
    prepare()
    pool = ThreadPoolExecutor(workers(), thread_name_prefix="search")
    try:
        yield from pool.map(lambda block: rank_block(recording, block, request, top), blocks)
    finally:
        pool.shutdown(cancel_futures=True)


def rank_block(recording: Recording, block: Block, request: Request, top: int) -> list[Ranked]:
    """Rank a few units of a site by each claim."""
    site, units = block
    width = units.stop - units.start
    counts = [group.zeros(width) for group in request.groups]
    sums = {
        k: np.zeros((2, width, CODES), np.int64)
        for k, claim in enumerate(request.claims)
        if claim.kind == "number"
    }
    ranks = {k: request.claims[k].ranks for k in sums}
    for start in range(0, len(recording), CHUNK_TIME):
        stop = min(start + CHUNK_TIME, len(recording))
        codes = recording.codes(site, start, stop, units)
        for group, own in zip(request.groups, counts, strict=True):
            count_codes(codes, group.combinations[start:stop], own)
        for k, total in sums.items():
            sum_ranks(codes, request.cells[k].ids[start:stop], ranks[k], total)
    names = [f"{site}.{k}" for k in range(units.start, units.stop)]
    tables: dict[int, NDArray[np.int64]] = {}
    for group, own in zip(request.groups, counts, strict=True):
        sizes = {k: 3 if k in sums else request.claims[k].cells for k in group.cells}
        tables |= cell_tables(group, own, sizes)
    return [
        _rank_numbers(claim, tables[k][1:], sums[k], names, top)
        if k in sums
        else _rank_yes_no(tables[k][1:], request.by, names, top)
        for k, claim in enumerate(request.claims)
    ]


def _rank_yes_no(
    table: NDArray[np.int64], by: YesNoMeasure, names: Sequence[str], top: int
) -> Ranked:
    """Rank units by counts of shape (half * 2, unit, 256)."""
    counts = YesNoCounts(table.reshape(2, 2, *table.shape[1:]))
    scores, direction = counts.rank(by)
    best = _order(scores)[:top]
    kept = YesNoCounts(counts.table[:, :, best])
    return Ranked(tuple(names[k] for k in best), scores[:, best], direction[best], kept)


def _rank_numbers(
    claim: Claim,
    codes: NDArray[np.int64],
    rank_sums: NDArray[np.int64],
    names: Sequence[str],
    top: int,
) -> Ranked:
    scores, direction = NumberCounts(codes, rank_sums, claim.occurrences).rank()
    best = _order(scores)[:top]
    return Ranked(tuple(names[k] for k in best), scores[:, best], direction[best], None)


def _order(scores: NDArray[np.float64]) -> NDArray[np.intp]:
    """Stable: of equally good units the first is chosen, whatever the machine."""
    return np.argsort(-scores[0], kind="stable")


def _best(pair: tuple[Ranked, Ranked], top: int) -> Ranked:
    """Return the best units of two parts; of equally good ones the first is first."""
    scores = np.concatenate([each.scores for each in pair], axis=1)
    best = _order(scores)[:top]
    names = [name for each in pair for name in each.names]
    direction = np.concatenate([each.direction for each in pair])
    tables = [each.counts.table for each in pair if each.counts is not None]
    counts = YesNoCounts(np.concatenate(tables, axis=2)[:, :, best]) if tables else None
    return Ranked(tuple(names[k] for k in best), scores[:, best], direction[best], counts)


def workers() -> int:
    """How many threads go through units at once."""
    return min(_processors(), MAX_WORKERS)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):  # where missing, no process is kept from a processor
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
