"""The loss curve draws what was measured, and marks a step where it was."""

from __future__ import annotations

import math

import pytest
from plotly.graph_objects import Figure

from analysis.figures.loss_curve import loss_curve_figure
from models.learning_record import CurvePoint, Snapshot

POINTS = [CurvePoint(100, 3.0, None), CurvePoint(1_000, 2.0, 2.5), CurvePoint(10_000, 1.0, 1.5)]
SNAPSHOTS = [Snapshot(step, 100 * step, None, None, "text") for step in (0, 1, 2, 64)]


def draw(shown: int | None = None, **options: bool) -> Figure:
    marked = None if shown is None else SNAPSHOTS[shown]
    return loss_curve_figure(POINTS, snapshots=SNAPSHOTS, shown=marked, **options)


def test_each_loss_stands_at_the_symbols_it_was_taken_at() -> None:
    train, choose = draw().data
    assert (train.name, tuple(train.x), tuple(train.y)) == (
        "in training",
        (100, 1_000, 10_000),
        (3.0, 2.0, 1.0),
    )
    assert (choose.name, tuple(choose.x), tuple(choose.y)) == (
        "choose split",
        (1_000, 10_000),
        (2.5, 1.5),
    )


def test_a_loss_that_was_never_taken_has_no_line() -> None:
    figure = loss_curve_figure([CurvePoint(1, 3.0, None)])
    assert [line.name for line in figure.data] == ["in training"]


@pytest.mark.parametrize("logarithmic", [False, True])
def test_the_step_shown_is_marked_where_it_was(logarithmic: bool) -> None:
    figure = draw(2, logarithmic=logarithmic)
    *rug, line = figure.layout.shapes
    assert line.x0 == line.x1 == pytest.approx(200)
    assert line.y1 == 1
    assert len(rug) == len(SNAPSHOTS)
    (note,) = figure.layout.annotations
    assert note.text == "step 2"
    assert note.x == pytest.approx(math.log10(200) if logarithmic else 200)


@pytest.mark.parametrize("logarithmic", [False, True])
def test_every_mark_is_in_sight(logarithmic: bool) -> None:
    for shown in range(len(SNAPSHOTS)):
        figure = draw(shown, logarithmic=logarithmic)
        first, last = figure.layout.xaxis.range
        assert first <= figure.layout.annotations[0].x <= last
        for shape in figure.layout.shapes:
            place = math.log10(shape.x0) if logarithmic else shape.x0
            assert first - 1e-9 <= place <= last


def test_moving_the_mark_does_not_move_the_axis() -> None:
    ranges = {draw(shown, logarithmic=True).layout.xaxis.range for shown in range(4)}
    assert len(ranges) == 1


def test_a_curve_of_one_point_at_zero_can_be_drawn() -> None:
    for logarithmic in (False, True):
        figure = loss_curve_figure([CurvePoint(0, 4.6, 4.6)], logarithmic=logarithmic)
        first, last = figure.layout.xaxis.range
        assert first < 0 < last
        assert figure.layout.xaxis.type != "log"


def test_lines_are_not_the_same_on_light_and_dark_pages() -> None:
    light, dark = draw(), draw(dark=True)
    assert light.layout.font.color != dark.layout.font.color
    for bright, dim in zip(light.data, dark.data, strict=True):
        assert bright.line.color != dim.line.color


def test_nothing_to_draw_is_said() -> None:
    with pytest.raises(ValueError, match="no curve"):
        loss_curve_figure([])
