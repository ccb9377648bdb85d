"""A unit's card in words, for the terminal and the page."""

from __future__ import annotations

import math

from analysis.arrays import GATES
from analysis.unit_card import KEEPING, HalfLife, UnitCard


def values_words(card: UnitCard) -> str:
    """Where its values lie."""
    return (
        f"From {card.low:+.2f} to {card.high:+.2f}, median {card.median:+.2f}, mean "
        f"{card.mean:+.2f}, deviation {card.deviation:.2f}."
    )


def saturation_words(card: UnitCard) -> str:
    """How often it is at an end of its range."""
    if card.unit.split(".")[1] in GATES:
        return (
            f"Shut (below 0.1) at {card.saturated_low:.1%} of the symbols, open (above 0.9) at "
            f"{card.saturated_high:.1%}."
        )
    both = card.saturated_low + card.saturated_high
    return (
        f"Saturated at {both:.1%} of the symbols: {card.saturated_low:.1%} below -0.9, "
        f"{card.saturated_high:.1%} above 0.9."
    )


def timescale_words(card: UnitCard) -> str:
    """How long its values stay like themselves."""
    if card.timescale is None:
        return "It never changes, so it has no timescale."
    last = len(card.correlations) - 1
    if card.decay is None:
        return f"Its autocorrelation is not under 1/e within {last:,} symbols."
    return (
        f"Its autocorrelation is under 1/e after {card.decay:,} "
        f"symbol{'s' * (card.decay > 1)}; integrated timescale {card.timescale:,.1f}."
    )


def half_life_words(card: UnitCard) -> str:
    """How long its cell keeps, by the gate that tells."""
    life, signal = card.half_life, KEEPING.get(card.cell)
    if signal is None:
        return "Its network has no gate that would tell how long it keeps what it has read."
    if life is None:
        return (
            f"How long its cell keeps is not known: the gate {signal} was not recorded. "
            f"Record it again with the signal {signal} among the others."
        )
    return f"Half of the cell is forgotten after {_symbols(life)}, by the median of {life.gate}."


def _symbols(life: HalfLife) -> str:
    if math.isinf(life.symbols):
        return f"more than {life.at_least:,.0f} symbols"
    return f"{life.symbols:,.1f} symbols"
