"""`unitscope search`: the units that track a hypothesis."""

from __future__ import annotations

import argparse
import json
import sys

from terminal import Commands


def add(commands: Commands) -> None:
    """Describe `unitscope search`."""
    command = commands.add_parser("search", help="find the units that track a hypothesis")
    command.add_argument("recording", help="a recording, NAME.zarr or a URL")
    command.add_argument(
        "-H",
        "--hypothesis",
        action="append",
        default=[],
        metavar="NAME",
        help="a name that `unitscope hypotheses` lists, a pattern such as 'regex:def \\w+', or an "
        "expression such as 'column > 40 and not comment'; default: all names",
    )
    command.add_argument("--top", type=int, default=5, help="units for each hypothesis")
    command.add_argument("--json", action="store_true", help="findings as JSON")
    command.set_defaults(run=_search)


def _search(options: argparse.Namespace) -> None:
    from analysis.hypotheses.catalogue import find_hypotheses
    from analysis.recording import open_recording

    hypotheses = find_hypotheses(options.hypothesis)
    recording = open_recording(options.recording)
    from analysis.search import findings_table, search_units

    result = search_units(recording, hypotheses, top=options.top)
    for skipped in result.skipped:
        print(f"unitscope: {skipped.hypothesis}: {skipped.reason}", file=sys.stderr)
    if options.json:
        print(json.dumps({"findings": [finding.to_json() for finding in result.findings]}))
    elif result.findings:
        print(findings_table(result.findings).to_string(index=False))
