"""`unitscope compare`: losses, places and best units as they are; one sentence for a mistake."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import planted
import pytest

import unitscope
from analysis.comparison import loss_bits
from analysis.recorder import record
from analysis.recording import Recording
from models.corpora import Corpus

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def second(planted_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """The planted text, read by a network with random weights."""
    path = tmp_path_factory.mktemp("second") / "second.zarr"
    return record(planted.random_checkpoint(), planted_corpus, path)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            code = unitscope.main(["compare", *arguments])
        except SystemExit as ended:
            code = int(ended.code or 0)
        return code, *capsys.readouterr()

    return run


def test_losses_places_and_best_units_are_printed(
    run: Run, recording: Recording, second: Recording
) -> None:
    code, out, err = run(recording.path, second.path, "-H", "double-quotes", "--shifts", "20")
    assert (code, err) == (0, "")
    first, other = (loss_bits(each).astype(float) for each in (recording, second))
    assert f"{np.nanmean(first):.3f}" in out
    assert f"{np.nanmean(first) - np.nanmean(other):+.3f}" in out
    assert f"0.h.{planted.PLACES['quote']} ▲" in out
    assert "differ most" in out
    assert out.count("double-quotes") == 1


def test_json_has_the_numbers(run: Run, recording: Recording, second: Recording) -> None:
    code, out, _ = run(
        *(recording.path, second.path, "--json", "--top", "3", "--length", "10"),
        *("-H", "double-quotes", "--shifts", "0"),
    )
    assert code == 0
    one, two = json.loads(out)["recordings"]
    difference = loss_bits(recording) - loss_bits(second)
    assert one["id"] == recording.id
    assert "passages" not in one
    assert two["difference"] == pytest.approx(np.nanmean(difference.astype(float)), abs=1e-5)
    assert len(two["passages"]) == 3
    for passage in two["passages"]:
        found = np.nan_to_num(difference)[passage["start"] : passage["stop"]]
        assert passage["difference"] == pytest.approx(found.mean(), abs=1e-5)
    assert one["best"][0]["unit"] == f"0.h.{planted.PLACES['quote']}"
    assert two["best"][0]["hypothesis"] == "double-quotes"


def test_a_mistake_is_one_sentence(
    run: Run, recording: Recording, second: Recording, tmp_path: Path
) -> None:
    from models.corpora import Document

    corpus = Corpus("other", (Document("a", "return"),))
    other = record(planted.random_checkpoint(), corpus, tmp_path / "other.zarr")
    for arguments, words in (
        ((recording.path, other.path), "is of another text"),
        ((recording.path, "missing.zarr"), "There is no recording"),
        ((recording.path, second.path, "-H", "nonsense"), "no hypothesis called"),
        ((recording.path, second.path, "--top", "0"), "at least 1"),
        ((recording.path,), "required"),
    ):
        code, out, err = run(*arguments)
        assert code == 2
        assert words in err
        assert out == ""
