"""A style that a browser sends counts only if it is one."""

from __future__ import annotations

import pytest

from dashboard.state import View
from dashboard.text_view.state import TextStyle, read_style, revision_of

SENT = {"palette": "viridis", "scale": "z", "flip": True, "outcomes": False, "revision": 3}


def test_a_style_is_read_with_its_revision() -> None:
    assert read_style({"style": SENT}) == TextStyle("viridis", "z", flip=True)
    assert revision_of({"style": SENT}, "style") == 3
    assert revision_of({"style": SENT}) == 0


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("1.c.78 made -40", "1.c.78 made -40"),
        ("1.c.78 made 127", "1.c.78 made 127"),
        ("1.c.78 made 400", ""),
        ("1.c.78 made 4.5", ""),
        ("1.c.78 40", ""),
        ("", ""),
        (None, ""),
        (["1.c.78 made 4"], ""),
    ],
)
def test_a_cut_counts_only_if_it_is_one(text: object, cut: str) -> None:
    read = read_style({"style": SENT | {"cut": text}})
    assert read is not None
    assert read.cut == cut


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "viridis",
        [],
        {},
        SENT | {"palette": "rainbow"},
        SENT | {"scale": "log"},
        SENT | {"palette": 1},
        SENT | {"palette": ["viridis"]},
        SENT | {"scale": {}},
    ],
)
def test_nonsense_is_no_style(sent: object) -> None:
    assert read_style({"style": sent}) is None


def test_only_true_is_yes() -> None:
    found = read_style({"style": SENT | {"flip": "yes", "outcomes": 1}})
    assert found == TextStyle("viridis", "z")


def test_a_plain_style_is_that_of_a_plain_view() -> None:
    view, style = View("id", "1.c.0"), TextStyle()
    for name in ("palette", "scale", "flip", "outcomes", "cut"):
        assert getattr(view, name) == getattr(style, name)
