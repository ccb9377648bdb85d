"""Quotation marks by the rules of plain text, written out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.hypotheses import catalogue
from models.corpora import Document


def test_the_opening_mark_is_inside_and_the_closing_mark_is_not(draw) -> None:
    assert draw("double-quotes", 'a "bc" d') == "..###..."
    assert draw("single-quotes", "a 'bc' d") == "..###..."
    assert draw("back-quotes", "a `bc` d") == "..###..."


def test_an_empty_quotation_holds_its_opening_mark(draw) -> None:
    assert draw("double-quotes", '""a""') == "#..#."


def test_each_kind_of_mark_is_read_on_its_own(draw) -> None:
    text = "\"a 'b' c\""
    assert draw("double-quotes", text) == "########."
    assert draw("single-quotes", text) == "...##...."


@pytest.mark.parametrize("file", ["a.txt", "a.py", "a.c"])
def test_an_escaped_mark_is_no_mark(draw, file: str) -> None:
    assert draw("double-quotes", r'x "a\"b" y', file) == "..#####..."
    assert draw("double-quotes", r'"a\\" "b"', file) == "####..##."
    assert draw("single-quotes", r"x = '\'';", file) == "....###.."


def test_latex_accents_open_no_quotation(draw) -> None:
    assert "#" not in draw("double-quotes", r"Schr\"odinger and G\"odel", "a.tex")
    assert "#" not in draw("single-quotes", r"\'etale, \'Etale", "a.tex")


class TestApostrophes:
    @pytest.mark.parametrize("file", ["a.txt", "a.py", "a.c"])
    def test_in_a_word_open_nothing(self, draw, file: str) -> None:
        assert "#" not in draw("single-quotes", "# I don't, you won't, he'd 'twas", file)

    @pytest.mark.parametrize("file", ["a.txt", "a.py"])
    def test_in_a_word_close_nothing(self, draw, file: str) -> None:
        assert draw("single-quotes", "x 'I don't' y", file) == "..########..."

    def test_at_a_word_s_start_without_a_partner_open_nothing(self, draw) -> None:
        assert "#" not in draw("single-quotes", "'Tis so, 'twas so,\nand 'twill be.")

    def test_between_letters_may_be_curly(self, draw) -> None:
        assert draw("single-quotes", "‘don’t’ x") == "######..."


class TestProse:
    def test_a_quotation_runs_over_lines_of_its_paragraph(self, draw) -> None:
        assert draw("double-quotes", 'x "a\nb" c') == "..####..."
        assert draw("single-quotes", "x 'a\nb' c") == "..####..."

    def test_speech_with_no_closing_mark_ends_with_its_paragraph(self, draw) -> None:
        text = 'x "a b\n\nc "d" e'
        assert draw("double-quotes", text) == "..####.." + "..##..."

    def test_speech_with_no_closing_mark_ends_before_a_line_of_spaces_too(self, draw) -> None:
        assert draw("double-quotes", '"a\r\n \t\r\n"b"') == "###." + "...." + "##."

    def test_a_stray_mark_turns_nothing_beyond_its_paragraph(self, draw) -> None:
        paragraph = 'She said "yes" and left.\n\n'
        once = draw("double-quotes", paragraph)
        after = draw("double-quotes", 'a 6" nail\n\n' + paragraph * 3)
        assert after.endswith(once * 3)

    def test_single_marks_need_letters_or_points_on_their_inner_side(self, draw) -> None:
        assert "#" not in draw("single-quotes", "rock ' roll ' x")
        assert "#" not in draw("single-quotes", "the boys' and girls' toys")

    def test_the_primes_of_a_formula_open_nothing(self, draw) -> None:
        text = r"a map $f' : {X}'' \to (Y)'$ and $g'$"
        assert "#" not in draw("single-quotes", text, "a.tex")

    def test_typographic_marks_pair_by_their_direction(self, draw) -> None:
        assert draw("double-quotes", "a “b” c” “d") == "..##....." + "##"
        assert draw("single-quotes", "a ‘b’ c") == "..##..."


class TestPrograms:
    def test_a_stray_mark_turns_nothing_at_all(self, draw) -> None:
        text = '# 6" nail\nx = "a"\n'
        assert draw("double-quotes", text, "a.py") == "." * 10 + "....##.."
        text = "# the boys' toys\nx = 'a'\n"
        assert draw("single-quotes", text, "a.py") == "." * 17 + "....##.."

    def test_a_quotation_ends_with_its_line(self, draw) -> None:
        assert draw("double-quotes", '"a\nb" c', "a.c") == "......."

    def test_a_backslash_carries_a_quotation_to_the_next_line(self, draw) -> None:
        assert draw("double-quotes", '"a\\\nb" c', "a.c") == "#####..."

    def test_a_space_may_be_quoted(self, draw) -> None:
        assert draw("single-quotes", "' ' + ', ' + x", "a.py") == "##....###....."

    def test_a_python_prefix_is_no_word_that_the_mark_belongs_to(self, draw) -> None:
        assert draw("single-quotes", "(b'ab', Rb'c')", "a.py") == "..###.....##.."
        assert "#" not in draw("single-quotes", "dub'ab'", "a.py")
        assert "#" not in draw("single-quotes", "f'(x) + g'(x)", "a.tex")

    @pytest.mark.parametrize(("name", "mark"), [("double-quotes", '"'), ("single-quotes", "'")])
    def test_three_python_marks_close_only_by_three(self, draw, name: str, mark: str) -> None:
        text = 'x """a\n\n"b" """ y'.replace('"', mark)
        assert draw(name, text, "a.py") == "..############..."
        assert draw(name, 3 * mark + 3 * mark + "x", "a.py") == "#####.."

    def test_three_python_marks_that_nothing_closes_are_no_quotation(self, draw) -> None:
        assert draw("double-quotes", '"""a\nx = "b"\n', "a.py") == "....." + "....##.."

    def test_a_character_of_c_may_be_any_mark(self, draw) -> None:
        assert draw("single-quotes", "c == '\"' || '\\''", "a.c") == ".....##.....###."
        assert "#" not in draw("double-quotes", "c == '\"';", "a.c")


class TestBackQuotes:
    def test_a_run_closes_by_a_run_as_long(self, draw) -> None:
        assert draw("back-quotes", "``a`b`` `c`") == "######." + ".##."

    def test_a_mark_without_a_partner_in_its_paragraph_is_none(self, draw) -> None:
        assert draw("back-quotes", "`a'\n\n`b`") == "....." + "##."

    def test_a_quotation_may_run_over_lines(self, draw) -> None:
        assert draw("back-quotes", "`a\nb` c", "a.py") == "####..."

    def test_latex_closes_by_as_many_apostrophes(self, draw) -> None:
        assert draw("back-quotes", "``a's $f'$'' `b' c", "a.tex") == "###########.." + "##..."


@given(text=st.text(st.sampled_from("\"'`\\ \nabr“”‘’"), max_size=80))
def test_no_quotation_but_a_triple_one_crosses_a_blank_line(text: str) -> None:
    for name in ("double-quotes", "single-quotes", "back-quotes"):
        for file in ("a.txt", "a.c", "a.tex"):
            values = catalogue()[name].label(Document(file, text)).values
            blank = text.find("\n\n")
            while blank >= 0:
                assert not values[blank + 1]
                blank = text.find("\n\n", blank + 1)


@given(text=st.text(st.sampled_from('"\\ \nab'), max_size=80))
def test_double_marks_in_c_agree_with_a_plain_loop(text: str) -> None:
    expected, start, escaped = [False] * len(text), None, False
    for time, symbol in enumerate(text):
        if symbol == '"' and not escaped:
            if start is None:
                start = time
            else:
                expected[start:time] = [True] * (time - start)
                start = None
        elif symbol == "\n" and not escaped:
            start = None
        escaped = symbol == "\\" and not escaped
    values = catalogue()["double-quotes"].label(Document("a.c", text)).values
    assert values.tolist() == expected
