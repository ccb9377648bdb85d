"""Which marks a line has had so far: what is told at each symbol, and the loss of telling it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.line_so_far import LineSoFar, is_mark, marks_had
from models.streams import read_chunks
from models.training_options import TrainingError
from models.vocabulary import UNKNOWN, build_vocabulary

TEXT = 'a = "1"\n\n  # told\n\tb_()\n' * 4


def had(text: str, marks: str, before: str = "") -> list[str]:
    """For each character, those of the marks that its line has had, in the marks' order."""
    symbols = np.array([*text], dtype="<U1")
    found = marks_had(
        symbols == "\n",
        symbols[:, None] == np.array([*marks]),
        np.array([mark in before for mark in marks]),
    )
    return ["".join(m for m, has in zip(marks, row, strict=True) if has) for row in found]


def test_a_mark_is_had_from_itself_to_the_end_of_its_line_and_not_at_the_newline() -> None:
    assert had("a#b\nc", "#") == ["", "#", "#", "", ""]
    assert had("=#\n\n#=", "#=") == ["=", "#=", "", "", "#", "#="]


def test_what_a_line_had_before_the_first_symbol_counts_until_the_line_ends() -> None:
    assert had('a"\nb', '#"', before="#") == ["#", '#"', "", ""]


def test_a_text_without_symbols_has_had_nothing() -> None:
    assert had("", "#") == []


@given(text=st.text(alphabet='a#"\n', max_size=30), cut=st.integers(0, 30))
def test_what_a_line_has_had_is_what_stands_in_it_until_now(text: str, cut: int) -> None:
    read, rest = text[:cut], text[cut:]
    lines = [text[: time + 1].split("\n")[-1] for time in range(len(text))]
    wanted = ["".join(mark for mark in '#"' if mark in line) for line in lines]
    assert had(read, '#"') + had(rest, '#"', before=read.split("\n")[-1]) == wanted


def test_marks_are_neither_letters_nor_digits_nor_white_space() -> None:
    assert [symbol for symbol in "#_é中a7²\n \t\xa0─" if is_mark(symbol)] == ["#", "_", "─"]


def test_the_loss_is_the_mean_over_the_symbols_of_the_sum_over_the_marks() -> None:
    vocabulary = build_vocabulary([TEXT], least=1)
    pieces = [vocabulary.encode(TEXT), vocabulary.encode("#\n=a")]
    marks = [s for s in vocabulary.symbols if s in '="#_()']
    torch.manual_seed(0)
    task = LineSoFar(6, pieces, vocabulary)
    assert task.readout.out_features == len(marks) == 6
    for chunk in read_chunks(pieces, iter([0, 1]), batch=2, length=18):
        m = torch.tanh(torch.randn(*chunk.symbols.shape, 6))
        p = torch.sigmoid(task.readout(m))
        losses = []
        for slot, (index, start) in enumerate(zip(chunk.documents, chunk.starts, strict=True)):
            whole = had([TEXT, "#\n=a"][index], "".join(marks))
            for time in range(chunk.lengths[slot]):
                told = torch.tensor([mark in whole[start + time] for mark in marks])
                right = torch.where(told, p[time, slot], 1 - p[time, slot])
                losses.append(-right.log().sum().item())
        assert task(chunk, m).item() == pytest.approx(np.mean(losses), rel=1e-5)


def test_the_sizes_of_all_weights_are_penalised() -> None:
    task = LineSoFar(2, [], build_vocabulary(["a#="], least=1))
    with torch.no_grad():
        task.readout.weight.copy_(torch.tensor([[1.0, -2.0], [0.0, 3.0]]))
    assert task.weight_penalty().item() == pytest.approx(0.001 * 6)


def test_a_text_without_marks_has_none_to_tell() -> None:
    with pytest.raises(TrainingError, match="has none"):
        LineSoFar(6, [], build_vocabulary([f"a 1\n{UNKNOWN}"], least=1))
