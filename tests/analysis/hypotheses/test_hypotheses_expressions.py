"""Expressions: what they say of a text, how they are written, what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.hypotheses import HypothesisError, catalogue, find_hypotheses, languages_of
from models.corpora import Document


def draw_expression(expression: str, text: str, file: str = "a.txt") -> str:
    """The labels as one string, as `draw` has them; negative numbers as n."""
    labels = find_hypotheses([expression])[0].label(Document(file, text))
    signs = ".#" if labels.values.dtype == bool else "0123456789"
    return "".join(
        "?" if not defined else "n" if value < 0 else signs[int(value)]
        for value, defined in zip(labels.values, labels.defined, strict=True)
    )


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("not vowel", "abe", ".#."),
        ("vowel or digit and capital", "a1B", "#.."),
        ("(vowel or digit) and not newline", "a1\n", "##."),
        ("column >= 2", "abcd", "..##"),
        ("column != 1 and column <= 2", "abcd", "#.#."),
        ("not column == 1", "abc", "#.#"),
        ("column - 1", "abc", "n01"),
        ("column + 2 * column", "abc", "036"),
        ("(column + 2) * column", "abc", "038"),
        ("4 / column", "abc", "?42"),
        ("column - -1", "abc", "123"),
        ("column > 1.5e0", "abc", "..#"),
        ("lag(column, 2)", "abcd", "??01"),
        ("lag(column, -1)", "abcd", "123?"),
        ("lag(newline, 99)", "ab", "??"),
        ("lag(newline, 0)", "a\n", ".#"),
        ("onset(digit)", "12a3", "#..#"),
        ("offset(digit)", "12a3", "..#."),
        ("symbols-until-newline > 0 or vowel", "b\nab", "#." + "??"),
        ('regex("[0-9]+") and not symbols("12")', "1235", "..##"),
        ("regex('\"')", 'a"', ".#"),
        ('regex("\\"")', 'a"', ".#"),
        (r'regex("\\d")', r"\d1", "##."),
        (r'regex("\d")', r"\d1", "..#"),
        ("as(python, string)", "'a' # b", "##....." ),
        ("as(c, comment)", "a; // b", "...####"),
        ("as(latex, environment(\"a\"))", "\\begin{a}\\end{a}", "###############."),
    ],
)  # fmt: skip
def test_expressions(expression: str, text: str, expected: str) -> None:
    assert (draw_expression(expression, text), text) == (expected, text)


def test_undefined_goes_through_every_sign() -> None:
    for expression in ("not string", "string or vowel", "vowel and string", "onset(string)"):
        assert draw_expression(expression, "ab") == "??"
    text = "a = (\nb = 1\n"  # its first line does not parse
    assert "?" in draw_expression("bracket-depth + column", text, "a.py")


def test_an_expression_may_have_a_name() -> None:
    (deep,) = find_hypotheses(["deep = bracket-depth > 2"])
    assert (deep.name, deep.kind) == ("deep", "yes/no")
    assert deep.description == "The expression bracket-depth > 2."
    (numbers,) = find_hypotheses(["numbers = regex:a = b"])
    assert (numbers.name, draw_expression("numbers = regex:a = b", "xa = b")) == (
        "numbers", ".#####",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("column>40 and(not comment)", "column > 40 and not comment"),
        ("(column - 4)*indent", "(column - 4) * indent"),
        ("column - (4 - indent)", "column - (4 - indent)"),
        ("not (digit or vowel)", "not (digit or vowel)"),
        ("digit or (vowel or newline)", "digit or (vowel or newline)"),
        (" lag( digit ,-3 ) ", "lag(digit, -3)"),
        ("not regex('a\"b')", "not regex('a\"b')"),
        ('not regex("a")', 'not regex("a")'),
        ("as(cpp,(digit))", "as(cpp, digit)"),
        (" digit ", "digit"),
    ],
)
def test_an_expression_is_called_by_its_normal_form(expression: str, name: str) -> None:
    (found,) = find_hypotheses([expression])
    assert found.name == name
    assert find_hypotheses([name]) == [found]


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("column and vowel", "Symbol 1 .*This is number, and yes/no is needed"),
        ("vowel and column", "Symbol 11 .*This is number"),
        ("vowel + 1", "Symbol 1 .*This is yes/no, and number is needed"),
        ("1 < column < 3", "Symbol 13 .*do not chain"),
        ("not column", "Symbol 5 .*number"),
        ("onset(column)", "Symbol 7 .*number"),
        ("(column > 1", "Symbol 12 .*“\\)” is missing"),
        ("column > 1)", "Symbol 11 .*stop here"),
        ("column >", "Symbol 9 .*missing"),
        ("column > & 1", "Symbol 10 .*“&” means nothing"),
        ('regex("a', "Symbol 7 .*means nothing here"),
        ("regex(a)", "quotation marks"),
        ('not regex("(")', "missing \\)"),
        ("lag(vowel, 1.5)", "Symbol 12 .*whole number"),
        ("lag(vowel)", "“,” is missing"),
        ("as(cobol, vowel)", "one of python, c, cpp, javascript, json, latex, text"),
        ("fft(vowel)", "no function “fft”"),
        ("vowle or digit", "Symbol 1 .*Did you mean vowel"),
        ("column-4 > 2", "A minus needs spaces"),
        ("3 + 4 > 5 or x y", "no hypothesis called “x”"),
        ("1 + 1 = 2", "Symbol 7 .*“=” means nothing"),
        (" 3", "A number alone"),
        ("1e99 > column", "1e\\+30"),
        ("(" * 1_000 + "vowel" + ")" * 1_000, "nested more than 30 deep"),
        ("not " * 1_000 + "vowel", "nested more than 30 deep"),
        ("vowel or " * 1_000 + "vowel", "more than 200 names and signs"),
        ("vowel or " * 100_000, "900,000 symbols, and the most is"),
        ("", "no hypothesis called “”"),
        (" ", "Symbol 2 .*missing"),
    ],
)
def test_mistakes_are_answered_with_their_place(expression: str, said: str) -> None:
    with pytest.raises(HypothesisError, match=f"(?s){said}") as refusal:
        find_hypotheses([expression])
    if len(expression) > 500:
        assert len(str(refusal.value)) < 500


def test_the_same_expression_twice_is_one() -> None:
    assert len(find_hypotheses(["column > 1", "column>1"])) == 1


def test_expressions_are_limited_to_the_languages_of_all_their_parts() -> None:
    for expression, languages in {
        "comment or docstring": ("python",),
        "vowel": (),
        "vowel and math": ("latex",),
        "as(python, string)": (),
        "x = string and math": (),
    }.items():
        assert languages_of(find_hypotheses([expression])[0]) == languages


def test_numbers_too_great_are_undefined() -> None:
    assert draw_expression("column * 1e30 * 1e30", "ab") == "0?"


NAMES = st.sampled_from(["vowel", "digit", "newline"])
EXPRESSIONS = st.recursive(
    NAMES,
    lambda inner: st.one_of(
        st.builds("not {}".format, inner),
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
    ),
    max_leaves=8,
)


@given(expression=EXPRESSIONS, text=st.text(st.sampled_from("a1\nx"), max_size=8))
def test_booleans_agree_with_python(expression: str, text: str) -> None:
    (found,) = find_hypotheses([expression])
    labels = found.label(Document("a", text))
    expected = [bool(eval(expression, {}, {n: v(s) for n, v in RULES.items()})) for s in text]
    np.testing.assert_array_equal(labels.values, np.array(expected, dtype=bool))
    assert find_hypotheses([found.name])[0].name == found.name


RULES = {"vowel": "a".__eq__, "digit": "1".__eq__, "newline": "\n".__eq__}


def test_every_name_of_the_catalogue_is_an_expression() -> None:
    for name, hypothesis in catalogue().items():
        (found,) = find_hypotheses([f"({name})"])
        assert found == hypothesis
