"""A text becomes one index a code point, whatever the text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.vocabulary import (
    MOST_SYMBOLS,
    UNKNOWN,
    Vocabulary,
    VocabularyError,
    build_vocabulary,
    code_points,
)

ANY_TEXT = st.text(st.characters())  # astral, combining, control: all but surrogates


@given(ANY_TEXT, ANY_TEXT)
def test_every_code_point_gives_one_index(learned: str, text: str) -> None:
    vocabulary = Vocabulary((UNKNOWN, *sorted(set(learned) - {UNKNOWN})))
    indices = vocabulary.encode(text)
    assert indices.dtype == np.uint16
    assert len(indices) == len(text)
    known = [symbol if symbol in vocabulary.symbols else UNKNOWN for symbol in text]
    assert vocabulary.decode(indices) == "".join(known)


@given(ANY_TEXT)
def test_code_points_are_those_of_python(text: str) -> None:
    assert code_points(text).tolist() == [ord(symbol) for symbol in text]


def test_lone_surrogates_are_symbols_too() -> None:
    vocabulary = Vocabulary((UNKNOWN, "a", "\ud83d"))
    assert vocabulary.encode("a\ud83d\udc80").tolist() == [1, 2, 0]


def test_the_order_of_the_symbols_is_the_order_of_the_rows() -> None:
    vocabulary = Vocabulary(("b", UNKNOWN, "\U0001f600", "a"))
    assert vocabulary.unknown == 1
    assert vocabulary.encode("ab\U0001f600c").tolist() == [3, 0, 2, 1]


@pytest.mark.parametrize(
    ("symbols", "complaint"),
    [
        ((UNKNOWN, "ab"), "'ab' is not"),
        ((UNKNOWN, ""), "'' is not"),
        ((UNKNOWN, "e\u0301"), "is not"),
        ((UNKNOWN, "a", "b", "a"), "'a' is in the vocabulary more than once"),
        (("a", "b"), "no unknown symbol"),
        ((), "no unknown symbol"),
    ],
)
def test_a_malformed_vocabulary_is_refused(symbols: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(VocabularyError, match=complaint):
        Vocabulary(symbols)


def test_a_vocabulary_that_overflows_its_indices_is_refused() -> None:
    symbols = [chr(code) for code in range(MOST_SYMBOLS + 1)]
    assert len(Vocabulary(tuple(symbols[:-1]))) == MOST_SYMBOLS
    with pytest.raises(VocabularyError, match="65,537 symbols"):
        Vocabulary(tuple(symbols))


def test_rare_symbols_are_left_to_the_unknown_one() -> None:
    vocabulary = build_vocabulary(["a" * 10, "b" * 9 + "c" * 6, "c" * 4], least=10)
    assert vocabulary.symbols == (UNKNOWN, "a", "c")


def test_symbols_are_in_the_order_of_their_code_points() -> None:
    vocabulary = build_vocabulary(["\U0001f600z\nA"], least=1)
    assert vocabulary.symbols == (UNKNOWN, "\n", "A", "z", "\U0001f600")


def test_a_text_in_which_nothing_is_frequent_keeps_all_its_symbols() -> None:
    assert build_vocabulary(["hello"]).symbols == (UNKNOWN, "e", "h", "l", "o")


def test_the_replacement_character_in_a_text_is_not_learned_twice() -> None:
    assert build_vocabulary([UNKNOWN * 20 + "a" * 20]).symbols == (UNKNOWN, "a")
    assert build_vocabulary([UNKNOWN]).symbols == (UNKNOWN,)
