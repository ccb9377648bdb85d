"""The map of units is scikit-learn's principal components, turned one way."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from analysis.figures.unit_scatter import told_by_shape, unit_scatter
from analysis.unit_map import has_umap, principal_map, standardised, umap_map


@pytest.fixture(scope="module")
def codes() -> np.ndarray:
    random = np.random.default_rng(3)
    mixed = random.normal(size=(500, 3)) @ random.normal(size=(3, 20))
    noisy = mixed + 0.3 * random.normal(size=(500, 20))
    return (40 * np.tanh(noisy)).astype(np.int8)


def test_places_are_those_of_principal_components(codes: np.ndarray) -> None:
    found = principal_map(codes)
    values = codes.T.astype(float)
    values -= values.mean(axis=1, keepdims=True)
    values /= values.std(axis=1, keepdims=True)
    model = PCA(n_components=2, svd_solver="full")
    expected = model.fit_transform(values)
    expected *= np.sign((expected * found.places).sum(axis=0))
    np.testing.assert_allclose(found.places, expected, rtol=1e-3, atol=1e-2)
    assert found.explained == pytest.approx(tuple(model.explained_variance_ratio_), rel=1e-4)


def test_axes_are_turned_so_that_the_farthest_place_is_positive(codes: np.ndarray) -> None:
    places = principal_map(codes).places
    assert (places[np.abs(places).argmax(axis=0), [0, 1]] > 0).all()


def test_a_unit_that_never_changes_is_in_the_map(codes: np.ndarray) -> None:
    codes = codes.copy()
    codes[:, 4] = 17
    assert not standardised(codes)[4].any()
    assert np.isfinite(principal_map(codes).places).all()


@pytest.mark.parametrize("units", [1, 2, 3])
def test_few_units_have_places_too(units: int, codes: np.ndarray) -> None:
    found = principal_map(codes[:, :units])
    assert found.places.shape == (units, 2)
    assert np.isfinite(found.places).all()


def test_umap_is_offered_only_where_it_is_installed(
    codes: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Umap:
        def __init__(self, **options: object) -> None:
            assert options["metric"] == "correlation"

        def fit_transform(self, activity: np.ndarray) -> np.ndarray:
            return activity[:, :2]

    import sys
    import types

    if not has_umap():
        with pytest.raises(ImportError):
            umap_map(codes)
    module = types.ModuleType("umap")
    module.UMAP = Umap  # type: ignore[attr-defined]
    module.__spec__ = types.SimpleNamespace()  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "umap", module)
    assert has_umap()
    np.testing.assert_array_equal(umap_map(codes).places, standardised(codes)[:, :2])


def test_the_figure_has_a_dot_a_unit_coloured_by_its_value(codes: np.ndarray) -> None:
    found = principal_map(codes)
    names = [f"0.c.{k}" for k in range(20)]
    values = np.linspace(0, 1, 20)
    figure = unit_scatter(
        found, names, axes=("a", "b"), values=values, measure="auroc", chosen=3, brushed=[1, 2]
    )
    dots, ring = figure.data
    np.testing.assert_array_equal(np.column_stack([dots.x, dots.y]), found.places)
    assert list(dots.text) == names
    assert list(dots.marker.color) == values.tolist()
    assert list(dots.selectedpoints) == [1, 2]
    assert (ring.x[0], ring.y[0]) == tuple(found.places[3])
    layers = [k % 2 for k in range(20)]
    shapes = unit_scatter(found, names, axes=("a", "b"), values=values, layers=layers).data[0]
    assert shapes.marker.symbol[:2] == ("circle", "diamond")
    assert len(set(shapes.marker.color)) == 2
    with pytest.raises(ValueError, match="must be equal"):
        unit_scatter(found, names[:3], axes=("a", "b"))


def test_shapes_are_told_in_words() -> None:
    assert told_by_shape(2) == "Circles are layer 0, diamonds are layer 1."
    assert told_by_shape(5).startswith("Circles are layer 0 and 4, diamonds are layer 1,")
    assert told_by_shape(5).endswith("crosses are layer 3.")
