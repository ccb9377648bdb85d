"""From a range to units and from units to places: what was planted, and against brute force."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import planted
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.excerpts import TextReader
from analysis.matching import RangeMatch, units_for_range
from analysis.recording import Recording, RecordingError, Unit
from analysis.similar_places import places_like
from analysis.switches import MatchingError, Switch
from benchmarks.made_recording import make_recording

TEXT = st.text(st.sampled_from('ab \n"é漢😀\ud800'), max_size=12)


def quotations(recording: Recording) -> list[tuple[int, int]]:
    """From each opening mark up to its closing one."""
    marks = np.flatnonzero(recording.symbols() == ord('"')).tolist()
    return list(zip(marks[::2], marks[1::2], strict=True))


def made(texts: list[str], units: int, seed: int, signal: str = "h") -> Recording:
    """A recording with runs of few different codes."""
    random = np.random.default_rng(seed)
    symbols = sum(map(len, texts))
    low = 0 if signal in "ifozr" else -127
    steps = random.choice([low, 20, 44, 82, 83, 100, 127], (symbols // 3 + 1, units))
    codes = np.repeat(steps, 3, axis=0)[:symbols].astype(np.int8)
    return make_recording(texts, {f"0.{signal}": codes})


def same(parts: np.ndarray, side: int, first: int) -> np.ndarray:
    return parts >= first if side == 1 else parts <= first


def brute_matches(
    recording: Recording, bounds: tuple[int, int, int, int], tolerance: float
) -> dict[str, tuple[int, float]]:
    """Direction and score of every unit that fits, from all codes."""
    found = {}
    for site in recording.sites:
        firsts = (83, 44) if site[-1] in "ifozr" else (39, -39)
        codes = recording.codes(site)
        for k in range(codes.shape[1]):
            best: list[tuple[float, int]] = []
            for side, first in zip((1, -1), firsts, strict=True):
                on = same(codes[:, k], side, first)
                parts = [on[a:b] for a, b in pairwise(bounds)]
                before, inside, after = (p.mean() if p.size else 0.0 for p in parts)
                wrong = [parts[0].sum(), (~parts[1]).sum(), parts[2].sum()]
                if all(
                    n <= p.size * tolerance + 1e-9 or (n == 1 and p.size >= 3 and tolerance)
                    for n, p in zip(wrong, parts, strict=True)
                ):
                    best.append((inside * (1 - before) * (1 - after), side))
            if best:
                score, side = max(best)
                found[f"{site}.{k}"] = (side, score)
    return found


def test_marking_a_quotation_returns_the_planted_quote_unit_first(recording: Recording) -> None:
    for start, stop in quotations(recording)[::6]:
        match = units_for_range(recording, start, stop, tolerance=0)[0]
        assert match.unit == f"0.h.{planted.PLACES['quote']}"
        assert (match.direction, match.score) == (1, 1)
        assert match.contrast >= 0.38


def test_a_mark_may_be_off_by_one_symbol(recording: Recording) -> None:
    for start, stop in quotations(recording)[::6]:
        for first, last in ((start, stop + 1), (start + 1, stop), (start - 1, stop)):
            document = TextReader(recording).document_at(start)
            if last - first >= 6 and first >= document.start:
                matches = units_for_range(recording, first, last)
                assert f"0.h.{planted.PLACES['quote']}" in [m.unit for m in matches[:3]]


def test_marking_what_lies_between_quotations_returns_the_same_unit_as_low(
    recording: Recording,
) -> None:
    (_, start), (stop, _) = quotations(recording)[3:5]
    document = TextReader(recording).document_at(start)
    assert stop < document.stop
    matches = units_for_range(recording, start, stop, before=1)
    assert (matches[0].unit, matches[0].direction) == (f"0.h.{planted.PLACES['quote']}", -1)


def test_places_like_a_quotation_are_quotations(recording: Recording) -> None:
    start, stop = quotations(recording)[3]
    match = units_for_range(recording, start, stop)[0]
    places = places_like(
        recording, [match.switch], top=10_000, min_length=1, context=40, exclude=(start, stop)
    )
    found = sorted((place.start, place.stop) for place in places)
    assert found == [each for each in quotations(recording) if each != (start, stop)]
    for place in places:
        assert place.inside.startswith('"')
        assert '"' not in place.inside[1:]
        assert place.after.startswith('"')
    with_exclusion = {place.start for place in places}
    without = places_like(recording, [match.switch], top=10_000, min_length=1)
    assert {place.start for place in without} - with_exclusion == {start}


def test_a_length_that_is_asked_for_comes_first(recording: Recording) -> None:
    switch = Switch.default(f"0.h.{planted.PLACES['quote']}")
    places = places_like(recording, [switch], length=12, min_length=1)
    off = [abs(np.log((place.stop - place.start) / 12)) for place in places]
    assert off[0] < 0.1
    assert off == sorted(off)


@given(st.lists(TEXT, min_size=1, max_size=6), st.integers(0, 999), st.data())
@settings(max_examples=60)
def test_units_for_a_range_are_those_that_brute_force_finds(
    texts: list[str], seed: int, data: st.DataObject
) -> None:
    texts[data.draw(st.integers(0, len(texts) - 1))] = "abcabcabc"
    recording = made(texts, 20, seed, data.draw(st.sampled_from("hcif")))
    document = data.draw(st.sampled_from([d for d in recording.documents if d.stop > d.start]))
    start = data.draw(st.integers(document.start, document.stop - 1))
    stop = data.draw(st.integers(start + 1, document.stop))
    beside = data.draw(st.integers(0, 4))
    tolerance = data.draw(st.sampled_from([0.0, 0.25, 0.4]))
    matches = units_for_range(
        recording, start, stop, before=beside, after=beside, tolerance=tolerance, top=99
    )
    bounds = (max(document.start, start - beside), start, stop, min(document.stop, stop + beside))
    expected = brute_matches(recording, bounds, tolerance)
    assert {m.unit: (m.direction, pytest.approx(m.score)) for m in matches} == expected
    keys = [(-m.score, -m.contrast) for m in matches]
    assert keys == sorted(keys)
    assert all(0 <= m.score <= 1 and -1 <= m.contrast <= 1 for m in matches)


@given(st.lists(TEXT, min_size=1, max_size=6), st.integers(0, 999), st.data())
@settings(max_examples=60)
def test_places_are_the_runs_that_brute_force_finds(
    texts: list[str], seed: int, data: st.DataObject
) -> None:
    texts.append("abc abc")
    recording = made(texts, 20, seed)
    switches = [Switch.default("0.h.2"), Switch.default("0.h.17", -1), Switch("0.h.3", 1, 0.6)]
    share = data.draw(st.sampled_from([1.0, 0.6, 0.3]))
    places = places_like(recording, switches, top=500, min_length=1, share=share, context=3)
    columns = recording.codes("0.h")[:, [2, 17, 3]].astype(int) * [1, -1, 1]
    on = (columns >= [39, 39, 77]).sum(axis=1) >= np.ceil(3 * share - 1e-9)
    runs = {}
    for document in recording.documents:
        for t in range(document.start, document.stop):
            if on[t] and (t == document.start or not on[t - 1]):
                stop = next((e for e in range(t, document.stop) if not on[e]), document.stop)
                around = recording.text(max(document.start, t - 3), min(document.stop, stop + 3))
                runs[t, stop] = (document.name, " ".join(around.split()))
    # Of runs that read alike one is found, and no other.
    assert {(p.start, p.stop) for p in places} <= set(runs)
    texts_found = [runs[p.start, p.stop][1] for p in places]
    assert sorted(texts_found) == sorted({text for _, text in runs.values()})
    for place in places:
        assert place.document == runs[place.start, place.stop][0]
        assert place.inside == recording.text(place.start, place.stop)
        assert 0 <= place.score <= 1
        document = TextReader(recording).document_at(place.start)
        assert place.start - len(place.before) >= document.start
        assert place.stop + len(place.after) <= document.stop
    assert [p.score for p in places] == sorted((p.score for p in places), reverse=True)


def test_a_score_is_the_mean_way_beyond_the_thresholds() -> None:
    codes = np.array([[0, 0], [127, -127], [127, -83], [0, 0]], np.int8)
    recording = make_recording(["abcd"], {"0.h": codes})
    (place,) = places_like(
        recording, [Switch.default("0.h.0"), Switch.default("0.h.1", -1)], min_length=2
    )
    assert (place.start, place.stop) == (1, 3)
    assert place.score == pytest.approx((1 + 1 + 1 + 44 / 88) / 4, abs=1 / 255)


def test_ranges_over_several_chunks_are_counted_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = made(["x" * 500], 300, 1)
    whole = units_for_range(recording, 3, 490, tolerance=0.49, before=0, after=0, top=300)
    chunked = places_like(recording, [Switch.default("0.h.7")], top=500)
    for module in ("matching", "similar_places", "excerpts"):
        monkeypatch.setattr(f"analysis.{module}.CHUNK_TIME", 64)
    assert whole
    again = units_for_range(recording, 3, 490, tolerance=0.49, before=0, after=0, top=300)
    assert again == whole
    assert places_like(recording, [Switch.default("0.h.7")], top=500) == chunked


def test_a_recording_of_one_symbol_has_units_and_places() -> None:
    codes = np.array([[100, 0, -100]], np.int8)
    recording = make_recording(["é"], {"0.h": codes})
    matches = units_for_range(recording, 0, 1)
    assert [(m.unit, m.direction, m.score) for m in matches] == [
        ("0.h.0", 1, 1.0),
        ("0.h.2", -1, 1.0),
    ]
    (place,) = places_like(recording, [matches[1].switch], min_length=1)
    assert (place.before, place.inside, place.after) == ("", "é", "")


def test_a_constant_unit_is_in_no_range_with_something_beside_it_and_on_in_every_document() -> None:
    recording = make_recording(["abcd", "", "efgh"], {"0.h": np.full((8, 1), 90, np.int8)})
    assert units_for_range(recording, 1, 3) == ()
    places = places_like(recording, [Switch.default("0.h.0")])
    assert [(p.start, p.stop, p.document) for p in places] == [
        (0, 4, "text-0"),
        (4, 8, "text-2"),
    ]
    assert places_like(recording, [Switch.default("0.h.0", -1)]) == ()


@pytest.mark.parametrize("name", ["0.h.3", "1.i.0"])
@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("distance", [0.1, 0.3, 0.9])
def test_a_switch_is_on_from_its_threshold_on(name: str, side: int, distance: float) -> None:
    switch = Switch.default(name, 1 if side == 1 else -1, distance)
    codes = np.arange(256, dtype=np.uint8).view(np.int8)
    reach = side * (codes / 127 - switch.threshold)
    assert (switch.is_on() == (reach >= -1e-6)).all()
    assert (switch.strength()[reach < 0] == 0).all()
    gate = Unit.parse(name).signal == "i"
    end = (127 if side == 1 else 0) if gate else side * 127
    assert switch.strength()[end % 256] == 1


@pytest.mark.parametrize(
    ("start", "stop", "options", "words"),
    [
        (5, 5, {}, "is empty"),
        (6, 5, {}, "is empty"),
        (-1, 5, {}, "not inside the recording"),
        (0, 10**9, {}, "not inside the recording"),
        (0, "past", {}, "goes beyond the document"),
        (0, 5, {"threshold": 0}, "threshold must lie above 0"),
        (0, 5, {"threshold": float("nan")}, "threshold must lie above 0"),
        (0, 5, {"tolerance": 0.5}, "tolerance must be"),
        (0, 5, {"before": -1}, "must be 0 or more"),
        (0, 5, {"top": 0}, "at least 1"),
        (0, 5, {"sites": ["9.h"]}, "There is no site 9.h"),
    ],
)
def test_a_range_that_cannot_be_matched_is_an_error(
    start: int, stop: int | str, options: dict[str, object], words: str, recording: Recording
) -> None:
    end = recording.documents[0].stop + 1 if stop == "past" else int(stop)
    with pytest.raises((MatchingError, RecordingError), match=words):
        units_for_range(recording, start, end, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("units", "options", "words"),
    [
        ([], {}, "No unit was chosen"),
        (["0.h.1", "0.h.1"], {}, "more than once"),
        (["0.h.999"], {}, "There is no unit 0.h.999"),
        (["0.h.1"], {"share": 0}, "share of units"),
        (["0.h.1"], {"min_length": 0}, "shortest 0"),
        (["0.h.1"], {"top": 0}, "best 0"),
        (["0.h.1"], {"length": -1}, "wanted -1"),
        (["0.h.1"], {"context": -1}, "context"),
    ],
)
def test_units_without_places_are_an_error(
    units: list[str], options: dict[str, int], words: str, recording: Recording
) -> None:
    with pytest.raises((MatchingError, RecordingError), match=words):
        places_like(recording, [Switch.default(unit) for unit in units], **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("direction", "threshold"), [(0, 0.3), (1, 1.5), (1, float("nan"))])
def test_a_switch_that_cannot_be_is_an_error(direction: int, threshold: float) -> None:
    with pytest.raises(MatchingError):
        Switch("0.h.1", direction, threshold)  # type: ignore[arg-type]


def test_a_match_is_ready_for_json() -> None:
    match = RangeMatch("0.h.1", 1, 0.3, 1.0, 0.5, 1.0, 0.0, 0.0)
    assert list(match.to_json())[:4] == ["unit", "direction", "threshold", "score"]
