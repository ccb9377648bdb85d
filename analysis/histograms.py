"""Count how often each unit's activation code met each combination of labels, in one pass.

A hypothesis gives every symbol one of a few *cells*: undefined, or one of its label's bins on one
of the two halves of the documents. Hypotheses that share a *group* are counted together: each
symbol belongs to one combination of their cells, and few of all possible combinations occur. The
pass over the recording adds one to `counts[combination, unit, code]`, whatever the number of
hypotheses; each hypothesis' own table is then a sum of the combinations that agree on its cell.

Counts are plain sums over symbols: count chunks, documents or machines apart and add.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.recording import CHUNK_TIME

Count = TypeVar("Count", np.uint32, np.int64)

CODES = 256  # entry k of a code axis counts the activation code k - 128
MAX_BINS = 256
# Measured: with more, counts leave the caches, and one more group is faster.
MAX_COMBINATIONS = 64


@dataclass(frozen=True)
class Cells:
    """The cell of one hypothesis at each symbol.

    Attributes
    ----------
    ids : ndarray of uint16, shape (time,)
        Each below `count`.
    count : int
        Number of cells the hypothesis can have.
    """

    ids: NDArray[np.uint16] = field(repr=False)
    count: int


@dataclass(frozen=True)
class Group:
    """Hypotheses counted together.

    Attributes
    ----------
    combinations : ndarray of uint16, shape (time,)
        The combination of cells each symbol belongs to, below `size`.
    size : int
        Number of combinations; each occurs.
    cells : mapping of int to ndarray of uint16, shape (size,)
        For each hypothesis in the group, by its place in the list that was grouped: the cell it
        has in each combination.
    """

    combinations: NDArray[np.uint16] = field(repr=False)
    size: int
    cells: Mapping[int, NDArray[np.uint16]] = field(repr=False)

    def zeros(self, units: int) -> NDArray[np.uint32]:
        """Return counts of nothing yet, shape (size, units, 256)."""
        return np.zeros((self.size, units, CODES), np.uint32)


def group_cells(cells: Sequence[Cells], *, limit: int = MAX_COMBINATIONS) -> tuple[Group, ...]:
    """Put hypotheses into as few groups as keep the number of combinations small.

    Each hypothesis joins the first group that has room for it, in the order given, and opens a
    new one where none has.

    Parameters
    ----------
    cells : sequence of Cells
        One entry a hypothesis, all over the same symbols.
    limit : int, default=64
        Most combinations that a group of two or more hypotheses may have.

    Returns
    -------
    tuple of Group
        Every hypothesis is in exactly one.

    Raises
    ------
    ValueError
        If there are 2**32 symbols or more: counts have 32 bits.
    """
    groups: list[Group] = []
    for place, own in enumerate(cells):
        if own.ids.size >= 2**32:
            raise ValueError(
                f"Counts hold fewer than {2**32:,} symbols, but there are {own.ids.size:,}. "
                "Count parts of the recording apart and add them."
            )
        for k, group in enumerate(groups):
            joined = _join(group, place, own, limit)
            if joined is not None:
                groups[k] = joined
                break
        else:
            groups.append(_alone(place, own))
    return tuple(groups)


def bin_bounds(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return where a numeric label is cut into bins.

    Up to 256 distinct values get one bin each, so nothing is lost. More are put into at most 256
    bins that hold about equally many symbols; ranks within a bin are then tied.

    Parameters
    ----------
    values : ndarray of float32, shape (n,)
        Finite, at least one.

    Returns
    -------
    ndarray of float32, shape (bins - 1,)
        The largest value of each bin but the last, rising: `np.searchsorted(bounds, values)` are
        the values' bins, and none is empty.
    """
    distinct = np.unique(values)
    if distinct.size <= MAX_BINS:
        return distinct[:-1]
    shares = np.arange(1, MAX_BINS) / MAX_BINS
    # A bound is a value that occurs, and not the largest: then no bin is empty.
    bounds: NDArray[np.float32] = np.quantile(values, shares, method="inverted_cdf")
    return np.unique(bounds[bounds < distinct[-1]])


def count_codes(
    codes: NDArray[np.int8], combinations: NDArray[np.uint16], counts: NDArray[np.uint32]
) -> None:
    """Add a chunk of a recording to `counts`, in place.

    Safe to call from several threads, each with its own `counts`; it doesn't hold the
    interpreter's lock.

    Parameters
    ----------
    codes : ndarray of int8, shape (time, unit)
        Activation codes.
    combinations : ndarray of uint16, shape (time,)
        The combination each symbol belongs to.
    counts : C-contiguous ndarray of uint32, shape (combination, unit, 256)
        Entry k of the last axis counts the code k - 128.

    Raises
    ------
    ValueError
        If the shapes don't agree, or a combination has no place in `counts`.
    """
    expected = (combinations.size, counts.shape[1])
    if codes.shape != expected:
        raise ValueError(f"Codes have the shape {codes.shape}, but labels and counts {expected}.")
    if combinations.size and combinations.max() >= counts.shape[0]:
        raise ValueError(
            f"There is a combination {combinations.max()}, but counts for {counts.shape[0]} only."
        )
    if not counts.flags.c_contiguous:
        raise ValueError("Counts must be C-contiguous: adding to a copy would lose them.")
    _compiled(_count)(np.ascontiguousarray(codes), combinations, _flat(counts))


def cell_tables(
    group: Group, counts: NDArray[np.uint32], sizes: Mapping[int, int]
) -> dict[int, NDArray[np.int64]]:
    """Sum the counts of a group's combinations over everything but each of its hypotheses.

    Parameters
    ----------
    group : Group
    counts : ndarray of uint32, shape (combination, unit, 256)
        What `count_codes` counted.
    sizes : mapping of int to int
        Number of cells of each hypothesis in the group, by its place.

    Returns
    -------
    dict of int to ndarray of int64, shape (cell, unit, 256)
        By the hypothesis' place.
    """
    tables = {}
    for k, cells in group.cells.items():
        tables[k] = np.zeros((sizes[k], *counts.shape[1:]), np.int64)
        _compiled(_fold)(_flat(counts), cells, _flat(tables[k]))
    return tables


def sum_ranks(
    codes: NDArray[np.int8],
    cells: NDArray[np.uint16],
    ranks: NDArray[np.int64],
    sums: NDArray[np.int64],
) -> None:
    """Add the ranks that a number has where each code is met to `sums`, in place.

    Safe to call from several threads, each with its own `sums`.

    Parameters
    ----------
    codes : ndarray of int8, shape (time, unit)
        Activation codes.
    cells : ndarray of uint16, shape (time,)
        The cell of each symbol: 0 where the number is undefined, then the bins on the half that
        chooses, then those on the half that reports.
    ranks : ndarray of int64, shape (1 + 2 * bins,)
        What to add for each cell.
    sums : C-contiguous ndarray of int64, shape (2, unit, 256)
        One table a half; entry k of the last axis is of the code k - 128.

    Raises
    ------
    ValueError
        If the shapes don't agree.
    """
    if codes.shape != (cells.size, sums.shape[1]) or not sums.flags.c_contiguous:
        raise ValueError(
            f"Codes have the shape {codes.shape}, but labels and sums {(cells.size, sums.shape[1])}"
            " (C-contiguous)."
        )
    if cells.size and cells.max() >= ranks.size:
        raise ValueError(f"There is a cell {cells.max()}, but ranks for {ranks.size} only.")
    _compiled(_sum)(np.ascontiguousarray(codes), cells, ranks, _flat(sums))


def prepare() -> None:
    """Compile what counts, or load it from numba's cache: before threads need it all at once."""
    group = Group(np.zeros(1, np.uint16), 1, {0: np.zeros(1, np.uint16)})
    codes, cells = np.zeros((1, 1), np.int8), group.cells[0]
    count_codes(codes, group.combinations, group.zeros(1))
    cell_tables(group, group.zeros(1), {0: 1})
    sum_ranks(codes, cells, np.zeros(1, np.int64), np.zeros((2, 1, CODES), np.int64))


def _alone(place: int, own: Cells) -> Group:
    nothing = Group(np.zeros(own.ids.size, np.uint16), 1, {})
    group = _join(nothing, place, own, own.count)
    assert group is not None  # one hypothesis has no more combinations than cells
    return group


def _join(group: Group, place: int, own: Cells, limit: int) -> Group | None:
    """Return the group with one more hypothesis, or None where that has too many combinations."""
    chunks = [slice(t, t + CHUNK_TIME) for t in range(0, own.ids.size, CHUNK_TIME)]

    def pairs(chunk: slice) -> NDArray[np.int64]:
        return group.combinations[chunk].astype(np.int64) * own.count + own.ids[chunk]

    occurs = np.zeros(group.size * own.count, np.bool_)
    for chunk in chunks:
        occurs[pairs(chunk)] = True
        if np.count_nonzero(occurs) > limit:
            return None
    number = (np.cumsum(occurs) - 1).astype(np.uint16)
    combinations = np.empty(own.ids.size, np.uint16)
    for chunk in chunks:
        combinations[chunk] = number[pairs(chunk)]
    before, cell = np.divmod(np.flatnonzero(occurs), own.count)
    cells = {other: theirs[before] for other, theirs in group.cells.items()}
    return Group(combinations, cell.size, cells | {place: cell.astype(np.uint16)})


def _flat(counts: NDArray[Count]) -> NDArray[Count]:
    return counts.reshape(counts.shape[0], counts.shape[1] * CODES)


@cache
def _compiled(function: Callable[..., None]) -> Callable[..., None]:
    # Imported here: numba takes a second to import, and pages that don't search needn't wait.
    # Not numba's own threads: its default threading layer breaks when two sessions search at
    # once. Whoever searches runs one call per block of units in a thread instead.
    import numba

    options: dict[str, Any] = {"nogil": True, "boundscheck": False}
    try:
        compiled: Callable[..., None] = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # nowhere to keep the compiled code: compile once a process
        compiled = numba.njit(**options)(function)
    return compiled


def _count(
    codes: NDArray[np.int8], combinations: NDArray[np.uint16], counts: NDArray[np.uint32]
) -> None:
    # Symbol by symbol, so that consecutive additions go to different units' counters: units
    # change slowly, and adding to the counter just written would wait for it. Unsigned places,
    # or numba tests each for being negative.
    for t in range(codes.shape[0]):
        row = counts[combinations[t]]
        for unit in range(codes.shape[1]):
            row[np.uint64(unit * 256 + 128 + int(codes[t, unit]))] += np.uint32(1)


def _sum(
    codes: NDArray[np.int8],
    cells: NDArray[np.uint16],
    ranks: NDArray[np.int64],
    sums: NDArray[np.int64],
) -> None:
    bins = ranks.size // 2
    for t in range(codes.shape[0]):
        cell = cells[t]
        if cell == 0:
            continue
        row, rank = sums[int(cell > bins)], ranks[cell]
        for unit in range(codes.shape[1]):
            row[np.uint64(unit * 256 + 128 + int(codes[t, unit]))] += rank


def _fold(counts: NDArray[np.uint32], cells: NDArray[np.uint16], table: NDArray[np.int64]) -> None:
    for combination in range(counts.shape[0]):
        row = table[cells[combination]]
        for k in range(counts.shape[1]):
            row[k] += counts[combination, k]
