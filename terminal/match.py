"""`unitscope match` and `unitscope passages`: from text to units, and from units to text."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from models.errors import UserError
from terminal import Commands

if TYPE_CHECKING:
    from analysis.matching import RangeMatch
    from analysis.passages import Passage
    from analysis.recording import Recording
    from analysis.similar_places import SimilarPlace
    from analysis.switches import Switch


def add(commands: Commands) -> None:
    """Describe `unitscope match` and `unitscope passages`."""
    _add_match(commands)
    _add_passages(commands)


def _add_match(commands: Commands) -> None:
    command = commands.add_parser(
        "match", help="units that are on in a range of the text, or places where units are on"
    )
    command.add_argument("recording", help="a recording, NAME.zarr or a URL")
    given = command.add_mutually_exclusive_group(required=True)
    given.add_argument("--range", metavar="START:STOP", help="symbols to find units for")
    given.add_argument(
        "--units",
        metavar="UNIT[:+|-[:VALUE]],...",
        help="units to find places for: 1.c.78 where high, 0.h.3:- where low, 0.h.3:+:0.5 from "
        "0.5 up",
    )
    command.add_argument("--top", type=int, default=20, help="lines to show, default 20")
    command.add_argument("--json", action="store_true", help="as JSON")
    of_range = command.add_argument_group("with --range")
    of_range.add_argument("--threshold", type=float, default=0.3, help="of on, default 0.3")
    of_range.add_argument("--before", type=int, default=3, help="symbols where units are off")
    of_range.add_argument("--after", type=int, default=3, help="the same after the range")
    of_range.add_argument(
        "--tolerance", type=float, default=0.25, help="share of symbols that may deviate"
    )
    of_range.add_argument(
        "--site", action="append", help="where to look, such as 1.i; default: all states, h and c"
    )
    of_units = command.add_argument_group("with --units")
    of_units.add_argument("--share", type=float, default=1.0, help="of the units on, default all")
    of_units.add_argument("--min-length", type=int, default=3, help="symbols, default 3")
    of_units.add_argument("--length", type=int, help="prefer places about this long")
    of_units.add_argument("--context", type=int, default=60, help="symbols around, default 60")
    of_units.add_argument("--exclude", metavar="START:STOP", help="symbols to leave out")
    command.set_defaults(run=_match)


def _add_passages(commands: Commands) -> None:
    command = commands.add_parser("passages", help="passages where one unit is high, or anywhere")
    command.add_argument("recording", help="a recording, NAME.zarr or a URL")
    command.add_argument("--unit", required=True, help="such as 1.c.78")
    which = command.add_mutually_exclusive_group()
    which.add_argument("--top", action="store_true", help="where it is highest (default)")
    which.add_argument("--low", action="store_true", help="where it is lowest")
    which.add_argument("--band", metavar="LOW:HIGH", help="between quantiles, as 0.45:0.55")
    which.add_argument("--random", action="store_true", help="anywhere")
    command.add_argument("--count", type=int, default=10, help="passages, default 10")
    command.add_argument("--context", type=int, default=60, help="symbols around, default 60")
    command.add_argument("--seed", type=int, default=0, help="the same draws the same")
    command.add_argument("--json", action="store_true", help="as JSON")
    command.set_defaults(run=_passages)


def _match(options: argparse.Namespace) -> None:
    from analysis.recording import open_recording

    recording = open_recording(options.recording)
    if options.range is not None:
        from analysis.matching import units_for_range

        start, stop = _parse_range(options.range)
        matches = units_for_range(
            recording,
            start,
            stop,
            threshold=options.threshold,
            before=options.before,
            after=options.after,
            tolerance=options.tolerance,
            top=options.top,
            sites=options.site,
        )
        if options.json:
            print(json.dumps({"units": [match.to_json() for match in matches]}))
        else:
            _print(_units_table(recording, start, stop, matches))
        return
    from analysis.similar_places import places_like

    places = places_like(
        recording,
        _parse_units(options.units),
        top=options.top,
        min_length=options.min_length,
        share=options.share,
        length=options.length,
        context=options.context,
        exclude=None if options.exclude is None else _parse_range(options.exclude),
    )
    if options.json:
        print(json.dumps({"places": [place.to_json() for place in places]}))
    else:
        _print(_places_table(places))


def _passages(options: argparse.Namespace) -> None:
    from analysis.passages import band_passages, top_passages
    from analysis.recording import open_recording

    recording = open_recording(options.recording)
    band = (0.0, 1.0) if options.random else options.band and _parse_band(options.band)
    shown = {"top": options.count, "context": options.context, "seed": options.seed}
    if band:
        passages = band_passages(recording, options.unit, *band, **shown)
    else:
        passages = top_passages(
            recording, options.unit, direction=-1 if options.low else 1, **shown
        )
    if options.json:
        print(json.dumps({"passages": [passage.to_json() for passage in passages]}))
    else:
        _print(_passages_table(passages))


def _parse_range(text: str) -> tuple[int, int]:
    start, colon, stop = text.partition(":")
    if not (colon and start.isdecimal() and stop.isdecimal()):
        raise UserError(f"{text!r} is not a range: write START:STOP, such as 120:160.")
    return int(start), int(stop)


def _parse_band(text: str) -> tuple[float, float]:
    try:
        low, high = map(float, text.split(":"))
    except ValueError:
        raise UserError(
            f"{text!r} is not a band: write two quantiles LOW:HIGH, such as 0.45:0.55."
        ) from None
    return low, high


def _parse_units(text: str) -> list[Switch]:
    return [_parse_unit(part.strip()) for part in text.split(",")]


def _parse_unit(text: str) -> Switch:
    from analysis.switches import Switch

    unit, *rest = text.split(":")
    try:
        direction = {"+": 1, "-": -1}[rest[0]] if rest else 1
        value = float(rest[1]) if len(rest) > 1 else None
        if len(rest) > 2:
            raise ValueError
    except (KeyError, ValueError):
        raise UserError(
            f"{text!r} is not a unit and its side: write 1.c.78, 1.c.78:- or 1.c.78:+:0.5."
        ) from None
    default = Switch.default(unit, 1 if direction == 1 else -1)
    return default if value is None else Switch(unit, default.direction, value)


def _units_table(recording: Recording, start: int, stop: int, matches: Sequence[RangeMatch]) -> str:
    marked = visible(recording.text(start, min(stop, start + 200)))
    if not matches:
        return (
            f"No unit is on in {marked!r} and off beside it. Allow more with --tolerance, ask less "
            "with --threshold, or leave a side out with --before 0 or --after 0."
        )
    rows = [("unit", "is", "score", "contrast", "on inside", "before", "after")]
    for each in matches:
        sign = ">=" if each.direction == 1 else "<="
        rows.append(
            (
                each.unit,
                f"{sign} {each.threshold:.2f}",
                f"{each.score:.3f}",
                f"{each.contrast:.3f}",
                f"{each.inside:.0%}",
                f"{each.before:.0%}",
                f"{each.after:.0%}",
            )
        )
    best = _switch_name(matches[0])
    return f"{marked}\n\n{_columns(rows)}\n\nPlaces like it: unitscope match ... --units {best}"


def _switch_name(match: RangeMatch) -> str:
    return f"{match.unit}:{'+' if match.direction == 1 else '-'}:{match.threshold:g}"


def _places_table(places: Sequence[SimilarPlace]) -> str:
    if not places:
        return "These units are nowhere on together. Ask for fewer with --share, or --min-length 1."
    rows = [("score", "symbols", "document", "text")]
    for place in places:
        text = f"{visible(place.before)}[{visible(place.inside)}]{visible(place.after)}"
        span = f"{place.start}:{place.stop}"
        rows.append((f"{place.score:.3f}", span, visible(place.document), text))
    return _columns(rows)


def _passages_table(passages: Sequence[Passage]) -> str:
    rows = [("value", "symbol", "document", "text")]
    for each in passages:
        read, symbol = each.before[:-1], each.before[-1:]
        text = f"{visible(read)}[{visible(symbol)}]{visible(each.after)}"
        rows.append((f"{each.value:+.3f}", str(each.peak), visible(each.document), text))
    return _columns(rows)


def visible(text: str) -> str:
    """A text in one line: newlines as ⏎, tabs as ⇥, and nothing that steers a terminal."""
    marks = {"\n": "⏎", "\t": "⇥"}
    return "".join(marks.get(c) or (c if c.isprintable() else "·") for c in text)


def _columns(rows: Iterable[Sequence[str]]) -> str:
    table = list(rows)
    widths = [max(len(row[k]) for row in table) for k in range(len(table[0]) - 1)]
    return "\n".join("  ".join([*map(str.ljust, row[:-1], widths), row[-1]]) for row in table)


def _print(text: str) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # where the terminal's encoding lacks a symbol
    print(text)
