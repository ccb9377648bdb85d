"""Losses of several networks over one text: the sums are those of plain numpy."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import planted
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import comparison
from analysis.comparison import (
    ComparisonError,
    bits_to_codes,
    check_same_text,
    distinct_names,
    loss_bits,
    loss_difference,
    most_different_passages,
    summarize_losses,
)
from analysis.recorder import record
from analysis.recording import RecordedDocument, Recording
from models.corpora import Corpus, Document


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recording, Recording]:
    """A text read by two networks of one name."""
    folder = tmp_path_factory.mktemp("pair")
    texts = (Document("a.txt", "if x:\n  return 'abc'\n" * 5), Document("b.txt", "x"))
    corpus = Corpus("pair", texts)
    first = record(planted.random_checkpoint("lstm"), corpus, folder / "a.zarr")
    second = record(planted.random_checkpoint("gru"), corpus, folder / "b.zarr")
    return first, second


def documents(*lengths: int) -> list[RecordedDocument]:
    edges = np.concatenate([[0], np.cumsum(lengths)])
    return [
        RecordedDocument(f"{n}", int(start), int(stop), "")
        for n, (start, stop) in enumerate(pairwise(edges))
    ]


def test_bits_are_nats_over_the_logarithm_of_two(pair: tuple[Recording, Recording]) -> None:
    for recording in pair:
        expected = recording.loss().astype(float) / np.log(2)
        np.testing.assert_allclose(loss_bits(recording), expected, rtol=1e-6)
    np.testing.assert_allclose(
        loss_difference(*pair, 3, 40), (loss_bits(pair[0]) - loss_bits(pair[1]))[3:40]
    )
    assert np.isnan(loss_difference(*pair)[0])


def test_a_summary_is_of_the_symbols_that_all_have_a_loss_for() -> None:
    first = np.array([np.nan, 1.0, 2.0, 3.0, 9.0])
    second = np.array([np.nan, 2.0, 1.0, 5.0, np.nan])
    own, other = summarize_losses([first, second])
    assert (own.bits, own.difference, own.first_better, own.symbols) == (2.0, 0.0, 0.0, 3)
    assert other.bits == pytest.approx(8 / 3)
    assert other.difference == pytest.approx(2 - 8 / 3)
    assert other.first_better == pytest.approx(2 / 3)


def test_a_text_without_any_loss_has_no_mean() -> None:
    (one, _) = summarize_losses([np.full(3, np.nan)] * 2)
    assert math.isnan(one.bits)
    assert one.to_json()["bits"] is None
    assert one.symbols == 0


@given(bits=st.lists(st.floats(-100, 100), min_size=1), most=st.sampled_from([4.0, 8.0]))
def test_codes_are_shares_of_the_scale_cut_to_it(bits: list[float], most: float) -> None:
    codes = bits_to_codes(np.array(bits), most)
    assert codes.dtype == np.int8
    np.testing.assert_allclose(codes / 127 * most, np.clip(bits, -most, most), atol=most / 253)


def test_what_is_not_a_number_has_code_zero() -> None:
    codes = bits_to_codes(np.array([np.nan, np.inf, -np.inf, 2.0]), 4.0)
    assert codes.tolist() == [0, 127, -127, 64]


def test_passages_are_found_apart_and_inside_their_documents() -> None:
    random = np.random.default_rng(5)
    difference = random.normal(size=600)
    difference[250:262] += 8
    difference[295:307] -= 9  # over the end of the first document
    parts = documents(300, 0, 200, 4, 96)
    found = most_different_passages(difference, parts, length=12, top=20)
    assert (found[0].start, found[0].stop) == (250, 262)
    for each in found:
        assert each.difference == pytest.approx(difference[each.start : each.stop].mean())
        assert any(part.start <= each.start and each.stop <= part.stop for part in parts)
    taken = np.zeros(600, int)
    for each in found:
        taken[each.start : each.stop] += 1
    assert taken.max() == 1
    strengths = [abs(each.difference) for each in found]
    assert strengths == sorted(strengths, reverse=True)


@given(
    values=st.lists(st.integers(-9, 9), min_size=1, max_size=40),
    length=st.integers(1, 12),
    cut=st.integers(0, 40),
)
def test_the_first_passage_is_the_best_window_of_all(
    values: list[int], length: int, cut: int
) -> None:
    difference = np.array(values, float)
    cut = min(cut, len(values))
    parts = documents(cut, len(values) - cut)
    windows = [
        difference[start : min(start + length, part.stop)]
        for part in parts
        if part.stop > part.start
        for start in range(part.start, max(part.start + 1, part.stop - length + 1))
    ]
    best = max(abs(window.mean()) for window in windows)
    found = most_different_passages(difference, parts, length=length, top=3)
    if best < 1e-9:
        assert found == []
    else:
        assert abs(found[0].difference) == pytest.approx(best)


def test_a_long_text_is_looked_through_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    difference = np.random.default_rng(6).normal(size=3_000)
    parts = documents(*[100] * 20, 1_000)
    whole = most_different_passages(difference, parts, length=9, top=30)
    monkeypatch.setattr(comparison, "_MOST_AT_ONCE", 250)
    again = most_different_passages(difference, parts, length=9, top=30)
    assert [(each.start, each.stop) for each in again] == [(e.start, e.stop) for e in whole]


def test_equal_losses_differ_nowhere() -> None:
    assert most_different_passages(np.zeros(50), documents(50)) == []
    assert most_different_passages(np.full(50, np.nan), documents(50)) == []


def test_nothing_asked_for_is_a_sentence() -> None:
    for asked in ({"length": 0}, {"top": 0}):
        with pytest.raises(ComparisonError, match="at least 1"):
            most_different_passages(np.ones(5), documents(5), **asked)


def test_recordings_of_other_texts_are_not_compared(
    pair: tuple[Recording, Recording], recording: Recording
) -> None:
    check_same_text(pair)
    with pytest.raises(ComparisonError, match="of another text"):
        check_same_text([*pair, recording])
    with pytest.raises(ComparisonError, match="one recording alone"):
        check_same_text(pair[:1])


def test_names_of_files_do_not_make_another_text(
    pair: tuple[Recording, Recording], tmp_path: Path
) -> None:
    texts = [pair[0].document_text(n).text for n in range(2)]
    corpus = Corpus("other", (Document("1/a.txt", texts[0]), Document("2/b.txt", texts[1])))
    renamed = record(planted.random_checkpoint("rnn"), corpus, tmp_path / "c.zarr")
    check_same_text([pair[0], renamed])


def test_networks_of_one_name_are_told_apart(
    pair: tuple[Recording, Recording], recording: Recording
) -> None:
    names = distinct_names([*pair, recording])
    assert len(set(names)) == 3
    assert names[0].startswith("tiny (")
    assert names[2] == recording.checkpoint_name
