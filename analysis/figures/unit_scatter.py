"""Units on a plane, as a figure in which they can be brushed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.colours import palette
from analysis.unit_map import UnitMap

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_HEIGHT = 420
_LIGHT = ["#dcd6cd", "#8fa9c4", "#2f6fb7", "#12365f"]
_LAYERS = ["#2f6fb7", "#d9822b", "#3d9970", "#a05fb4"]  # on light and on dark
_SHAPES = ["circle", "diamond", "square", "cross"]
_DARK = ["#4a4742", "#4f7296", "#6ba4e0", "#cfe3fa"]


def unit_scatter(
    units: UnitMap,
    names: Sequence[str],
    *,
    axes: tuple[str, str],
    values: np.ndarray | None = None,
    measure: str = "",
    layers: Sequence[int] | None = None,
    chosen: int | None = None,
    brushed: Sequence[int] = (),
    dark: bool = False,
) -> Figure:
    """Draw each unit as a dot.

    Parameters
    ----------
    units : UnitMap
    names : sequence of str
        One a unit, for who points at it.
    axes : (str, str)
        Titles of the axes.
    values : ndarray of float64, shape (unit,), optional
        What dots are coloured by; without it all have one colour.
    measure : str
        What the values are.
    layers : sequence of int, optional
        The layer of each unit, told by shape and colour; then `values` are not shown.
    chosen : int, optional
        The unit that has a ring and its name.
    brushed : sequence of int
        Units that are drawn full; none of them: all.
    dark : bool

    Raises
    ------
    ValueError
        If there are not as many names, or values, as units.
    """
    if len(names) != len(units.places) or (values is not None and len(values) != len(names)):
        raise ValueError(
            f"There are {len(units.places)} units, but {len(names)} names or another number of "
            "values. They must be equal."
        )
    from plotly.graph_objects import Figure, Scatter

    colours = palette(dark)
    marker: dict[str, Any] = {"size": 9, "line": {"width": 1, "color": colours.paper}}
    if layers is not None:
        values = None
        marker["color"] = [_LAYERS[layer % len(_LAYERS)] for layer in layers]
        marker["symbol"] = [_SHAPES[layer % len(_SHAPES)] for layer in layers]
    elif values is None:
        marker["color"] = (_DARK if dark else _LIGHT)[2]
    else:
        stops = _DARK if dark else _LIGHT
        marker |= {
            "color": values,
            "colorscale": [[at / 3, stop] for at, stop in enumerate(stops)],
            "colorbar": {"title": {"text": measure, "side": "right"}, "thickness": 12},
        }
    said = "" if values is None else f"<br>{measure} %{{marker.color:.2f}}"
    figure = Figure(
        Scatter(
            x=units.places[:, 0],
            y=units.places[:, 1],
            mode="markers",
            marker=marker,
            text=list(names),
            customdata=list(range(len(names))),
            hovertemplate=f"<b>%{{text}}</b>{said}<extra></extra>",
            selectedpoints=list(brushed) or None,
            unselected={"marker": {"opacity": 0.25}},
            showlegend=False,
        )
    )
    if chosen is not None:
        _mark(figure, units.places[chosen], names[chosen], colours.ink)
    axis = {"showgrid": False, "zeroline": False, "showline": True, "linecolor": colours.faint}
    figure.update_layout(
        height=_HEIGHT,
        margin={"l": 10, "r": 10, "t": 34, "b": 10},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": colours.ink, "size": 12},
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": colours.faint, "activecolor": colours.ink},
        dragmode="select",
        xaxis=axis | {"title": {"text": axes[0]}, "automargin": True},
        yaxis=axis | {"title": {"text": axes[1]}, "automargin": True},
    )
    return figure


def told_by_shape(layers: int) -> str:
    """Which shape stands for which of so many layers, in a sentence."""
    names = [
        f"{shape}s are layer {' and '.join(map(str, range(at, layers, len(_SHAPES))))}"
        for at, shape in enumerate(_SHAPES[:layers])
    ]
    return ", ".join(names).replace("crosss", "crosses").capitalize() + "."


def _mark(figure: Figure, place: np.ndarray, name: str, ink: str) -> None:
    figure.add_scatter(
        x=[place[0]],
        y=[place[1]],
        mode="markers+text",
        marker={"size": 15, "symbol": "circle-open", "color": ink, "line": {"width": 2}},
        text=[name],
        textposition="top center",
        hoverinfo="skip",
        showlegend=False,
    )
