"""The benchmark of the paper's grid runs, splits as it says, and trains nothing twice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.karpathy2015 import STREAMS, Setting, main, split_text


def test_a_contiguous_split_is_80_10_10_of_the_text() -> None:
    fit, choose, test = split_text(np.arange(1000), "contiguous")
    assert [part.tolist() for part in fit] == [list(range(800))]
    assert [part.tolist() for part in choose] == [list(range(800, 900))]
    assert [part.tolist() for part in test] == [list(range(900, 1000))]


def test_an_interleaved_split_is_80_10_10_of_every_stream() -> None:
    parts = split_text(np.arange(10 * STREAMS), "interleaved")
    assert [len(part) for part in parts] == [STREAMS] * 3
    assert [[len(stream) for stream in part] for part in parts] == [
        [8] * STREAMS,
        [1] * STREAMS,
        [1] * STREAMS,
    ]
    assert sorted(np.concatenate([s for part in parts for s in part])) == list(range(10 * STREAMS))


def test_a_text_may_have_no_test_part() -> None:
    fit, choose, test = split_text(np.arange(1000), "contiguous", "95/5/0")
    assert [len(part) for (part,) in (fit, choose, test)] == [950, 50, 0]


def test_the_papers_figure_stands_beside_the_same_network_only() -> None:
    assert Setting("lstm", 2, 128, "contiguous", 50, 0.0).paper == 1.227
    assert Setting("gru", 3, 512, "contiguous", 50, 0.0).paper == 1.077
    assert Setting("rnn", 1, 512, "contiguous", 50, 0.0).paper is None
    assert Setting("lstm", 4, 128, "contiguous", 50, 0.0).paper is None
    assert Setting("lstm", 2, 128, "contiguous", 50, 0.0, "95/5/0").paper is None


def test_it_trains_tests_and_keeps_what_it_trained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, kept = tmp_path / "text.txt", tmp_path / "results.jsonl"
    text.write_text("the old oak by the mill stood still. " * 60)
    command = [str(text), "--cells", "rnn", "--layers", "1", "--hidden", "64", "--epochs", "1"]
    main([*command, "--results", str(kept)])
    out = capsys.readouterr().out.splitlines()
    (result,) = json.loads(out[-1])["test_loss"]
    assert 0 < result["test_loss"] < 5
    assert "| RNN 1 x 64 | contiguous 80/10/10 |" in out[-2]
    assert " 1.446 " in out[-2]
    main([*command, "--results", str(kept)])
    again = capsys.readouterr().out.splitlines()
    assert again == out[-4:-1] + out[-1:]
    assert len(kept.read_text().splitlines()) == 1
    main([*command, "--shares", "95/5/0"])
    (result,) = json.loads(capsys.readouterr().out.splitlines()[-1])["test_loss"]
    assert np.isnan(result["test_loss"])
    assert 0 < result["choose_loss"] < 5
