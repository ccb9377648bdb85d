"""One unit in figures: its values, how long it remembers, and which units go with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import CODE_SCALE, GATES
from analysis.colour_scales import count_codes_of, mean_and_spread
from analysis.gathering import codes_at, codes_of, unit_names
from analysis.recording import CHUNK_TIME, Unit
from analysis.timescales import (
    MOST_LAG,
    autocorrelation,
    half_life,
    integrated_timescale,
    lag_under,
)

if TYPE_CHECKING:
    from analysis.recording import Recording

KEEPING = {"lstm": "f", "gru": "z"}
"""The gate that says what share of its state a cell keeps."""
SAMPLED = 8_192
_SAMPLED_CHUNKS = 2  # each is read for all units: 64 MB of a network of 1,024
_FULLEST = 0.9  # of a state or gate, from which on it is saturated
_EMPTIEST = 0.1


@dataclass(frozen=True)
class HalfLife:
    """After how many symbols a cell has forgotten half, by the gate that keeps it.

    Attributes
    ----------
    gate : str
        The gate's unit, such as "1.f.78".
    symbols : float
        Of the median value of the gate; infinite where its code is that of 1.
    at_least : float
        What it is at least, since codes are rounded.
    """

    gate: str
    symbols: float
    at_least: float


@dataclass(frozen=True)
class UnitCard:
    """What is known of one unit without asking any hypothesis.

    Attributes
    ----------
    unit : str
    cell : str
        The network's: "lstm", "gru" or "rnn".
    symbols : int
        Of the recording.
    counts : tuple of int
        How often each code from -128 to 127 occurs.
    mean, deviation, low, median, high : float
        Of its values, to 1/127.
    saturated_low, saturated_high : float
        Shares of symbols: below -0.9 and above 0.9; of gates below 0.1 and above 0.9.
    correlations : tuple of float
        With itself, from lag 0; empty where it does not vary.
    decay : int or None
        The first lag at which that is under 1/e; None if it is not by the last.
    timescale : float or None
        Integrated over all lags up to the first that is not positive.
    half_life : HalfLife or None
        None where the gate that would tell is not recorded, or the network has none.
    """

    unit: str
    cell: str
    symbols: int
    counts: tuple[int, ...] = field(repr=False)
    mean: float
    deviation: float
    low: float
    median: float
    high: float
    saturated_low: float
    saturated_high: float
    correlations: tuple[float, ...] = field(repr=False)
    decay: int | None
    timescale: float | None
    half_life: HalfLife | None

    def to_json(self) -> dict[str, Any]:
        """Return the fields in their order, ready for `json.dumps`; infinity is None."""
        made = asdict(self)
        if made["half_life"] is not None and math.isinf(made["half_life"]["symbols"]):
            made["half_life"]["symbols"] = None
        return made


@dataclass(frozen=True)
class Companion:
    """Another unit and its correlation with the one asked for."""

    unit: str
    correlation: float


def unit_card(recording: Recording, unit: str, *, most_lag: int = MOST_LAG) -> UnitCard:
    """Read one unit over the whole recording, and what its gate keeps.

    Parameters
    ----------
    recording : Recording
    unit : str
        Such as "1.c.78".
    most_lag : int, default=1_000
        Of the autocorrelation.

    Returns
    -------
    UnitCard

    Raises
    ------
    RecordingError
        If the recording has no such unit.
    """
    found = recording.find_unit(unit)
    gate = keeping_gate(recording, found)
    names = [str(found)] if gate is None else [str(found), gate]
    codes = codes_of(recording, names)
    own = np.ascontiguousarray(codes[:, 0])
    counts = count_codes_of(own)
    is_gate = found.signal in GATES
    spans = [(document.start, document.stop) for document in recording.documents]
    correlations = autocorrelation(own, spans, most_lag)
    values = np.arange(-128, 128) / CODE_SCALE
    share = counts / max(1, own.size)
    mean, deviation = mean_and_spread(counts)
    low, median, high = (_quantile(counts, level) for level in (0.0, 0.5, 1.0))
    edge = _EMPTIEST if is_gate else -_FULLEST
    return UnitCard(
        unit=str(found),
        cell=_cell(recording),
        symbols=own.size,
        counts=tuple(counts.tolist()),
        mean=mean,
        deviation=deviation,
        low=low,
        median=median,
        high=high,
        saturated_low=float(share[values < edge].sum()),
        saturated_high=float(share[values > _FULLEST].sum()),
        correlations=() if np.isnan(correlations[0]) else tuple(correlations.tolist()),
        decay=lag_under(correlations),
        timescale=integrated_timescale(correlations),
        half_life=None if gate is None else _half_life(gate, count_codes_of(codes[:, 1])),
    )


def keeping_gate(recording: Recording, unit: Unit) -> str | None:
    """The gate that says what a unit's cell keeps, if it is recorded: f of an LSTM, z of a GRU."""
    signal = KEEPING.get(_cell(recording))
    gate = None if signal is None else Unit(unit.layer, signal, unit.index)
    return str(gate) if gate is not None and gate.site in recording.sites else None


def _cell(recording: Recording) -> str:
    return str(recording.attributes["checkpoint"].get("cell", ""))


def _quantile(counts: NDArray[np.int64], level: float) -> float:
    """The smallest value that at least this share of the symbols does not exceed."""
    reached = np.cumsum(counts)
    wanted = max(1, math.ceil(level * reached[-1]))
    return (int(np.searchsorted(reached, wanted)) - 128) / CODE_SCALE


def _half_life(gate: str, counts: NDArray[np.int64]) -> HalfLife:
    # It rises with the gate, so that of the median is the median over all symbols.
    median = _quantile(counts, 0.5)
    return HalfLife(gate, half_life(median), half_life(median - 0.5 / CODE_SCALE))


def sample_units(
    recording: Recording, symbols: int = SAMPLED, *, seed: int = 0
) -> NDArray[np.int8]:
    """Codes of all units at some symbols, drawn from two stretches of the text.

    Parameters
    ----------
    recording : Recording
    symbols : int, default=8_192
        At most.
    seed : int, default=0

    Returns
    -------
    ndarray of int8, shape (symbol, unit)
        Units in the order of `analysis.gathering.unit_names`.
    """
    chunks = -(-len(recording) // CHUNK_TIME)
    numbers = {chunks * (2 * k + 1) // (2 * _SAMPLED_CHUNKS) for k in range(_SAMPLED_CHUNKS)}
    around = np.concatenate(
        [
            np.arange(n * CHUNK_TIME, min((n + 1) * CHUNK_TIME, len(recording)))
            for n in sorted(numbers)
        ]
    )
    if around.size > symbols:
        around = np.random.default_rng(seed).choice(around, symbols, replace=False)
    return codes_at(recording, np.sort(around))


def strongest_companions(
    sample: NDArray[np.int8], names: Sequence[str], unit: str, *, top: int = 5
) -> tuple[Companion, ...]:
    """The units that go most with one, or most against it.

    Parameters
    ----------
    sample : ndarray of int8, shape (symbol, unit)
        As `sample_units` gives.
    names : sequence of str
        The units' names.
    unit : str
        One of them.
    top : int, default=5

    Returns
    -------
    tuple of Companion
        By Pearson's correlation over the sample, its size falling. Units that do not vary over it
        have none; empty if this one does not.
    """
    place = list(names).index(unit)
    values = sample.astype(np.float32)
    values -= values.mean(axis=0)
    own = values[:, place]
    spread = np.sqrt(np.einsum("tu,tu->u", values, values))
    if spread[place] == 0:
        return ()
    together = own @ values
    found = np.divide(
        together, spread * spread[place], out=np.zeros_like(together), where=spread > 0
    )
    found[place] = 0
    order = np.argsort(-np.abs(found), kind="stable")[:top]
    return tuple(
        Companion(names[k], float(found[k])) for k in order if spread[k] > 0 and k != place
    )


def companions(recording: Recording, unit: str, *, top: int = 5) -> tuple[Companion, ...]:
    """As `strongest_companions`, over a sample of the recording."""
    return strongest_companions(sample_units(recording), unit_names(recording), unit, top=top)
