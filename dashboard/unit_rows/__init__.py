"""The units that a search has found, as a table with small multiples: a Streamlit component."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from analysis.findings import Finding, interval_text, with_arrow
from analysis.multiples import Error, Excerpt, Multiples
from analysis.verdict import verdict
from dashboard.assets import draw
from dashboard.minus import true_minus
from dashboard.text_view.state import Palette

_COLUMNS = {
    "unit": ("unit", "▲ high where it holds, ▼ low there. A click shows the unit in Explore."),
    "score": ("score", "AUROC, 0.5 is chance; of numbers Spearman, 0 is chance."),
    "plot": (
        "chance to 1",
        "Dot: the score. Band: its 95% interval. Line: the last three characters. "
        "Dotted line: the best unit of an untrained network.",
    ),
    "interval": ("95%", "Of the score, if other documents had been read."),
    "p": ("p", "Does an unrelated label find as good a unit?"),
    "within": ("within", "The score among symbols that are the same character."),
    "baseline": ("3 symbols", "The score of the last three characters, without any unit."),
    "untrained": ("untrained", "The best score in an untrained network of the same shape."),
    "verdict": ("conclusion", "The first doubt that stands, if any does."),
}


@dataclass(frozen=True)
class Opened:
    """What was clicked: a unit, and the symbol where its passage begins, if a passage was."""

    unit: str
    position: int | None


@dataclass(frozen=True)
class Sent:
    """What the user did in the component, in this run of the script only."""

    opened: Opened | None = None
    entered: str | None = None
    """What the field held when Enter was pressed in it."""


def _nothing() -> None:
    """Streamlit keeps only what has a callback."""


def unit_rows(
    findings: Sequence[Finding],
    multiples: Multiples | None,
    *,
    base: str,
    palette: Palette,
    label: str,
    field: str,
    key: str,
) -> Sent:
    """Show the units, best first, each with its numbers and passages in its colours.

    Parameters
    ----------
    findings : sequence of Finding
        Of one hypothesis; none shows nothing.
    multiples : Multiples or None
        Passages under them, once they are there.
    base : str
        Absolute path below which `dashboard.assets.asset_routes` are.
    palette : Palette
        Of the passages.
    label : str
        What the table is called.
    field : str
        The class that Streamlit gives to the text field whose Enter key is to be told, without
        its prefix ``st-key-``.
    key : str
        The component's name in the session state.
    """
    data = rows_data(findings, multiples)
    sent = draw(
        "unit_rows",
        base,
        key=key,
        data={**data, "label": label, "field": field, "palette": asdict(palette)},
        on_open_change=_nothing,
        on_enter_change=_nothing,
    )
    return read_sent(sent)


def read_sent(raw: dict[str, Any]) -> Sent:
    """What the browser sent, or nothing: it may hold anything."""
    opened, entered = raw.get("open"), raw.get("enter")
    found = None
    if isinstance(opened, dict) and isinstance(opened.get("unit"), str):
        position = opened.get("position")
        found = Opened(opened["unit"], position if type(position) is int else None)
    return Sent(found, entered if isinstance(entered, str) else None)


def rows_data(findings: Sequence[Finding], multiples: Multiples | None) -> dict[str, Any]:
    """What the component draws; ready for JSON.

    Returns
    -------
    dict
        ``columns``, ``rows`` and ``passages``. Columns that nothing is in are left out.
    """
    rows = [_row(finding, multiples) for finding in findings]
    always = ("plot", "verdict")  # the last one takes what room there is
    used = [key for key in _COLUMNS if key in always or any(row["cells"][key] for row in rows)]
    return {
        "columns": [
            {"key": key, "title": title, "help": said}
            for key, (title, said) in _COLUMNS.items()
            if key in used
        ],
        "rows": rows,
        "passages": [_passage(each) for each in multiples.shared] if multiples else [],
    }


def _row(finding: Finding, multiples: Multiples | None) -> dict[str, Any]:
    name = with_arrow(finding.unit, finding.direction)
    is_proved = finding.trigram_baseline is not None
    return {
        "unit": finding.unit,
        "name": name,
        "cells": {
            "unit": name,
            "score": _number(finding.score),
            "interval": true_minus(interval_text(finding)),
            "p": _number(finding.p_value),
            "within": _number(finding.within_symbol),
            "baseline": _number(finding.trigram_baseline),
            "untrained": _number(finding.untrained),
            "verdict": verdict(finding) if is_proved else "",
        },
        "plot": _plot(finding),
        "strips": _strips(finding.unit, multiples),
    }


def _plot(finding: Finding) -> dict[str, Any]:
    ticks = {"baseline": finding.trigram_baseline, "untrained": finding.untrained}
    words = f"Score {_number(finding.score)}"
    if interval_text(finding):
        words += f", 95% {true_minus(interval_text(finding))}"
    return {
        "score": finding.score,
        "low": finding.low,
        "high": finding.high,
        "ticks": [[name, value] for name, value in ticks.items() if value is not None],
        "chance": 0.0 if finding.measure == "spearman" else 0.5,
        "words": words,
    }


def _strips(unit: str, multiples: Multiples | None) -> list[dict[str, Any]]:
    if multiples is None or unit not in multiples.codes:
        return []
    strips = [{"codes": _bytes(codes)} for codes in multiples.codes[unit]]
    error = multiples.errors.get(unit)
    if error is not None:
        strips.append({"codes": _bytes(error.codes), "passage": _error_passage(error)})
    return strips


def _passage(excerpt: Excerpt) -> dict[str, Any]:
    return {
        "name": excerpt.document.rsplit("/", 1)[-1],
        "where": f"{excerpt.document}, from symbol {excerpt.start:,}",
        "start": excerpt.start,
        "text": excerpt.text.encode("utf-8", "replace").decode("utf-8"),
        "marks": [list(mark) for mark in excerpt.marks],
    }


def _error_passage(error: Error) -> dict[str, Any]:
    passage = _passage(error.excerpt)
    counts = {"missed": error.missed, "false alarms": error.false_alarms}
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    passage["name"] = f"errs: {said}"
    passage["where"] = f"Where it errs most ({said}): {passage['where']}"
    return passage


def _bytes(codes: np.ndarray) -> str:
    return base64.b64encode(codes.astype(np.int8).tobytes()).decode("ascii")


def _number(value: float | None) -> str:
    return "" if value is None else true_minus(f"{value:.3f}")
