"""Units' cards and their companions, computed once and kept."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from analysis.findings import Finding
from analysis.gathering import unit_names
from analysis.unit_card import (
    Companion,
    UnitCard,
    sample_units,
    strongest_companions,
    unit_card,
)
from dashboard.library import find_recording
from dashboard.searches import searched_in

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_CARDS = 256
_MOST_SAMPLES = 3  # 8 MB each, of a network of 1,024 units


@lru_cache(_MOST_CARDS)
def card_of(recording_id: str, unit: str) -> UnitCard:
    """As `analysis.unit_card.unit_card`; a recording is known by its content."""
    return unit_card(find_recording(recording_id), unit)


@lru_cache(_MOST_CARDS)
def companions_of(recording_id: str, unit: str) -> tuple[Companion, ...]:
    """As `analysis.unit_card.companions`, all from one sample of the recording."""
    names = unit_names(find_recording(recording_id))
    return strongest_companions(_sample(recording_id), names, unit)


@lru_cache(_MOST_SAMPLES)
def _sample(recording_id: str) -> NDArray[np.int8]:
    return sample_units(find_recording(recording_id))


def findings_of(recording_id: str, unit: str) -> tuple[Finding, ...]:
    """What searches since the server started have found of a unit, the best of them first."""
    found = []
    for search in searched_in(recording_id):
        result = search.proved or search.ranking
        found += [each for each in result.findings if each.unit == unit] if result else []
    return tuple(sorted(found, key=_beyond_chance, reverse=True))


def _beyond_chance(finding: Finding) -> float:
    """How far a score is from chance, from 0 to 1."""
    return abs(finding.score) if finding.measure == "spearman" else 2 * abs(finding.score - 0.5)
