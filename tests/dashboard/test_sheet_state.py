"""What the sheet is told exists, and of what it tells back only what exists is followed."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.recording import Recording
from dashboard.sheet.state import check_rows, revision_of, sent_place, sent_range, sent_unit
from dashboard.text_view.state import TextViewError


def test_all_rows_are_shown_where_none_are_named() -> None:
    assert check_rows(None, 4) == [0, 1, 2, 3]
    assert check_rows([2, 0], 4) == [2, 0]
    assert check_rows([], 4) == []


@pytest.mark.parametrize("row", [-1, 4])
def test_a_row_that_does_not_exist_is_refused(row: int) -> None:
    with pytest.raises(TextViewError, match=f"no unit {row}: the site has units 0 to 3"):
        check_rows([0, row], 4)


def test_a_range_is_cut_to_the_text(recording: Recording) -> None:
    n = len(recording)

    def sent(start: Any, stop: Any, id_: str = recording.id) -> Any:
        raw = {"range": {"recording": id_, "start": start, "stop": stop}}
        return sent_range(raw, recording)

    assert sent(3, 9) == (3, 9)
    assert sent(-5, n + 9) == (0, n)
    assert sent(9, 3) is None
    assert sent(n, n + 4) is None
    assert sent("3", 9) is None
    assert sent(3.5, 9) is None
    assert sent(3, 9, "of another recording") is None


@pytest.mark.parametrize("raw", [{}, {"range": None}, {"range": 3}, {"unit": "0.c.1"}])
def test_nonsense_is_nothing(raw: dict[str, Any], recording: Recording) -> None:
    assert sent_range(raw, recording) is None
    assert sent_unit(raw, recording) is None
    assert sent_place(raw, recording) is None
    assert revision_of(raw) == 0


def test_a_unit_must_exist(recording: Recording) -> None:
    def sent(unit: Any) -> Any:
        return sent_unit({"unit": {"recording": recording.id, "unit": unit}}, recording)

    assert sent("0.c.3") == "0.c.3"
    assert sent("0.c.999") is None
    assert sent("<b>") is None
    assert sent(3) is None


def test_a_place_is_a_symbol_and_a_unit(recording: Recording) -> None:
    def sent(position: Any, unit: str) -> Any:
        place = {"recording": recording.id, "position": position, "unit": unit}
        return sent_place({"place": place}, recording)

    assert sent(7, "1.h.2") == (7, "1.h.2")
    assert sent(10**9, "1.h.2") == (len(recording) - 1, "1.h.2")
    assert sent(None, "1.h.2") is None
    assert sent(7, "9.h.2") is None


def test_the_latest_step_counts() -> None:
    assert revision_of({"range": {"revision": 3}, "unit": {"revision": 5}}) == 5
    assert revision_of({"range": {"revision": "3"}}) == 0
