"""Passages of one unit: what was planted, against brute force, and never out of a document."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import planted
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bands import codes_in_band, count_by_chunk
from analysis.excerpts import TextReader
from analysis.passages import Passage, band_passages, random_passages, top_passages
from analysis.recording import Recording, RecordingError
from analysis.switches import MatchingError
from benchmarks.made_recording import make_recording

TEXT = st.text(st.sampled_from('ab \n"é漢😀\ud800'), max_size=30)
TEXTS = st.lists(TEXT, min_size=1, max_size=6).filter(any)


def unit(name: str) -> str:
    return f"0.h.{planted.PLACES[name]}"


def made(texts: Sequence[str], codes: np.ndarray) -> Recording:
    return make_recording(texts, {"0.h": codes.astype(np.int8)[:, None]})


def check(passages: Sequence[Passage], recording: Recording, codes: np.ndarray) -> None:
    """Passages lie in their documents, say what is there, and neither overlap nor repeat."""
    for each in passages:
        document = TextReader(recording).document_at(each.peak)
        assert each.document == document.name
        assert document.start <= each.start <= each.peak < each.stop <= document.stop
        assert each.before == recording.text(each.start, each.peak + 1)
        assert each.after == recording.text(each.peak + 1, each.stop)
        assert each.value == pytest.approx(codes[each.peak] / 127)
    spans = sorted((each.start, each.stop) for each in passages)
    assert all(a[1] <= b[0] for a, b in zip(spans, spans[1:], strict=False))  # noqa: RUF007
    texts = [" ".join((each.before + each.after).split()) for each in passages]
    assert len(set(texts)) == len(texts)


def brute_top(recording: Recording, codes: np.ndarray, context: int) -> list[int]:
    """The highest position, then the highest that overlaps with none before, and so on."""
    peaks: list[int] = []
    seen: set[str] = set()
    spans: list[tuple[int, int]] = []
    for t in np.argsort(-codes.astype(int), kind="stable").tolist():
        document = TextReader(recording).document_at(t)
        start, stop = max(document.start, t - context), min(document.stop, t + 1 + context)
        if all(stop <= a or b <= start for a, b in spans):
            spans.append((start, stop))
            text = " ".join(recording.text(start, stop).split())
            if text not in seen:
                seen.add(text)
                peaks.append(t)
    return peaks


def test_the_top_passages_of_the_newline_unit_end_in_newlines(recording: Recording) -> None:
    passages = top_passages(recording, unit("newline"), top=15)
    assert len(passages) == 15
    assert all(each.before.endswith("\n") for each in passages)
    check(passages, recording, recording.unit_codes(unit("newline")))


def test_the_lowest_passages_of_the_column_unit_are_where_lines_begin(
    recording: Recording,
) -> None:
    for each in top_passages(recording, unit("column"), direction=-1, context=20):
        assert each.start == each.peak or each.before[-2] == "\n"


def test_top_and_middle_and_random_passages_differ(recording: Recording) -> None:
    codes = recording.unit_codes(unit("column"))
    low, high = np.quantile(codes, [0.45, 0.55])
    middle = band_passages(recording, unit("column"), 0.45, 0.55)
    assert len(middle) == 20
    assert all(low - 1 <= each.value * 127 <= high + 1 for each in middle)
    top = top_passages(recording, unit("column"))
    assert top[0].value * 127 == pytest.approx(codes.max())
    assert [each.value for each in top] == sorted((each.value for each in top), reverse=True)
    anywhere = random_passages(recording, unit("column"))
    assert np.ptp([each.value for each in anywhere]) > 0.2
    for passages in (middle, top, anywhere):
        check(passages, recording, codes)


def test_a_seed_draws_the_same_passages_and_another_seed_others(recording: Recording) -> None:
    for draw in (random_passages, top_passages):
        first, again, other = (draw(recording, unit("quote"), seed=seed) for seed in (4, 4, 5))
        assert first == again != other


@given(TEXTS, st.integers(0, 999), st.integers(0, 5), st.sampled_from([1, -1]))
@settings(max_examples=80)
def test_the_top_is_what_brute_force_finds(
    texts: list[str], seed: int, context: int, direction: int
) -> None:
    symbols = sum(map(len, texts))
    codes = np.random.default_rng(seed).permutation(np.arange(-127, 128))[:symbols]
    recording = made(texts, codes)
    passages = top_passages(
        recording,
        "0.h.0",
        top=symbols,
        context=context,
        direction=1 if direction == 1 else -1,
    )
    assert [each.peak for each in passages] == brute_top(recording, codes * direction, context)
    check(passages, recording, codes)


@given(TEXTS, st.integers(0, 999), st.integers(0, 5), st.data())
@settings(max_examples=80)
def test_passages_never_leave_their_document_or_their_band(
    texts: list[str], seed: int, context: int, data: st.DataObject
) -> None:
    symbols = sum(map(len, texts))
    codes = np.random.default_rng(seed).integers(-3, 4, symbols) * 40
    recording = made(texts, codes)
    low = data.draw(st.sampled_from([0.0, 0.3, 0.9]))
    high = data.draw(st.sampled_from([low + 0.02, 1.0]))
    passages = band_passages(recording, "0.h.0", low, high, context=context, seed=seed)
    check(passages, recording, codes)
    ordered = np.sort(codes)
    first = ordered[int(np.floor(low * symbols + 1e-9))]
    last = ordered[int(np.ceil(high * symbols - 1e-9)) - 1]
    assert passages
    assert all(first <= codes[each.peak] <= last for each in passages)
    check(top_passages(recording, "0.h.0", context=context), recording, codes)


def test_every_symbol_is_about_as_likely_to_be_drawn() -> None:
    recording = made(["ab\ncd", "efghi"], np.array([5, 5, -5, 5, 9, 9, 9, 9, 9, 9]))
    drawn = [
        random_passages(recording, "0.h.0", top=1, context=0, seed=seed)[0].peak
        for seed in range(500)
    ]
    counts = np.bincount(drawn, minlength=10)
    assert counts.min() > 25
    assert counts.max() < 80


def test_text_that_repeats_is_shown_once() -> None:
    texts = ["one two", "one  two", "three", "one two\n"]
    codes = np.concatenate([np.arange(len(text)) for text in texts])
    recording = made(texts, codes)
    passages = top_passages(recording, "0.h.0", context=9)
    assert len(passages) == 2
    check(passages, recording, codes)


@pytest.mark.parametrize("code", [-128, -127, 0, 127])
def test_a_constant_unit_and_a_single_symbol_have_passages(code: int) -> None:
    for texts in (["x"], ["", "abc def", "", "ghi"]):
        recording = made(texts, np.full(sum(map(len, texts)), code))
        for passages in (
            top_passages(recording, "0.h.0"),
            top_passages(recording, "0.h.0", direction=-1),
            random_passages(recording, "0.h.0"),
            band_passages(recording, "0.h.0", 0.45, 0.55),
        ):
            assert len(passages) == sum(map(bool, texts))
            check(passages, recording, recording.unit_codes("0.h.0"))


def test_codes_read_before_give_the_same_over_several_chunks(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = recording.unit_codes(unit("column"))
    expected = band_passages(recording, unit("column"), 0.2, 0.4)
    for module in ("bands", "excerpts"):
        monkeypatch.setattr(f"analysis.{module}.CHUNK_TIME", 256)
    assert count_by_chunk(codes).shape == (-(-codes.size // 256), 256)
    assert band_passages(recording, unit("column"), 0.2, 0.4, codes=codes) == expected


def test_a_band_has_the_codes_of_its_symbols_and_no_other() -> None:
    histogram = np.zeros(256, np.int64)
    histogram[[10, 20, 30]] = 50, 30, 20
    for low, high, expected in (
        (0.0, 1.0, [10, 20, 30]),
        (0.0, 0.5, [10]),
        (0.5, 0.8, [20]),
        (0.45, 0.55, [10, 20]),
        (0.99, 1.0, [30]),
    ):
        assert np.flatnonzero(codes_in_band(histogram, low, high)).tolist() == expected


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"low": 0.5, "high": 0.5}, "out of order"),
        ({"low": 0.6, "high": 0.4}, "out of order"),
        ({"low": -0.1, "high": 0.4}, "out of order"),
        ({"low": 0.1, "high": float("nan")}, "out of order"),
        ({"top": 0}, "at least 1"),
        ({"context": -1}, "0 symbols or more"),
        ({"seed": -1}, "seed must be 0"),
        ({"unit": "0.h.999"}, "no unit 0.h.999"),
        ({"unit": "0.q.1"}, "no site 0.q"),
        ({"codes": np.zeros(3, np.int8)}, "pass what `unit_codes` gives"),
    ],
)
def test_a_mistake_is_an_error(
    options: dict[str, object], words: str, recording: Recording
) -> None:
    asked = {"unit": "0.h.1", "low": 0.2, "high": 0.4} | options
    with pytest.raises((MatchingError, RecordingError), match=words):
        band_passages(recording, **asked)  # type: ignore[arg-type]
