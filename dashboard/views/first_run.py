"""The first start: record a few files of the standard library with the network that ships."""

from __future__ import annotations

import streamlit as st

from dashboard.jobs import Order, RecordingJob, start_recording
from dashboard.library import keep_texts, recording_path, starter_documents
from dashboard.views.recording_progress import watch
from models.errors import UserError
from models.zoo import FLAGSHIP, zoo_checkpoints


def show() -> None:
    """Start the first recording, or watch it; the page draws itself again when it is done."""
    st.subheader("Reading a few files of Python's standard library")
    st.write(
        "A network that learned to predict Python, one character at a time, now reads files "
        "that it was not trained on. What every unit does at every character is kept on disk. "
        "This is done once."
    )
    try:
        job = _start()
    except UserError as error:
        st.error(str(error), icon=":material/error:")
        return
    watch(job, "Reading with the shipped network", lambda job: None)


def _start() -> RecordingJob:
    checkpoint = zoo_checkpoints().get(FLAGSHIP)
    if checkpoint is None:
        raise UserError(
            "The shipped checkpoint is missing from models/zoo. Clone the project again, or train "
            "one with `unitscope train python -o FILE` and open it under Open."
        )
    folder, corpus = keep_texts("standard library", starter_documents())
    place = recording_path(checkpoint, corpus)
    return start_recording(Order(corpus.name, checkpoint, str(folder), place, len(corpus)))
