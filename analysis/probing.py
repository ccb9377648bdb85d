"""Whether a hypothesis is held by one unit, a few, or many: probes on a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.gathering import codes_at, unit_names
from analysis.labelling import Skipped, label_and_divide
from analysis.probes import MOST_SYMBOLS, Probe, probe_units, sample_symbols

if TYPE_CHECKING:
    from analysis.hypotheses.labels import Hypothesis
    from analysis.recording import Recording


def probe_recording(
    recording: Recording,
    hypothesis: Hypothesis,
    *,
    most: int = MOST_SYMBOLS,
    seed: int = 0,
) -> tuple[Probe, ...] | Skipped:
    """Learn the best 1, 2, 4, 8 and all units on one half of the documents, score on the other.

    Parameters
    ----------
    recording : Recording
    hypothesis : Hypothesis
    most : int, default=20_000
        Symbols to learn on, and to score on.
    seed : int, default=0
        Draws them.

    Returns
    -------
    tuple of Probe, or Skipped
        One a number of units, all units last; Skipped if the hypothesis can't be scored.
    """
    labels, divided = label_and_divide(recording, hypothesis)
    if isinstance(divided, Skipped):
        return divided
    claim, cells = divided
    chosen, reported = (
        sample_symbols(labels.values, half, most=most, seed=seed)
        for half in claim.halves(cells.ids)
    )
    # Each chunk is read once for both.
    places = np.union1d(chosen, reported)
    codes = codes_at(recording, places)
    return probe_units(
        codes[np.searchsorted(places, chosen)],
        labels.values[chosen],
        codes[np.searchsorted(places, reported)],
        labels.values[reported],
        unit_names(recording),
    )
