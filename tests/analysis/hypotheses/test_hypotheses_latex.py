"""Labels of LaTeX by our own lexer, written out by hand."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.hypotheses import HypothesisError, catalogue, find_hypotheses
from models.corpora import Document


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("math", r"a $b$ c\$ \(d\) $e", "..##......####...."),
        ("math", "$a$$b$", "##.##."),
        ("math", "$a\n\nb$ c", "........"),
        ("math", "% $a\n$b$", ".....##."),
        ("math", "$$a$$ $b$", "......##."),
        ("display-math", "x$$a$$ $b$", ".####....."),
        ("display-math", r"\[a\] \\[b]", "####......."),
        ("display-math", r"$$a \text{$b$} c$$d", "#################.."),
        ("math", r"$$a \text{$b$} c$$d", "..........##......."),
        ("comment", "a\\% b%c$\n{d%\r\n", ".....###...#.."),
        ("brace-depth", r"{\{a}%{" + "\n}", "111100000"),
        ("command-name", r"\alpha1 \section*{a}\\", ".#####...########....."),
        ("command-name", r"\begin{a}\end{a}", ".#####....###..." ),
    ],
)  # fmt: skip
def test_labels_of_latex(draw, name: str, text: str, expected: str) -> None:
    assert (draw(name, text, "a.tex"), text) == (expected, text)


def held(name: str, text: str) -> list[str]:
    """The stretches of a LaTeX text that a hypothesis labels yes."""
    values = find_hypotheses([name])[0].label(Document("a.tex", text)).values
    marked = "".join(s if value else "\0" for s, value in zip(text, values, strict=True))
    return [stretch for stretch in marked.split("\0") if stretch]


def test_displays_are_environments_too() -> None:
    text = r"\begin{align*}a\end{align*} \begin{proof}b\end{proof}"
    assert held("display-math", text) == [r"\begin{align*}a\end{align*"]


def test_environments_nest_and_need_their_end() -> None:
    text = r"\begin{a}1\begin{b}2\begin{a}3\end{a}4\end{b}5\end{a}6\begin{b}7"
    assert held("environment:a", text) == [r"\begin{a}1\begin{b}2\begin{a}3\end{a}4\end{b}5\end{a"]
    assert held("environment:b", text) == [r"\begin{b}2\begin{a}3\end{a}4\end{b"]


def test_verbatim_text_holds_no_tokens() -> None:
    text = "\\begin{verbatim}\n$a {% \\end{b}\n\\end{verbatim} $c$ \\verb|$%{| $d$"
    assert held("math", text) == ["$c", "$d"]
    assert held("comment", text) == []
    assert held("brace-depth > 0", text) == ["{verbatim", "{verbatim"]


def test_environments_are_undefined_elsewhere_and_have_plain_names() -> None:
    assert not find_hypotheses(["environment:a"])[0].label(Document("a.txt", "x")).defined.any()
    with pytest.raises(HypothesisError, match="without braces"):
        find_hypotheses(["environment:{a}"])


ENDS = ("\\begin{equation}", "\\end{equation}")
PIECES = (*"$a{}%\n \\", "$$", "\\(", "\\)", "\\[", "\\]", "\\verb|", *ENDS)


@given(text=st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_order_of_tokens_gives_formulas_that_begin_at_a_mark(text: str) -> None:
    for name in ("math", "display-math"):
        for stretch in held(name, text):
            assert stretch.startswith(("$", "\\(", "\\[", "\\begin"))


def test_many_open_formulas_take_no_quadratic_time() -> None:
    text = "\\(" * 50_000 + "\\]" * 50_000 + "\\verb|" * 10_000 + "\\begin{verbatim}" * 10_000
    started = time.monotonic()
    catalogue()["math"].label(Document("a.tex", text))
    assert time.monotonic() - started < 5
