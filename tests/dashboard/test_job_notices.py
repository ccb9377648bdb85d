"""The notice that a text has been read goes once the recording was opened, dismissed or deleted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import planted
import pytest
from streamlit.testing.v1 import AppTest

from analysis.recorder import record
from dashboard import jobs, library, shelf, verifying
from dashboard.jobs import Order, RecordingJob, all_jobs, forget_made
from models.corpora import Corpus, Document

RunPage = Callable[[Callable[[], None]], AppTest]


@pytest.fixture(autouse=True)
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recording of the library that a job has just made."""
    monkeypatch.setenv("UNITSCOPE_HOME", str(tmp_path))
    monkeypatch.setattr(library, "_opened", {})
    monkeypatch.setattr(verifying, "_checks", {})
    place = tmp_path / "recordings" / "a.zarr"
    place.parent.mkdir()
    record(planted.random_checkpoint(), Corpus("text", (Document("a.txt", "if x:\n"),)), place)
    monkeypatch.setattr(jobs, "_jobs", {place: finished(place)})
    return place


def finished(place: Path) -> RecordingJob:
    job = RecordingJob(Order("text", Path("c"), "t", place, 6))
    job._finished = True
    return job


def test_the_notice_is_dismissed_for_good(run_page: RunPage) -> None:
    def script() -> None:
        from dashboard.views.recording_progress import list_jobs

        list_jobs(lambda job: None)

    page = run_page(script)
    assert [each.value for each in page.success] == ["text has been read\\."]
    next(each for each in page.button if each.label == "Dismiss").click().run()
    assert not page.success
    assert not all_jobs()


def test_a_recording_that_is_shown_in_any_way_needs_no_notice(run_page: RunPage) -> None:
    def script() -> None:
        from dashboard.session import begin_page

        begin_page()

    page = run_page(script)
    assert not page.exception
    assert not all_jobs()


def test_a_recording_that_is_deleted_needs_no_notice(made: Path) -> None:
    shelf.remove(made)
    assert not all_jobs()


def test_other_recordings_and_failures_keep_their_notices(made: Path) -> None:
    forget_made(made.with_name("b.zarr"))
    assert len(all_jobs()) == 1
    all_jobs()[0]._error = "It could not be read."
    forget_made(made)
    assert len(all_jobs()) == 1
