"""Losses and their differences as the text view colours them: units that no network has.

``loss.0`` is a recording's own loss, ``difference.ID.0`` that loss less the one of the recording ID
over the same text. Both come as the codes of units do.
"""

from __future__ import annotations

from functools import lru_cache

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
from analysis.figures import signed_extremes
from analysis.recording import Recording, RecordingError
from dashboard.library import find_recording

LOSS_SITE = "loss"
DIFFERENCE_SITE = "difference"
LOSS_UNIT = f"{LOSS_SITE}.0"


def difference_site(other: str) -> str:
    """The site whose one unit is the difference to the recording of this id."""
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
    return bits_to_codes(loss_difference(recording, other, start, stop), DIFFERENCE_BITS)


@lru_cache(maxsize=64)
def loss_overview(recording_id: str, unit: str, columns: int) -> bytes:
    """The strongest code of each of so many stretches of the text."""
    codes = loss_codes(find_recording(recording_id), unit)
    return signed_extremes(codes[:, None], columns).tobytes()
