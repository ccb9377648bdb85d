"""Labels about words, lines and brackets of any text, written out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.hypotheses import catalogue
from models.corpora import Document


def over(labels: str, text: str) -> tuple[str, str]:
    """Labels and text, which a failing test shows one above the other."""
    return labels, text


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("opening-quote", "He said “Yes” and 'no' or don't.", "........#.........#............."),
        ("closing-quote", "He said “Yes” and 'no' or don't.", "............#........#.........."),
        ("opening-quote", '"One\n\n"Two" x', "#.....#......"),
        ("closing-quote", '"One\n\n"Two" x', "..........#.."),
        ("word-start", "It's 3 o'clock, né!", "#....#.#........#.."),
        ("word-end", "It's 3 o'clock, né!", "...#.#.......#...#."),
        ("word-position", "It's 3 o'clock, né!", "1234010123456700120"),
        ("word-start", "e\u0301a 'b' 中文", "#....#..#."),
        ("all-caps-word", "NASA is in USA1, A b_C DEF_G", "####.......####............."),
        ("all-caps-word", "O ROMEO'S x", "..#######.."),
        ("punctuation", "a-b, (c)! $1+2“é”", ".#.#.#.##.....#.#"),
        ("vowel", "Audio yé Öx", "##.##..#.#."),
        ("sentence-start", 'One. two. Three! "Four?" (Five', "#.........#.......#.......#..."),
        ("sentence-start", "one x\n\ntwo x\nThree.Four", "#......#..............."),
        ("symbols-until-newline", "abc\n\nd\ne", "32100" + "10?"),
        ("blank-line", "a\n \t\n\nb\n  ", "..####..##"),
        ("blank-line", "a\r\n\r\nb", "...##."),
        ("url", "see http://a.b/c?d=e. www.x.y, (https://z) ",
         "....################..#######...#########.."),
        ("url", "HTTP://A/b_(c)d, x", "###############..."),
        ("parenthesis-depth", ")a((b)c)) (", "00122110001"),
        ("square-bracket-depth", "[[a]]]'['", "122100011"),
        ("brace-depth", "}{a{%}\\{", "01122112"),
    ],
)  # fmt: skip
def test_labels_of_text(draw, name: str, text: str, expected: str) -> None:
    assert over(draw(name, text), text) == over(expected, text)


@pytest.mark.parametrize(
    "line",
    ["First Citizen:", "All:", "ROMEO.", "KING HENRY.", "Duke of York:", "DON JOHN:"],
)
def test_lines_that_name_a_speaker_are_labelled_up_to_their_mark(draw, line: str) -> None:
    for end in ("", "\n", "  \n", "\r\n"):
        text = f"\n{line}{end}"
        expected = "." + "#" * len(line) + "." * len(end)
        assert over(draw("speaker-line", text), text) == over(expected, text)


@pytest.mark.parametrize(
    "line",
    [
        "First Citizen: speak",
        "he said:",
        "  Indented:",
        "ACT I.",
        "SCENE II.",
        "Enter ROMEO.",
        "ROMEO",
        "O.",
        "You are all resolved rather to die than:",
    ],
)
def test_other_lines_of_a_play_name_no_speaker(draw, line: str) -> None:
    assert "#" not in draw("speaker-line", f"\n{line}\n")


@given(text=st.text(st.sampled_from("()x[]{}")))
def test_depths_agree_with_a_plain_loop(text: str) -> None:
    for name, (opening, closing) in {
        "parenthesis-depth": "()",
        "square-bracket-depth": "[]",
        "brace-depth": "{}",
    }.items():
        depth, expected = 0, []
        for symbol in text:
            depth = max(depth + (symbol == opening) - (symbol == closing), 0)
            expected.append(depth)
        assert catalogue()[name].label(Document("a.txt", text)).values.tolist() == expected


@given(text=st.text(st.sampled_from("ab \n")))
def test_symbols_until_newline_count_down_to_0_in_every_line_that_has_one(text: str) -> None:
    labels = catalogue()["symbols-until-newline"].label(Document("a", text))
    lines = text.split("\n")[:-1]
    expected = [left for line in lines for left in range(len(line), -1, -1)]
    assert labels.values[labels.defined].tolist() == expected


@given(text=st.text(st.sampled_from("aZ'’_9é\u0301 .\n")))
def test_words_start_end_and_count_alike(text: str) -> None:
    labels = {
        name: catalogue()[name].label(Document("a", text)).values
        for name in ("word-start", "word-end", "word-position")
    }
    position = labels["word-position"]
    np.testing.assert_array_equal(labels["word-start"], position == 1)
    after = np.append(position, 0)[1:]
    np.testing.assert_array_equal(labels["word-end"], (position > 0) & (after == 0))
