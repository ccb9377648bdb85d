"""The benchmark of training runs, and both of its ways do the same work."""

from __future__ import annotations

import json

import pytest

from benchmarks.training import bare_steps, main, our_steps


@pytest.mark.slow
def test_the_benchmark_runs_and_ends_with_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--tiny"])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert list(figures) == [
        "train_2x256_vs_raw",
        "train_2x512_vs_raw",
        "memory_1600_vs_100",
        "memory_16m_symbols_vs_1m",
    ]
    assert min(figures.values()) > 0


def test_both_ways_take_as_many_steps_as_asked() -> None:
    assert len(list(bare_steps(1, 4, 3))) == len(our_steps(1, 4, 3)) == 3
