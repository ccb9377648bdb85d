"""The benchmark of matching runs."""

from __future__ import annotations

import json

import pytest

from benchmarks.matching import main


def test_the_benchmark_runs_and_ends_with_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--tiny"])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert list(figures)[:3] == ["range_vs_numpy", "places_vs_numpy", "passages_vs_numpy"]
    assert min(figures.values()) > 0
