"""Watch a network learn: its loss, and what it wrote at each snapshot of its training."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.figures import PLOTLY_CONFIG
from analysis.figures.loss_curve import loss_curve_figure
from dashboard.cards import bits, learning_curve, nats
from dashboard.checkpoints import ModelsView, step_from_query
from models.learning_record import CurvePoint, LearningRecord, Snapshot

_STEP, _LOGARITHMIC = "learning_step", "learning_logarithmic"
_TEXT_HEIGHT = 380
_CURVE = (
    "Loss in nats per symbol over the symbols read. *In training*: on the text being learned from, "
    "smoothed. *Choose split*: on text that it does not learn from."
)
_SNAPSHOTS = " Short lines on the axis: the steps at which it wrote a text."


@st.fragment(key="learning")
def learning(checkpoint: str, record: LearningRecord) -> None:
    """The loss curve, beside the text of one step if there are snapshots."""
    curve = learning_curve(record)
    if record.snapshots:
        st.subheader("Watch it learn", anchor=False)
        snapshot = _choose_step(checkpoint, record.snapshots)
        with st.container(key="learning_columns"):
            text, chart = st.columns(2, gap="medium")
        with text:
            _text(snapshot)
        with chart:
            if curve:
                _chart(curve, record.snapshots, snapshot)
    elif curve:
        st.subheader("How it learned", anchor=False)
        _chart(curve)


def _choose_step(checkpoint: str, snapshots: Sequence[Snapshot]) -> Snapshot:
    steps = {snapshot.step: snapshot for snapshot in snapshots}
    step = st.session_state[_STEP] = step_from_query(st.query_params, snapshots)
    if len(steps) > 1:
        st.select_slider(
            "Step of its training",
            list(steps),
            format_func=lambda each: f"{each:,}",
            key=_STEP,
            on_change=_take_step,
            args=(checkpoint,),
            help="The arrow keys move it. A step is one update of the weights.",
        )
    return steps[step]


def _take_step(checkpoint: str) -> None:
    view = ModelsView(checkpoint, st.session_state[_STEP])
    st.query_params.from_dict(view.to_query())


def _text(snapshot: Snapshot) -> None:
    st.code(snapshot.text, language=None, wrap_lines=True, height=_TEXT_HEIGHT)
    loss = snapshot.choose_loss
    told = "" if loss is None else f" The choose loss was last {nats(loss)} ({bits(loss)})."
    st.caption(f"What it wrote at step {snapshot.step:,}: {snapshot.symbols:,} symbols read.{told}")


def _chart(
    curve: Sequence[CurvePoint],
    snapshots: Sequence[Snapshot] = (),
    shown: Snapshot | None = None,
) -> None:
    # Snapshots are taken at powers of two: only a logarithmic axis spaces them evenly.
    logarithmic = bool(snapshots) and st.session_state.get(_LOGARITHMIC, True)
    figure = loss_curve_figure(
        curve,
        snapshots=snapshots,
        shown=shown,
        logarithmic=logarithmic,
        dark=st.context.theme.type == "dark",
    )
    st.plotly_chart(
        figure, key="learning_curve", theme=None, config=PLOTLY_CONFIG, alt=_describe(curve)
    )
    if snapshots:
        st.toggle("Logarithmic axis", value=True, key=_LOGARITHMIC)
    st.caption(_CURVE + (_SNAPSHOTS if snapshots else ""))


def _describe(curve: Sequence[CurvePoint]) -> str:
    taken = [(p.symbols, p.choose_loss) for p in curve if p.choose_loss is not None]
    if len(taken) < 2:
        return "Loss while learning, in nats per symbol"
    (first, start), (last, end) = taken[0], taken[-1]
    return (
        f"Loss while learning: on the choose split from {nats(start)} after {first:,} symbols to "
        f"{nats(end)} after {last:,}"
    )
