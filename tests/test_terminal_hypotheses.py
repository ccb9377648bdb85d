"""`unitscope hypotheses` and what `unitscope search` accepts as one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import unitscope
from analysis.hypotheses import PATTERNS, catalogue, find_hypotheses


def test_the_list_has_every_hypothesis_and_every_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert unitscope.main(["hypotheses"]) == 0
    shown = capsys.readouterr().out
    for name, hypothesis in catalogue().items():
        assert f"{name}  ({hypothesis.kind}; " in shown
        assert hypothesis.description in shown
    for pattern in PATTERNS.values():
        assert f"{pattern.form}  such as  {pattern.example}\n" in shown


def test_programs_get_the_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert unitscope.main(["hypotheses", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in listed["hypotheses"]] == list(catalogue())
    by_name = {row["name"]: row for row in listed["hypotheses"]}
    assert by_name["math"]["languages"] == ["latex"]
    assert by_name["column"] == {
        "name": "column",
        "kind": "number",
        "languages": [],
        "description": catalogue()["column"].description,
    }
    examples = [row["example"] for row in listed["patterns"] if row["form"] != "csv:FILE"]
    for example in (*examples, *listed["expressions"]):
        assert find_hypotheses([example])


def test_the_page_on_hypotheses_names_every_one_and_only_those() -> None:
    page = (Path(unitscope.__file__).parent / "docs" / "hypotheses.md").read_text("utf-8")
    families = page[page.index("## Built in") : page.index("Suffixes:")]
    rows = [row.split(" | ")[1] for row in families.splitlines() if "`" in row]
    assert set(re.findall("`(.+?)`", " ".join(rows))) == set(catalogue())
    for pattern in PATTERNS.values():
        assert f"`{pattern.form}`" in page
        assert f"`{pattern.example}`" in page


def test_a_faulty_pattern_ends_a_search_with_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert unitscope.main(["search", "none.zarr", "-H", "regex:a(b"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("unitscope: The regular expression “a(b” has a fault at its end")
    assert said.count("\n") == 1
