"""`unitscope match` and `unitscope passages`: tables, JSON, and one sentence for a mistake."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import planted
import pytest

import unitscope
from analysis.recording import Recording
from terminal.match import visible

Run = Callable[..., tuple[int, str, str]]
QUOTE = f"0.h.{planted.PLACES['quote']}"
NEWLINE = f"0.h.{planted.PLACES['newline']}"


@pytest.fixture
def run(recording: Recording, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on the planted recording; gives the exit code and both outputs."""

    def run(command: str, *arguments: str) -> tuple[int, str, str]:
        code = unitscope.main([command, recording.path, *arguments])
        return code, *capsys.readouterr()

    return run


def quotation(recording: Recording) -> str:
    start, stop = np.flatnonzero(recording.symbols() == ord('"'))[:2].tolist()
    return f"{start}:{stop}"


def test_a_range_gives_units_and_they_give_places(run: Run, recording: Recording) -> None:
    code, out, _ = run("match", "--range", quotation(recording))
    assert code == 0
    assert out.splitlines()[3].startswith(f"{QUOTE} ")
    given = out.splitlines()[-1].split("--units ")[1]
    assert given == f"{QUOTE}:+:0.3"
    code, out, _ = run("match", "--units", given, "--exclude", quotation(recording), "--top", "4")
    assert code == 0
    assert len(out.splitlines()) == 5
    assert all('["' in line and ']"' in line for line in out.splitlines()[1:])
    assert quotation(recording) not in out


def test_json_has_the_fields_of_what_was_found(run: Run, recording: Recording) -> None:
    _, out, _ = run("match", "--range", quotation(recording), "--json")
    assert json.loads(out)["units"][0]["unit"] == QUOTE
    _, out, _ = run("match", "--units", f"{QUOTE},{NEWLINE}:-", "--json", "--top", "3")
    places = json.loads(out)["places"]
    assert len(places) == 3
    assert all(place["inside"].startswith('"') for place in places)
    _, out, _ = run("passages", "--unit", NEWLINE, "--json", "--count", "3")
    assert all(each["before"].endswith("\n") for each in json.loads(out)["passages"])


@pytest.mark.parametrize("options", [(), ("--top",)])
def test_passages_show_newlines_and_mark_the_symbol(run: Run, options: tuple[str, ...]) -> None:
    code, out, _ = run("passages", "--unit", NEWLINE, *options, "--count", "4")
    assert code == 0
    assert len(out.splitlines()) == 5
    assert all("[⏎]" in line for line in out.splitlines()[1:])


def test_low_band_and_random_passages_are_others(run: Run) -> None:
    column = f"0.h.{planted.PLACES['column']}"
    outs = {
        run("passages", "--unit", column, *which)[1]
        for which in ((), ("--low",), ("--band", "0.45:0.55"), ("--random",))
    }
    assert len(outs) == 4


def test_where_nothing_matches_it_is_said(run: Run) -> None:
    code, out, _ = run("match", "--range", "0:300", "--tolerance", "0", "--threshold", "0.99")
    assert (code, out.count("No unit is on in")) == (0, 1)
    code, out, _ = run("match", "--units", f"{QUOTE}:+:1")
    assert (code, out.count("nowhere on together")) == (0, 1)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("match --range 5:5", "is empty"),
        ("match --range 0:999999", "not inside the recording"),
        ("match --range abc", "not a range"),
        ("match --range 1:x", "not a range"),
        ("match --range 0:5 --threshold 2", "threshold must lie"),
        ("match --range 0:5 --site 7.h", "There is no site 7.h"),
        ("match --units 0.h.999", "There is no unit 0.h.999"),
        ("match --units 0.h", "not a unit's name"),
        ("match --units ,", "not a unit's name"),
        ("match --units 0.h.1:x", "not a unit and its side"),
        ("match --units 0.h.1:+:high", "not a unit and its side"),
        ("match --units 0.h.1:+:1:2", "not a unit and its side"),
        ("match --units 0.h.1:+:2", "between -1 and 1"),
        ("match --units 0.h.1,0.h.1", "more than once"),
        ("match --units 0.h.1 --share 0", "share of units"),
        ("match --units 0.h.1 --exclude 3", "not a range"),
        ("passages --unit 0.h.999", "There is no unit 0.h.999"),
        ("passages --unit 0.h.1 --band 0.6:0.4", "out of order"),
        ("passages --unit 0.h.1 --band 0.6", "not a band"),
        ("passages --unit 0.h.1 --band a:b", "not a band"),
        ("passages --unit 0.h.1 --count 0", "at least 1"),
        ("passages --unit 0.h.1 --seed -1", "seed must be"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(run: Run, command: str, words: str) -> None:
    code, out, err = run(*command.split())
    assert code == 2
    assert out == ""
    assert words in err
    assert err.startswith("unitscope: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["match", "passages", "demo"])
def test_the_commands_have_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        unitscope.main([command, "--help"])
    assert ended.value.code == 0
    assert f"usage: unitscope {command}" in capsys.readouterr().out


def test_a_recording_that_is_not_there_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for rest in (["match", "--range", "0:1"], ["passages", "--unit", "0.h.1"]):
        command, *options = rest
        assert unitscope.main([command, str(tmp_path / "no.zarr"), *options]) == 2
        assert "There is no recording" in capsys.readouterr().err


def test_text_is_shown_in_one_line_that_steers_no_terminal() -> None:
    assert visible("a\n\tb\x1b[31m é漢\ud800\u202e") == "a⏎⇥b·[31m é漢··"
