"""Pooled columns are those of every symbol looked at by itself, whichever way they are made."""

from __future__ import annotations

import itertools

import numpy as np
import planted
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.pooling import (
    GRAIN,
    column_edges,
    grain_of,
    is_coarse,
    pool_blocks,
    pool_peaks,
    site_peaks,
)
from analysis.recorder import record
from analysis.recording import CHUNK_TIME, CHUNK_UNITS, Recording
from models.corpora import Corpus, Document


@pytest.fixture(scope="module")
def long_recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Two chunks of time, and fewer units than a chunk has; not a whole number of grains."""
    random = np.random.default_rng(4)
    texts = ["".join(random.choice(list("abc \n"), 701)) for _ in range(100)]
    corpus = Corpus("long", tuple(Document(f"{n}.txt", text) for n, text in enumerate(texts)))
    path = tmp_path_factory.mktemp("pooling") / "long.zarr"
    return record(planted.random_checkpoint(layers=1), corpus, path, signals=["c", "f"])


def strongest(codes: np.ndarray) -> int:
    """Of one unit's codes the one of largest magnitude; the positive one at a tie."""
    return int(max(codes.tolist(), key=lambda code: (abs(code), code)))


def pooled_by_hand(codes: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Columns of codes (time, unit), one after another."""
    spans = list(itertools.pairwise(edges.tolist()))
    return np.array([[strongest(codes[a:b, k]) for a, b in spans] for k in range(codes.shape[1])])


def blocks(codes: np.ndarray):  # type: ignore[no-untyped-def]
    def read(row: int, number: int) -> np.ndarray:
        time = slice(row * CHUNK_TIME, (row + 1) * CHUNK_TIME)
        return codes[time, number * CHUNK_UNITS : (number + 1) * CHUNK_UNITS].T

    return read


@pytest.mark.parametrize(
    ("start", "stop", "width"),
    [(0, 100, 100), (17, 3_000, 90), (65_530, 65_545, 5), (65_000, 70_100, 31), (5, 6, 1)],
)
def test_codes_are_pooled_across_chunks_of_time_and_of_units(
    start: int, stop: int, width: int
) -> None:
    codes = np.random.default_rng(1).integers(-127, 128, (70_100, 20)).astype(np.int8)
    edges = column_edges(start, stop, width, len(codes))
    pooled = pool_blocks(blocks(codes), 20, edges)
    assert pooled.dtype == np.int8
    np.testing.assert_array_equal(pooled, pooled_by_hand(codes, edges))


def test_a_tie_keeps_the_positive_code_even_across_chunks() -> None:
    codes = np.zeros((CHUNK_TIME + 10, 2), np.int8)
    codes[CHUNK_TIME - 1] = [-9, 9]
    codes[CHUNK_TIME] = [9, -9]
    edges = np.array([CHUNK_TIME - 5, CHUNK_TIME + 5])
    assert pool_blocks(blocks(codes), 2, edges).tolist() == [[9], [9]]


def test_peaks_are_exact_and_pool_to_exact_columns(long_recording: Recording) -> None:
    codes = long_recording.codes("0.c")
    peaks = site_peaks(long_recording, "0.c")
    length = len(codes)
    grains = np.append(np.arange(0, length, GRAIN), length)
    np.testing.assert_array_equal(peaks, pooled_by_hand(codes, grains))
    for start, stop, width in ((0, length, 100), (1_000, 65_000, 250), (33, 70_000, 7)):
        assert is_coarse(start, stop, width, length)
        edges = column_edges(start, stop, width, length)
        np.testing.assert_array_equal(pool_peaks(peaks, edges), pooled_by_hand(codes, edges))


@given(data=st.data())
def test_columns_cover_the_range_in_order_and_are_all_but_equally_long(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 10**9))
    start = data.draw(st.integers(0, length - 1))
    stop = data.draw(st.integers(start + 1, length))
    width = data.draw(st.integers(1, min(400, stop - start)))
    edges = column_edges(start, stop, width, length)
    sizes = np.diff(edges)
    assert len(sizes) == width
    assert sizes.min() > 0
    assert edges[0] <= start
    assert stop <= edges[-1] <= length
    if is_coarse(start, stop, width, length):
        grain = grain_of(length)
        assert (edges[:-1] % grain == 0).all()
        assert start - edges[0] < grain
        assert edges[-1] - stop < grain
        assert sizes.max() - sizes.min() < 3 * grain
    else:
        assert (edges[0], edges[-1]) == (start, stop)
        assert sizes.max() - sizes.min() <= 1


@pytest.mark.parametrize(
    ("length", "grain"),
    [(1, 64), (16_777_216, 64), (16_777_217, 128), (10**8, 512), (10**12, CHUNK_TIME)],
)
def test_longer_texts_have_longer_grains(length: int, grain: int) -> None:
    assert grain_of(length) == grain
    assert CHUNK_TIME % grain == 0


def test_longer_grains_pool_as_exactly(
    long_recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.pooling.MOST_GRAINS", 100)
    codes = long_recording.codes("0.c")
    grain = grain_of(len(codes))
    assert grain == 1_024
    edges = column_edges(3_000, 60_000, 9, len(codes))
    pooled = pool_peaks(site_peaks(long_recording, "0.c"), edges, grain)
    np.testing.assert_array_equal(pooled, pooled_by_hand(codes, edges))
