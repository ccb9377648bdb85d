"""Losses and their differences as the text view colours them: units that no network has.

``loss.0`` is a recording's own loss, ``difference.ID.0`` the loss of the recording ID over the same
text less that: what this network saves beside the other. Both come as the codes of units do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.comparison import (
    DIFFERENCE_BITS,
    LOSS_BITS,
    ComparisonError,
    bits_to_codes,
    check_same_text,
    loss_bits,
    loss_difference,
)
from analysis.recording import Recording, RecordingError
from dashboard.library import find_recording

LOSS_SITE = "loss"
DIFFERENCE_SITE = "difference"
LOSS_UNIT = f"{LOSS_SITE}.0"


def difference_site(other: str) -> str:
    """The site whose one unit is the difference from the recording of this id."""
    return f"{DIFFERENCE_SITE}.{other}"


def is_of_losses(unit: str) -> bool:
    """Whether a unit's name means losses."""
    return unit == LOSS_UNIT or unit.startswith(f"{DIFFERENCE_SITE}.")


def loss_codes(
    recording: Recording, unit: str, start: int = 0, stop: int | None = None
) -> np.ndarray:
    """Codes of a unit that means losses, int8 (time,).

    Raises
    ------
    RecordingError
        If the other recording is not there, or is of another text.
    """
    if unit == LOSS_UNIT:
        return bits_to_codes(loss_bits(recording, start, stop), LOSS_BITS)
    other = find_recording(unit.removeprefix(f"{DIFFERENCE_SITE}.").removesuffix(".0"))
    try:
        check_same_text([recording, other])
    except ComparisonError as error:
        raise RecordingError(str(error)) from error
    return bits_to_codes(loss_difference(other, recording, start, stop), DIFFERENCE_BITS)


@dataclass(frozen=True)
class Painting:
    """What one of several compared texts is coloured by.

    `sites` is empty where it is a unit of the network; else it has the one unit that can be shown.
    """

    unit: str
    scale: float = 1.0
    names: Mapping[str, str] = field(default_factory=dict)
    sites: Mapping[str, int] = field(default_factory=dict)


def paintings(ids: Sequence[str], units: Sequence[str], colouring: str) -> list[Painting]:
    """What each of the compared texts is coloured by.

    Parameters
    ----------
    ids : sequence of str
        Of the recordings, the first of them called A.
    units : sequence of str
        The unit of each.
    colouring : str
        One of `dashboard.state.COLOURINGS`. Of a difference, the first text shows its loss.
    """
    if colouring == "units":
        return [Painting(unit) for unit in units]
    own = Painting(LOSS_UNIT, LOSS_BITS, {LOSS_UNIT: "loss, bits"}, {LOSS_SITE: 1})
    if colouring == "loss":
        return [own] * len(ids)
    site = difference_site(ids[0])
    unit = f"{site}.0"
    return [own] + [
        Painting(unit, DIFFERENCE_BITS, {unit: f"A − {letter}, bits"}, {site: 1})
        for letter in "BC"[: len(ids) - 1]
    ]
