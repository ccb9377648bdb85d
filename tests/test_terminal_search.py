"""`unitscope search` and `unitscope assert`: tables, files, checks, one sentence for a mistake."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import planted
import pytest

import unitscope
from analysis.findings import Finding
from analysis.recording import Recording
from terminal.findings import findings_text

Run = Callable[..., tuple[int, str, str]]
QUOTE = f"0.h.{planted.PLACES['quote']}"


@pytest.fixture
def run(recording: Recording, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on the planted recording; gives the exit code and both outputs."""

    def run(command: str, *arguments: str) -> tuple[int, str, str]:
        try:
            code = unitscope.main([command, recording.path, *arguments])
        except SystemExit as ended:
            code = int(ended.code or 0)
        return code, *capsys.readouterr()

    return run


def test_the_table_tells_how_far_to_believe_the_planted_unit(run: Run) -> None:
    code, out, _ = run("search", "-H", "double-quotes", "-H", "column", "--top", "2")
    assert code == 0
    head, _, first = out.splitlines()[1:4] if not out.splitlines()[0] else out.splitlines()[:3]
    for title in ("95% interval", "within symbol", "3 symbols", "positives"):
        assert title in head
    assert f"{QUOTE} ▲" in first
    assert "1.000 to 1.000" in first
    assert "0.005" in first
    assert out.count("(AUROC)") == out.count("(Spearman)") == 1


def test_json_has_what_was_proved(run: Run) -> None:
    _, out, _ = run("search", "-H", "double-quotes", "--top", "1", "--json", "--shifts", "50")
    (finding,) = json.loads(out)["findings"]
    assert finding["unit"] == QUOTE
    assert finding["low"] == finding["high"] == finding["score"] == 1.0
    assert finding["p_value"] == pytest.approx(1 / 51)
    assert finding["f1"] == finding["average_precision"] == 1.0
    assert 0.5 < finding["symbol_baseline"] < finding["trigram_baseline"] < 1


def test_no_shifts_are_no_p_values(run: Run) -> None:
    _, out, _ = run("search", "-H", "double-quotes", "--json", "--shifts", "0")
    assert all("p_value" not in finding for finding in json.loads(out)["findings"])


def test_findings_become_csv_and_parquet(run: Run, tmp_path: Path) -> None:
    asked = ("-H", "double-quotes", "--shifts", "0")
    _, out, _ = run("search", *asked, "--csv")
    table = pd.read_csv(io.StringIO(out))
    assert table["unit"][0] == QUOTE
    code, out, _ = run("search", *asked, "--parquet", str(tmp_path / "found.parquet"))
    assert (code, out) == (0, "")
    stored = pd.read_parquet(tmp_path / "found.parquet")
    assert stored["unit"].tolist() == table["unit"].tolist()
    assert stored["score"].tolist() == pytest.approx(table["score"].tolist())


def test_expressions_and_other_measures_are_asked_for_in_the_same_way(run: Run) -> None:
    _, out, _ = run(
        *("search", "-H", "regex:[a-z]+", "-H", "column > 20 and not double-quotes"),
        *("--by", "average_precision", "--json", "--top", "1", "--shifts", "0"),
    )
    words, columns = json.loads(out)["findings"]
    assert words["hypothesis"] == "regex:[a-z]+"
    assert columns["measure"] == "average_precision"
    assert columns["score"] == pytest.approx(columns["average_precision"])


def test_an_untrained_network_and_probes_stand_beside(
    run: Run, recording: Recording, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.zarr"
    shutil.copytree(recording.path, own)
    asked = ["-H", "double-quotes", "--top", "1", "--shifts", "0", "--untrained", "--probe"]
    assert unitscope.main(["search", str(own), *asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["findings"][0]["untrained"] < 0.95
    probes = found["probes"]["double-quotes"]
    assert [probe["k"] for probe in probes] == [1, 2, 4, 8, probes[-1]["k"]]
    assert probes[0]["units"] == [QUOTE]
    assert probes[0]["score"] == 1.0
    assert (tmp_path / f"untrained-{recording.id}.zarr").is_dir()
    assert unitscope.main(["search", str(own), *asked]) == 0
    out = capsys.readouterr().out
    assert "untrained" in out
    assert "all " in out


@pytest.mark.slow
def test_workers_of_dask_find_the_same(run: Run) -> None:
    asked = ("search", "-H", "double-quotes", "-H", "column", "--json", "--shifts", "0")
    assert run(*asked, "--dask", "local:2")[1] == run(*asked)[1]


def test_assert_passes_and_fails_by_the_exit_code(run: Run) -> None:
    code, out, _ = run("assert", "-H", "double-quotes", "--score", "0.99")
    assert code == 0
    assert out == f"passed  double-quotes: {QUOTE} has 1.0000, 0.99 asked\n"
    code, out, _ = run("assert", "-H", "double-quotes", "-H", "onset(symbols:e)", "--score", "0.99")
    assert code == 2  # a prefix form takes the rest of the text, so it can't stand inside
    code, out, _ = run("assert", "-H", 'lag(symbols("e"), 9)', "--score", "0.99")
    assert code == 1
    assert out.startswith("FAILED  lag(symbols(")
    code, out, _ = run("assert", "-H", "digit", "--score", "0.5")
    assert code == 1
    assert "digit: not scored" in out


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("search --shifts -1", "can't be -1 shifts"),
        ("search -H regex:[a-z", "has a fault at symbol 1"),
        ("search -H nonsense", "no hypothesis called “nonsense”"),
        ("search -H newline --parquet nowhere/x.parquet", "Cannot write"),
        ("search -H newline --dask nonsense", "neither local:N nor the address"),
        ("assert --score 0.9", "nothing to check"),
        ("assert -H newline --score 1.5", "between 0 and 1"),
    ],
)
def test_a_mistake_is_one_sentence(run: Run, command: str, message: str) -> None:
    name, *arguments = command.split()
    code, _, err = run(name, *arguments)
    assert code == 2
    assert err.count("\n") == 1
    assert message in err


def test_a_long_expression_is_shortened_and_columns_without_values_left_out() -> None:
    name = "regex:" + "x" * 200
    finding = Finding(name, "1.c.78", "auroc", 0.9, -1, 3, 10, 0.91, 1, "documents")
    text = findings_text([finding])
    assert "…" in text
    assert "95% interval" not in text
    assert "1.c.78 ▼" in text
    assert findings_text([]) == ""
