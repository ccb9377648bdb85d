from __future__ import annotations

import numpy as np
import pytest

from analysis.recording import RecordedDocument
from analysis.sampling import sample_documents


def documents(*lengths):
    stops = np.cumsum(lengths).tolist()
    return [
        RecordedDocument(f"{k}", stop - length, stop, "")
        for k, (stop, length) in enumerate(zip(stops, lengths, strict=True))
    ]


def test_a_small_recording_is_taken_whole():
    sample = sample_documents(documents(5, 0, 7), most=12)
    assert sample.spans == ((0, 5), (5, 12))
    assert sample.symbols == 12
    assert sample.offsets.tolist() == [0, 5, 12]
    assert sample.take(np.arange(12)).tolist() == list(range(12))


@pytest.mark.parametrize("seed", range(20))
def test_documents_are_whole_but_the_last_and_the_budget_is_met(seed):
    many = documents(*range(50, 100))
    sample = sample_documents(many, most=1_000, seed=seed)
    whole = {(d.start, d.stop) for d in many}
    assert sample.symbols == 1_000
    assert sum(span not in whole for span in sample.spans) <= 1
    assert list(sample.spans) == sorted(sample.spans)
    assert sample.documents == 50


def test_which_documents_are_taken_depends_on_the_seed_alone():
    many = documents(*range(50, 100))
    samples = [sample_documents(many, most=1_000, seed=seed) for seed in (1, 1, 2)]
    assert samples[0] == samples[1] != samples[2]


@pytest.mark.parametrize("seed", range(20))
def test_of_one_long_document_a_block_with_labels_is_taken(seed):
    defined = np.zeros(10_100, np.bool_)
    defined[[100, 9_000]] = True
    sample = sample_documents(documents(100, 10_000), defined, most=300, seed=seed)
    ((start, stop),) = sample.spans
    assert stop - start == 300
    assert 100 <= start <= stop <= 10_100
    assert sample.take(defined).any()


def test_documents_where_nothing_is_defined_are_left_out():
    defined = np.zeros(30, np.bool_)
    defined[12] = True
    sample = sample_documents(documents(10, 10, 10), defined)
    assert (sample.spans, sample.documents) == (((10, 20),), 1)
    nothing = sample_documents(documents(10), np.zeros(10, np.bool_))
    assert (nothing.spans, nothing.symbols) == ((), 0)
    assert nothing.take(defined).size == 0
