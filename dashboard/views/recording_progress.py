"""Watch recordings being made, stop them, and begin again what went wrong."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from analysis.estimate import duration
from dashboard.jobs import (
    JobStatus,
    RecordingJob,
    all_jobs,
    forget,
    running_job,
    start_recording,
)
from dashboard.plain import plain


def watch(
    job: RecordingJob,
    what: str,
    on_done: Callable[[RecordingJob], None],
    *,
    stays_on_error: bool = True,
) -> None:
    """Show a job's progress until it is finished; then call `on_done` and draw the page again.

    `what` says in plain words what is read and with what. An error is shown here, or left to the
    page, which is drawn again.
    """

    @st.fragment(run_every=0.4)
    def progress() -> None:
        status = job.status()
        if status.error:
            if not stays_on_error:
                st.rerun()
            _show_failure(job, status.error)
        elif status.finished:
            forget(job)
            on_done(job)
            st.rerun()
        else:
            _show_progress(job, status, what)

    progress()


def list_jobs(on_open: Callable[[RecordingJob], None]) -> None:
    """All jobs of the server, whoever started them; `on_open` shows what one has made."""

    @st.fragment(run_every=0.4)
    def rows() -> None:
        if _forget_cancelled():
            st.rerun()
        for job in all_jobs():
            _show_row(job, on_open)

    _forget_cancelled()
    if all_jobs():
        rows()
        st.divider()


def _forget_cancelled() -> bool:
    """Whether there were any: whoever cancels a job has seen the end of it."""
    cancelled = [job for job in all_jobs() if job.cancelled and job.status().error]
    for job in cancelled:
        forget(job)
    return bool(cancelled)


def _show_row(job: RecordingJob, on_open: Callable[[RecordingJob], None]) -> None:
    status = job.status()
    if status.error:
        _show_failure(job, status.error, may_drop=True)
    elif status.finished:
        _show_result(job, on_open)
    else:
        _show_progress(job, status, f"Reading {job.order.title}")


def _show_progress(job: RecordingJob, status: JobStatus, what: str) -> None:
    bar, button = st.columns([6, 1], vertical_alignment="bottom", gap="medium")
    bar.progress(status.share, text=plain(_describe(status, what)))
    if button.button("Cancel", key=_key("cancel", job), disabled=job.cancelled, width="stretch"):
        job.cancel()


def _describe(status: JobStatus, what: str) -> str:
    if status.waits:
        ahead = running_job()
        return f"{what}: waiting for {ahead.order.title if ahead else 'its turn'}"
    if not status.done:
        return f"{what}: loading the network"
    if status.done >= status.total:
        return f"{what}: writing the recording"
    said = f"{what}: {status.done:,} of {status.total:,} symbols"
    if status.rate is None or status.seconds_left is None:
        return said
    return f"{said}, {status.rate:,.0f} a second, about {duration(status.seconds_left)} left"


def _show_failure(job: RecordingJob, error: str, *, may_drop: bool = False) -> None:
    st.error(plain(f"{job.order.title}: {error}"), icon=":material/error:")
    with st.container(horizontal=True):
        if st.button("Read it again", key=_key("again", job)):
            start_recording(job.order)
            st.rerun()
        if may_drop and st.button("Dismiss", key=_key("drop", job)):
            forget(job)
            st.rerun()


def _show_result(job: RecordingJob, on_open: Callable[[RecordingJob], None]) -> None:
    said, opens, drops = st.columns([6, 1, 1], vertical_alignment="center", gap="small")
    said.success(plain(f"{job.order.title} has been read."), icon=":material/check:")
    if opens.button("Open it", key=_key("open", job), width="stretch"):
        forget(job)
        on_open(job)
    if drops.button("Dismiss", key=_key("drop", job), width="stretch"):
        forget(job)
        st.rerun()


def _key(action: str, job: RecordingJob) -> str:
    return f"{action} {job.order.destination.name}"
