"""Four steps for who is here for the first time, beside the text that they are about."""

from __future__ import annotations

import contextlib
from pathlib import Path

import streamlit as st

from dashboard.library import home
from dashboard.plain import plain
from dashboard.session import text_is_shown

_STEPS = (
    (
        "What you see",
        "A network read this text, one character at a time. The colour behind each character is "
        "the value of one of its units, **{unit}**, just after it had read that character. The bar "
        "over the text tells which colour is high and which is low.",
    ),
    (
        "Look closer",
        "Point at a character: its value, and the five characters that the network expected "
        "next. Click into the text: arrow keys move, `[` and `]` go to the next unit, `?` lists "
        "all keys.",
    ),
    (
        "Who found this unit",
        "Below, **Find units that track** says *{hypothesis}*. Every unit was scored on one half "
        "of the documents, the best ones again on the other half. Choose something else, or write "
        "what you look for: the text follows.",
    ),
    (
        "Your turn",
        "**Open** reads a text or a network of yours. **Search**, **Units**, **Heatmap** and "
        "**Compare** show more of this one. The page's address brings all of it back: keep it, "
        "send it.",
    ),
)


@st.fragment(key="tour")
def tour() -> None:
    """The step to read now, if this visitor has not been through the tour or has left it."""
    if not text_is_shown():
        return
    if "tour" not in st.session_state:
        st.session_state["tour"] = None if _is_known() else 0
    step = st.session_state["tour"]
    if step is None:
        return
    title, text = _STEPS[step]
    said = {name: plain(st.session_state[name]) for name in ("unit", "hypothesis")}
    with st.container(border=True, key="tour"):
        st.markdown(f"**{step + 1} of {len(_STEPS)}: {title}**")
        st.markdown(text.format(**said))
        is_last = step + 1 == len(_STEPS)
        with st.container(horizontal=True, gap="small"):
            st.button("Done" if is_last else "Next", type="primary", on_click=_go, args=(step + 1,))
            if not is_last:
                st.button("Skip the tour", type="tertiary", on_click=_go, args=(len(_STEPS),))


def offer_tour() -> None:
    """A way to see it again."""
    if st.session_state.get("tour", 0) is None:
        st.button("Take the tour", icon=":material/tour:", type="tertiary", on_click=_go, args=(0,))


def _go(step: int) -> None:
    st.session_state["tour"] = step if step < len(_STEPS) else None
    if step == len(_STEPS):
        # Where nothing can be written, the tour merely comes again.
        with contextlib.suppress(OSError):
            home().mkdir(parents=True, exist_ok=True)
            _mark().touch()


def _mark() -> Path:
    return home() / "tour-seen"


def _is_known() -> bool:
    return _mark().exists()
