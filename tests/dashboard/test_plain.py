"""What a file brought is never read as markdown."""

from __future__ import annotations

import re
import string

from hypothesis import given
from hypothesis import strategies as st

from dashboard.plain import plain


def test_plain_words_stay_as_they_are() -> None:
    assert plain("a plain name — Жук 42") == "a plain name — Жук 42"


def test_every_mark_is_escaped() -> None:
    assert plain("*a* [b](c) <i>") == r"\*a\* \[b\]\(c\) \<i\>"


def test_links_icons_and_addresses_are_broken_up() -> None:
    for text in ("http://x.org", "www.x.org", "me@x.org", ":material/star:", ":red[x]"):
        assert "\N{WORD JOINER}" in plain(text)


def test_lines_become_one() -> None:
    assert plain("# a\n\n- b\r\n\tc") == r"\# a \- b c"


@given(st.text(st.characters()))
def test_nothing_that_markdown_knows_is_left(text: str) -> None:
    shown = plain(text)
    shown.encode("utf-8")  # whole symbols only
    assert "\n" not in shown
    bare = re.sub(r"\\.", "", shown)
    assert not set(bare) & set(string.punctuation)
