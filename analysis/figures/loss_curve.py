"""The loss of a network while it learned, over the symbols that it had read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from analysis.colours import Palette, palette
from models.learning_record import CurvePoint, Snapshot

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_HEIGHT = 380
_FONT = "Source Sans, system-ui, sans-serif"  # the page's
_RUG = 0.04  # of the height
_EDGE = 0.03  # of the axis, free on both sides


def loss_curve_figure(
    points: Sequence[CurvePoint],
    *,
    snapshots: Sequence[Snapshot] = (),
    shown: Snapshot | None = None,
    logarithmic: bool = False,
    dark: bool = False,
) -> Figure:
    """Draw the training loss and the loss on the choose split, in nats per symbol.

    Parameters
    ----------
    points : sequence of CurvePoint
        In the order of learning; at least one.
    snapshots : sequence of Snapshot
        A short line on the axis stands for each.
    shown : Snapshot, optional
        The one that a long line marks.
    logarithmic : bool
        Space the symbols by their logarithm. What was before the first symbol then stands at the
        left edge, since a logarithm has no 0.
    dark : bool
        Colours for a dark page.

    Raises
    ------
    ValueError
        If there is no point.
    """
    from plotly.graph_objects import Figure

    if not points:
        raise ValueError("There is no curve to draw: give at least one point.")
    figure = Figure()
    # The ends of the other page's palette: strong on this page, where lines have no ink on them.
    train_colour, *_, choose_colour = palette(not dark).stops
    symbols = [point.symbols for point in points]
    _add_line(figure, "in training", train_colour, symbols, [p.train_loss for p in points])
    _add_line(figure, "choose split", choose_colour, symbols, [p.choose_loss for p in points])
    figure.update_layout(_layout(palette(dark)))
    counts = symbols + [snapshot.symbols for snapshot in snapshots]
    figure.update_xaxes(_symbols_axis(counts, logarithmic))
    for snapshot in snapshots:
        _mark(figure, snapshot, _RUG, palette(dark).faint)
    if shown is not None:
        _mark(figure, shown, 1, palette(dark).ink)
        _name(figure, shown)
    return figure


def _layout(colours: Palette) -> dict[str, Any]:
    axis = {"gridcolor": _faded(colours.faint), "zeroline": False, "automargin": True}
    return {
        "height": _HEIGHT,
        "margin": {"l": 10, "r": 10, "t": 60, "b": 10},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "modebar": {
            "bgcolor": "rgba(0,0,0,0)",
            "color": colours.faint,
            "activecolor": colours.ink,
        },
        "font": {"color": colours.ink, "size": 14, "family": _FONT},
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": colours.paper, "font": {"color": colours.ink}},
        "legend": {"orientation": "h", "x": 0, "y": 1.1, "yanchor": "bottom"},
        "xaxis": axis,
        "yaxis": axis | {"title": {"text": "nats per symbol"}},
    }


def _add_line(
    figure: Figure, name: str, colour: str, symbols: list[int], losses: list[float | None]
) -> None:
    taken = [(at, loss) for at, loss in zip(symbols, losses, strict=True) if loss is not None]
    if taken:
        figure.add_scatter(
            x=[at for at, _ in taken],
            y=[loss for _, loss in taken],
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": 5},
            hovertemplate="%{y:.3f}",
        )


def _symbols_axis(symbols: list[int], logarithmic: bool) -> dict[str, Any]:
    title = "symbols read, logarithmic" if logarithmic else "symbols read"
    axis: dict[str, Any] = {"title": {"text": title}, "tickformat": "~s"}
    positive = [count for count in symbols if count > 0]
    if not logarithmic or not positive:
        return axis | {"range": _with_edges(0, max(symbols))}
    range_ = _with_edges(math.log10(min(positive)), math.log10(max(positive)))
    return axis | {"type": "log", "range": range_, "dtick": 1}


def _with_edges(first: float, last: float) -> list[float]:
    edge = _EDGE * ((last - first) or 1)
    return [first - edge, last + edge]


def _place(figure: Figure, snapshot: Snapshot) -> float:
    """Where a snapshot stands, in the axis' own terms: symbols, or their logarithm."""
    axis = figure.layout.xaxis
    if axis.type != "log":
        return snapshot.symbols
    first: float = axis.range[0]
    return math.log10(snapshot.symbols) if snapshot.symbols > 0 else first


def _mark(figure: Figure, snapshot: Snapshot, height: float, colour: str) -> None:
    place = _place(figure, snapshot)
    # Plotly wants the number itself for a shape, but its logarithm for a note.
    symbols = 10**place if figure.layout.xaxis.type == "log" else place
    dash = "dot" if height == 1 else "solid"
    line = {"color": colour, "width": 1.5, "dash": dash}
    figure.add_shape(
        type="line", x0=symbols, x1=symbols, y0=0, y1=height, yref="y domain", line=line
    )


def _name(figure: Figure, snapshot: Snapshot) -> None:
    place = _place(figure, snapshot)
    figure.add_annotation(
        text=f"step {snapshot.step:,}",
        x=place,
        y=1,
        yref="y domain",
        xanchor="right" if place > sum(figure.layout.xaxis.range) / 2 else "left",
        yanchor="bottom",
        showarrow=False,
    )


def _faded(colour: str) -> str:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"rgba({red},{green},{blue},0.22)"
