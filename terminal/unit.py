"""`unitscope unit`: one unit's values, timescale, saturation, and the units that go with it."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from terminal import Commands

if TYPE_CHECKING:
    from analysis.unit_card import UnitCard

_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 64


def add(commands: Commands) -> None:
    """Describe `unitscope unit`."""
    command = commands.add_parser("unit", help="one unit's card: values, timescale, companions")
    command.add_argument("recording", help="a recording, NAME.zarr or a URL")
    command.add_argument("unit", help="such as 1.c.78")
    command.add_argument("--top", type=int, default=5, help="units that go with it, default 5")
    command.add_argument("--json", action="store_true", help="as JSON")
    command.set_defaults(run=_unit)


def _unit(options: argparse.Namespace) -> None:
    from analysis.card_words import (
        half_life_words,
        saturation_words,
        timescale_words,
        values_words,
    )
    from analysis.recording import open_recording
    from analysis.unit_card import companions, unit_card

    recording = open_recording(options.recording)
    card = unit_card(recording, options.unit)
    others = companions(recording, options.unit, top=max(0, options.top))
    if options.json:
        print(json.dumps({**card.to_json(), "companions": [asdict(each) for each in others]}))
        return
    print(f"{card.unit}, {card.symbols:,} symbols of {recording.checkpoint_name}")
    print(_bars(card))
    for say in (values_words, saturation_words, timescale_words, half_life_words):
        print(say(card))
    if others:
        print("Goes with:")
        for each in others:
            print(f"  {each.unit:<10} {each.correlation:+.2f}")


def _bars(card: UnitCard) -> str:
    """The histogram from -1 to 1, one letter a step; a step that is not empty shows."""
    steps = [0] * _WIDTH
    for code, count in enumerate(card.counts):
        steps[code * _WIDTH // len(card.counts)] += count
    most = max(steps) or 1
    return (
        "-1 "
        + "".join(_BARS[-(-len(_BARS) * count // most) - 1] if count else " " for count in steps)
        + " +1"
    )
