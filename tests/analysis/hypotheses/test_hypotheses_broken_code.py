"""Code that does not parse: where nothing is known, nothing is said, and nothing fails."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.hypotheses import catalogue
from analysis.hypotheses.syntax import parse_document
from models.corpora import Document

CALM = "x = (1)\n" * 20


def test_the_lines_of_a_syntax_error_are_undefined_and_no_others(draw) -> None:
    text = CALM + "x = = 2\n" + CALM
    labels = draw("bracket-depth", text, "a.py")
    assert labels == draw("bracket-depth", CALM, "a.py") + "?" * 8 + draw(
        "bracket-depth", CALM, "a.py"
    )


def test_a_string_that_nothing_closes_spoils_its_own_lines_only(draw) -> None:
    text = CALM + "x = 'abc\n" + CALM
    labels = draw("string", text, "a.py")
    start = len(CALM)
    assert labels[start : start + 9] == "?" * 9
    assert set(labels[:start] + labels[start + 9 :]) == {"."}


@pytest.mark.parametrize("line", ["x = (1\n", "x = 1)\n", "f(a, [b)\n"])
def test_a_bracket_without_partner_shifts_no_depth_elsewhere(draw, line: str) -> None:
    labels = draw("bracket-depth", CALM + line + CALM, "a.py")
    calm = draw("bracket-depth", CALM, "a.py")
    assert labels.startswith(calm)
    assert labels[len(CALM) + len(line) :].replace("?", "") in calm


def test_a_document_that_is_mostly_no_code_says_nothing(draw) -> None:
    prose = "It was a bright cold day in April, and the clocks were striking thirteen.\n" * 5
    assert set(draw("string", prose, "a.py")) == {"?"}
    assert set(draw("comment", prose, "a.c")) == {"?"}


def test_a_document_cut_within_a_string_says_nothing_where_it_is_cut(draw) -> None:
    assert draw("string", CALM + "def f():\n    '''a", "a.py").endswith("????")


def test_bodies_of_c_macros_are_undefined_and_their_comments_are_not(draw) -> None:
    text = '#define A(x) ("s" + x) /* c */\nint y;\n'
    labels = draw("comment", text, "a.c")
    assert labels == "." * 13 + "?" * 10 + "######." + "." * 8


def test_lone_surrogates_are_symbols_like_any_other(draw) -> None:
    assert draw("comment", "int x; /*\ud800*/\n//\udfff\n", "a.c") == ".......####..###."
    assert draw("docstring", "'\ud800'\n", "a.py") == "##.."


def test_python_2_parses(draw) -> None:
    text = 'print "a", b\nexec "c"\nraise E, "d"\nx <> 0777L\n'
    assert draw("string", text, "a.py") == (
        "......##....." + ".....##.." + ".........##.." + "..........."
    )


@pytest.mark.parametrize("file", ["a.py", "a.c"])
@pytest.mark.parametrize(
    "text",
    ["(" * 99_999, CALM * 500 + "(" * 9_999, '"' * 9_999, "if x:\n" * 999, 'f"{' * 999, "\0" * 999],
    ids=["parentheses", "calm", "quotes", "ifs", "interpolations", "zeros"],
)
def test_texts_made_to_be_slow_are_not(file: str, text: str) -> None:
    start = time.process_time()
    for hypothesis in catalogue().values():
        hypothesis.label(Document(file, text))
    assert time.process_time() - start < 5


PIECES = [
    *"()[]{}é'\n;",
    *("x = (1)\n", "if a:\n", "    b[0]\n", "f'{", "}'"),
    *("f(x);\n", "#if 1\n", "#endif\n", "int f() {\n", "}\n", "[[", "]]"),
]


@settings(max_examples=100, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=40), file=st.sampled_from(["a.py", "a.c"]))
def test_depth_is_never_negative_and_comes_back_to_nothing(pieces: list[str], file: str) -> None:
    text = "".join(pieces)
    tree = parse_document(Document(file, text + "\n;"))
    if tree is None:
        return
    depth = tree.depth('["(" "[" "{"] @open [")" "]" "}"] @close')
    assert np.all(depth >= 0)
    # Where a closing mark is missing at the very end, nothing is said about the last line.
    assert depth[-1] == 0 or not tree.defined[-1]
