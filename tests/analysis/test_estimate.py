"""The estimate before a recording: never less disk than the recording has, and no file written."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from analysis import estimate
from analysis.estimate import Estimate, duration, estimate_recording, free_bytes, size
from analysis.recorder import record
from analysis.recording import Recording, RecordingError
from models.checkpoint import Checkpoint
from models.corpora import Corpus, Document


def corpus_of(*texts: str) -> Corpus:
    return Corpus("made", tuple(Document(f"{n}.txt", text) for n, text in enumerate(texts)))


def array_bytes(recording: Recording) -> int:
    return sum(array.nbytes for _, array in recording.arrays.arrays()) + sum(
        array.nbytes for _, group in recording.arrays.groups() for _, array in group.arrays()
    )


@pytest.mark.parametrize("signals", [None, ("h", "f", "o")])
def test_the_disk_is_that_of_the_arrays_without_compression(
    tiny_checkpoint: Checkpoint, tmp_path: Path, signals: tuple[str, ...] | None
) -> None:
    corpus = corpus_of("one text", "", "and another one\n" * 9)
    told = estimate_recording(tiny_checkpoint, corpus, signals=signals)
    made = record(tiny_checkpoint, corpus, tmp_path / "x.zarr", signals=signals)
    assert told.symbols == len(corpus)
    assert told.disk_bytes == array_bytes(made)


def test_a_precision_of_more_bytes_takes_more_disk(tiny_checkpoint: Checkpoint) -> None:
    codes, half, single = (
        estimate_recording(tiny_checkpoint, corpus_of("text"), precision=precision).disk_bytes
        for precision in ("int8", "float16", "float32")
    )
    assert (half - codes, single - codes) == (4 * 4 * 5, 3 * 4 * 4 * 5)  # symbols x sites x units


@pytest.mark.parametrize("texts", [("a",), ("a", "b"), ("ab" * 40_000,), ("abc" * 50,) * 200])
def test_any_text_has_a_rate(tiny_checkpoint: Checkpoint, texts: tuple[str, ...]) -> None:
    seconds = estimate_recording(tiny_checkpoint, corpus_of(*texts)).seconds
    assert math.isfinite(seconds)
    assert seconds > 0


@pytest.mark.parametrize(
    ("texts", "columns"),
    [
        (("a",), 1),
        (("ab", "", "a"), 2),
        (("a" * 40_000,), 3),  # as one that will be cut
        (("ab",) * 200, 128),
        (("a" * 3_000_000,), 128),
    ],
)
def test_as_many_columns_are_measured_as_will_be_read(
    tiny_checkpoint: Checkpoint, texts: tuple[str, ...], columns: int
) -> None:
    stretch = estimate._stretch(tiny_checkpoint, corpus_of(*texts))
    assert stretch.shape[1] == columns
    assert stretch.shape[0] >= 1


def test_measuring_stops_at_the_end_of_its_time(
    tiny_checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = []

    def read(checkpoint: Checkpoint, symbols, state, kept):  # type: ignore[no-untyped-def]
        lengths.append(len(symbols))
        return state

    monkeypatch.setattr(estimate, "_read", read)
    monkeypatch.setattr(estimate, "_SECONDS", 1e9)
    estimate_recording(tiny_checkpoint, corpus_of("ab" * 300))
    assert lengths == [1, 2, 4, 8, 16, 32, 64, 64, 64, 64, 64, 64, 64, 64, 25]
    lengths.clear()
    monkeypatch.setattr(estimate, "_SECONDS", 0)
    estimate_recording(tiny_checkpoint, corpus_of("ab" * 300))
    assert lengths == [1]


def test_what_a_recording_would_refuse_is_refused(tiny_checkpoint: Checkpoint) -> None:
    with pytest.raises(RecordingError, match="no signal 'r'"):
        estimate_recording(tiny_checkpoint, corpus_of("a"), signals=["r"])
    with pytest.raises(RecordingError, match="no precision 'int4': use int8, float16, float32"):
        estimate_recording(tiny_checkpoint, corpus_of("a"), precision="int4")


def test_a_sentence_says_time_and_disk(tmp_path: Path) -> None:
    said = Estimate(120_000, 40.2, 210_000_000).sentence()
    assert said == "About 40 s and at most 210 MB on disk for 120,000 symbols."
    assert Estimate(1, 1, 1).sentence(tmp_path / "not" / "there").endswith("for 1 symbols.")


def test_a_sentence_says_that_the_disk_has_too_little_room(tmp_path: Path) -> None:
    large = Estimate(120_000, 40, free_bytes(tmp_path) * 2)
    assert not large.fits(tmp_path)
    assert "120,000 symbols, but only " in large.sentence(tmp_path)
    assert f" are free at {tmp_path}: make room there" in large.sentence(tmp_path)


def test_times_and_sizes_have_about_two_digits() -> None:
    times = {0.1: "1 s", 59: "59 s", 59.7: "1 min", 200: "3 min", 3569: "59 min", 9000: "2.5 h"}
    assert {seconds: duration(seconds) for seconds in times} == times
    sizes = {10: "1 MB", 210_400_000: "210 MB", 1_340_000_000: "1.3 GB", 2 * 10**12: "2.0 TB"}
    assert {count: size(count) for count in sizes} == sizes
