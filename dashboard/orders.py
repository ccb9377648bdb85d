"""Orders and measures of a site's units, worked out in threads while the page is read."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.hypotheses import find_hypotheses
from analysis.unit_order import (
    UnitScores,
    falling,
    sample_codes,
    saturation,
    similarity_order,
    unit_scores,
    variances,
)
from models.errors import UserError

if TYPE_CHECKING:
    from analysis.recording import Recording
    from analysis.unit_map import UnitMap

_MEASURES = {"auroc": "AUROC", "spearman": "Spearman"}
_MOST_KEPT = 50
_MOST_SAMPLES = 4  # of 512 units each is 10 MB
_samples: dict[tuple[str, str], NDArray[np.int8]] = {}  # one thread at a time works
_works: OrderedDict[tuple[str, ...], Work] = OrderedDict()
_lock = threading.Lock()
_at_once = threading.Semaphore(1)


@dataclass(frozen=True)
class Ordered:
    """An order of a site's units.

    Attributes
    ----------
    rows : ndarray of int64, shape (unit,)
        Indices of the units, in order.
    values : ndarray of float64, shape (unit,), or None
        What they are ordered by, by index.
    measure : str
        What the values are.
    """

    rows: NDArray[np.int64] = field(repr=False)
    values: NDArray[np.float64] | None = field(repr=False)
    measure: str

    def place(self, unit: int) -> int:
        """Where a unit stands, from 1."""
        return self.rows.tolist().index(unit) + 1


class Cancelled(Exception):
    """Nobody wants it any more."""


class Work:
    """Something that takes a while, in a thread of its own.

    Attributes
    ----------
    result : object or None
        What came of it.
    share : float
        Of the work that is done.
    error : str or None
        Why there is no result, in a sentence.
    """

    def __init__(self, make: Callable[[Callable[[float], None]], object]) -> None:
        self.result: object = None
        self.share = 0.0
        self.error: str | None = None
        self._make = make
        self._done = threading.Event()
        self._cancelled = threading.Event()
        threading.Thread(target=self._run, daemon=True, name="units").start()

    @property
    def is_done(self) -> bool:
        """Whether there is a result, or an error."""
        return self._done.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait until it is done, but no longer than so many seconds; whether it is."""
        return self._done.wait(seconds)

    def cancel(self) -> None:
        """Stop it at its next step."""
        self._cancelled.set()

    def _report(self, share: float) -> None:
        if self._cancelled.is_set():
            raise Cancelled
        self.share = share

    def _run(self) -> None:
        try:
            with _at_once:
                self._report(0.0)
                self.result = self._make(self._report)
        except Cancelled:
            self.error = "The work was stopped. Choose the order again to go on."
        except UserError as error:
            self.error = str(error)
        except Exception:
            logging.getLogger(__name__).exception("ordering units broke off")
            self.error = "The work broke off; the server's log says why. Choose another order."
        finally:
            self._done.set()


def order_for(recording: Recording, site: str, order: str, hypothesis: str) -> Work:
    """An order by variance, saturation, similarity or score; its result is an `Ordered`."""
    if order == "score":
        return _work(
            (recording.id, site, order, hypothesis),
            lambda report: _by_score(recording, site, hypothesis, report),
        )

    def make(report: Callable[[float], None]) -> Ordered:
        return _ordered(order, _sample(recording, site, lambda share: report(0.8 * share)))

    return _work((recording.id, site, order), make)


def map_for(recording: Recording, sites: Sequence[str], way: str) -> Work:
    """A map of some sites' units, by "pca" or "umap"; its result is a `UnitMap`."""
    from analysis.unit_map import principal_map, umap_map

    def make(report: Callable[[float], None]) -> UnitMap:
        codes = np.concatenate([_sample(recording, site, report) for site in sites], axis=1)
        return umap_map(codes) if way == "umap" else principal_map(codes)

    return _work((recording.id, *sites, "map", way), make)


def forget(work: Work) -> None:
    """Drop what ended with an error, so that it can be asked for again."""
    with _lock:
        for key in [key for key, known in _works.items() if known is work]:
            del _works[key]


def _work(key: tuple[str, ...], make: Callable[[Callable[[float], None]], object]) -> Work:
    with _lock:
        work = _works.pop(key, None) or Work(make)
        _works[key] = work
        while len(_works) > _MOST_KEPT:
            _works.popitem(last=False)
    return work


def _sample(recording: Recording, site: str, report: Callable[[float], None]) -> NDArray[np.int8]:
    """A site's sample, kept for the orders and the map that follow."""
    key = (recording.id, site)
    if key not in _samples:
        found = sample_codes(recording, site, report)
        _samples[key] = found
        while len(_samples) > _MOST_SAMPLES:
            _samples.pop(next(iter(_samples)))
    return _samples[key]


def _ordered(order: str, codes: NDArray[np.int8]) -> Ordered:
    if order == "similarity":
        return Ordered(similarity_order(codes), None, "")
    values = variances(codes) if order == "variance" else saturation(codes)
    return Ordered(falling(values), values, order)


def _by_score(
    recording: Recording, site: str, expression: str, report: Callable[[float], None]
) -> Ordered:
    (hypothesis,) = find_hypotheses([expression], files=False)
    found = unit_scores(recording, site, hypothesis, report)
    if not isinstance(found, UnitScores):
        raise UserError(f"There is no order by score: {found}")
    return Ordered(falling(found.chosen), found.reported, _MEASURES[found.measure])
