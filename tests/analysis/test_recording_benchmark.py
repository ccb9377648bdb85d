"""The benchmark of recording runs."""

from __future__ import annotations

import json

import pytest

from benchmarks.recording import main


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_the_benchmark_runs_and_ends_with_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--tiny"])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert list(figures) == [
        "h_vs_raw",
        "hc_vs_raw",
        "all_vs_raw",
        "vs_batch1",
        "seam_error",
        "dask2",
        "peak_mb",
    ]
    assert min(figures.values()) > 0
