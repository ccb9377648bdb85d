"""Place units on a plane, those with like activity near each other."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class UnitMap:
    """Where each unit lies.

    Attributes
    ----------
    places : ndarray of float64, shape (unit, 2)
    explained : tuple of float or None
        The share of the variance along each axis, where that means something.
    """

    places: NDArray[np.float64] = field(repr=False)
    explained: tuple[float, float] | None


def standardised(codes: NDArray[np.int8]) -> NDArray[np.float32]:
    """Activity of each unit with mean 0 and variance 1, float32 (unit, time), from (time, unit).

    A unit that never changes is 0 throughout.
    """
    activity = codes.T.astype(np.float32)
    activity -= activity.mean(axis=1, keepdims=True)
    spread = activity.std(axis=1, keepdims=True)
    spread[spread == 0] = 1
    found: NDArray[np.float32] = activity / spread
    return found


def principal_map(codes: NDArray[np.int8]) -> UnitMap:
    """The two directions along which the units' standardised activities differ most.

    Each axis is turned so that its place of largest magnitude is positive.

    Parameters
    ----------
    codes : ndarray of int8, shape (time, unit)
    """
    activity = standardised(codes)
    activity -= activity.mean(axis=0)
    units = len(activity)
    # Far more symbols than units: the products of units have the same directions.
    values, vectors = np.linalg.eigh((activity @ activity.T).astype(np.float64))
    order = np.argsort(values)[::-1][:2]
    places = np.zeros((units, 2))
    found = np.clip(values[order], 0, None)
    places[:, : len(order)] = vectors[:, order] * np.sqrt(found)
    largest = places[np.abs(places).argmax(axis=0), [0, 1]]
    places *= np.where(largest < 0, -1, 1)
    shares = np.zeros(2)
    shares[: len(order)] = found / max(float(np.clip(values, 0, None).sum()), 1e-30)
    return UnitMap(places, (float(shares[0]), float(shares[1])))


def has_umap() -> bool:
    """Whether UMAP is installed; the project does not need it."""
    return importlib.util.find_spec("umap") is not None


def umap_map(codes: NDArray[np.int8]) -> UnitMap:
    """Places by UMAP with correlation as the distance; always the same for the same codes.

    Raises
    ------
    ImportError
        If UMAP is not installed.
    """
    umap = importlib.import_module("umap")  # not a dependency, so that nobody has to have it
    neighbours = min(15, max(2, codes.shape[1] - 1))
    model = umap.UMAP(metric="correlation", random_state=0, n_neighbors=neighbours)
    return UnitMap(np.asarray(model.fit_transform(standardised(codes)), np.float64), None)
