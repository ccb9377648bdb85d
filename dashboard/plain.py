"""Text that a file or a person brought, where Streamlit would read it as markdown."""

from __future__ import annotations

import re

_MARKS = re.compile(r"([!-/:-@\[-`{-~])")  # all that markdown gives a meaning to
_STARTS = re.compile(r"([:@]|www)(?=\S)", re.IGNORECASE)  # of links, addresses, icons
_JOINER = "\N{WORD JOINER}"  # no width, no break: what it stands in is no link any more


def plain(text: str) -> str:
    """The text on one line, shown as it is: no links, no pictures, no marks."""
    shown = " ".join(text.encode("utf-8", "replace").decode("utf-8").split())
    return _MARKS.sub(r"\\\1", _STARTS.sub(rf"\1{_JOINER}", shown))
