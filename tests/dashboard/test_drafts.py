"""A draft keeps the last expression that could be read, and places are found around a symbol."""

from __future__ import annotations

import numpy as np

from dashboard.drafts import (
    MOST_EARLIER,
    Draft,
    first_in_sight,
    next_place,
    place_number,
    previous_place,
    with_earlier,
)

SPANS = np.array([[10, 12], [20, 30], [50, 51]])
NONE = np.zeros((0, 2), np.int64)


def test_what_cannot_be_read_leaves_the_last_good_one() -> None:
    draft = Draft("string", "string").written("regex:(").refused("no )")
    assert (draft.good, draft.error) == ("string", "no )")
    mended = draft.written(" regex:() ").read()
    assert (mended.good, mended.error, mended.text) == ("regex:()", None, " regex:() ")


def test_an_empty_field_keeps_the_last_good_one() -> None:
    assert Draft("string", "string").written("  ").read().good == "string"


def test_places_follow_one_another_around_the_text() -> None:
    assert [next_place(SPANS, at) for at in (0, 10, 25, 50)] == [10, 20, 50, 10]
    assert [previous_place(SPANS, at) for at in (51, 50, 20, 10)] == [50, 20, 10, 50]
    assert next_place(NONE, 3) is None
    assert previous_place(NONE, 3) is None


def test_a_place_has_a_number() -> None:
    assert [place_number(SPANS, at) for at in (9, 10, 49, 50)] == [0, 1, 2, 3]


def test_a_span_in_sight_is_one_that_touches_it() -> None:
    assert first_in_sight(SPANS, (11, 15))
    assert not first_in_sight(SPANS, (12, 20))
    assert not first_in_sight(SPANS, (51, 90))
    assert not first_in_sight(NONE, (0, 90))


def test_earlier_searches_come_once_the_latest_first() -> None:
    assert with_earlier("b", ("a", "b", "c")) == ("b", "a", "c")
    many = tuple(str(k) for k in range(40))
    assert len(with_earlier("new", many)) == MOST_EARLIER
