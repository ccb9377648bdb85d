"""The sheet's routes answer with the recording's codes, pooled, and with nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from test_routes import get, long_recording, own_library

from analysis.colour_scales import SCALES, Scale, shares_of_codes
from analysis.pooling import column_edges
from analysis.recording import Recording
from dashboard import library
from dashboard.pools import MOST_COLUMNS, ends_of
from dashboard.routes import BASE

__all__ = ["long_recording", "own_library"]  # fixtures


def sheet_of(recording: Recording, site: str, start: int, stop: int, width: int) -> np.ndarray:
    query = f"start={start}&stop={stop}&width={width}"
    answer = get(f"{BASE}/{recording.id}/site/{site}/sheet?{query}")
    assert answer.status == 200, answer.body
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    return np.frombuffer(answer.body, np.int8).reshape(recording.units(site), -1)


def test_a_sheet_of_single_symbols_is_the_codes(recording: Recording) -> None:
    for site in ("0.h", "1.c", "1.f"):
        found = sheet_of(recording, site, 20, 90, 70)
        np.testing.assert_array_equal(found, recording.codes(site, 20, 90).T)
    np.testing.assert_array_equal(
        sheet_of(recording, "0.h", 20, 90, 500), recording.codes("0.h", 20, 90).T
    )


@pytest.mark.parametrize(("start", "stop", "width"), [(100, 1_000, 90), (0, 70_000, 100)])
def test_a_sheet_keeps_the_extreme_of_each_column(
    long_recording: Recording, start: int, stop: int, width: int
) -> None:
    library.open_at(long_recording.path)
    found = sheet_of(long_recording, "0.c", start, stop, width)
    codes = long_recording.codes("0.c").astype(int)
    edges = column_edges(start, stop, width, len(codes))
    assert found.shape == (codes.shape[1], width)
    for column in range(width):
        part = codes[edges[column] : edges[column + 1]]
        extremes = found[:, column].astype(int)
        np.testing.assert_array_equal(np.abs(extremes), np.abs(part).max(axis=0))
        assert all(extremes[k] in part[:, k] for k in range(len(extremes)))


def test_colours_of_the_maximum_reach_the_ends(recording: Recording) -> None:
    answer = get(f"{BASE}/{recording.id}/site/0.c/colours/maximum")
    found = np.frombuffer(answer.body, np.int8).reshape(-1, 256)
    codes = recording.codes("0.c").astype(int)
    for unit, largest in enumerate(np.abs(codes).max(axis=0)):
        assert found[unit, 128 + largest] == (127 if largest else 0)
        assert found[unit, 128 - largest] == (-127 if largest else 0)


def test_gates_are_drawn_from_zero(recording: Recording) -> None:
    answer = get(f"{BASE}/{recording.id}/site/0.f/colours/raw")
    found = np.frombuffer(answer.body, np.int8).reshape(-1, 256)
    assert (found[:, 128] == -127).all()
    assert ends_of("0.f", "raw") == ("0", "0.5", "1")
    assert ends_of("0.c", "raw")[0] == "−1"


@pytest.mark.parametrize(
    "path",
    [
        "site/0.h/sheet",
        "site/0.h/sheet?start=0&stop=10",
        "site/0.h/sheet?start=10&stop=10&width=5",
        "site/0.h/sheet?start=10&stop=9&width=5",
        "site/0.h/sheet?start=0&stop=99999999&width=5",
        "site/0.h/sheet?start=-1&stop=9&width=5",
        "site/0.h/sheet?start=0&stop=9&width=0",
        f"site/0.h/sheet?start=0&stop=9&width={MOST_COLUMNS + 1}",
        "site/0.h/sheet?start=0&stop=9&width=x",
        f"site/0.h/sheet?start=0&stop=9&width={'9' * 5000}",
        "site/7.h/sheet?start=0&stop=9&width=5",
        "site/nonsense/sheet?start=0&stop=9&width=5",
        "site/9.z/colours/raw",
        "site/0.c/colours/rainbow",
    ],
)
def test_a_sheet_that_is_not_there_is_a_404_in_plain_text(recording: Recording, path: str) -> None:
    answer = get(f"{BASE}/{recording.id}/{path}")
    assert answer.status == 404
    assert answer.headers["content-type"].startswith("text/plain")
    assert "cache-control" not in answer.headers


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("site", ["0.c", "0.f"])
def test_a_unit_has_in_the_sheet_the_colours_of_the_text(
    recording: Recording, site: str, scale: Scale
) -> None:
    answer = get(f"{BASE}/{recording.id}/site/{site}/colours/{scale}")
    stands_for = np.frombuffer(answer.body, np.int8).reshape(recording.units(site), 256)
    counts = np.bincount(recording.unit_codes(f"{site}.3").astype(int) + 128, minlength=256)
    shares = shares_of_codes(counts, scale, signed=site == "0.c")
    assert np.abs((stands_for[3].astype(int) + 127) / 254 - shares).max() <= 0.5 / 254 + 1e-9
