"""What is counted before a search is what the labels say."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.hypotheses import find_hypotheses
from analysis.preview import preview_labels, spans_around, spans_in_sight
from analysis.recording import Recording


def test_yes_no_labels_are_counted_and_their_spans_are_where_they_hold(
    recording: Recording,
) -> None:
    (quotes,) = find_hypotheses(["double-quotes"])
    labels = [
        quotes.label(recording.document_text(k)).values for k in range(len(recording.documents))
    ]
    whole = np.concatenate(labels)
    preview = preview_labels(recording, quotes)
    painted = np.zeros(len(recording), np.bool_)
    for start, stop in preview.spans:
        painted[start:stop] = True
    assert np.array_equal(painted, whole)
    assert preview.positives == whole.sum()
    assert preview.holding == sum(each.any() for each in labels)
    assert f"holds at {whole.sum():,} of {len(recording):,} symbols" in preview.sentence


def test_spans_end_with_their_documents(recording: Recording) -> None:
    (everywhere,) = find_hypotheses(["column >= 0"])
    preview = preview_labels(recording, everywhere)
    assert preview.spans.tolist() == [[d.start, d.stop] for d in recording.documents]


def test_numbers_are_told_by_their_range_and_a_histogram(recording: Recording) -> None:
    (column,) = find_hypotheses(["column"])
    values = np.concatenate(
        [column.label(recording.document_text(k)).values for k in range(len(recording.documents))]
    )
    preview = preview_labels(recording, column)
    assert (preview.low, preview.median, preview.high) == (
        values.min(),
        np.median(values),
        values.max(),
    )
    assert sum(preview.counts) == values.size
    assert len(preview.bars) == len(preview.counts)
    assert "█" in preview.bars
    assert preview.spans.size == 0


def test_what_says_nothing_says_so(recording: Recording) -> None:
    for name in ("string", "indent * 0 / 0"):
        (hypothesis,) = find_hypotheses([name])
        assert "nothing" in preview_labels(recording, hypothesis).sentence


@given(
    lengths=st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), max_size=60),
    sight=st.tuples(st.integers(0, 300), st.integers(0, 60)),
    then=st.tuples(st.integers(0, 300), st.integers(0, 60)),
    most=st.integers(1, 30),
)
def test_what_is_in_sight_is_underlined_up_to_the_most(
    lengths: list[tuple[int, int]], sight: tuple[int, int], then: tuple[int, int], most: int
) -> None:
    edges = np.cumsum(np.array(lengths, np.int64).reshape(-1))
    spans = edges.reshape(-1, 2)
    kept = ()
    for start, length in (sight, then):
        stop = start + length
        kept = spans_around(spans, (start, stop), most, kept)
        seen = [tuple(span) for span in spans.tolist() if span[0] < stop and span[1] > start]
        assert len(kept) <= most
        assert set(seen[:most]) <= set(kept)


def test_spans_that_were_kept_are_kept_while_they_cover_what_is_in_sight() -> None:
    spans = np.arange(2_000).reshape(-1, 2)
    kept = spans_around(spans, (1_000, 1_010), 100)
    assert spans_around(spans, (1_020, 1_030), 100, kept) is kept
    assert spans_around(spans, (1_500, 1_510), 100, kept) != kept


def test_what_is_in_sight_is_labelled_before_the_rest(recording: Recording) -> None:
    (hypothesis,) = find_hypotheses(["double-quotes"])
    whole = preview_labels(recording, hypothesis).spans
    second = recording.documents[1]
    found = spans_in_sight(recording, hypothesis, (second.start + 3, second.start + 9))
    inside = whole[(whole[:, 0] >= second.start) & (whole[:, 1] <= second.stop)]
    np.testing.assert_array_equal(found, inside)
    (number,) = find_hypotheses(["column"])
    assert spans_in_sight(recording, number, (0, 50)).shape == (0, 2)
