"""Watch a recording being made, and stop it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.jobs import RecordingJob


def watch(job: RecordingJob, what: str, on_done: Callable[[RecordingJob], None]) -> None:
    """Show a job's progress until it is finished; then call `on_done` and draw the page again.

    `what` says in plain words what is read and with what.
    """

    @st.fragment(run_every=0.4)
    def progress() -> None:
        status = job.status()
        if status.error:
            st.error(status.error, icon=":material/error:")
            st.session_state.pop("job", None)
            return
        if status.finished:
            on_done(job)
            st.rerun()
        label = f"{what}: {status.done:,} of {status.total:,} symbols"
        st.progress(status.share, text=label if status.done else f"{what}: loading the network")
        if st.button("Cancel", key="cancel_job"):
            job.cancel()

    progress()
