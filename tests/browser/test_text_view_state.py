"""The text view's Python side and its standalone script, without a browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dashboard.text_view.standalone import standalone_script
from dashboard.text_view.state import (
    TextViewError,
    TextViewState,
    UnitHistory,
    check_documents,
    check_rows,
    check_unit,
    decide_unit,
    last_revision,
    merge_spans,
    read_rows,
    read_stacked,
    read_state,
)

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "dashboard" / "text_view" / "assets"
UNITS = {"0.h": 4, "1.c": 96}


def stepped(unit: object, revision: object) -> dict[str, Any]:
    return {"unit": {"unit": unit, "revision": revision}}


def test_pythons_unit_is_shown_until_the_user_steps() -> None:
    first = decide_unit("1.c.7", {}, None, UNITS)
    assert first == UnitHistory("1.c.7", 0, "1.c.7")
    assert decide_unit("1.c.7", stepped("1.c.8", 1), first, UNITS).shown == "1.c.8"


def test_a_new_wish_of_pythons_outlasts_the_users_earlier_steps() -> None:
    before = UnitHistory("1.c.7", 0, "1.c.8")
    asked = decide_unit("0.h.2", stepped("1.c.8", 1), before, UNITS)
    assert asked.shown == "0.h.2"
    assert decide_unit("0.h.2", stepped("1.c.8", 1), asked, UNITS).shown == "0.h.2"
    assert decide_unit("0.h.2", stepped("0.h.3", 2), asked, UNITS).shown == "0.h.3"


def test_passing_back_what_was_shown_is_no_new_wish() -> None:
    before = UnitHistory("1.c.7", 0, "1.c.8")
    after = decide_unit("1.c.8", stepped("1.c.9", 2), before, UNITS)
    assert after.shown == "1.c.9"
    assert decide_unit("1.c.9", stepped("1.c.9", 2), after, UNITS).shown == "1.c.9"


@pytest.mark.parametrize("sent", ["1.c.96", "9.x.0", None, 3, "<script>"])
def test_a_unit_that_does_not_exist_is_ignored(sent: object) -> None:
    before = UnitHistory("1.c.7", 0, "1.c.7")
    assert decide_unit("1.c.7", stepped(sent, 1), before, UNITS).shown == "1.c.7"


@pytest.mark.parametrize("raw", [{}, {"unit": 3}, {"unit": {"revision": "many"}}])
def test_nonsense_from_the_browser_changes_nothing(raw: dict[str, Any]) -> None:
    assert decide_unit("1.c.7", raw, None, UNITS).shown == "1.c.7"


def test_ranges_are_read_cut_to_the_text_and_only_for_their_recording() -> None:
    raw = {
        "visible": {"recording": "a", "start": -5, "stop": 900},
        "selection": {"recording": "a", "start": 10, "stop": 20},
    }
    state = read_state(raw, recording_id="a", length=500, unit="1.c.7")
    assert state == TextViewState((0, 500), (10, 20), "1.c.7")
    other = read_state(raw, recording_id="b", length=500, unit="1.c.7")
    assert other == TextViewState((0, 0), None, "1.c.7")


@pytest.mark.parametrize(
    "value",
    [None, 7, [1, 2], {"recording": "a"}, {"recording": "a", "start": "x", "stop": 3},
     {"recording": "a", "start": 9, "stop": 9}, {"recording": "a", "start": 600, "stop": 700}],
)  # fmt: skip
def test_a_range_that_makes_no_sense_is_no_range(value: object) -> None:
    state = read_state({"selection": value}, recording_id="a", length=500, unit="1.c.7")
    assert state.selection is None


def test_spans_are_sorted_joined_and_laid_flat() -> None:
    assert merge_spans([(30, 40), (0, 5), (5, 8), (33, 35), (50, 50)], 60) == [0, 8, 30, 40]


@pytest.mark.parametrize("span", [(-1, 3), (5, 4), (0, 61)])
def test_a_span_outside_the_text_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(TextViewError, match="does not lie in the text's 60 symbols"):
        merge_spans([span], 60)


def test_documents_must_cover_the_text() -> None:
    assert check_documents([("a", 0, 3), ("b", 3, 3), ("c", 3, 9)], 9)[1] == ("b", 3, 3)
    with pytest.raises(TextViewError, match="without gaps"):
        check_documents([("a", 0, 3), ("b", 4, 9)], 9)
    with pytest.raises(TextViewError, match="end at 3"):
        check_documents([("a", 0, 3)], 9)


def test_a_wrong_unit_is_named_with_what_there_is() -> None:
    with pytest.raises(TextViewError, match=r"the recording's sites are 0\.h, 1\.c"):
        check_unit("2.c.0", UNITS)
    with pytest.raises(TextViewError, match=r"1\.c\.0 to 1\.c\.95"):
        check_unit("1.c.96", UNITS)


def test_the_bundle_is_plain_script_that_may_stand_in_a_page() -> None:
    script = standalone_script()
    assert "</" not in script
    assert "<!--" not in script
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)


def test_data_never_becomes_markup() -> None:
    markup = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\("
    for path in ASSETS.glob("*.js"):
        assert not re.search(markup, path.read_text("utf-8")), path.name


def test_rows_and_further_units_are_read_as_far_as_they_exist() -> None:
    raw = {
        "rows": {"rows": "guesses", "revision": 4},
        "stacked": {"stacked": ["1.c.8", "9.x.0", "1.c.8", 7, "0.h.2"], "revision": 5},
    }
    assert read_rows(raw, "text") == "guesses"
    assert read_stacked(raw, UNITS, most=8) == ("1.c.8", "0.h.2")
    assert read_stacked(raw, UNITS, most=1) == ("1.c.8",)
    assert last_revision(stepped("1.c.9", 3) | raw) == 5


@pytest.mark.parametrize(
    "sent", [None, 3, {}, {"rows": "columns"}, {"rows": 3, "stacked": "1.c.8"}]
)
def test_nonsense_for_rows_and_further_units_changes_nothing(sent: object) -> None:
    raw = {"rows": sent, "stacked": sent}
    assert read_rows(raw, "guesses") == "guesses"
    assert read_stacked(raw, UNITS, most=8) == ()
    assert last_revision(raw) == 0


def test_other_rows_do_not_bring_back_a_unit_that_python_has_replaced() -> None:
    before = UnitHistory("0.h.2", 3, "0.h.2")
    raw = stepped("1.c.8", 3) | {"rows": {"rows": "guesses", "revision": 4}}
    assert decide_unit("0.h.2", raw, before, UNITS).shown == "0.h.2"


def test_an_unknown_kind_of_rows_is_refused() -> None:
    with pytest.raises(TextViewError, match="choose text or guesses"):
        check_rows("columns")
