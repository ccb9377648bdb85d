from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.histograms import (
    MAX_BINS,
    Cells,
    _compiled,
    _count,
    bin_bounds,
    cell_tables,
    count_codes,
    group_cells,
    sum_ranks,
)


def random_chunk(seed: int, time: int, units: int, combinations: int):
    random = np.random.default_rng(seed)
    codes = random.integers(-128, 128, (time, units)).astype(np.int8)
    return codes, random.integers(0, combinations, time).astype(np.uint16)


def counted(codes: np.ndarray, combinations: np.ndarray, size: int) -> np.ndarray:
    counts = np.zeros((size, codes.shape[1], 256), np.uint32)
    count_codes(codes, combinations, counts)
    return counts


def counted_plainly(codes: np.ndarray, combinations: np.ndarray, size: int) -> np.ndarray:
    counts = np.zeros((size, codes.shape[1], 256), np.int64)
    for unit in range(codes.shape[1]):
        np.add.at(counts, (combinations, unit, codes[:, unit].astype(int) + 128), 1)
    return counts


def random_cells(seed: int, time: int, sizes: list[int]) -> list[Cells]:
    random = np.random.default_rng(seed)
    return [Cells(random.integers(0, k, time).astype(np.uint16), k) for k in sizes]


@given(st.integers(0, 2**32), st.integers(0, 60), st.integers(0, 20), st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_counts_are_those_of_a_plain_count(seed, time, units, size):
    chunk = random_chunk(seed, time, units, size)
    assert np.array_equal(counted(*chunk, size), counted_plainly(*chunk, size))


@given(st.integers(0, 2**32), st.lists(st.integers(0, 200), max_size=6))
@settings(max_examples=40, deadline=None)
def test_any_split_of_the_symbols_counts_the_same(seed, cuts):
    codes, combinations = random_chunk(seed, 200, 5, 7)
    bounds = [0, *sorted(cuts), 200]
    parts = [counted(codes[a:b], combinations[a:b], 7) for a, b in pairwise(bounds)]
    assert np.array_equal(np.sum(parts, axis=0), counted(codes, combinations, 7))


def test_counting_adds_to_what_was_counted_before():
    codes, combinations = random_chunk(1, 300, 3, 4)
    counts = counted(codes, combinations, 4)
    count_codes(codes, combinations, counts)
    assert np.array_equal(counts, 2 * counted_plainly(codes, combinations, 4))


def test_the_least_and_the_largest_code_have_the_first_and_the_last_place():
    codes = np.array([[-128], [-127], [0], [127]], np.int8)
    counts = counted(codes, np.zeros(4, np.uint16), 1)
    assert np.flatnonzero(counts[0, 0]).tolist() == [0, 1, 128, 255]


def test_the_compiled_count_is_the_plain_one():
    codes, combinations = random_chunk(2, 50, 4, 3)
    plain = np.zeros((3, 4 * 256), np.uint32)
    _count(codes, combinations, plain)
    assert np.array_equal(plain.reshape(3, 4, 256), counted(codes, combinations, 3))


def test_counting_works_where_compiled_code_cannot_be_kept(monkeypatch):
    njit = numba.njit

    def without_cache(*, cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return njit(**options)

    monkeypatch.setattr(numba, "njit", without_cache)
    _compiled.cache_clear()
    try:
        chunk = random_chunk(8, 50, 4, 3)
        assert np.array_equal(counted(*chunk, 3), counted_plainly(*chunk, 3))
    finally:
        _compiled.cache_clear()


def test_codes_that_are_not_contiguous_are_counted_too():
    codes, combinations = random_chunk(3, 90, 8, 3)
    assert np.array_equal(
        counted(codes[:, ::2], combinations, 3), counted_plainly(codes[:, ::2], combinations, 3)
    )


def test_chunks_that_do_not_fit_are_refused():
    codes, combinations = random_chunk(4, 10, 2, 3)
    with pytest.raises(ValueError, match=r"shape \(9, 2\), but labels and counts \(10, 2\)"):
        count_codes(codes[:9], combinations, np.zeros((3, 2, 256), np.uint32))
    with pytest.raises(ValueError, match="combination 2, but counts for 2 only"):
        count_codes(codes, combinations * 0 + 2, np.zeros((2, 2, 256), np.uint32))
    with pytest.raises(ValueError, match="C-contiguous"):
        count_codes(codes, combinations, np.zeros((3, 256, 2), np.uint32).swapaxes(1, 2))


@given(st.integers(0, 2**32), st.lists(st.integers(1, 30), min_size=1, max_size=7))
@settings(max_examples=40, deadline=None)
def test_every_hypothesis_is_in_one_group_and_its_cells_can_be_read_back(seed, sizes):
    cells = random_cells(seed, 400, sizes)
    groups = group_cells(cells, limit=40)
    assert sorted(place for group in groups for place in group.cells) == list(range(len(sizes)))
    for group in groups:
        assert np.array_equal(np.unique(group.combinations), np.arange(group.size))
        assert group.size <= 40 or len(group.cells) == 1
        for place, own in group.cells.items():
            assert np.array_equal(own[group.combinations], cells[place].ids)


def test_hypotheses_that_agree_share_one_group():
    (one,) = random_cells(5, 1_000, [5])
    (group,) = group_cells([one] * 20)
    assert group.size == 5


def test_hypotheses_whose_combinations_explode_are_counted_apart():
    cells = random_cells(6, 100_000, [200, 200, 3])
    groups = group_cells(cells, limit=256)
    assert [sorted(group.cells) for group in groups] == [[0], [1], [2]]


def test_a_combination_first_met_in_a_late_chunk_has_its_place():
    ids = np.zeros(200_000, np.uint16)
    ids[-1] = 4
    (group,) = group_cells([Cells(ids, 5)])
    assert group.size == 2
    assert group.cells[0].tolist() == [0, 4]
    assert group.combinations[-1] == 1


def test_more_symbols_than_a_count_can_hold_are_refused():
    endless = np.broadcast_to(np.zeros(1, np.uint16), (2**32,))
    with pytest.raises(ValueError, match="Count parts of the recording apart"):
        group_cells([Cells(endless, 1)])


@given(st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_a_hypothesis_table_counts_its_own_cells_alone(seed):
    cells = random_cells(seed, 500, [3, 5, 9])
    codes, _ = random_chunk(seed, 500, 4, 1)
    for group in group_cells(cells):
        counts = counted(codes, group.combinations, group.size)
        tables = cell_tables(group, counts, {place: cells[place].count for place in group.cells})
        for place, table in tables.items():
            expected = counted_plainly(codes, cells[place].ids, cells[place].count)
            assert np.array_equal(table, expected)


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=200))
def test_few_values_get_a_bin_each_in_their_order(values):
    array = np.array(values, np.float32)
    bins = np.searchsorted(bin_bounds(array), array)
    assert np.array_equal(bins, np.unique(array, return_inverse=True)[1])


@given(st.integers(0, 2**32), st.sampled_from(["normal", "heavy", "tied"]))
@settings(max_examples=30, deadline=None)
def test_many_values_get_at_most_256_bins_in_order_and_none_is_empty(seed, kind):
    random = np.random.default_rng(seed)
    values = random.standard_normal(5_000).astype(np.float32)
    if kind == "heavy":
        values = np.exp(5 * values)
    if kind == "tied":
        values[random.random(5_000) < 0.7] = values.max()
    bounds = bin_bounds(values)
    bins = np.searchsorted(bounds, values)
    order = np.argsort(values, kind="stable")
    assert np.all(np.diff(bins[order]) >= 0)
    assert np.array_equal(np.unique(bins), np.arange(bounds.size + 1))
    assert bounds.size + 1 <= MAX_BINS


def test_many_values_without_ties_fill_all_bins_about_equally():
    values = np.random.default_rng(7).standard_normal(256 * 100).astype(np.float32)
    sizes = np.bincount(np.searchsorted(bin_bounds(values), values))
    assert sizes.size == 256
    assert sizes.min() >= 95
    assert sizes.max() <= 105


def test_importing_the_search_does_not_import_numba_or_pandas():
    asked = "import sys, analysis.search; print({'numba', 'pandas', 'torch'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True)
    assert answer.stdout.strip() == "set()", answer.stderr


def summed(codes: np.ndarray, cells: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    sums = np.zeros((2, codes.shape[1], 256), np.int64)
    sum_ranks(codes, cells, ranks, sums)
    return sums


@given(st.integers(0, 2**32), st.integers(0, 80), st.integers(0, 12), st.integers(1, 30))
@settings(max_examples=40)
def test_sums_of_ranks_are_plain_sums_by_half_and_code(seed, time, units, bins):
    codes, cells = random_chunk(seed, time, units, 1 + 2 * bins)
    ranks = np.random.default_rng(seed).integers(0, 1_000, 1 + 2 * bins)
    ranks[0] = 999  # what is undefined is left out, whatever its rank
    expected = np.zeros((2, units, 256), np.int64)
    for t, cell in enumerate(cells):
        for unit in range(units):
            if cell:
                expected[int(cell > bins), unit, int(codes[t, unit]) + 128] += ranks[cell]
    assert np.array_equal(summed(codes, cells, ranks), expected)


@given(st.integers(0, 2**32), st.lists(st.integers(0, 200), max_size=6))
@settings(max_examples=30)
def test_any_split_of_the_symbols_sums_the_same(seed, cuts):
    codes, cells = random_chunk(seed, 200, 5, 9)
    ranks = np.arange(9) ** 2
    bounds = [0, *sorted(cuts), 200]
    parts = [summed(codes[a:b], cells[a:b], ranks) for a, b in pairwise(bounds)]
    assert np.array_equal(np.sum(parts, axis=0), summed(codes, cells, ranks))


def test_sums_that_do_not_fit_are_refused():
    codes, cells = random_chunk(4, 10, 2, 3)
    with pytest.raises(ValueError, match=r"shape \(9, 2\), but labels and sums \(10, 2\)"):
        sum_ranks(codes[:9], cells, np.zeros(3, np.int64), np.zeros((2, 2, 256), np.int64))
    with pytest.raises(ValueError, match="cell 2, but ranks for 2 only"):
        sum_ranks(codes, cells * 0 + 2, np.zeros(2, np.int64), np.zeros((2, 2, 256), np.int64))
