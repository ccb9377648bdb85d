"""Hypotheses of one's own: patterns, queries, symbols, marks, tables and functions."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.hypotheses import (
    HypothesisError,
    MarkedSpans,
    find_hypotheses,
    from_function,
    functions,
    read_marks,
)
from analysis.hypotheses.marks import add_mark, parse_marks
from analysis.hypotheses.regexes import RegexHypothesis
from analysis.hypotheses.trees import TreeHypothesis
from models.corpora import Document


def draw_own(name: str, text: str, file: str = "a.txt") -> str:
    """The labels of one hypothesis as one string, as `draw` has them."""
    labels = find_hypotheses([name])[0].label(Document(file, text))
    signs = zip(labels.values, labels.defined, strict=True)
    return "".join("?" if not defined else ".#"[int(value)] for value, defined in signs)


class TestRegexes:
    def test_label_matches_their_first_and_their_last_symbols(self) -> None:
        text = "a1 23é456"
        assert draw_own("regex:[0-9]+", text) == ".#.##.###"
        assert draw_own("regex-start:[0-9]+", text) == ".#.#..#.."
        assert draw_own("regex-end:[0-9]+", text) == ".#..#...#"

    def test_see_what_stands_before_a_match(self) -> None:
        assert draw_own(r"regex:\ba", "aa a") == "#..#"
        assert draw_own("regex:^a", "aa\na") == "#..."
        assert draw_own("regex:(?m)^a", "aa\na") == "#..#"

    @pytest.mark.parametrize("pattern", ["b*", "$", "()", r"\b"])
    def test_label_nothing_for_empty_matches(self, pattern: str) -> None:
        assert draw_own(f"regex:{pattern}", "aé\U0001f600") == "..."

    def test_take_lone_surrogates_for_one_symbol(self) -> None:
        assert draw_own("regex:b", "a\ud800b") == "..#"

    @given(
        text=st.text(st.sampled_from("ab1 é中\u0301\U0001f600\0\r\n")),
        pattern=st.sampled_from(["a+", "[^a]", "(a|b)1?", "é.", "(?s)..", "中|b", "[[:alpha:]]+1"]),
    )
    def test_agree_with_the_matches_of_re_under_any_unicode(self, text: str, pattern: str) -> None:
        spans = [m.span() for m in re.finditer(pattern.replace("[:alpha:]", "A-Za-z"), text)]
        expected = ["."] * len(text)
        for start, stop in spans:
            expected[start:stop] = "#" * (stop - start)
        assert draw_own(f"regex:{pattern}", text) == "".join(expected)

    @given(text=st.text("ab1. \n"), symbol=st.sampled_from("é中\U0001f600\u0301"))
    def test_are_not_shifted_by_wide_neighbours(self, text: str, symbol: str) -> None:
        wide = draw_own("regex:a1?", text.replace("b", symbol))
        assert wide == draw_own("regex:a1?", text)

    @pytest.mark.parametrize(
        ("pattern", "said"),
        [
            ("ab[c", r"at symbol 3: missing \] after “\[c”"),
            ("a(b", "at its end, after symbol 3: missing \\)"),
            ("a\\8", r"at symbol 2: invalid escape"),
            ("(?=a)", "at symbol 1"),
            ("", "needs a pattern"),
            ("a" * 1_000_000, "1,000,006 symbols, and the most is"),
        ],
    )
    def test_with_a_fault_are_refused_with_its_place(self, pattern: str, said: str) -> None:
        with pytest.raises(HypothesisError, match=said) as refusal:
            find_hypotheses([f"regex:{pattern}"])
        assert len(str(refusal.value)) < 600


def test_patterns_and_queries_have_a_greatest_length() -> None:
    for form in (RegexHypothesis, TreeHypothesis):
        with pytest.raises(HypothesisError, match="1,000,000 symbols, and the most is 10,000"):
            form("a" * 1_000_000)


class TestTreeQueries:
    def test_label_the_whole_of_what_they_capture(self) -> None:
        query = "tree:(call function: (_) @callee)"
        assert draw_own(query, "x = f.g(h(1))\n", "a.py") == "....###.#....."

    def test_keep_the_meaning_of_the_names_that_have_one(self) -> None:
        assert draw_own("tree:(string) @closed", "x = 'a'\n", "a.py") == "....##.."
        assert draw_own('tree:"(" @open ")" @close', "f(a);", "a.js") == ".##.."

    def test_are_undefined_where_they_are_no_query(self) -> None:
        query = "tree:(decorator) @inside"
        assert draw_own(query, "int x;", "a.c") == "??????"
        assert draw_own(query, "x", "a.txt") == "?"
        assert draw_own(query, "@a\nclass B: pass\n", "a.py")[:4] == "##.."

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("(strin) @a", r"Invalid node type: strin, at line 1, symbol 2"),
            ("(string) @a\n\n(call é: (_)) @b", r"at line 3, symbol"),
            ("(string) @a (", "ends too soon, after symbol 13"),
            ("(string) @a )", "Invalid syntax, at line 1, symbol 13"),
            ("(string)", "captures nothing"),
            ("", "captures nothing"),
            ("(string) @_a", "captures nothing"),
            ("(a)" * 400_000, "1,200,005 symbols, and the most is"),
            ('((string) @a (#match? @a "("))', "regular expression error, in the pattern that"),
        ],
    )
    def test_with_a_fault_are_refused_with_its_place(self, query: str, said: str) -> None:
        with pytest.raises(HypothesisError, match=said):
            find_hypotheses([f"tree:{query}"])

    def test_that_ask_too_much_say_so(self) -> None:
        costly = find_hypotheses(["tree:(list (integer)* @a (integer)* @b (integer) @c)"])[0]
        with pytest.raises(HypothesisError, match="side by side"):
            costly.label(Document("a.py", f"x = [{'1, ' * 30_000}]\n"))


def test_symbols_are_any_of_those_listed_and_know_escapes() -> None:
    assert draw_own(r"symbols:aé\n\\", "aé\nn\\x") == "###.#."
    with pytest.raises(HypothesisError, match=r"Symbol 2 of “.*” starts"):
        find_hypotheses([r"symbols:a\d"])
    with pytest.raises(HypothesisError, match="needs symbols"):
        find_hypotheses(["symbols:"])


class TestMarks:
    def test_are_yes_inside_and_say_nothing_of_other_documents(self) -> None:
        marks = MarkedSpans("mine", (("a.txt", 1, 3), ("a.txt", 2, 4)))
        labels = marks.label(Document("a.txt", "abcdef"))
        assert labels.values.tolist() == [False, True, True, True, False, False]
        assert labels.defined.all()
        assert not marks.label(Document("b.txt", "abc")).defined.any()
        assert find_hypotheses(["mine"], own=[marks]) == [marks]

    @pytest.mark.parametrize("span", [("a", -1, 2), ("a", 2, 2), ("a", 3, 2)])
    def test_that_hold_nothing_are_refused(self, span: tuple[str, int, int]) -> None:
        with pytest.raises(HypothesisError, match="Mark 1 of 'mine'"):
            MarkedSpans("mine", (span,))

    def test_beyond_the_text_are_refused(self) -> None:
        with pytest.raises(HypothesisError, match="stops at 9, but 'a' has 3 symbols"):
            MarkedSpans("mine", (("a", 1, 9),)).label(Document("a", "abc"))


class TestTables:
    def write(self, folder: Path, text: str) -> Path:
        path = folder / "labels.csv"
        path.write_text(text, "utf-8")
        return path

    def test_without_values_are_yes_inside(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, "\ufeffdocument,start,stop\na.txt,1,2\nb.txt,0,1\n")
        assert draw_own(f"csv:{path}", "abc") == ".#."
        assert draw_own(f'not csv("{path}")', "abc") == "#.#"

    def test_with_values_are_numbers_and_undefined_elsewhere(self, tmp_path: Path) -> None:
        table = "stop,value,document,start\n3,-1.5,a.txt,1\n"
        labels = read_marks(self.write(tmp_path, table)).label(Document("a.txt", "abcd"))
        assert labels.values.tolist() == [0, -1.5, -1.5, 0]
        assert labels.defined.tolist() == [False, True, True, False]

    @pytest.mark.parametrize(
        ("rows", "said"),
        [
            ("document,start\n", "Line 1 .* names no column 'stop'"),
            ("document,start,stop\n", "no row"),
            ("document,start,stop\na,1,2\na,x,2\n", "Line 3 .* is no span: 'a,x,2'"),
            ("document,start,stop\na,1\n", "Line 2"),
            ("document,start,stop\na,2,1\n", "Line 2"),
            ("document,start,stop\na,1,2,3\n", "Line 2"),
            ("document,start,stop,value\na,1,2,nan\n", "Line 2"),
            ("document,start,stop,value\na,1,2,1e300\n", "Line 2"),
            ("document,start,stop,value\na,1,2,3\na,2,3,\n", "Line 3 .* has no value"),
        ],
    )
    def test_with_bad_rows_are_refused_with_the_line(
        self, tmp_path: Path, rows: str, said: str
    ) -> None:
        with pytest.raises(HypothesisError, match=said):
            read_marks(self.write(tmp_path, rows))

    def test_that_are_no_text_or_not_there_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "labels.csv").write_bytes(b"\xff\xfe")
        for path in (tmp_path / "labels.csv", tmp_path / "none.csv", tmp_path):
            with pytest.raises(HypothesisError, match="cannot be read as a CSV file"):
                read_marks(path)


class TestFunctions:
    def test_give_values_or_values_and_where_they_are_defined(self) -> None:
        document = Document("a.txt", "abc")
        yes = from_function("yes", "yes/no", lambda d: [s == "b" for s in d.text]).label(document)
        assert (yes.values.tolist(), yes.defined.all()) == ([False, True, False], True)
        number = from_function(
            "n", "number", lambda d: (np.array([1, np.nan, 3]), np.array([True, True, False]))
        ).label(document)
        assert number.values.dtype == np.float32
        assert number.defined.tolist() == [True, False, False]

    def test_are_shown_by_an_example_that_runs(self) -> None:
        assert doctest.testmod(functions).attempted == 3
        assert doctest.testmod(functions).failed == 0

    def test_that_give_something_else_are_refused(self) -> None:
        for given_back in ([1, 2], ["a", "b", "c"], ([1, 2, 3], [1, 2, 3])):
            wrong = from_function("w", "number", lambda _, back=given_back: back)
            with pytest.raises(HypothesisError, match="'w' gave"):
                wrong.label(Document("a", "abc"))
        with pytest.raises(HypothesisError, match="no kind"):
            from_function("w", "maybe", lambda _: [])  # type: ignore[arg-type]


def test_marks_are_written_one_after_another_and_read_again():
    documents = [("a.txt", 0, 10), ("b ü.txt", 10, 30)]
    one = add_mark("string", documents, 2, 5)
    assert one == 'marks:{"a.txt":[[2,5]]}'
    both = add_mark(one, documents, 8, 14)
    assert both == 'marks:{"a.txt":[[2,5],[8,10]],"b ü.txt":[[0,4]]}'
    assert add_mark(both, documents, 8, 14) == both
    (found,) = find_hypotheses([both])
    labels = found.label(Document("a.txt", "x" * 10))
    assert np.flatnonzero(labels.values).tolist() == [2, 3, 4, 8, 9]
    assert found.label(Document("b ü.txt", "y" * 20)).values.sum() == 4
    assert not found.label(Document("c.txt", "z")).defined.any()
    assert found.name == both


@pytest.mark.parametrize(
    "written",
    ["", "x", "[]", "{}", '{"a":[]}', '{"a":[[1]]}', '{"a":[[1,2,3]]}', '{"a":[["1","2"]]}',
     '{"a":[[1,true]]}', '{"a":3}', '{"a":[[1.5,2]]}', "[" * 100_000],
)  # fmt: skip
def test_what_are_no_marks_is_a_sentence(written):
    with pytest.raises(HypothesisError, match="are no marks"):
        find_hypotheses([f"marks:{written}"]) if len(written) < 20_000 else parse_marks(written)


def test_a_mark_that_stops_before_it_starts_is_a_sentence():
    with pytest.raises(HypothesisError, match="stops after its start"):
        find_hypotheses(['marks:{"a":[[5,2]]}'])


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (r"regex:\d(", r"“\d(” has a fault at its end, after symbol 3: missing ). Mend"),
        ('regex:it\'s "so" (', '“it\'s "so" (” has'),
        ("regex:a{2,1}", "at symbol 2: invalid repetition size “{2,1}”. Mend"),
        ("regex:\t(", r"“\t(” has"),
        ("tree:(string \\", "“(string \\” "),
        (r"column \ 2", r"“column \ 2”: “\” means nothing"),
        (r"symbols:\d", r"of “\d” starts “\d”, which"),
        ("zzz", "called “zzz”. `unitscope hypotheses` lists all"),
    ],
)
def test_what_was_typed_is_shown_as_it_was_typed(typed: str, shown: str) -> None:
    with pytest.raises(HypothesisError) as refusal:
        find_hypotheses([typed])
    assert shown in str(refusal.value)
    assert "\n" not in str(refusal.value)
