"""Findings as files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from io import BytesIO

from streamlit.delta_generator import DeltaGenerator

from analysis.findings import Finding, findings_table


def download_buttons(
    places: Sequence[DeltaGenerator], name: str, findings: Sequence[Finding]
) -> None:
    """A button a format, each in its place; a file is made when it is asked for."""
    stem = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:40] or "findings"
    for place, (suffix, make) in zip(places, _FORMATS.items(), strict=True):
        place.download_button(
            suffix,
            data=lambda make=make: make(findings),
            file_name=f"{stem}.{suffix.lower()}",
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
            help=f"These units and all their numbers as {suffix}.",
        )


def _csv(findings: Sequence[Finding]) -> bytes:
    return findings_table(findings).to_csv(index=False).encode()


def _json(findings: Sequence[Finding]) -> bytes:
    return json.dumps({"findings": [finding.to_json() for finding in findings]}, indent=1).encode()


def _parquet(findings: Sequence[Finding]) -> bytes:
    buffer = BytesIO()
    findings_table(findings).to_parquet(buffer, index=False)
    return buffer.getvalue()


_FORMATS: dict[str, Callable[[Sequence[Finding]], bytes]] = {
    "CSV": _csv,
    "JSON": _json,
    "Parquet": _parquet,
}
