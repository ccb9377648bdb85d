"""Searches that go on while the page is read: counts, then a ranking, then how sure it is."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.findings import Finding, with_arrow
from analysis.hypotheses import Hypothesis, find_hypotheses
from analysis.multiples import Multiples, small_multiples
from analysis.parts import FIRST_SYMBOLS, first_look
from analysis.preview import Preview, preview_labels, spans_in_sight
from analysis.search import SearchResult, search_units
from dashboard.minus import true_minus
from models.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from analysis.recording import Recording

TOP = 8
SHIFTS = 200

_MOST_KEPT = 50  # each may hold the spans of a long text
_FORGOTTEN_SECONDS = 4.0  # nobody looks at it any more
_counts = threading.Semaphore(2)
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
    seen : ndarray of int64, shape (span, 2), or None
        The same of the documents in sight, which are labelled first; None so far.
    ranking : SearchResult or None
        The best units: exact, or from a sample while `is_sample`.
    multiples : Multiples or None
        Passages of the text under these units, if they were asked for.
    proved : SearchResult or None
        The same with intervals, p values and baselines.
    share : float
        Of the proof that is done.
    is_stopped : bool
        Somebody has stopped it; what was found stays.
    error : str or None
        Why it ended early, in a sentence.
    """

    def __init__(self, recording: Recording, hypothesis: Hypothesis) -> None:
        self.hypothesis = hypothesis
        self.preview: Preview | None = None
        self.seen: NDArray[np.int64] | None = None
        self.ranking: SearchResult | None = None
        self.is_sample = False
        self.multiples: Multiples | None = None
        self.proved: SearchResult | None = None
        self.share = 0.0
        self.is_stopped = False
        self.error: str | None = None
        self._recording = recording
        self._sight = (0, 0)
        self._top, self._ranked, self._proved = 0, 0, 0  # units asked for, and that are there
        self._pictures = False
        self._control: Recording | None = None
        self._compared = False
        self._asked = time.monotonic()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will come of what was asked for."""
        return self.is_stopped or self.error is not None or not self._is_due()

    @property
    def is_counted(self) -> bool:
        """Whether it is known where the hypothesis holds, or why that cannot be told."""
        return self.preview is not None or self.error is not None

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """The best units found so far, each with its label."""
        return tuple(
            (each.unit, true_minus(f"{with_arrow(each.unit, each.direction)} {each.score:.3f}"))
            for each in self._found()[:TOP]
        )

    @property
    def untrained(self) -> float | None:
        """The best score of the untrained network, once it was compared."""
        found = self.proved.findings if self.proved is not None else ()
        return found[0].untrained if found else None

    @property
    def stage(self) -> tuple[int, ...]:
        """What there is to see: another value, something new."""
        is_exact = self.ranking is not None and not self.is_sample
        return (
            *(self.seen is not None, self.preview is not None),
            *(self.ranking is not None, self._ranked if is_exact else 0),
            *(self.multiples is not None, self._proved, self.untrained is not None),
            *(self.is_settled, self.is_stopped),
        )

    def ask(
        self, top: int = TOP, *, multiples: bool = False, sight: tuple[int, int] = (0, 0)
    ) -> None:
        """Say that someone looks at it, and begin what is asked for if it is not under way.

        Parameters
        ----------
        top : int, default=8
            Units to find, at least; 0 only counts.
        multiples : bool, default=False
            Passages of the text under them too.
        sight : tuple of int, optional
            Symbols in sight: their documents are labelled first.
        """
        with self._changed:
            self._asked = time.monotonic()
            self._top = max(self._top, top)
            self._pictures |= multiples
            self._sight = sight
            if self.is_settled or (self._thread is not None and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self._run, daemon=True, name="search")
            self._thread.start()

    def stop(self) -> None:
        """End it here; what was found stays."""
        self._set(is_stopped=True)

    def abandon(self) -> None:
        """Stop counting what nobody has asked units for: something else is being written."""
        if self._top == 0:
            self._asked = -_FORGOTTEN_SECONDS - 1.0

    def resume(self) -> None:
        """Go on where it was stopped, when it is asked for next."""
        self._set(is_stopped=False)

    def compare(self, control: Recording) -> None:
        """Put it to an untrained network's recording of the same texts too."""
        with self._changed:
            self._control = control
        self.ask()

    def wait(self, stage: tuple[int, ...], seconds: float) -> None:
        """Wait for something newer than a stage, but no longer than so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self.stage != stage, seconds)

    def wait_for_count(self, seconds: float) -> None:
        """Wait until there is something to underline, but no longer than so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self.seen is not None or self.is_counted, seconds)

    def _is_due(self) -> bool:
        if self._top == 0:
            return self.preview is None
        is_compared = self._control is None or self._compared
        return self._proved < self._top or self._lacks_multiples() or not is_compared

    def _lacks_multiples(self) -> bool:
        if not self._pictures or not self._found():
            return self._pictures and self.ranking is None
        return self.multiples is None or len(self.multiples.codes) < len(self._found())

    def _found(self) -> tuple[Finding, ...]:
        return () if self.ranking is None else self.ranking.findings

    def _run(self) -> None:
        try:
            with _counts:
                self._count()
            if self._top:
                with _ranks:
                    self._rank()
                with _proves:
                    self._prove()
                    self._compare()
        except _Forgotten:
            return  # whoever asks again begins it again
        except UserError as error:
            self._set(error=str(error))
        except Exception:
            if _stopping.is_set():  # what it reads with has been shut down under it
                return
            logging.getLogger(__name__).exception("a search broke off")
            self._set(error="The search broke off; the server's log says why. Ask again.")

    def _count(self) -> None:
        self._stay()
        if self.preview is not None:
            return
        if self._sight[1] > self._sight[0]:
            self._set(seen=spans_in_sight(self._recording, self.hypothesis, self._sight))
        self._set(preview=preview_labels(self._recording, self.hypothesis, self._stay))

    def _rank(self) -> None:
        recording, hypotheses, top = self._recording, [self.hypothesis], self._top
        self._stay()
        if self.ranking is None and len(recording) > 2 * FIRST_SYMBOLS:
            found = first_look(recording, hypotheses, top=top)
            if found.findings:  # a sample may have nothing that all of it has
                self._set(is_sample=True, ranking=found)
        if self._ranked < top:
            found = search_units(recording, hypotheses, top=top, progress=self._stay)
            self._set(ranking=found, is_sample=False, _ranked=top)
        if self._lacks_multiples():
            self._set(
                multiples=small_multiples(
                    recording, self.hypothesis, self._found(), progress=self._stay
                )
            )

    def _prove(self) -> None:
        from analysis.proof import prove

        def report(share: float) -> None:
            self._stay()
            self.share = share

        self._stay()
        if self._proved >= self._ranked:
            return
        assert self.ranking is not None
        top, before = self._ranked, self.untrained
        proved = prove(
            self._recording, [self.hypothesis], self.ranking, shifts=SHIFTS, progress=report
        )
        self._set(proved=_with_untrained(proved, before), _proved=top)

    def _compare(self) -> None:
        if self._control is None or self.proved is None or self._compared:
            return
        found = search_units(self._control, [self.hypothesis], top=1, progress=self._stay)
        score = found.findings[0].score if found.findings else None
        self._set(proved=_with_untrained(self.proved, score), _compared=True)

    def _stay(self, share: float = 0.0) -> None:
        is_forgotten = time.monotonic() - self._asked > _FORGOTTEN_SECONDS
        if _stopping.is_set() or self.is_stopped or is_forgotten:
            raise _Forgotten

    def _set(self, **found: object) -> None:
        with self._changed:
            for name, value in found.items():
                setattr(self, name, value)
            self._changed.notify_all()


def _with_untrained(result: SearchResult, score: float | None) -> SearchResult:
    findings = tuple(replace(each, untrained=score) for each in result.findings)
    return replace(result, findings=findings)


def search_for(
    recording: Recording,
    expression: str,
    *,
    top: int = TOP,
    multiples: bool = False,
    sight: tuple[int, int] = (0, 0),
) -> Search:
    """The search for an expression, begun if it is new; kept by the recording's content.

    Parameters
    ----------
    recording : Recording
    expression : str
    top, multiples, sight
        As for `Search.ask`.

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
    search.ask(top, multiples=multiples, sight=sight)
    return search


def known_search(recording_id: str, expression: str) -> Search | None:
    """The search for an expression, if it has been asked for lately; it is not begun."""
    with _lock:
        return _searches.get((recording_id, expression))


def known_preview(recording_id: str, expression: str) -> Preview | None:
    """What has been counted already, if anything."""
    search = known_search(recording_id, expression)
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


def searched_in(recording_id: str) -> list[Search]:
    """The searches of a recording that have found units, latest last."""
    with _lock:
        own = [each for (known, _), each in _searches.items() if known == recording_id]
    return [each for each in own if each.ranking is not None]


def stop_searches() -> None:
    """End all searches: the server stops."""
    _stopping.set()
