"""Models: the checkpoints that ship and the user's own, each as a card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from dashboard.bringing import BringingTask
from dashboard.cards import bits, facts, losses, missing, nats, network, summary, titles
from dashboard.checkpoints import (
    ModelsView,
    checkpoints_folder,
    header_of,
    is_opened,
    known_checkpoints,
    open_checkpoint,
)
from dashboard.leaving import go_to
from dashboard.plain import plain
from dashboard.views.bringing import bring_network, show_told
from dashboard.views.learning import learning
from dashboard.views.open import OTHER_CHECKPOINT
from models.checkpoint_header import CheckpointHeader
from models.errors import UserError
from models.learning_record import LearningRecord, read_record
from models.zoo import zoo_checkpoints

_CHOICE, _PATH, _OPENED = "models_choice", "models_path", "models_opened"
_BRINGS, _IMPORTED = "models_brings", "models_imported"
_STYLE = Path(__file__).with_suffix(".css")


def show() -> None:
    """The page: checkpoints to choose from, and the card of one."""
    st.html(_STYLE)
    known, chosen = _restore()
    with st.container(key="models"):
        choice, card = st.columns([1, 3], gap="large")
        with choice:
            _choose(known, chosen)
            _ask_for_path()
            st.button(
                "Bring a network from another program",
                key="models_bring",
                on_click=_bring,
                width="stretch",
            )
        with card:
            if st.session_state.get(_BRINGS):
                bring_network(_take_imported, _leave)
            elif chosen is None:
                st.info("There is no checkpoint yet. Train one with `unitscope train`.")
            else:
                _card(chosen, known[chosen])


def _restore() -> tuple[dict[str, Path], str | None]:
    """The checkpoints to choose from and the one to show, as the address asks."""
    asked = st.query_params.get("checkpoint") or st.session_state.get("models_shown")
    opened: tuple[str, ...] = st.session_state.setdefault(_OPENED, ())
    if asked and asked not in opened and is_opened(asked):
        opened = st.session_state[_OPENED] = (*opened, asked)
    known = known_checkpoints(opened)
    if asked and asked not in known:
        st.warning(
            f"There is no checkpoint {plain(asked[:200])} here. Choose another, or open it by its "
            "path.",
            icon=":material/warning:",
        )
    chosen = asked if asked in known else next(iter(known), None)
    st.session_state["models_shown"] = st.session_state[_CHOICE] = chosen
    if chosen is not None and st.query_params.get("checkpoint") != chosen:
        _write_address(chosen)
    return known, chosen


def _choose(known: Mapping[str, Path], chosen: str | None) -> None:
    if chosen is None:
        return
    called = titles(known)
    st.radio(
        "Checkpoints",
        list(known),
        format_func=lambda key: plain(called[key]),
        captions=[plain(f"{summary(path)}. {_origin(key)}") for key, path in known.items()],
        key=_CHOICE,
        on_change=_take_choice,
        width="stretch",
    )


def _origin(key: str) -> str:
    if key in zoo_checkpoints():
        return "Ships with Unitscope."
    return "Opened by its path." if is_opened(key) else "Yours."


def _take_choice() -> None:
    _go_to(st.session_state[_CHOICE])


def _go_to(checkpoint: str) -> None:
    st.session_state[_BRINGS] = False
    _write_address(checkpoint)


def _write_address(checkpoint: str) -> None:
    st.query_params.from_dict(ModelsView(checkpoint).to_query())


def _bring() -> None:
    st.session_state[_BRINGS] = True


def _leave() -> None:
    st.session_state[_BRINGS] = False
    st.rerun()


def _take_imported(task: BringingTask) -> None:
    key = open_checkpoint(str(task.destination))
    st.session_state[_IMPORTED] = (key, task.lines, task.warnings)
    _go_to(key)
    st.rerun()


def _ask_for_path() -> None:
    st.text_input(
        "Open a checkpoint by its path",
        placeholder="/home/me/model.safetensors",
        key=_PATH,
        on_change=_take_path,
        help=f"Those in {plain(str(checkpoints_folder()))} are listed by themselves.",
    )
    if error := st.session_state.pop("models_error", None):
        st.error(plain(error), icon=":material/error:")


def _take_path() -> None:
    typed = st.session_state[_PATH].strip()
    if not typed:
        return
    try:
        key = open_checkpoint(typed)
    except UserError as error:
        st.session_state["models_error"] = str(error)
        return
    if is_opened(key):
        st.session_state[_OPENED] = (*st.session_state[_OPENED], key)
    st.session_state[_PATH] = ""
    _go_to(key)


def _card(key: str, path: Path) -> None:
    try:
        header = header_of(path)
    except UserError as error:
        st.subheader(plain(path.name), anchor=False)
        st.error(plain(str(error)), icon=":material/error:")
        return
    record = read_record(header.training)
    imported, *told = st.session_state.get(_IMPORTED, (None,))
    if imported == key:
        st.success("This is the network that you brought.", icon=":material/check:")
        show_told(*told)
    _head(key, header)
    _losses(record)
    _facts(header, record)
    if lacks := missing(record):
        st.caption(" ".join(lacks))
    if record.sample is not None:
        st.subheader("What it writes", anchor=False)
        st.caption("Generated at the end of its training, at temperature 0.8.")
        st.code(record.sample, language=None, wrap_lines=True)
    learning(key, record)


def _head(key: str, header: CheckpointHeader) -> None:
    title, action = st.columns([3, 1], vertical_alignment="center")
    title.subheader(plain(header.name), anchor=False)
    title.caption(plain(network(header)))
    if action.button("Read a text with it", type="primary", width="stretch"):
        is_listed = key in known_checkpoints()
        st.session_state["checkpoint_choice"] = key if is_listed else OTHER_CHECKPOINT
        st.session_state["checkpoint_path"] = "" if is_listed else str(header.path)
        go_to("open")


def _losses(record: LearningRecord) -> None:
    for column, (label, loss) in zip(st.columns(3), losses(record), strict=False):
        column.metric(label, nats(loss), bits(loss), delta_color="off", delta_arrow="off")


def _facts(header: CheckpointHeader, record: LearningRecord) -> None:
    columns = st.columns(2, gap="medium")  # one above the other on narrow pages
    for at, (label, value) in enumerate(facts(header, record)):
        with columns[at % 2].container(gap=None):
            st.caption(label)
            st.text(value)
