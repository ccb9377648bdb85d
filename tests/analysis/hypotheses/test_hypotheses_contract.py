"""What every hypothesis of the catalogue promises, whatever the text."""

from __future__ import annotations

import pickle
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.hypotheses import (
    PATTERNS,
    Hypothesis,
    HypothesisError,
    Labels,
    catalogue,
    find_hypotheses,
    languages_of,
)
from models.corpora import Document

FILES = (
    *("a/module.py", "a/kernel.c", "stub.pyi", "header.h", "text.txt", "paper.tex", "README"),
    *("a/room.cpp", "a/page.js", "data.json"),
)

# Hypotheses of one's own: one of each form, and of each sign and function of expressions.
OWN = [
    *(pattern.example for name, pattern in PATTERNS.items() if name != "csv"),
    "regex:.?",
    r"regex:(?s)\C",
    'tree:["(" "["] @open [")" "]"] @close',
    "as(python, string) and not as(text, vowel)",
    "column - 4 * indent / bracket-depth + 1",
    "lag(word-position, -2) >= 3 or onset(whitespace)",
    "mine = offset(as(latex, math))",
]
ALL = {**catalogue(), **{name: find_hypotheses([name])[0] for name in OWN}}
CASES = pytest.mark.parametrize("hypothesis_name", list(ALL))

# Pieces that open and close things, so that random texts reach the branches of the grammars.
PIECES = st.one_of(
    st.sampled_from([*"'\"`\\#()[]{}:; \n\t\fé“”‘’\ufeff", "'''", '"""', 'f"', "{x}", "//", "/*"]),
    st.sampled_from(["if ", "else", "for x in y", "def f()", "return", "[[", "]]", "*/", "\r\n"]),
    st.characters(codec=None),
    st.text(max_size=5),
)
TEXTS = st.lists(PIECES, max_size=60).map("".join)

# Letters of two bytes and more; none is an accented vowel, for which w could not stand.
WIDE = st.characters(min_codepoint=0xA1, categories=["Ll", "Lo"]).filter(
    lambda letter: unicodedata.normalize("NFD", letter)[0] not in "aeiou"
)


@CASES
class TestContract:
    """One class for all: each entry of the catalogue, and some of one's own, run each of these."""

    @staticmethod
    def check(hypothesis_name: str, document: Document) -> Labels:
        found = ALL[hypothesis_name]
        labels = found.label(document)
        assert labels.values.shape == labels.defined.shape == (len(document.text),)
        assert labels.values.dtype == (np.bool_ if found.kind == "yes/no" else np.float32)
        assert labels.defined.dtype == np.bool_
        assert np.all(np.isfinite(labels.values))
        if hypothesis_name in catalogue():
            assert np.all(labels.values >= 0)
            assert np.all(labels.values == np.floor(labels.values))
        assert not labels.values[~labels.defined].any()
        return labels

    def test_is_a_hypothesis_under_its_own_name(self, hypothesis_name: str) -> None:
        found = ALL[hypothesis_name]
        assert isinstance(found, Hypothesis)
        assert found.name == hypothesis_name.partition(" = ")[0]
        assert found.description.endswith(".")
        hash(found)

    def test_can_be_sent_to_another_process(self, hypothesis_name: str) -> None:
        found = ALL[hypothesis_name]
        assert pickle.loads(pickle.dumps(found)) == found

    @pytest.mark.parametrize("file", FILES)
    def test_labels_texts_of_no_or_one_symbol(self, hypothesis_name: str, file: str) -> None:
        for text in ("", *"a\n\t\0\"'`(}#é\U0001f600\ud800\ufeff"):
            self.check(hypothesis_name, Document(file, text))

    @pytest.mark.parametrize("file", ["text.txt", "README", "script.jl", ".py"])
    def test_says_nothing_about_code_in_an_unknown_language_and_never_fails(
        self, hypothesis_name: str, file: str
    ) -> None:
        labels = self.check(hypothesis_name, Document(file, 'if x: "é" # (\n    1\n'))
        reads_code = bool(languages_of(ALL[hypothesis_name]))
        is_of_another_document = hypothesis_name.startswith("marks:")
        assert labels.defined.any() != (reads_code or is_of_another_document) or (
            "/" in hypothesis_name
        )
        if hypothesis_name in catalogue():
            assert labels.defined.all() != reads_code

    @settings(max_examples=25, deadline=None)
    @given(text=TEXTS, file=st.sampled_from(FILES))
    def test_labels_any_text_at_all_and_the_same_again(
        self, hypothesis_name: str, text: str, file: str
    ) -> None:
        first, again = (self.check(hypothesis_name, Document(file, text)) for _ in range(2))
        np.testing.assert_array_equal(first.values, again.values)
        np.testing.assert_array_equal(first.defined, again.defined)

    def test_labels_of_windows_lines_differ_only_at_the_carriage_returns(
        self, hypothesis_name: str
    ) -> None:
        if hypothesis_name in OWN:
            pytest.skip("one's own may ask for \\r")
        text = "if a(1):  # \"one\"\n    '''x\n    y'''\n\n    B = `c` + \"d\"\nelse:\n    pass\n"
        windows = text.replace("\n", "\r\n")
        kept = np.array([symbol != "\r" for symbol in windows])
        unix_labels = self.check(hypothesis_name, Document("a.py", text))
        windows_labels = self.check(hypothesis_name, Document("a.py", windows))
        np.testing.assert_array_equal(windows_labels.defined[kept], unix_labels.defined)
        # A \r is one more symbol in its line, and no other hypothesis may notice it.
        at_newline = np.array([symbol == "\n" for symbol in text])
        compared = np.ones_like(at_newline)
        if hypothesis_name == "column":
            compared = ~at_newline
        elif hypothesis_name == "symbols-until-newline":
            compared = at_newline
        np.testing.assert_array_equal(
            windows_labels.values[kept][compared], unix_labels.values[compared]
        )

    @settings(max_examples=10, deadline=None)
    @given(word=st.text(WIDE, max_size=6))
    def test_wide_letters_move_labels_by_symbols_not_bytes(
        self, hypothesis_name: str, word: str
    ) -> None:
        text = "def f(x):\n    '''{}'''  # {}\n    if x[1]: return \"{}\" + `{}`\n"
        narrow = self.check(hypothesis_name, Document("a.py", text.replace("{}", "w" * len(word))))
        wide = self.check(hypothesis_name, Document("a.py", text.replace("{}", word)))
        np.testing.assert_array_equal(wide.values, narrow.values)
        np.testing.assert_array_equal(wide.defined, narrow.defined)


def test_labels_refuse_values_that_do_not_match_their_mask() -> None:
    with pytest.raises(HypothesisError, match=r"\(3,\) and \(2,\)"):
        Labels(np.zeros(3, dtype=np.bool_), np.zeros(2, dtype=np.bool_))


def test_labels_refuse_other_types_of_number() -> None:
    with pytest.raises(HypothesisError, match="float64"):
        Labels(np.zeros(3), np.zeros(3, dtype=np.bool_))


@pytest.mark.slow
@pytest.mark.parametrize("file", ["a.py", "a.c", "a.cpp", "a.js", "a.json", "a.tex", "a.txt"])
@pytest.mark.parametrize("piece", ["(", "{", "$", "'", "\\(", "\\begin{equation}"])
def test_a_hundred_thousand_things_left_open_are_labelled(file: str, piece: str) -> None:
    document = Document(file, piece * (100_000 // len(piece)))
    for name in ALL:
        TestContract.check(name, document)
