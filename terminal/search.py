"""`unitscope search`: the units that track a hypothesis, and how far to believe it."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.measures import YES_NO_MEASURES
from models.errors import UserError
from terminal import Commands
from terminal.progress import progress_bar

if TYPE_CHECKING:
    from analysis.findings import SearchResult
    from analysis.hypotheses.labels import Hypothesis
    from analysis.probes import Probe
    from analysis.ranking import RankBlocks
    from analysis.recording import Recording


def add(commands: Commands) -> None:
    """Describe `unitscope search`."""
    command = commands.add_parser("search", help="find the units that track a hypothesis")
    command.add_argument("recording", help="a recording, NAME.zarr or a URL")
    add_hypotheses(command)
    command.add_argument("--top", type=int, default=5, help="units for each hypothesis")
    command.add_argument(
        "--by",
        choices=YES_NO_MEASURES,
        default="auroc",
        help="ranks units for yes/no hypotheses; numbers are ranked by Spearman's correlation",
    )
    command.add_argument(
        "--shifts", type=int, default=200, metavar="N", help="for p values; 0: none, and faster"
    )
    command.add_argument("--seed", type=int, default=0, help="of shifts, intervals and samples")
    command.add_argument(
        "--untrained",
        action="store_true",
        help="search an untrained network of the same shape too; it is recorded beside the first",
    )
    command.add_argument(
        "--probe", action="store_true", help="how well 1, 2, 4, 8 and all units tell it together"
    )
    command.add_argument(
        "--dask",
        metavar="local:N|ADDRESS",
        help="spread over N processes of this machine, or the workers of a Dask scheduler",
    )
    output = command.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="findings as JSON")
    output.add_argument("--csv", action="store_true", help="findings as CSV")
    output.add_argument("--parquet", type=Path, metavar="FILE", help="write findings as Parquet")
    command.set_defaults(run=_search)


def add_hypotheses(command: argparse.ArgumentParser) -> None:
    """Let a command ask for hypotheses."""
    command.add_argument(
        "-H",
        "--hypothesis",
        action="append",
        default=[],
        metavar="NAME|EXPRESSION",
        help="a name that `unitscope hypotheses` lists, a pattern such as 'regex:def \\w+', or an "
        "expression such as 'column > 40 and not comment'; several times for several; default: all",
    )


def _search(options: argparse.Namespace) -> None:
    from analysis.hypotheses.catalogue import find_hypotheses
    from analysis.recording import open_recording

    if options.shifts < 0:
        raise UserError(f"There can't be {options.shifts} shifts. Ask for 0 or more.")
    if options.parquet is not None and not options.parquet.resolve().parent.is_dir():
        raise UserError(
            f"Cannot write {options.parquet}: there is no folder {options.parquet.parent}. Make it."
        )
    hypotheses = find_hypotheses(options.hypothesis)
    recording = open_recording(options.recording)
    from analysis.proof import prove
    from analysis.search import search_units

    _show_first(recording, hypotheses, options)
    control = _control(recording) if options.untrained else None
    with _rankers(options.dask) as how, progress_bar("searching", stays=False) as show:
        result = search_units(
            recording, hypotheses, top=options.top, by=options.by, progress=show, **how
        )
    with progress_bar("testing", stays=False) as show:
        result = prove(
            recording,
            hypotheses,
            result,
            shifts=options.shifts,
            control=control,
            seed=options.seed,
            progress=show,
        )
    for skipped in (*result.skipped, *result.unproved):
        print(f"unitscope: {skipped.hypothesis}: {skipped.reason}", file=sys.stderr)
    probes = _probes(recording, hypotheses, result, options) if options.probe else {}
    _print(result, probes, options)


def _show_first(
    recording: Recording, hypotheses: list[Hypothesis], options: argparse.Namespace
) -> None:
    """Where someone waits and the recording is long: an answer from a sample, at once."""
    from analysis.parts import FIRST_SYMBOLS, first_look

    if len(recording) < 2 * FIRST_SYMBOLS or not sys.stderr.isatty():
        return
    from terminal.findings import findings_text

    first = first_look(recording, hypotheses, top=1, by=options.by, seed=options.seed)
    print(
        f"First look, at {FIRST_SYMBOLS:,} of {len(recording):,} symbols; the exact answer follows."
        f"\n{findings_text(first.findings)}",
        file=sys.stderr,
    )


def _control(recording: Recording) -> Recording:
    from analysis.untrained import record_untrained

    beside = recording.path.rstrip("/").rpartition("/")[0] or "."
    with progress_bar("reading untrained", stays=False) as show:
        return record_untrained(
            recording, beside, on_progress=lambda symbols: show(symbols / len(recording))
        )


@contextlib.contextmanager
def _rankers(where: str | None) -> Iterator[dict[str, RankBlocks]]:
    if where is None:
        yield {}
        return
    from analysis.cluster import dask_rankers

    with dask_rankers(where) as rank_blocks:
        yield {"rank_blocks": rank_blocks}


def _probes(
    recording: Recording,
    hypotheses: list[Hypothesis],
    result: SearchResult,
    options: argparse.Namespace,
) -> dict[str, tuple[Probe, ...]]:
    from analysis.labelling import Skipped
    from analysis.probing import probe_recording

    scored = {finding.hypothesis for finding in result.findings}
    found = {}
    for hypothesis in hypotheses:
        if hypothesis.name in scored:
            probes = probe_recording(recording, hypothesis, seed=options.seed)
            if not isinstance(probes, Skipped):
                found[hypothesis.name] = probes
    return found


def _print(
    result: SearchResult, probes: dict[str, tuple[Probe, ...]], options: argparse.Namespace
) -> None:
    from analysis.findings import findings_table
    from terminal.findings import findings_text, probes_text

    if options.json:
        print(json.dumps(_as_json(result, probes)))
    elif options.csv:
        print(findings_table(result.findings).to_csv(index=False), end="")
    elif options.parquet is not None:
        try:
            findings_table(result.findings).to_parquet(options.parquet, index=False)
        except OSError as error:
            raise UserError(
                f"Cannot write {options.parquet}: {error.strerror or error}. Choose another file."
            ) from error
    elif result.findings:
        print(findings_text(result.findings))
    if probes and not options.json:
        print(probes_text(probes), file=sys.stderr if options.csv else sys.stdout)


def _as_json(result: SearchResult, probes: dict[str, tuple[Probe, ...]]) -> dict[str, Any]:
    from dataclasses import asdict

    made: dict[str, Any] = {"findings": [finding.to_json() for finding in result.findings]}
    for name, those in (("skipped", result.skipped), ("unproved", result.unproved)):
        if those:
            made[name] = [asdict(each) for each in those]
    if probes:
        made["probes"] = {name: [asdict(each) for each in own] for name, own in probes.items()}
    return made
