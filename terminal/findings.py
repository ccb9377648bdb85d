"""Findings as text: a table that a person reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from analysis.findings import Finding
    from analysis.probes import Probe

_WIDTH = 120  # where there is no terminal to ask
_LONGEST = 40


def findings_text(findings: Sequence[Finding]) -> str:
    """Return a table of findings, a line each; columns that nothing is in are left out.

    Parameters
    ----------
    findings : sequence of Finding
    """
    from rich import box
    from rich.table import Table

    rows = [_row(finding) for finding in findings]
    used = [name for name in (rows[0] if rows else ()) if any(row[name] for row in rows)]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in used:
        is_name = name == "hypothesis"
        table.add_column(
            name,
            justify="left" if is_name or name == "unit" else "right",
            no_wrap=not is_name,
            min_width=14 if is_name else None,
        )
    before = ""
    for finding, row in zip(findings, rows, strict=True):
        if before and finding.hypothesis != before:
            table.add_section()
        shown = dict(row)
        if finding.hypothesis == before:
            shown["hypothesis"] = ""
        before = finding.hypothesis
        table.add_row(*(shown[name] for name in used))
    return as_text(table)


def probes_text(probes: Mapping[str, Sequence[Probe]]) -> str:
    """Return a table of how well a few units, and all, tell each hypothesis together."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("hypothesis", "units together", "score", "which"):
        table.add_column(name, justify="right" if name == "score" else "left")
    for name, own in probes.items():
        table.add_section()
        for k, probe in enumerate(own):
            many = f"all {probe.k:,}" if probe.is_all else f"best {probe.k}"
            which = "" if probe.is_all else ", ".join(probe.units)
            table.add_row("" if k else _shortened(name), many, f"{probe.score:.3f}", which)
    return as_text(table)


def _row(finding: Finding) -> dict[str, str]:
    from analysis.findings import interval_text, with_arrow

    measure = {"auroc": "AUROC", "spearman": "Spearman"}.get(finding.measure, finding.measure)
    return {
        "hypothesis": f"{_shortened(finding.hypothesis)} ({measure})",
        "unit": with_arrow(finding.unit, finding.direction),
        "score": f"{finding.score:.3f}",
        "95% interval": interval_text(finding, " to "),
        "p": _rounded(finding.p_value),
        "q": _rounded(finding.q_value),
        "within symbol": _rounded(finding.within_symbol),
        "3 symbols": _rounded(finding.trigram_baseline),
        "untrained": _rounded(finding.untrained),
        "positives": f"{finding.positives:,}",
    }


def _rounded(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def as_text(table: Table) -> str:
    """A table as lines, as wide as the terminal, without colours."""
    from rich.console import Console

    console = Console()
    width = console.width if console.is_terminal else _WIDTH
    narrow = Console(width=max(width, 60), color_system=None, force_terminal=False)
    with narrow.capture() as captured:
        narrow.print(table)
    return "\n".join(line.rstrip() for line in captured.get().strip("\n").splitlines())
