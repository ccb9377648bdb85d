"""What the next lines begin with: the symbols told, and the loss of telling them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation import NO_TARGET
from models.lines_ahead import LinesAhead, first_symbols
from models.streams import read_chunks
from models.vocabulary import build_vocabulary

TEXT = "a = 1\n\n  # told\n  # again\n\tb()\n" * 4


def told(text: str, lines: int) -> list[list[str]]:
    """For each line ahead, a character a symbol; "" where the text has ended."""
    symbols = np.array([ord(character) for character in text], dtype=np.uint16)
    newline, blank = symbols == ord("\n"), np.array([c.isspace() for c in text], dtype=bool)
    found = first_symbols(newline, blank, symbols, lines)
    return [["" if s == NO_TARGET else chr(s) for s in line] for line in found]


def test_a_newline_belongs_to_its_line_and_blank_lines_are_passed_over() -> None:
    first, second = told("ab\n\n  #c\nd\n ", 2)
    assert first == [*("####"), *("ddddd"), "", "", ""]
    assert second == [*("dddd"), *([""] * 8)]


@given(text=st.text(alphabet="ab# \n", max_size=30))
def test_first_symbols_are_those_of_the_lines_after(text: str) -> None:
    found = told(text, 2)
    for time in range(len(text)):
        here = text.count("\n", 0, time)
        later = [line.strip()[0] for line in text.split("\n")[here + 1 :] if line.strip()]
        assert [line[time] for line in found] == [*later, "", ""][:2]


def test_a_text_without_symbols_has_none() -> None:
    assert told("", 2) == [[], []]


def test_the_loss_is_the_mean_over_the_symbols_that_have_a_line_after_them() -> None:
    vocabulary = build_vocabulary([TEXT], least=1)
    symbols = vocabulary.encode(TEXT)
    torch.manual_seed(0)
    ahead = LinesAhead(6, [symbols], vocabulary)
    chunks = list(read_chunks([symbols], iter([0]), batch=1, length=50))
    for chunk in (chunks[0], chunks[-1]):
        m = torch.tanh(torch.randn(*chunk.symbols.shape, 6))
        wanted, start = 0.0, int(chunk.starts[0])
        for readout, line in zip(ahead.readouts, told(TEXT, 2), strict=True):
            log_p = torch.log_softmax(readout(m), dim=2)[:, 0]
            losses = [
                -log_p[time, vocabulary.symbols.index(symbol)].item()
                for time, symbol in enumerate(line[start : start + len(m)])
                if symbol
            ]
            wanted += sum(losses) / len(losses) if losses else 0.0
        assert ahead(chunk, m).item() == pytest.approx(wanted, rel=1e-5)
