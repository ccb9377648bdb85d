"""What the text view is told and what it tells back, checked; no Streamlit in here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis import colours
from analysis.colour_scales import SCALES, Scale

TEXT, GUESSES = "text", "guesses"
"""What a row of the view may hold: the text alone, or with the network's guesses beneath it."""


_CUT = re.compile(r"[^\s]{1,100} [^\s]{1,100} (-?[0-9]{1,3})")
_MOST_CODE = 128


class TextViewError(ValueError):
    """The text view was asked to show something that does not exist."""


@dataclass(frozen=True)
class Palette:
    """Colours from the lowest value over zero to the highest, one list a theme, as ``#rrggbb``."""

    light: tuple[str, ...]
    dark: tuple[str, ...]


_LIGHT, _DARK = colours.PALETTES[colours.DEFAULT_PALETTE]
BLUE_ORANGE = Palette(_LIGHT.stops, _DARK.stops)


@dataclass(frozen=True)
class TextStyle:
    """How the text is coloured; the reader may change it in the view."""

    palette: str = colours.DEFAULT_PALETTE
    scale: Scale = SCALES[0]
    flip: bool = False
    outcomes: bool = False
    """Where the unit and the labels agree, instead of the values."""
    cut: str = ""
    """The cut of the outcomes that the reader has moved last, as `read_cut`; empty: the best."""


@dataclass(frozen=True)
class TextViewState:
    """What the view shows. Positions count symbols from the start of the recording's text."""

    visible: tuple[int, int]
    selection: tuple[int, int] | None
    unit: str


@dataclass(frozen=True)
class UnitHistory:
    """Who last decided on the unit: Python by asking for it, or the user by stepping to it."""

    asked: str
    """What Python asked for last."""
    answered_to: int
    """How many steps of the user Python had seen when it last asked for something new."""
    shown: str
    """What was shown in the end."""


def decide_unit(
    asked: str,
    raw: Mapping[str, Any],
    before: UnitHistory | None,
    units_by_site: Mapping[str, int],
) -> UnitHistory:
    """The unit to show: a new wish of Python's, else the user's last step since, else the old wish.

    A caller who passes back what he was told last does not ask for anything new, even if the user
    has stepped on meanwhile.
    """
    answered_to = revision_of(raw) if before is None else before.answered_to
    if before is not None and asked not in (before.asked, before.shown):
        answered_to = revision_of(raw)
    sent = raw.get("unit")
    stepped = sent.get("unit") if isinstance(sent, Mapping) else None
    if revision_of(raw) > answered_to and _exists(stepped, units_by_site):
        return UnitHistory(asked, answered_to, str(stepped))
    return UnitHistory(asked, answered_to, asked)


def check_unit(unit: str, units_by_site: Mapping[str, int]) -> None:
    """Raise a sentence unless the unit exists.

    Raises
    ------
    TextViewError
        If the site is not among `units_by_site`, or the index is out of its range.
    """
    site, _, index = unit.rpartition(".")
    if site not in units_by_site:
        sites = ", ".join(units_by_site) or "none"
        raise TextViewError(f"There is no unit {unit!r}: the recording's sites are {sites}.")
    if not index.isascii() or not index.isdigit() or int(index) >= units_by_site[site]:
        raise TextViewError(
            f"There is no unit {unit!r}: the units of {site} are {site}.0 "
            f"to {site}.{units_by_site[site] - 1}."
        )


def check_rows(rows: str) -> None:
    """Raise a sentence unless there are rows of this kind.

    Raises
    ------
    TextViewError
        If `rows` is neither ``"text"`` nor ``"guesses"``.
    """
    if rows not in (TEXT, GUESSES):
        raise TextViewError(f"There are no rows of the kind {rows!r}: choose {TEXT} or {GUESSES}.")


def merge_spans(spans: Iterable[tuple[int, int]], length: int) -> list[int]:
    """Sort spans, join those that touch, and lay them out flat: start, stop, start, stop, ...

    Raises
    ------
    TextViewError
        If a span does not lie within the text.
    """
    flat: list[int] = []
    for start, stop in sorted((int(start), int(stop)) for start, stop in spans):
        if not 0 <= start <= stop <= length:
            raise TextViewError(
                f"The span [{start}, {stop}) does not lie in the text's {length} symbols."
            )
        if flat and start <= flat[-1]:
            flat[-1] = max(flat[-1], stop)
        elif start < stop:
            flat += [start, stop]
    return flat


def check_documents(
    documents: Sequence[tuple[str, int, int]], length: int
) -> list[tuple[str, int, int]]:
    """The documents as given, if they cover the text from end to end in order.

    Raises
    ------
    TextViewError
        If they leave a gap, overlap, or end elsewhere than the text.
    """
    checked = [(str(name), int(start), int(stop)) for name, start, stop in documents]
    expected = 0
    for name, start, stop in checked:
        if start != expected or stop < start:
            raise TextViewError(
                f"The document {name!r} covers [{start}, {stop}), but the one before it ends "
                f"at {expected}. Give the documents in order, without gaps."
            )
        expected = stop
    if checked and expected != length:
        raise TextViewError(f"The documents end at {expected}, but the text has {length} symbols.")
    return checked


def read_state(
    raw: Mapping[str, Any], *, recording_id: str, length: int, unit: str
) -> TextViewState:
    """The state the browser sent, or the nearest thing that exists: it may hold anything.

    Parameters
    ----------
    raw : mapping
        ``visible`` and ``selection`` as ``{"recording", "start", "stop"}``; each may be missing,
        None, or nonsense.
    recording_id : str
        Ranges that were reported for another recording are dropped.
    length : int
        Ranges are cut to the text's length.
    unit : str
        The unit shown.
    """
    visible = _range_of(raw.get("visible"), recording_id, length)
    selection = _range_of(raw.get("selection"), recording_id, length)
    return TextViewState(visible or (0, 0), selection, unit)


def read_rows(raw: Mapping[str, Any], otherwise: str) -> str:
    """The kind of rows that the user chose in the view, or `otherwise` if that is none."""
    chosen = _chosen(raw, "rows")
    return chosen if chosen in (TEXT, GUESSES) else otherwise


def read_stacked(
    raw: Mapping[str, Any], units_by_site: Mapping[str, int], *, most: int
) -> tuple[str, ...]:
    """The further units that the user chose in the view: those that exist, each once."""
    chosen = _chosen(raw, "stacked")
    units = chosen if isinstance(chosen, list) else []
    known = (str(unit) for unit in units if _exists(unit, units_by_site))
    return tuple(dict.fromkeys(known))[:most]


def _chosen(raw: Mapping[str, Any], name: str) -> object:
    sent = raw.get(name)
    return sent.get(name) if isinstance(sent, Mapping) else None


def read_style(raw: Mapping[str, Any]) -> TextStyle | None:
    """The style that the browser sent, if it is one: it may hold anything."""
    sent = raw.get("style")
    if not isinstance(sent, Mapping):
        return None
    palette, scale = sent.get("palette"), sent.get("scale")
    if not isinstance(palette, str) or palette not in colours.PALETTES or scale not in SCALES:
        return None
    flip, outcomes = sent.get("flip") is True, sent.get("outcomes") is True
    return TextStyle(palette, scale, flip, outcomes, read_cut(sent.get("cut")))


def read_cut(text: object) -> str:
    """A moved cut as it was written, or empty where it is none.

    Unit, name of the labels, and the code from which on the unit says yes: ``1.c.78 made -40``. So
    it is of no account where another unit or other labels are shown.
    """
    found = _CUT.fullmatch(text) if isinstance(text, str) else None
    return found[0] if found is not None and abs(int(found[1])) <= _MOST_CODE else ""


def last_revision(raw: Mapping[str, Any]) -> int:
    """The number of the last thing that the user changed in the view, of those counted together."""
    return max(revision_of(raw, name) for name in ("unit", "rows", "stacked"))


def revision_of(raw: Mapping[str, Any], name: str = "unit") -> int:
    """The number under which the user changed the unit, or something else, last; 0 before."""
    sent = raw.get(name)
    revision = sent.get("revision") if isinstance(sent, Mapping) else None
    return revision if isinstance(revision, int) else 0


def _exists(unit: object, units_by_site: Mapping[str, int]) -> bool:
    try:
        check_unit(str(unit), units_by_site)
    except TextViewError:
        return False
    return True


def _range_of(value: object, recording_id: str, length: int) -> tuple[int, int] | None:
    if not isinstance(value, Mapping) or value.get("recording") != recording_id:
        return None
    start, stop = value.get("start"), value.get("stop")
    if not isinstance(start, int) or not isinstance(stop, int):
        return None
    start, stop = max(0, start), min(length, stop)
    return (start, stop) if start < stop else None
