"""CSV: what is read back is what was recorded."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest

from analysis.export import render, values
from analysis.recording import Recording


def read(data: bytes) -> tuple[dict[str, object], list[str], list[list[str]]]:
    comment, _, table = data.decode("utf-8").partition("\n")
    assert comment.startswith("# ")
    header, *rows = csv.reader(io.StringIO(table, newline=""))
    return json.loads(comment[2:]), header, rows


def test_values_give_back_every_code_of_a_site(recording: Recording) -> None:
    _, header, rows = read(render(recording, "1.c", 0, len(recording), ".csv"))
    assert header == ["time", "document", "position", "symbol", *(f"1.c.{n}" for n in range(16))]
    found = np.array([[float(value) for value in row[4:]] for row in rows])
    np.testing.assert_array_equal(np.round(found * 127), recording.codes("1.c"))
    assert np.abs(found - recording.codes("1.c") / 127).max() <= 5e-7


def test_symbols_of_every_kind_are_read_back(recording: Recording) -> None:
    _, _, rows = read(render(recording, "0.h.3", 0, len(recording), ".csv"))
    assert "".join(row[3] for row in rows) == recording.text()
    assert [int(row[0]) for row in rows] == list(range(len(recording)))


def test_rows_name_the_document_and_the_position_in_it(recording: Recording) -> None:
    second = recording.documents[1]
    _, _, rows = read(render(recording, "0.h.3", second.start - 1, second.stop + 1, ".csv"))
    assert [row[1] for row in rows[:2]] == [recording.documents[0].name, second.name]
    assert [row[2] for row in rows[:3]] == [str(second.start - 1), "0", "1"]
    assert rows[-1][1:3] == ["plain.py", "0"]


def test_pandas_reads_it_as_the_docstring_says(recording: Recording) -> None:
    data = render(recording, "1.c", 3, 300, ".csv", units=[5, 0])
    table = pd.read_csv(io.BytesIO(data), skiprows=1, keep_default_na=False)
    assert list(table.columns[4:]) == ["1.c.5", "1.c.0"]
    expected = recording.codes("1.c", 3, 300)[:, [5, 0]]
    found = np.round(table[["1.c.5", "1.c.0"]].to_numpy() * 127)
    np.testing.assert_array_equal(found, expected)


def test_the_comment_says_what_the_values_are_of(recording: Recording) -> None:
    about, _, _ = read(render(recording, "1.c.2", 3, 300, ".csv"))
    assert about["checkpoint"] == {
        "name": "net </style>",
        "sha256": recording.attributes["checkpoint"]["sha256"],
    }
    assert about["corpus"] == recording.attributes["corpus"]
    assert (about["target"], about["start"], about["stop"]) == ("1.c.2", 3, 300)
    assert about["documents"] == ["src/<i>&file.c"]


def test_values_read_in_small_blocks_are_the_same(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = render(recording, "1.c", 0, len(recording), ".csv")
    monkeypatch.setattr(values, "_VALUES_AT_ONCE", 100)
    assert render(recording, "1.c", 0, len(recording), ".csv") == whole
