"""What the dashboard shows, as one value that is also the address of every page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from analysis import colours
from analysis.colour_scales import SCALES
from analysis.hypotheses import find_hypotheses
from analysis.hypotheses.languages import language_of, languages_of
from analysis.recording import Recording, RecordingError
from dashboard.text_view.state import read_cut
from models.corpora import Document

DEFAULT_HYPOTHESIS = "string"
PALETTES = tuple(colours.PALETTES)
ROWS = ("text", "guesses")
COLOURINGS = ("units", "loss", "difference")
BEST = "-"
"""In place of a unit's name: the best one for the hypothesis."""
ORDERS = ("index", "score", "variance", "saturation", "similarity")
MAP_LAYERS = ("this", "all")
MAP_WAYS = ("pca", "umap")
MOST_UNITS = 8
"""Units that may be stacked over one text."""
MOST_OTHERS = 2
"""Recordings that may be compared with the one shown."""

_ALWAYS = ("recording", "unit", "position", "hypothesis")
_LOOKED_THROUGH = 100_000  # symbols
_RUN = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")
_RANGE = re.compile(r"([0-9]{1,15})-([0-9]{1,15})")


@dataclass(frozen=True)
class View:
    """One state of the dashboard. Pages share it: what one does not show it leaves as it is."""

    recording: str
    """The recording's id."""
    unit: str
    position: int = 0
    """The first symbol in sight."""
    hypothesis: str = DEFAULT_HYPOTHESIS
    """A name, or an expression of one's own."""
    palette: str = PALETTES[0]
    scale: str = SCALES[0]
    """What a colour means: the value itself, or its share of something of the unit's own."""
    flip: bool = False
    """Whether the colours of high and low are exchanged."""
    rows: str = ROWS[0]
    """The text alone, or with the network's guesses beneath each symbol."""
    stacked: tuple[str, ...] = ()
    """Further units over the same text."""
    outcomes: bool = False
    """Whether the text shows where the unit and the hypothesis agree, instead of the values."""
    cut: str = ""
    """The cut of the outcomes that was moved last, as `read_cut` says; empty: the best one."""
    range: tuple[int, int] | None = None
    """Symbols [start, stop) that the Heatmap and Units pages show; None: what is in sight."""
    order: str = ORDERS[0]
    brushed: tuple[str, ...] = ()
    """Units of one site that the Units page shows alone; none: all."""
    map_layers: str = MAP_LAYERS[0]
    """Whether the map has the units of this layer or of all."""
    map_by: str = MAP_WAYS[0]
    others: tuple[str, ...] = ()
    """Ids of the recordings compared with this one."""
    other_units: tuple[str, ...] = ()
    """The unit shown of each of these, or `BEST`."""
    colouring: str = COLOURINGS[0]
    """What the compared texts are coloured by."""

    def to_query(self) -> dict[str, str]:
        """As the parameters of an address; what is as always is left out."""
        query = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in _ALWAYS or value != field.default:
                query[field.name] = (
                    write_units(value) if field.name == "brushed" else _written(value)
                )
        return query


def _written(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case (int(start), int(stop)):
            return f"{start}-{stop}"
        case tuple():
            return " ".join(value)
    return str(value)


def view_from_query(query: Mapping[str, str], recording: Recording, default_unit: str) -> View:
    """The view that an address asks for; what the recording does not have stays at its default."""
    unit = query.get("unit", default_unit)
    return View(
        recording=recording.id,
        unit=unit if _has(recording, unit) else default_unit,
        position=min(number_from_query(query, "position"), len(recording) - 1),
        hypothesis=query.get("hypothesis", DEFAULT_HYPOTHESIS),
        palette=_one_of(PALETTES, query.get("palette")),
        scale=_one_of(SCALES, query.get("scale")),
        flip=query.get("flip") == "yes",
        rows=_one_of(ROWS, query.get("rows")),
        stacked=tuple(each for each in _several(query, "stacked") if _has(recording, each))[
            :MOST_UNITS
        ],
        outcomes=query.get("outcomes") == "yes",
        cut=read_cut(query.get("cut")),
        range=_range(query.get("range", ""), len(recording)),
        order=_one_of(ORDERS, query.get("order")),
        brushed=_brushed(query.get("brushed", ""), recording),
        map_layers=_one_of(MAP_LAYERS, query.get("map_layers")),
        map_by=_one_of(MAP_WAYS, query.get("map_by")),
        others=_several(query, "others")[:MOST_OTHERS],
        # Of recordings that need not be there: whoever shows them looks whether they exist.
        other_units=tuple(query.get("other_units", "").split()[:MOST_OTHERS]),
        colouring=_one_of(COLOURINGS, query.get("colouring")),
    )


def default_hypothesis(recording: Recording) -> str:
    """What to look for at first: strings in programs, else quotations or capitals, if any."""
    (string,) = find_hypotheses([DEFAULT_HYPOTHESIS])
    names = (Document(document.name, "") for document in recording.documents)
    if any(language_of(each) in languages_of(string) for each in names):
        return DEFAULT_HYPOTHESIS
    beginning = recording.text(0, min(len(recording), _LOOKED_THROUGH))
    if any(mark in beginning for mark in '"“'):
        return "double-quotes"
    return "capital" if any(map(str.isupper, beginning)) else "whitespace"


def number_from_query(query: Mapping[str, str], name: str) -> int:
    """The whole number of this name in an address, or 0 where there is none."""
    text = query.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def _has(recording: Recording, unit: str) -> bool:
    try:
        recording.find_unit(unit)
    except RecordingError:
        return False
    return True


def _one_of(known: tuple[str, ...], asked: str | None) -> str:
    return asked if asked in known else known[0]


def _several(query: Mapping[str, str], name: str) -> tuple[str, ...]:
    """The words of a parameter, each once."""
    return tuple(dict.fromkeys(query.get(name, "").split()))


def write_units(units: Sequence[str]) -> str:
    """Units of one site in short: ``1.c 0-3 7`` for five of them; empty for none."""
    if not units:
        return ""
    indices = sorted({int(unit.rpartition(".")[2]) for unit in units})
    runs: list[list[int]] = []
    for index in indices:
        if runs and index == runs[-1][1] + 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    said = [f"{first}-{last}" if first < last else f"{first}" for first, last in runs]
    return " ".join([units[0].rpartition(".")[0], *said])


def _brushed(text: str, recording: Recording) -> tuple[str, ...]:
    """The units that `write_units` has written: those of them that the recording has."""
    site, *runs = text.split() or [""]
    if site not in recording.sites:
        return ()
    units = recording.units(site)
    indices: set[int] = set()
    for run in runs[:units]:  # nobody has written more
        found = _RUN.fullmatch(run)
        if found is not None:
            indices |= set(range(int(found[1]), min(units, int(found[2] or found[1]) + 1)))
    return tuple(f"{site}.{index}" for index in sorted(indices))


def _range(text: str, length: int) -> tuple[int, int] | None:
    found = _RANGE.fullmatch(text)
    if found is None:
        return None
    start, stop = int(found[1]), min(int(found[2]), length)
    return (start, stop) if start < stop else None
