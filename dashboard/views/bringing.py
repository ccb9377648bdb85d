"""Bring a network from another program: look inside its file, and make a checkpoint of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.bringing import ACTIVATIONS, LIMIT, Action, BringingTask, Brought, Upload, bring
from dashboard.plain import plain
from models.errors import UserError

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_TASK = "bringing_task"
_DOING = {"inspect": "Looking inside", "import": "Importing it"}


def bring_network(on_done: Callable[[BringingTask], None], on_back: Callable[[], None]) -> None:
    """The form, and below it what the file turned out to be.

    `on_done` is called with an import that has ended well, `on_back` when the form is left.
    """
    title, back = st.columns([3, 1], vertical_alignment="center")
    title.subheader("Bring a network from another program", anchor=False)
    if back.button("Back", width="stretch"):
        _drop()
        on_back()
    st.caption(
        "PyTorch, Keras, ONNX, Torch7, TensorFlow as ml5 has it, recurrentjs, NumPy. "
        "What it is is told from its content, and no code in it is run."
    )
    brought = _ask()
    with st.container(horizontal=True):
        if st.button("Look inside"):
            _start("inspect", brought)
        if st.button("Import it", type="primary"):
            _start("import", brought)
    _show_task(brought, on_done)


def _ask() -> Brought | str:
    """What the form holds, or what is wrong with it."""
    file = st.file_uploader("Drop its file here", key="bringing_file")
    path = st.text_input(
        "or give its path on this machine",
        placeholder="/home/me/network.pt",
        key="bringing_path",
        help="A file, or ml5's folder. Files of more than 200 MB can only be given like this.",
    )
    rows, text = st.columns(2, gap="large")
    with rows:
        vocabulary = st.text_input(
            "Vocabulary, if the file has none",
            placeholder="string.printable, sorted-set: or a path",
            key="bringing_vocabulary",
            help="Which row is which symbol: the path of a JSON, text or pickle file; "
            "`string.printable`; or `sorted-set:` or `sorted-set-lower:` and the path of the text "
            "it was trained on, or nothing if that is the sample.",
        )
        vocabulary_file = st.file_uploader(
            "or drop a vocabulary's file", key="bringing_vocabulary_file"
        )
        activation = st.selectbox(
            "Activation",
            list(ACTIVATIONS),
            format_func=lambda name: ACTIVATIONS[name],
            key="bringing_activation",
            help="Few files of weights alone say which they were trained with. "
            "A note tells what was assumed.",
        )
    with text:
        sample = st.text_area(
            "Sample of the text it was trained on, if you have one",
            height=220,
            key="bringing_sample",
            help="It shows whether the network is read right: bits per character are measured.",
        )
    try:
        vocabulary_upload = _upload(vocabulary_file)
        return bring(_upload(file), path, vocabulary_upload, vocabulary, sample, activation)
    except UserError as error:
        return str(error)


def _upload(file: UploadedFile | None) -> Upload | None:
    return None if file is None else Upload(file.name, file.file_id, file.getvalue())


def _start(action: Action, brought: Brought | str) -> None:
    _drop()
    try:
        if isinstance(brought, str):
            raise UserError(brought)
        st.session_state[_TASK] = BringingTask(action, brought)
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _drop() -> None:
    task: BringingTask | None = st.session_state.pop(_TASK, None)
    if task is not None:
        task.stop()


def _show_task(brought: Brought | str, on_done: Callable[[BringingTask], None]) -> None:
    """What was asked for, as long as the form still says the same."""
    task: BringingTask | None = st.session_state.get(_TASK)
    if task is None:
        return
    if task.brought != brought:
        _drop()
    elif not task.ended:
        _wait(task)
    elif task.action == "import" and task.error is None:
        st.session_state.pop(_TASK)
        on_done(task)
    else:
        show_told(task.lines, task.warnings)
        if task.error is not None:
            st.error(plain(task.error), icon=":material/error:")


@st.fragment(run_every=0.3)
def _wait(task: BringingTask) -> None:
    if task.ended:
        st.rerun()
    st.status(f"{_DOING[task.action]}, for at most {LIMIT:g} seconds", type="compact")
    if st.button("Stop"):
        _drop()
        st.rerun()


def show_told(lines: Sequence[str], warnings: Sequence[str]) -> None:
    """What a file turned out to be, and what looks wrong about it."""
    if lines:
        st.code("\n".join(lines), language=None, wrap_lines=True)
    for warning in warnings:
        st.warning(plain(warning), icon=":material/warning:")
