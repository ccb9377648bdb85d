"""Searches that go on while the page is read: counts, then a ranking, then how sure it is."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from analysis.hypotheses import Hypothesis, find_hypotheses
from analysis.parts import FIRST_SYMBOLS, first_look
from analysis.preview import Preview, preview_labels
from analysis.search import SearchResult, search_units
from models.errors import UserError

if TYPE_CHECKING:
    from analysis.recording import Recording

TOP = 8
SHIFTS = 200

_MOST_KEPT = 50  # each may hold the spans of a long text
_FORGOTTEN_SECONDS = 4.0  # nobody looks at it any more
_ranks = threading.Semaphore(2)
_proves = threading.Semaphore(1)
_searches: OrderedDict[tuple[str, str], Search] = OrderedDict()
_lock = threading.Lock()
_stopping = threading.Event()


class _Forgotten(Exception):
    """The page that asked shows something else now."""


class Search:
    """One hypothesis put to one recording, in a thread of its own.

    Attributes
    ----------
    hypothesis : Hypothesis
    preview : Preview or None
        Where the labels hold; None so far.
    ranking : SearchResult or None
        The best units: exact, or from a sample while `is_sample`.
    proved : SearchResult or None
        The same with intervals, p values and baselines.
    share : float
        Of the proof that is done.
    error : str or None
        Why it ended early, in a sentence.
    """

    def __init__(self, recording: Recording, hypothesis: Hypothesis) -> None:
        self.hypothesis = hypothesis
        self.preview: Preview | None = None
        self.ranking: SearchResult | None = None
        self.is_sample = False
        self.proved: SearchResult | None = None
        self.share = 0.0
        self.error: str | None = None
        self._recording = recording
        self._asked = time.monotonic()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will come."""
        return self.proved is not None or self.error is not None

    @property
    def stage(self) -> tuple[bool, ...]:
        """What there is to see: another value, something new."""
        is_exact = self.ranking is not None and not self.is_sample
        return (self.preview is not None, self.ranking is not None, is_exact, self.is_settled)

    def ask(self) -> None:
        """Say that someone looks at it, and begin if it is not under way."""
        with self._changed:
            self._asked = time.monotonic()
            if self.is_settled or (self._thread is not None and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self._run, daemon=True, name="search")
            self._thread.start()

    def wait(self, stage: tuple[bool, ...], seconds: float) -> None:
        """Wait for something newer than a stage, but no longer than so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self.stage != stage, seconds)

    def _run(self) -> None:
        try:
            with _ranks:
                self._rank()
            with _proves:
                self._prove()
        except _Forgotten:
            return  # whoever asks again begins it again
        except UserError as error:
            self._set(error=str(error))
        except Exception:
            if _stopping.is_set():  # what it reads with has been shut down under it
                return
            logging.getLogger(__name__).exception("a search broke off")
            self._set(error="The search broke off; the server's log says why. Ask again.")

    def _rank(self) -> None:
        recording, hypotheses = self._recording, [self.hypothesis]
        self._stay()
        if self.preview is None:
            self._set(preview=preview_labels(recording, self.hypothesis, self._stay))
        if self.ranking is None and len(recording) > 2 * FIRST_SYMBOLS:
            found = first_look(recording, hypotheses, top=TOP)
            if found.findings:  # a sample may have nothing that all of it has
                self._set(is_sample=True, ranking=found)
        if self.ranking is None or self.is_sample:
            found = search_units(recording, hypotheses, top=TOP, progress=self._stay)
            self._set(ranking=found, is_sample=False)

    def _prove(self) -> None:
        from analysis.proof import prove

        def report(share: float) -> None:
            self._stay()
            self.share = share

        self._stay()
        assert self.ranking is not None
        self._set(
            proved=prove(
                self._recording, [self.hypothesis], self.ranking, shifts=SHIFTS, progress=report
            )
        )

    def _stay(self, share: float = 0.0) -> None:
        if _stopping.is_set() or time.monotonic() - self._asked > _FORGOTTEN_SECONDS:
            raise _Forgotten

    def _set(self, **found: object) -> None:
        with self._changed:
            for name, value in found.items():
                setattr(self, name, value)
            self._changed.notify_all()


def search_for(recording: Recording, expression: str) -> Search:
    """The search for an expression, begun if it is new; kept by the recording's content.

    Raises
    ------
    HypothesisError
        If the expression is none, or opens a file of this machine.
    """
    (hypothesis,) = find_hypotheses([expression], files=False)
    key = (recording.id, expression)
    with _lock:
        search = _searches.pop(key, None) or Search(recording, hypothesis)
        _searches[key] = search
        while len(_searches) > _MOST_KEPT:
            _searches.popitem(last=False)
    search.ask()
    return search


def known_preview(recording_id: str, expression: str) -> Preview | None:
    """What has been counted already, if anything."""
    with _lock:
        search = _searches.get((recording_id, expression))
    return None if search is None else search.preview


def preview_of_labels(recording_id: str, digest: str) -> Preview | None:
    """The preview whose labels have this name, if a search that is still kept has counted it."""
    with _lock:
        kept = [each.preview for (asked, _), each in _searches.items() if asked == recording_id]
    # The newest is what is looked at, and names cost time to find out.
    for preview in reversed(kept):
        if preview is not None and preview.kind == "yes/no" and preview.digest == digest:
            return preview
    return None


def stop_searches() -> None:
    """End all searches: the server stops."""
    _stopping.set()
