"""How well the best of all units would follow a label that has nothing to do with the text.

States and labels both change slowly, so two that are unrelated agree over long stretches, and a
label that is shuffled is no measure of that. Here the label is shifted in a circle within each
document: it keeps its own slowness, and loses its place in the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.hypotheses.labels import Labels
from analysis.ranks import centred_code_ranks, centred_ranks
from analysis.shifts import NoNull, check_shifts, shift_labels

SHIFTS = 200
_ROUNDING = 1e-6  # of correlations summed in float32


@dataclass(frozen=True)
class Null:
    """What the best unit reached against shifted labels, and each unit against the label itself.

    Attributes
    ----------
    maxima : ndarray of float64, shape (shifts,)
        For each shift the largest |rank correlation| of any unit, in [0, 1].
    observed : ndarray of float64, shape (unit,)
        Each unit's rank correlation with the label that was not shifted, on the same symbols, in
        [-1, 1]; 0.0 for a unit of one code.
    spread : ndarray of float64, shape (unit,)
        Sum of the squares of each unit's centred mid-ranks, for `correlation_to_auroc`.
    length : int
        The label's autocorrelation length, in symbols where it is defined.
    symbols, positives : int
        Symbols that were used, and those where the label is yes, or a number above zero.
    """

    maxima: NDArray[np.float64] = field(repr=False)
    observed: NDArray[np.float64] = field(repr=False)
    spread: NDArray[np.float64] = field(repr=False)
    length: int
    symbols: int
    positives: int

    @property
    def p_values(self) -> NDArray[np.float64]:
        """Each unit's p value, allowing for the search over all units; shape (unit,)."""
        return p_value(self.observed, self.maxima)

    @property
    def p_best(self) -> float:
        """The p value of the search: that of its best unit. 1.0 where there is no unit."""
        return float(np.min(self.p_values, initial=1.0))


def shift_null(
    blocks: Iterable[NDArray[np.int8]],
    labels: Labels,
    offsets: NDArray[np.int64],
    *,
    shifts: int = SHIFTS,
    seed: int = 0,
) -> Null | NoNull:
    """Shift labels in a circle within documents and take the best unit each time.

    Only labels move, and only over the symbols where they are defined. So no unit's mid-ranks
    ever change, and the correlations of all shifts with all units are one matrix product.

    Each document is shifted by an offset of its own, at least the label's autocorrelation length
    away from 0 (a third of the document where it is shorter than three such lengths).

    Parameters
    ----------
    blocks : iterable of ndarray of int8, shape (time, unit)
        Codes of a few units at a time, all over the same symbols. Read only if there is a null.
    labels : Labels
        One a symbol, shape (time,).
    offsets : ndarray of int64, shape (documents + 1,)
        Where each document begins among the symbols, and where the last ends.
    shifts : int, default=200
        The smallest p value is 1 / (1 + shifts).
    seed : int, default=0
        Draws the offsets.

    Returns
    -------
    Null or NoNull
        NoNull if the label changes in no document, or documents are too short to shift it in.

    Notes
    -----
    Single-step max-T of Westfall and Young (1993), as Nichols and Holmes (2002) have it. What a
    label has in common with a unit from document to document is in the null as well: a p value is
    about where within documents the label holds.
    """
    values = labels.values[labels.defined]
    (null,) = shift_nulls(blocks, [values], labels.defined, offsets, shifts=shifts, seed=seed)
    return null


def shift_nulls(
    blocks: Iterable[NDArray[np.int8]],
    labels: Sequence[NDArray[Any]],
    defined: NDArray[np.bool_],
    offsets: NDArray[np.int64],
    *,
    shifts: int = SHIFTS,
    seed: int = 0,
) -> list[Null | NoNull]:
    """Return what `shift_null` does for several labels, for which codes are read and ranked once.

    Parameters
    ----------
    blocks, offsets, shifts, seed
        As for `shift_null`.
    labels : sequence of ndarray of bool or numbers, shape (defined symbols,)
        Values where all of them are defined.
    defined : ndarray of bool, shape (time,)
        Where they are.

    Returns
    -------
    list of Null or NoNull
        One a label, the same as each has alone.
    """
    counted = np.concatenate([[0], np.cumsum(defined)])
    offsets = np.unique(counted[offsets])  # among defined symbols; documents without one go
    ranks = [centred_ranks(values) for values in labels]
    lengths = [check_shifts(own, offsets) for own in ranks]
    maxima = np.zeros((len(labels), shifts))
    observed: list[list[NDArray[np.float64]]] = [[np.zeros(0)] for _ in labels]
    spread = [np.zeros(0)]
    everywhere = bool(defined.all())
    for codes in blocks if not all(isinstance(each, NoNull) for each in lengths) else ():
        own = centred_code_ranks(codes if everywhere else codes[defined])
        spread.append(_spread(own))
        for k, length in enumerate(lengths):
            if isinstance(length, NoNull):
                continue
            # Drawn anew for each block: to keep them would take 50 MB a label.
            random = np.random.default_rng(seed)
            shifted = shift_labels(ranks[k], offsets, length, shifts, random)
            correlations = _correlations(shifted, own, spread[-1])
            observed[k].append(correlations[0])
            best = np.abs(correlations[1:]).max(axis=1, initial=0.0)
            np.maximum(maxima[k], best, out=maxima[k])
    spreads = np.concatenate(spread)
    return [
        length
        if isinstance(length, NoNull)
        else Null(
            maxima[k],
            np.concatenate(observed[k]),
            spreads,
            length,
            values.size,
            int(np.count_nonzero(values > 0)),
        )
        for k, (length, values) in enumerate(zip(lengths, labels, strict=True))
    ]


def unit_correlations(codes: NDArray[np.int8], values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return each unit's rank correlation with a label.

    Parameters
    ----------
    codes : ndarray of int8, shape (time, unit)
    values : ndarray of bool or numbers, shape (time,)

    Returns
    -------
    ndarray of float64, shape (unit,)
        In [-1, 1]; 0.0 for a unit of one code and for a label of one value.
    """
    ranks, own = centred_ranks(values), centred_code_ranks(codes)
    size = np.sqrt(ranks @ ranks)
    scaled = (ranks / size if size > 0 else ranks).astype(np.float32)
    correlations: NDArray[np.float64] = _correlations(scaled[None], own, _spread(own))[0]
    return correlations


def p_value(observed: NDArray[np.float64], maxima: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (1 + shifts whose best unit is at least as good) / (1 + shifts).

    Parameters
    ----------
    observed : ndarray of float64, shape (...)
        Rank correlations; the sign does not matter.
    maxima : ndarray of float64, shape (shifts,)

    Returns
    -------
    ndarray of float64, shape (...)
        In (0, 1].
    """
    # Rounding must not let a shift that gives the very same label count as a worse one.
    below = np.searchsorted(np.sort(maxima), np.abs(observed) - _ROUNDING)
    return np.asarray((1 + maxima.size - below) / (1 + maxima.size), np.float64)


def correlation_to_auroc(
    correlation: NDArray[np.float64], spread: NDArray[np.float64], positives: int, symbols: int
) -> NDArray[np.float64]:
    """Return the AUROC that belongs to a rank correlation with a yes/no label, exactly.

    With R the mean mid-rank of yes less that of no, AUROC - 1/2 = R / N, and the correlation is
    R sqrt(N1 N0 / N) over the root of the unit's spread. How the two go together depends on the
    unit's ties, so units may rank differently by one and by the other.

    Parameters
    ----------
    correlation, spread : ndarray of float64, shape (...)
        As in `Null`.
    positives, symbols : int
        N1 and N.

    Returns
    -------
    ndarray of float64, shape (...)
        In [0, 1]; 0.5 if the label is always yes or always no.
    """
    pairs = float(symbols) * positives * (symbols - positives)
    if pairs == 0:
        return np.full(np.shape(correlation), 0.5)
    area: NDArray[np.float64] = 0.5 + correlation * np.sqrt(spread / pairs)
    return area.clip(0.0, 1.0)


def adjust_p_values(p_values: Sequence[float | None]) -> list[float | None]:
    """Allow for many hypotheses, by Benjamini and Hochberg (1995); None where there is no p.

    Parameters
    ----------
    p_values : sequence of float or None
        One a hypothesis.

    Returns
    -------
    list of float or None
        Reporting those at most q keeps the expected share of false ones among them at most q,
        if hypotheses are independent or depend on each other positively.
    """
    from scipy.stats import false_discovery_control

    known = [p for p in p_values if p is not None]
    adjusted = iter(false_discovery_control(known) if known else ())
    return [None if p is None else float(next(adjusted)) for p in p_values]


def _spread(ranks: NDArray[np.float32]) -> NDArray[np.float64]:
    squares: NDArray[np.float64] = np.einsum("tu,tu->u", ranks, ranks, dtype=np.float64)
    return squares


def _correlations(
    labels: NDArray[np.float32], ranks: NDArray[np.float32], spread: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return (label, unit) from scaled labels (label, time) and ranks (time, unit)."""
    together = (labels @ ranks).astype(np.float64)
    size = np.sqrt(spread)
    rho = np.divide(together, size, out=np.zeros_like(together), where=size > 0)
    return rho.clip(-1.0, 1.0)
