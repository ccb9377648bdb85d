"""Open: a text to read, a network from another program, a recording that exists."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from dashboard.bringing import BringingTask
from dashboard.cards import titles
from dashboard.checkpoints import known_checkpoints, open_checkpoint
from dashboard.estimates import SHORT, Choice, Question, source_of
from dashboard.jobs import Order, RecordingJob, start_recording
from dashboard.leaving import go_to
from dashboard.library import keep_texts, open_at, recording_path
from dashboard.plain import plain
from dashboard.views.bringing import bring_network, show_told
from dashboard.views.estimate import QUESTION, show_estimate
from dashboard.views.recording_progress import list_jobs, watch
from models.corpora import NAMED_CORPORA, SPLITS, Document, Split, decode_document
from models.errors import UserError

_KINDS = {"Plain text": ".txt", "Python": ".py", "C": ".c"}
OTHER_CHECKPOINT = "Another checkpoint, by its path"
_ALL = "all"
_BRINGS = {"text": "A text", "network": "A network", "recording": "A recording"}
_WHAT, _IMPORTED = "bring", "open_imported"
_JOB = "job"
"""In the session: the job that this visitor started and waits for."""


def show() -> None:
    """The page: what a visitor brings, and what to do with it."""
    job: RecordingJob | None = st.session_state.get(_JOB)
    if job is not None and not job.status().finished:
        _follow(job)
        return
    st.session_state.pop(_JOB, None)
    list_jobs(_show_recording)
    what = _choose_what()
    if what == "network":
        bring_network(_take_network, _back_to_text)
    elif what == "recording":
        _ask_for_recording()
    else:
        _read_a_text()


def _choose_what() -> str:
    if _WHAT not in st.session_state:
        asked = st.query_params.get(_WHAT, "text")
        st.session_state[_WHAT] = asked if asked in _BRINGS else "text"
    what: str = st.segmented_control(
        "What do you bring?",
        list(_BRINGS),
        format_func=_BRINGS.__getitem__,
        required=True,
        key=_WHAT,
    )
    st.query_params.from_dict({} if what == "text" else {_WHAT: what})
    return what


def _read_a_text() -> None:
    told = st.session_state.pop(_IMPORTED, None)
    if told is not None:
        st.success("It is a checkpoint now, and read with below.", icon=":material/check:")
        show_told(*told)
    text, network = st.columns(2, gap="large")
    with text:
        documents = _ask_for_text()
        source, split = _ask_for_source()
    with network:
        choice = _chosen(_ask_for_checkpoint(), documents, source, split)
        if st.button("Read it", type="primary"):
            _read(choice)
        show_estimate(choice, _start)


def _take_network(task: BringingTask) -> None:
    """What was imported is what the next text is read with."""
    key = open_checkpoint(str(task.destination))
    is_listed = key in known_checkpoints()
    st.session_state["checkpoint_choice"] = key if is_listed else OTHER_CHECKPOINT
    st.session_state["checkpoint_path"] = "" if is_listed else str(task.destination)
    st.session_state[_IMPORTED] = (task.lines, task.warnings)
    _back_to_text()


def _back_to_text() -> None:
    st.session_state.pop(_WHAT)
    st.query_params.clear()
    st.rerun()


def _follow(job: RecordingJob) -> None:
    st.subheader("Reading your text")
    watch(job, f"Reading {job.order.title}", _show_recording, stays_on_error=False)
    st.caption("It goes on if you leave or close this page.")
    if st.button("Read another text"):
        st.session_state.pop(_JOB)
        st.rerun()


def _ask_for_text() -> list[Document]:
    files = st.file_uploader(
        "Upload text files", accept_multiple_files=True, help="UTF-8. Each file is one document."
    )
    documents = []
    for file in files:
        document = decode_document(file.name, file.getvalue())
        if document is None:
            st.error(
                f"{plain(file.name)} is not UTF-8 text, so it is left out. Convert it to UTF-8; a "
                "network's file goes under **A network**."
            )
        elif not document.text:
            st.error(f"{plain(file.name)} is empty, so it is left out.")
        else:
            documents.append(document)
    pasted = st.text_area("or paste text", height=240, key="pasted_text")
    kind = st.selectbox("The pasted text is", list(_KINDS), key="pasted_kind")
    if pasted:
        documents.append(Document(f"pasted{_KINDS[kind]}", pasted))
    return documents


def _ask_for_source() -> tuple[str, Split | None]:
    typed = st.text_input(
        "or name a file or folder on this machine, or a corpus",
        placeholder="/home/me/books, or python",
        help=f"The corpora are {', '.join(NAMED_CORPORA)}. Each file is one document.",
        key="source",
    )
    if typed.strip() not in NAMED_CORPORA:
        return source_of(typed) if typed.strip() else "", None
    part = st.selectbox(
        "Which part of it",
        [_ALL, *SPLITS],
        help="The networks that ship learned from train, 90%; choose and report are 5% each.",
        key="source_part",
    )
    return source_of(typed), next((split for split in SPLITS if split == part), None)


def _ask_for_checkpoint() -> Path | None:
    known = known_checkpoints()
    called = titles(known)
    choice = st.selectbox(
        "Read with",
        [*known, OTHER_CHECKPOINT],
        format_func=lambda key: called.get(key, key),
        key="checkpoint_choice",
    )
    if choice != OTHER_CHECKPOINT:
        return known[choice]
    typed = st.text_input(
        "Path of a checkpoint", placeholder="/home/me/model.safetensors", key="checkpoint_path"
    )
    path = os.path.abspath(os.path.expanduser(typed))
    if typed and not os.path.isfile(path):  # False, not an error, for whatever may be typed
        st.error(f"There is no file {typed[:200]}. Check the path and its spelling.")
        return None
    return Path(path) if typed else None


def _chosen(
    checkpoint: Path | None, documents: list[Document], source: str, split: Split | None
) -> Choice | str:
    """What to read with what, or what is missing."""
    if checkpoint is None:
        return "There is nothing to read with yet. Give the path of a checkpoint."
    if documents and source:
        return "There are a text and a path or corpus. Clear one of them."
    if not documents and not source:
        return "There is nothing to read yet. Upload a text, paste one or name a file."
    return Choice(checkpoint, tuple(documents), source, split)


def _read(choice: Choice | str) -> None:
    """Start to read a short text; of any other, first find out what it will take."""
    try:
        if isinstance(choice, str):
            raise UserError(choice)
        if choice.documents:
            _read_documents(choice)
        else:
            title = Path(choice.source).name or choice.source
            title += f" ({choice.split})" if choice.split else ""
            st.session_state[QUESTION] = Question(choice, choice.source, title)
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _read_documents(choice: Choice) -> None:
    documents = choice.documents
    title = documents[0].name if len(documents) == 1 else f"{len(documents)} texts"
    folder, corpus = keep_texts(title, documents)
    if len(corpus) >= SHORT:
        st.session_state[QUESTION] = Question(choice, str(folder), title)
        return
    place = recording_path(choice.checkpoint, corpus)
    _start(Order(title, choice.checkpoint, str(folder), place, len(corpus)))


def _start(order: Order) -> None:
    """Read, unless it has been read before."""
    if order.destination.exists():
        _open(order.destination)
    st.session_state[_JOB] = start_recording(order)
    st.rerun()


def _ask_for_recording() -> None:
    path = st.text_input(
        "Path of a recording on this machine",
        placeholder="/home/me/name.zarr",
        help="As `unitscope record` made it. **Recordings** lists those of the library.",
    )
    if path:
        _open(os.path.expanduser(path))


def _open(path: str | Path) -> None:
    try:
        recording = open_at(path)
    except UserError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.session_state["recording"] = recording.id
    go_to("explore")


def _show_recording(job: RecordingJob) -> None:
    st.session_state.pop(_JOB, None)
    _open(job.order.destination)
