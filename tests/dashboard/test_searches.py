"""A search is made once for a recording and an expression, and tells its stages as they come."""

from __future__ import annotations

import time

import pytest

from analysis.hypotheses import HypothesisError, find_hypotheses
from analysis.recording import Recording
from dashboard import searches
from dashboard.searches import Search, known_preview, search_for

LONG = 60.0


def settle(search: Search) -> Search:
    deadline = time.monotonic() + LONG
    while not search.is_settled and time.monotonic() < deadline:
        search.ask()
        search.wait(search.stage, 1.0)
    assert search.is_settled
    return search


def test_a_search_counts_ranks_and_proves(recording: Recording) -> None:
    expression = 'regex("[a-z]+") and double-quotes'
    search = settle(search_for(recording, expression))
    assert search.error is None
    assert search.preview == known_preview(recording.id, expression)
    assert search.ranking is not None
    assert search.proved is not None
    assert [f.unit for f in search.ranking.findings] == [f.unit for f in search.proved.findings]
    best = search.proved.findings[0]
    assert best.low is not None
    assert best.p_value is not None


def test_the_same_question_is_asked_once(recording: Recording) -> None:
    search = search_for(recording, "double-quotes")
    assert search_for(recording, "double-quotes") is search
    assert search_for(recording, "not double-quotes") is not search
    settle(search)


def test_searches_used_longest_ago_are_forgotten(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searches, "_MOST_KEPT", 2)
    monkeypatch.setattr(Search, "ask", lambda self, *asked, **more: None)
    first = search_for(recording, "digit")
    for expression in ("vowel", "capital"):
        search_for(recording, expression)
    assert len(searches._searches) == 2
    assert search_for(recording, "digit") is not first


def test_a_search_that_nobody_looks_at_stops_and_begins_again_when_asked(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searches, "_FORGOTTEN_SECONDS", -1.0)
    search = search_for(recording, "column > 3 and not double-quotes")
    assert search._thread is not None
    search._thread.join(LONG)
    assert not search.is_settled
    monkeypatch.setattr(searches, "_FORGOTTEN_SECONDS", LONG)
    assert settle(search).proved is not None


def test_what_is_undefined_is_skipped_in_a_sentence(recording: Recording) -> None:
    search = settle(search_for(recording, "string"))
    assert search.ranking is not None
    assert not search.ranking.findings
    assert search.ranking.skipped[0].reason


@pytest.mark.parametrize(
    "expression",
    [
        "csv:{}",
        "  csv:{}",
        "mine = csv:{}",
        'csv("{}")',
        'not lag(csv("{}"), 2)',
        'mine = digit and csv("{}")',
    ],
)
def test_files_of_the_server_are_not_opened(
    recording: Recording, expression: str, tmp_path
) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "marks.csv"
    file.write_text("document,start,stop\ntext-0.txt,1,5\n")
    written = expression.format(file)
    assert find_hypotheses([written])
    with pytest.raises(HypothesisError, match="in the terminal"):
        search_for(recording, written)


def test_a_pattern_may_speak_of_csv(recording: Recording) -> None:
    assert search_for(recording, r"regex:csv\(").hypothesis.kind == "yes/no"


def test_a_draft_is_only_counted(recording: Recording) -> None:
    search = search_for(recording, "column > 5 and digit", top=0, sight=(0, 200))
    search.wait_for_count(LONG)
    deadline = time.monotonic() + LONG
    while not search.is_settled and time.monotonic() < deadline:
        search.wait(search.stage, 1.0)
    assert search.preview is not None
    assert search.seen is not None
    assert search.ranking is None


def test_more_units_and_passages_are_found_when_they_are_asked_for(recording: Recording) -> None:
    search = settle(search_for(recording, "column > 6"))
    search.ask(20, multiples=True)
    deadline = time.monotonic() + LONG
    while not search.is_settled and time.monotonic() < deadline:
        search.ask()
        search.wait(search.stage, 1.0)
    assert search.proved is not None
    assert search.multiples is not None
    assert len(search.proved.findings) == 20
    assert set(search.multiples.codes) == {each.unit for each in search.proved.findings}


def test_a_stopped_search_keeps_what_it_has_and_goes_on(recording: Recording) -> None:
    search = Search(recording, find_hypotheses(["column > 8"])[0])
    search.stop()
    search.ask()
    assert search.is_settled
    assert search.preview is None
    search.resume()
    assert settle(search).proved is not None


def test_an_untrained_network_is_compared_in_the_end(recording: Recording) -> None:
    search = settle(search_for(recording, "column > 9"))
    assert search.untrained is None
    search.compare(recording)  # of the very same network: its best score is that of the best unit
    settle(search)
    assert search.untrained == pytest.approx(search.proved.findings[0].score)  # type: ignore[union-attr]
