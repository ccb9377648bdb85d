"""The list of hypotheses and the way from names to them."""

from __future__ import annotations

import re

import pytest

from analysis.hypotheses import HypothesisError, catalogue, find_hypotheses


def test_the_ten_that_matter_most_come_first() -> None:
    assert list(catalogue())[:10] == [
        "double-quotes",
        "single-quotes",
        "string",
        "comment",
        "newline",
        "column",
        "indent",
        "bracket-depth",
        "if-condition",
        "if-body",
    ]


def test_every_name_is_lower_case_words_joined_by_hyphens() -> None:
    assert all(re.fullmatch("[a-z]+(-[a-z]+)*", name) for name in catalogue())


def test_names_are_found_in_the_order_asked_and_once() -> None:
    found = find_hypotheses(["column", "string", "column"])
    assert [hypothesis.name for hypothesis in found] == ["column", "string"]


def test_no_names_mean_every_hypothesis() -> None:
    assert [hypothesis.name for hypothesis in find_hypotheses([])] == list(catalogue())


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(HypothesisError, match=r"“dubble-quotes”.*Did you mean double-quotes"):
        find_hypotheses(["newline", "dubble-quotes"])


def test_a_name_like_none_is_told_where_all_are() -> None:
    with pytest.raises(HypothesisError, match=r"“zzz”\. `unitscope hypotheses` lists all"):
        find_hypotheses(["zzz"])


def test_changing_the_returned_catalogue_changes_no_other() -> None:
    catalogue().clear()
    assert catalogue()
