"""Score combinations of a few units, and of all: what no single unit tells.

A network may hold a claim in two units that each tell half of it. Combinations are learned on a
sample of the half that chooses and scored on a sample of the half that reports.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.nulls import unit_correlations
from analysis.ranks import centred_ranks, rank_auroc, rank_correlation

SIZES = (1, 2, 4, 8)
MOST_SYMBOLS = 20_000
PRESCREENED = 256
_STEP = 1.5  # how much weaker each penalty of a path is
_STEPS = 25
_STRENGTH = 1.0  # of the L2 penalty on the final weights

Values = NDArray[np.bool_] | NDArray[np.float32]
Features = NDArray[np.float32]


@dataclass(frozen=True)
class Probe:
    """A linear combination of units and its score.

    Attributes
    ----------
    units : tuple of str
        Its units, the largest weight first; in the order given for all units.
    k : int
        How many.
    is_all : bool
        Whether it has all units.
    score : float
        AUROC for yes/no (chance 0.5), Spearman for numbers (chance 0.0), on the half that
        reports, in the direction learned on the other.
    """

    units: tuple[str, ...]
    k: int
    is_all: bool
    score: float


def sample_symbols(
    values: Values,
    where: NDArray[np.bool_],
    *,
    most: int = MOST_SYMBOLS,
    seed: int = 0,
) -> NDArray[np.int64]:
    """Draw symbols to learn or score on, as many yes as no if there are.

    AUROC does not depend on how many are yes, so a balanced sample estimates the same number.

    Parameters
    ----------
    values : ndarray of bool or float32, shape (time,)
        Labels.
    where : ndarray of bool, shape (time,)
        The symbols to draw from: of one half, where the label is defined.
    most : int, default=20_000
    seed : int, default=0

    Returns
    -------
    ndarray of int64, shape (at most `most`,)
        Their places, rising.
    """
    random = np.random.default_rng(seed)
    places = np.flatnonzero(where)
    if places.size <= most:
        return places
    if values.dtype != np.bool_:
        return np.sort(random.choice(places, most, replace=False))
    yes, no = places[values[places] != 0], places[values[places] == 0]
    of_yes = min(yes.size, max(most // 2, most - no.size))
    drawn = (random.choice(yes, of_yes, replace=False), random.choice(no, most - of_yes, False))
    return np.sort(np.concatenate(drawn))


def probe_units(
    choose_codes: NDArray[np.int8],
    choose_values: Values,
    report_codes: NDArray[np.int8],
    report_values: Values,
    names: Sequence[str],
    *,
    sizes: Sequence[int] = SIZES,
) -> tuple[Probe, ...]:
    """Learn the best combination of k units for each k, and of all units.

    The 256 units that follow the label best by themselves are kept. From there, k = 1 is the best
    one; otherwise the L1 penalty falls until k weights are not zero, the k largest are taken, and
    weights are learned again on those alone. Yes/no: logistic regression. Numbers: least squares
    on the label's mid-ranks, since it is ranks that are scored.

    Parameters
    ----------
    choose_codes : ndarray of int8, shape (n, unit)
        Codes at symbols of the choosing half.
    choose_values : ndarray of bool or float32, shape (n,)
        Labels there, all defined.
    report_codes, report_values : ndarray, shapes (m, unit) and (m,)
        The same for the reporting half.
    names : sequence of str
        The units' names.
    sizes : sequence of int, default=(1, 2, 4, 8)
        Those above the number of units that ever change are left out.

    Returns
    -------
    tuple of Probe
        One for each k, then one of all units. Empty without units.
    """
    if not names:
        return ()
    chosen, reported = _standardised(choose_codes, report_codes)
    learn: Callable[[Features], NDArray[np.float64]] = _learner(choose_values)

    def probe(units: NDArray[np.int64], is_all: bool = False) -> Probe:
        weights = learn(chosen[:, units])
        score = _score(reported[:, units] @ weights, report_values)
        order = np.arange(units.size) if is_all else np.argsort(-np.abs(weights), kind="stable")
        ordered = tuple(names[unit] for unit in units[order])
        return Probe(ordered, units.size, is_all, score)

    alone = np.abs(unit_correlations(choose_codes, choose_values))
    kept = np.argsort(-alone, kind="stable")[:PRESCREENED]
    kept = kept[np.ptp(choose_codes[:, kept].astype(np.int16), axis=0) > 0] if len(alone) else kept
    asked = sorted({k for k in sizes if k <= kept.size})
    with _unfinished_fits_allowed():
        few = [probe(kept[own]) for own in _select(chosen[:, kept], choose_values, asked)]
        return (*few, probe(np.arange(len(names)), is_all=True))


def _standardised(
    choose_codes: NDArray[np.int8], report_codes: NDArray[np.int8]
) -> tuple[Features, Features]:
    """Return codes with mean 0 and deviation 1 on the choosing half; constant units are 0."""
    chosen = choose_codes.astype(np.float32)
    mean = chosen.mean(axis=0, dtype=np.float64).astype(np.float32)
    deviation = chosen.std(axis=0, dtype=np.float64).astype(np.float32)
    scale = np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > 0)
    return (chosen - mean) * scale, (report_codes.astype(np.float32) - mean) * scale


def _learner(values: Values) -> Callable[[Features], NDArray[np.float64]]:
    """Return what learns weights, shape (unit,), from features (n, unit)."""
    from sklearn.linear_model import LogisticRegression, Ridge

    if np.ptp(values.astype(np.float32)) == 0:
        return lambda features: np.zeros(features.shape[1])
    if values.dtype == np.bool_:
        logistic = LogisticRegression(C=_STRENGTH, max_iter=200)
        return lambda features: np.asarray(logistic.fit(features, values).coef_[0], np.float64)
    ranks = _unit_ranks(values)
    ridge = Ridge(alpha=1 / _STRENGTH)
    return lambda features: np.asarray(ridge.fit(features, ranks).coef_, np.float64)


def _select(
    features: Features, values: Values, sizes: Sequence[int]
) -> Iterator[NDArray[np.int64]]:
    """Yield k columns for each k, rising; columns come with the best single one first."""
    path = _path(features, values)
    weights = np.zeros(features.shape[1])
    for k in sizes:
        while k > 1 and np.count_nonzero(weights) < k:
            step = next(path, None)
            if step is None:
                break
            weights = step
        # Stable: what the path leaves at zero is filled up in the order of single scores.
        yield np.arange(1) if k == 1 else np.argsort(-np.abs(weights), kind="stable")[:k]


def _path(features: Features, values: Values) -> Iterator[NDArray[np.float64]]:
    """Yield weights under an L1 penalty that falls from where all of them are zero."""
    from sklearn.linear_model import Lasso, LogisticRegression
    from sklearn.svm import l1_min_c

    if np.ptp(values.astype(np.float32)) == 0:
        return
    model: Any
    if values.dtype == np.bool_:
        first = float(l1_min_c(features, values, loss="log"))
        # Tolerance 1e-3: which weights are not zero is settled long before their last digits.
        model = LogisticRegression(l1_ratio=1.0, solver="liblinear", tol=1e-3, random_state=0)
        for step in range(1, _STEPS + 1):
            model.C = first * _STEP**step
            model.fit(features, values)
            yield model.coef_[0].astype(np.float64)
        return
    ranks = _unit_ranks(values)
    first = float(np.abs(features.T @ ranks).max()) / ranks.size
    model = Lasso(warm_start=True, tol=1e-3)
    for step in range(1, _STEPS + 1):
        model.alpha = first / _STEP**step
        model.fit(features, ranks)
        yield model.coef_.astype(np.float64)


@contextmanager
def _unfinished_fits_allowed() -> Iterator[None]:
    """A fit that stops early is a little worse, and its score, measured elsewhere, says so."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def _unit_ranks(values: Values) -> NDArray[np.float32]:
    ranks = centred_ranks(values)
    return np.asarray(ranks / ranks.std(), np.float32)


def _score(predicted: NDArray[Any], values: Values) -> float:
    if values.dtype == np.bool_:
        return rank_auroc(predicted, values != 0)
    return rank_correlation(predicted, values)
