"""The loss on documents, whole or in windows, is that of reading each alone."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import planted
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evaluation import evaluate, spread_windows
from models.recurrent import RecurrentModel


def alone(
    model: RecurrentModel, documents: Sequence[np.ndarray], uncounted: Sequence[int] = ()
) -> tuple[float, int]:
    """Summed loss in nats and count, each document read whole on its own."""
    total, count = 0.0, 0
    for document, first in zip(documents, uncounted or [0] * len(documents), strict=True):
        if len(document) < 2:
            continue
        symbols = torch.from_numpy(document.astype(np.int64))
        with torch.no_grad():
            logits, _ = model(symbols[:-1, None], model.zero_state(1))
        probability = logits[:, 0].double().softmax(dim=1)
        losses = -probability[torch.arange(len(symbols) - 1), symbols[1:]].log()
        total += losses[first:].sum().item()
        count += len(losses[first:])
    return total, count


@settings(max_examples=20)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=9), st.integers(1, 4), st.integers(1, 9))
def test_evaluation_is_the_loss_of_each_document_read_alone(
    lengths: list[int], batch: int, length: int
) -> None:
    model = planted.random_checkpoint().model
    random = np.random.default_rng(sum(lengths))
    documents = [random.integers(0, len(planted.SYMBOLS), n).astype(np.uint16) for n in lengths]
    total, count = alone(model, documents)
    loss = evaluate(model, documents, batch=batch, length=length)
    if count:
        assert loss == pytest.approx(total / count, abs=1e-5)
    else:
        assert math.isnan(loss)


def made_documents(lengths: Sequence[int]) -> list[np.ndarray]:
    random = np.random.default_rng(sum(lengths))
    return [random.integers(0, len(planted.SYMBOLS), n).astype(np.uint16) for n in lengths]


def test_a_windows_loss_is_that_of_what_counts_after_its_warm_up() -> None:
    model = planted.random_checkpoint().model
    windows = spread_windows(made_documents([9, 3000, 1, 800, 1500]), 3000)
    assert 0 in windows.uncounted
    assert max(windows.uncounted) > 0
    total, count = alone(model, windows.parts, windows.uncounted)
    assert evaluate(model, windows, batch=2, length=100) == pytest.approx(total / count, abs=1e-5)


def test_few_symbols_are_all_read_from_each_documents_start() -> None:
    documents = made_documents([100, 0, 400])
    windows = spread_windows(documents, 500)
    assert windows.parts == tuple(documents)
    assert windows.uncounted == (0, 0, 0)
    assert spread_windows([], 500).parts == ()


LENGTHS = st.lists(st.integers(0, 9000), min_size=1, max_size=9)


@settings(max_examples=30)
@given(LENGTHS, st.integers(1, 20_000))
def test_windows_count_no_symbol_twice_and_read_no_more_than_asked(
    lengths: list[int], most: int
) -> None:
    starts = np.concatenate([[0], np.cumsum(lengths)])
    documents = [np.arange(*ends) for ends in itertools.pairwise(starts)]
    windows = spread_windows(documents, most)
    counted = [
        part[first + 1 :] for part, first in zip(windows.parts, windows.uncounted, strict=True)
    ]
    symbols = np.concatenate(counted) if counted else np.zeros(0)
    assert len(np.unique(symbols)) == len(symbols)
    assert sum(map(len, windows.parts)) <= max(most, 1024) + len(windows.parts)
    assert not np.isin(symbols, starts).any(), "no document's first symbol is a target"


def test_windows_are_spread_over_the_whole_and_beginnings_are_no_more_than_their_share() -> None:
    documents = [np.arange(100_000, dtype=np.int64) + 100_000 * n for n in range(10)]
    windows = spread_windows(documents, 100_000)
    middles = [part[len(part) // 2] for part in windows.parts]
    assert np.diff(sorted(middles)).max() < 3 * 1_000_000 / len(middles)
    beginnings = sum(part[0] % 100_000 == 0 for part in windows.parts)
    assert beginnings <= 10 * 0.3


def test_a_loss_on_windows_is_close_to_that_on_the_whole() -> None:
    model = planted.random_checkpoint().model
    documents = made_documents([40_000, 500, 20_000])
    whole = evaluate(model, documents)
    assert evaluate(model, spread_windows(documents, 30_000)) == pytest.approx(whole, rel=0.02)
