"""`unitscope assert`: fail where no unit tracks a hypothesis well enough, as in a test."""

from __future__ import annotations

import argparse

from models.errors import UserError
from terminal import Commands
from terminal.search import add_hypotheses


def add(commands: Commands) -> None:
    """Describe `unitscope assert`."""
    command = commands.add_parser(
        "assert", help="exit with 1 where no unit reaches a score, for tests"
    )
    command.add_argument("recording", help="a recording, NAME.zarr or a URL")
    add_hypotheses(command)
    command.add_argument(
        "--score",
        type=float,
        required=True,
        help="AUROC for yes/no, Spearman for numbers, on the half that did not choose the unit",
    )
    command.set_defaults(run=_assert)


def _assert(options: argparse.Namespace) -> None:
    """Exit with 1 where a hypothesis fails."""
    from analysis.hypotheses.catalogue import find_hypotheses
    from analysis.recording import open_recording

    if not options.hypothesis:
        raise UserError("There is nothing to check. Name a hypothesis with -H.")
    if not 0 <= options.score <= 1:
        raise UserError(f"A score lies between 0 and 1; {options.score:g} does not.")
    hypotheses = find_hypotheses(options.hypothesis)
    recording = open_recording(options.recording)
    from analysis.search import search_units

    result = search_units(recording, hypotheses, top=1)
    for skipped in result.skipped:
        print(f"FAILED  {skipped.hypothesis}: not scored. {skipped.reason}")
    passed = not result.skipped
    for finding in result.findings:
        reached = finding.score >= options.score
        passed &= reached
        print(
            f"{'passed' if reached else 'FAILED'}  {finding.hypothesis}: {finding.unit} has "
            f"{finding.score:.4f}, {options.score:g} asked"
        )
    if not passed:
        raise SystemExit(1)
