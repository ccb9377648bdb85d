"""A widget that is set from elsewhere takes a new key, and its old one counts for nothing."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st

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
    new = linked_key("unit", 5)
    assert state[new] == 5
    assert is_linked("unit", new)
    assert not is_linked("unit", old)
    assert linked_key("unit", 5) == new


def test_a_widget_whose_page_was_left_shows_its_value_again(state: dict[str, Any]) -> None:
    key = linked_key("unit", 3)
    del state[key]
    assert linked_key("unit", 6) == key
    assert state[key] == 6
