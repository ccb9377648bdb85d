"""`unitscope compare`: networks over one text, their losses and the best unit of each."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from terminal import Commands
from terminal.progress import progress_bar

if TYPE_CHECKING:
    from analysis.comparison import DifferentPassage, LossSummary
    from analysis.findings import SearchResult
    from analysis.hypotheses.labels import Hypothesis
    from analysis.recording import Recording

_LONGEST = 60  # symbols of a passage's text


def add(commands: Commands) -> None:
    """Describe `unitscope compare`."""
    command = commands.add_parser(
        "compare", help="networks over one text: losses, where they differ, best units"
    )
    command.add_argument("first", metavar="RECORDING", help="the one that others stand beside")
    command.add_argument(
        "others", metavar="RECORDING", nargs="+", help="further recordings of the same text"
    )
    command.add_argument(
        "-H",
        "--hypothesis",
        action="append",
        default=[],
        metavar="NAME|EXPRESSION",
        help="find the best unit of each network for it; as in `unitscope search`",
    )
    command.add_argument("--top", type=int, default=8, help="passages to show, default 8")
    command.add_argument("--length", type=int, default=32, help="symbols of a passage, default 32")
    command.add_argument(
        "--shifts", type=int, default=200, metavar="N", help="for p values; 0: none, and faster"
    )
    command.add_argument("--json", action="store_true", help="as JSON")
    command.set_defaults(run=_compare)


def _compare(options: argparse.Namespace) -> None:
    from analysis.comparison import check_same_text, compare_losses, distinct_names
    from analysis.hypotheses.catalogue import find_hypotheses
    from analysis.recording import open_recording

    hypotheses = find_hypotheses(options.hypothesis) if options.hypothesis else []
    recordings = [open_recording(path) for path in (options.first, *options.others)]
    check_same_text(recordings)
    names = distinct_names(recordings)
    compared = compare_losses(recordings, length=options.length, top=options.top)
    summaries, passages = compared.losses, compared.passages
    best = _best_units(recordings, names, hypotheses, options) if hypotheses else []
    if options.json:
        print(json.dumps(_as_json(recordings, names, summaries, passages, best)))
        return
    print(_losses_text(names, summaries))
    for name, found in zip(names[1:], passages, strict=True):
        print(f"\nWhere {names[0]} and {name} differ most\n{_passages_text(recordings[0], found)}")
    if best:
        print(f"\n{_best_text(names, best)}")


def _best_units(
    recordings: Sequence[Recording],
    names: Sequence[str],
    hypotheses: list[Hypothesis],
    options: argparse.Namespace,
) -> list[SearchResult]:
    """The best unit of each network for each hypothesis."""
    from analysis.proof import prove
    from analysis.search import search_units

    results = []
    for name, recording in zip(names, recordings, strict=True):
        with progress_bar(f"searching {name}", stays=False) as show:
            found = search_units(recording, hypotheses, top=1, progress=show)
        with progress_bar(f"testing {name}", stays=False) as show:
            proved = prove(recording, hypotheses, found, shifts=options.shifts, progress=show)
        for skipped in (*proved.skipped, *proved.unproved):
            print(f"unitscope: {name}: {skipped.hypothesis}: {skipped.reason}", file=sys.stderr)
        results.append(proved)
    return results


def _losses_text(names: Sequence[str], summaries: Sequence[LossSummary]) -> str:
    from rich import box
    from rich.table import Table

    from terminal.findings import as_text

    first = names[0]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("network")
    for title in ("bits per symbol", f"{first} less it", f"{first} better at"):
        table.add_column(title, justify="right")
    for at, (name, each) in enumerate(zip(names, summaries, strict=True)):
        beside = (f"{each.difference:+.3f}", f"{each.first_better:.1%}") if at else ("", "")
        table.add_row(name, f"{each.bits:.3f}", *beside)
    return f"{as_text(table)}\nOver {summaries[0].symbols:,} symbols that all have a loss for."


def _passages_text(recording: Recording, passages: Sequence[DifferentPassage]) -> str:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from analysis.excerpts import TextReader
    from terminal.findings import as_text

    if not passages:
        return "Nowhere: their losses are the same."
    reader = TextReader(recording)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("bits", justify="right")
    for title in ("symbols", "document", "text"):
        table.add_column(title, no_wrap=title == "symbols")
    for each in passages:
        document = reader.document_at(each.start)
        text = " ".join(reader.text(each.start, min(each.stop, each.start + _LONGEST)).split())
        place = f"{each.start}:{each.stop}"
        # As Text: what a corpus holds is no markup.
        table.add_row(f"{each.difference:+.2f}", place, Text(document.name), Text(text))
    return as_text(table)


def _best_text(names: Sequence[str], best: Sequence[SearchResult]) -> str:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from analysis.findings import interval_text, with_arrow
    from terminal.findings import as_text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("hypothesis", "network", "best unit", "score", "95% interval", "p"):
        table.add_column(title, justify="right" if title in ("score", "p") else "left")
    for name in dict.fromkeys(each.hypothesis for result in best for each in result.findings):
        for at, (network, result) in enumerate(zip(names, best, strict=True)):
            found = next((each for each in result.findings if each.hypothesis == name), None)
            shown = Text("" if at else name)
            if found is None:
                table.add_row(shown, network, "none")
                continue
            p_value = "" if found.p_value is None else f"{found.p_value:.3f}"
            unit = with_arrow(found.unit, found.direction)
            table.add_row(
                shown, network, unit, f"{found.score:.3f}", interval_text(found, " to "), p_value
            )
        table.add_section()
    return as_text(table)


def _as_json(
    recordings: Sequence[Recording],
    names: Sequence[str],
    summaries: Sequence[LossSummary],
    passages: Sequence[Sequence[DifferentPassage]],
    best: Sequence[SearchResult],
) -> dict[str, Any]:
    made = []
    for at, (recording, name) in enumerate(zip(recordings, names, strict=True)):
        one: dict[str, Any] = {"path": recording.path, "id": recording.id, "network": name}
        one |= summaries[at].to_json()
        if at:
            one["passages"] = [each.to_json() for each in passages[at - 1]]
        if best:
            one["best"] = [each.to_json() for each in best[at].findings]
        made.append(one)
    return {"recordings": made}
