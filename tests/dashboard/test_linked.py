"""A widget that is set from elsewhere takes a new key, and its old one counts for nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.linked import is_linked, linked_key


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    state: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", state)
    return state


def test_a_widget_keeps_its_key_while_it_sets_its_own_value(state: dict[str, Any]) -> None:
    key = linked_key("unit", 3)
    state[key] = 4  # as the browser does
    assert linked_key("unit", 4) == key


def test_a_value_from_elsewhere_takes_a_new_key(state: dict[str, Any]) -> None:
    old = linked_key("unit", 3)
    state[old] = 3
    new = linked_key("unit", 5)
    assert new != old
    assert is_linked("unit", new)
    assert not is_linked("unit", old)
    assert linked_key("unit", 5) == new


def test_a_widget_whose_page_was_left_shows_its_value_again(state: dict[str, Any]) -> None:
    key = linked_key("unit", 3)
    state[key] = 3
    del state[key]  # as Streamlit does
    assert linked_key("unit", 6) == key


def test_the_browser_has_a_value_from_elsewhere_with_the_widget_itself(
    run_page: Callable[[Callable[[], None]], AppTest],
) -> None:
    """One that came after it would be undone by a message sent in between."""

    def script() -> None:
        import streamlit as st

        from dashboard.views.hypothesis import pick_hypothesis

        st.session_state.setdefault("hypothesis", "column > 10")
        pick_hypothesis()

    page = run_page(script)
    (picked,), (own,) = page.selectbox, page.text_input
    assert (own.value, own.proto.default, own.proto.set_value) == (
        "column > 10",
        "column > 10",
        False,
    )
    assert picked.value is None
    page.session_state["hypothesis"] = "newline"
    page.run()
    (picked,), (own,) = page.selectbox, page.text_input
    assert (picked.value, picked.options[picked.proto.default]) == ("newline", "newline")
    assert (own.value, own.proto.default) == ("", "")
    assert not picked.proto.set_value
    assert not own.proto.set_value
