"""What is asked before a recording is made, and what comes of the answer."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from dashboard import library
from dashboard.estimates import Choice, Question, source_of
from models.checkpoint import Checkpoint, save_checkpoint
from models.corpora import read_corpus
from models.errors import UserError


@pytest.fixture
def choice(tmp_path: Path, tiny_checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> Choice:
    monkeypatch.setenv("UNITSCOPE_HOME", str(tmp_path / "home"))
    save_checkpoint(tiny_checkpoint, tmp_path / "tiny.safetensors")
    (tmp_path / "a.txt").write_text("some text\n" * 50)
    return Choice(tmp_path / "tiny.safetensors", source=str(tmp_path / "a.txt"), split="report")


def answered(question: Question) -> Question:
    deadline = time.monotonic() + 120
    while not question.answered:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return question


def test_the_answer_is_an_order_for_a_place_named_by_the_text(choice: Choice) -> None:
    estimate, order = answered(Question(choice, choice.source, "a.txt (report)")).answer()
    assert estimate.symbols == order.total == 25
    assert estimate.disk_bytes > 25 * 20
    corpus = read_corpus([choice.source], split="report")
    assert order.destination == library.place_of(choice.checkpoint, order.title, corpus.sha256)
    assert order.arguments()[-2:] == ["--split", "report"]
    assert not order.destination.exists()


def test_a_text_that_cannot_be_read_is_one_sentence(choice: Choice, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^There is no file or folder .*missing"):
        answered(Question(choice, str(tmp_path / "missing"), "missing")).answer()


def test_a_question_that_nobody_asks_any_more_ends(choice: Choice) -> None:
    question = Question(choice, choice.source, "a.txt")
    question.stop()
    answered(question)


def test_what_is_typed_is_a_corpus_or_a_whole_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert source_of(" python ") == "python"
    assert source_of("~/books") == "/home/me/books"
    assert source_of("--force").startswith("/")  # never an option
