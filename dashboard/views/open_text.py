"""Your own text, with the network that ships or with one of your own."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from dashboard.jobs import RecordingJob, start_recording
from dashboard.library import keep_texts, open_at, recording_path
from dashboard.views.recording_progress import watch
from models.corpora import Document, decode_document
from models.errors import UserError
from models.zoo import zoo_checkpoints

_KINDS = {"Plain text": ".txt", "Python": ".py", "C": ".c"}
OTHER_CHECKPOINT = "Another checkpoint, by its path"


def show() -> None:
    """The page: a text and a checkpoint in, a recording out; or a recording that exists."""
    job: RecordingJob | None = st.session_state.get("job")
    if job is not None:
        st.subheader("Reading your text")
        watch(job, "Reading", _show_recording)
        return
    st.subheader("Read your own text")
    text, network = st.columns(2, gap="large")
    with text:
        documents = _ask_for_text()
    with network:
        checkpoint = _ask_for_checkpoint()
        if st.button("Read it", type="primary"):
            _start(checkpoint, documents)
    st.divider()
    _ask_for_recording()


def _ask_for_text() -> list[Document]:
    files = st.file_uploader(
        "Upload text files", accept_multiple_files=True, help="UTF-8. Each file is one document."
    )
    pasted = st.text_area("or paste text", height=240, key="pasted_text")
    kind = st.selectbox("The pasted text is", list(_KINDS), key="pasted_kind")
    documents = []
    for file in files:
        document = decode_document(file.name, file.getvalue())
        if document is None:
            st.error(f"{file.name} is not UTF-8 text, so it is left out. Convert it to UTF-8.")
        elif not document.text:
            st.error(f"{file.name} is empty, so it is left out.")
        else:
            documents.append(document)
    if pasted:
        documents.append(Document(f"pasted{_KINDS[kind]}", pasted))
    return documents


def _ask_for_checkpoint() -> Path | None:
    shipped = zoo_checkpoints()
    choice = st.selectbox("Read with", [*shipped, OTHER_CHECKPOINT], key="checkpoint_choice")
    if choice != OTHER_CHECKPOINT:
        return shipped[choice]
    typed = st.text_input(
        "Path of a checkpoint", placeholder="/home/me/model.safetensors", key="checkpoint_path"
    )
    path = os.path.expanduser(typed)
    if typed and not os.path.isfile(path):  # False, not an error, for whatever may be typed
        st.error(f"There is no file {typed[:200]}. Check the path and its spelling.")
        return None
    return Path(path) if typed else None


def _start(checkpoint: Path | None, documents: list[Document]) -> None:
    if checkpoint is None or not documents:
        missing = "a text: upload one or paste one" if checkpoint else "the path of a checkpoint"
        st.error(f"There is nothing to read yet. Give {missing}.", icon=":material/error:")
        return
    name = documents[0].name if len(documents) == 1 else f"{len(documents)} texts"
    try:
        folder, corpus = keep_texts(name, documents)
        destination = recording_path(checkpoint, corpus)
        if destination.exists():
            _open(destination)
        st.session_state["job"] = start_recording(checkpoint, folder, destination, len(corpus))
    except UserError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.rerun()


def _ask_for_recording() -> None:
    st.subheader("Or open a recording")
    path = st.text_input("Path of a recording", placeholder="/home/me/name.zarr")
    if path:
        _open(os.path.expanduser(path))


def _open(path: str | Path) -> None:
    try:
        recording = open_at(path)
    except UserError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.session_state["recording"] = recording.id
    st.switch_page(st.session_state["explore_page"])


def _show_recording(job: RecordingJob) -> None:
    st.session_state.pop("job", None)
    st.session_state["recording"] = open_at(job.destination).id
    st.switch_page(st.session_state["explore_page"])
