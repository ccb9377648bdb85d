"""What to look for: a hypothesis from the list, or one's own in writing."""

from __future__ import annotations

from functools import cache

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.hypotheses import PATTERNS, catalogue
from dashboard.linked import is_linked, linked_key
from dashboard.session import ask_for
from dashboard.state import DEFAULT_HYPOTHESIS

_EXAMPLES = r"""
- `regex:def \w+`
- `tree:(call function: (_) @inside)`
- `column > 40 and not comment`
- `lag(string, 3)`
"""
_SIGNS = {
    "not comment": "also `and`, `or`: yes/no of yes/no",
    "column > 40": "also `>= < <= == !=`: yes/no of numbers",
    "column - 4 * indent": "also `+ /`: numbers of numbers",
    "lag(newline, 3)": "what was so 3 symbols earlier; -3: later",
    "onset(string)": "the first symbol of each run; `offset`: the first after it",
    'regex("[0-9]+")': "a form within an expression",
    "as(python, string)": "as if every document's name said Python",
}


def pick_hypothesis() -> None:
    """The list, the field, and what may be written into it."""
    _pick(*(st.container() for _ in range(3)))


@st.fragment(key="hypothesis in a row")
def pick_hypothesis_in_a_row() -> None:
    """The same beside each other."""
    _pick(*st.columns([3, 3, 1.4], vertical_alignment="bottom"))


def _pick(choice: DeltaGenerator, field: DeltaGenerator, forms: DeltaGenerator) -> None:
    known = list(catalogue())
    asked = st.session_state["hypothesis"]
    is_known = asked in known
    picked = linked_key("picked hypothesis", asked if is_known else None)
    written = "" if is_known else asked
    own = linked_key("own hypothesis", written)
    choice.selectbox(
        "Find units that track",
        known,
        known.index(asked) if is_known else None,
        placeholder="your own",
        key=picked,
        on_change=_take_choice,
        args=("picked hypothesis", picked),
        help="Units are chosen on one half of the documents and scored on the other half.",
    )
    field.text_input(
        "or write your own",
        written,
        placeholder=r"regex:def \w+",
        key=own,
        on_change=_take_choice,
        args=("own hypothesis", own),
        help=f"A pattern or an expression, such as\n{_EXAMPLES}",
    )
    with forms:
        what_can_be_written()


def what_can_be_written() -> None:
    """A button that opens all forms of a hypothesis."""
    with st.popover("What can be written", icon=":material/menu_book:", type="tertiary"):
        st.markdown(_forms())


def _take_choice(name: str, key: str) -> None:
    if is_linked(name, key):
        ask_for((st.session_state[key] or "").strip() or DEFAULT_HYPOTHESIS)


@cache
def _forms() -> str:
    """docs/hypotheses.md in short."""
    forms = [
        (pattern.example, pattern.description)
        for pattern in PATTERNS.values()
        if not pattern.reads_file
    ]
    built_in = [(name, known.description) for name, known in catalogue().items()]
    return (
        "**Patterns**\n\n"
        + _table("write, for instance", forms)
        + "\n**Expressions**\n\n"
        + _table("write, for instance", list(_SIGNS.items()))
        + "\nThe label at a symbol is about the moment after it has been read: an opening mark is "
        "inside what it opens. A hyphen is part of a name, so a minus needs spaces around it.\n\n"
        "**Built in**\n\n" + _table("name", built_in)
    )


def _table(heading: str, rows: list[tuple[str, str]]) -> str:
    lines = [f"| {heading} | yes where, or the number |", "| --- | --- |"]
    lines += [f"| `{written}` | {meaning} |" for written, meaning in rows]
    return "\n".join(lines) + "\n"
