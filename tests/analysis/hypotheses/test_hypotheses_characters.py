"""Labels that follow from the characters alone, written out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.hypotheses import catalogue
from models.corpora import Document


def test_newline_is_the_newline_symbol_alone(draw) -> None:
    assert draw("newline", "a\n\r\n\rb") == ".#.#.."


def test_column_counts_from_0_and_the_newline_is_the_last_of_its_line(draw) -> None:
    assert draw("column", "ab\n\ncde") == "0120012"


def test_column_counts_symbols_not_bytes(draw) -> None:
    assert draw("column", "é\U0001f600x\ny") == "01230"


def test_indent_grows_in_the_leading_space_and_holds_for_the_rest_of_the_line(draw) -> None:
    assert draw("indent", "a\n  b c\n   d") == "00" + "122222" + "1233"


def test_indent_is_undefined_on_blank_lines(draw) -> None:
    assert draw("indent", "\n a\n  \n\t\r\n b\n  ") == "?" + "111" + "???" + "???" + "111" + "??"


def test_a_tab_goes_to_the_next_multiple_of_8(draw) -> None:
    assert draw("indent", "\ta\n  \tb\n\t\t c") == "888" + "12888" + "8ghh"
    assert draw("indent", "\t" + " " * 8 + "\tx") == "89abcdefgoo"


def test_white_space_after_the_first_other_symbol_is_no_indentation(draw) -> None:
    assert draw("indent", " a  \t b\n") == "11111111"


@given(text=st.text(st.sampled_from(" \t\n\r\fxé")))
def test_indent_agrees_with_a_plain_loop_over_the_symbols(text: str) -> None:
    expected = []
    for line in _lines(text):
        columns, leading = 0, True
        for symbol in line:
            leading = leading and symbol in " \t"
            if leading:
                columns = columns + 1 if symbol == " " else (columns // 8 + 1) * 8
            expected.append(columns if line.strip() else None)
    labels = catalogue()["indent"].label(Document("a.txt", text))
    assert labels.defined.tolist() == [value is not None for value in expected]
    assert labels.values.tolist() == [value or 0 for value in expected]


def _lines(text: str) -> list[str]:
    *whole, rest = text.split("\n")
    return [line + "\n" for line in whole] + [rest]


@given(text=st.text(st.sampled_from("\nab")))
def test_column_agrees_with_the_split_lines(text: str) -> None:
    expected = [column for line in _lines(text) for column in range(len(line))]
    labels = catalogue()["column"].label(Document("a.txt", text))
    np.testing.assert_array_equal(labels.values, np.array(expected, dtype=np.float32))


def test_kinds_of_character_reach_beyond_ascii(draw) -> None:
    text = "aZ É3٣ \t\n_"
    assert draw("capital", text) == ".#.#......"
    assert draw("digit", text) == "....##...."
    assert draw("whitespace", text) == "..#...###."


@pytest.mark.parametrize(
    ("name", "holds"),
    [("capital", str.isupper), ("digit", str.isdecimal), ("whitespace", str.isspace)],
)
@given(text=st.text())
def test_kinds_of_character_are_those_of_str(name, holds, text: str) -> None:
    labels = catalogue()[name].label(Document("a.txt", text))
    assert labels.values.tolist() == [holds(symbol) for symbol in text]
