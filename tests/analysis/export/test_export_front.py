"""What is asked for is checked, and files appear whole or not at all."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from analysis.export import (
    SUFFIXES,
    ExportError,
    ViewAssets,
    export,
    front,
    page,
    render,
    text_html,
)
from analysis.export.slices import Slice
from analysis.recording import Recording, RecordingError

VIEW = ViewAssets("const unitscope = {mountStandalone() {}};", "")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("target", ["1.c.0", "1.c"])
def test_every_format_is_written_and_drawing_it_again_gives_the_same_bytes(
    recording: Recording, tmp_path: Path, target: str, suffix: str
) -> None:
    path = export(recording, target, 5, 30, tmp_path / f"new/figure{suffix}", view=VIEW)
    assert path.read_bytes() == render(recording, target, 5, 30, suffix[1:], view=VIEW)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_the_kind_of_picture_follows_the_target_unless_it_is_named(recording: Recording) -> None:
    unit = render(recording, "1.c.0", 0, 50, ".svg")
    assert unit == render(recording, "1.c.0", 0, 50, ".svg", kind="text")
    assert unit != render(recording, "1.c.0", 0, 50, ".svg", kind="heatmap")
    site = render(recording, "1.c", 0, 50, ".svg")
    assert site == render(recording, "1.c", 0, 50, ".svg", kind="heatmap")


@pytest.mark.parametrize(
    ("target", "start", "stop", "name", "options", "words"),
    [
        ("1.c.0", 0, 9, "a.gif", {}, "'.gif', which names no format. Use one of .png, .svg"),
        ("1.c.0", 0, 9, "figure", {}, "has no suffix"),
        ("1.c.0", 9, 9, "a.png", {}, "holds no symbols"),
        ("1.c.0", 9, 3, "a.png", {}, "from 9 to 3 holds no symbols"),
        ("1.c.0", -5, 3, "a.png", {}, "is not inside the recording"),
        ("1.c.0", 0, 10_000, "a.csv", {}, "Choose from 0 to"),
        ("1.c", 0, 9, "a.png", {"kind": "text"}, "1.c is a site"),
        ("1.c.0", 0, 9, "a.csv", {"kind": "heatmap"}, "holds values, not a heatmap"),
        ("1.c.0", 0, 9, "a.html", {}, "needs the text view's script"),
        ("1.c.0", 0, 9, "a.csv", {"units": [1]}, "is one unit"),
        ("1.c", 0, 9, "a.csv", {"units": []}, "at least one"),
        ("1.c", 0, 9, "a.csv", {"units": [1, 16]}, "units 0 to 15"),
        ("1.c", 0, 9, "a.csv", {"units": [1, 1]}, "chosen twice"),
        ("the cell", 0, 9, "a.csv", {}, "neither a unit, such as 1.c.78, nor a site"),
    ],
)
def test_a_mistake_gets_a_sentence_and_no_file(
    recording: Recording, tmp_path: Path, target: str, start: int, stop: int, name: str,
    options: dict[str, object], words: str,
) -> None:  # fmt: skip
    with pytest.raises(ExportError, match=words.replace(".", r"\.")):
        export(recording, target, start, stop, tmp_path / name, **options)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["1.q", "1.c.16", "7.c.1"])
def test_a_unit_or_site_that_is_not_recorded_is_named(recording: Recording, target: str) -> None:
    with pytest.raises(RecordingError, match="There is no"):
        render(recording, target, 0, 9, ".csv")


def test_a_range_outside_says_how_long_the_recording_is(recording: Recording) -> None:
    with pytest.raises(ExportError, match=f"which has {len(recording)} symbols"):
        render(recording, "1.c.0", 0, len(recording) + 1, ".png")


@pytest.mark.parametrize(
    ("module", "limit", "suffix", "target", "words"),
    [
        (page, "MOST_SYMBOLS", ".pdf", "1.c.0", "at most 10 symbols.*export to .html or .csv"),
        (page, "MOST_ROWS", ".png", "1.c.0", "at most 10 lines"),
        (text_html, "MOST_SYMBOLS", ".html", "1.c.0", "holds at most 10"),
        (text_html, "MOST_CODES", ".html", "1.c", "16 units over .* symbols are more"),
        (front, "MOST_VALUES_IN_MEMORY", ".csv", "1.c", "unitscope export"),
    ],
)
def test_a_range_too_long_for_its_format_is_refused(
    recording: Recording, monkeypatch: pytest.MonkeyPatch, module: object, limit: str,
    suffix: str, target: str, words: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(module, limit, 10)
    kind = None if suffix == ".csv" else "text"
    with pytest.raises(ExportError, match=words):
        render(recording, target, 0, len(recording), suffix, kind=kind, view=VIEW)  # type: ignore[arg-type]


def test_an_existing_file_is_replaced(recording: Recording, tmp_path: Path) -> None:
    path = tmp_path / "values.CSV"
    path.write_text("old")
    export(recording, "1.c.0", 0, 9, path)
    assert path.read_bytes().startswith(b"# {")
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("stopped_by", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_a_stopped_export_leaves_the_old_file_and_nothing_else(
    recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped_by: BaseException
) -> None:
    path = tmp_path / "values.csv"
    path.write_text("old")
    reads = itertools.count()
    codes = Slice.codes

    def stop_at_the_second_read(part: Slice, start: int, stop: int) -> object:
        if next(reads):
            raise stopped_by
        return codes(part, start, stop)

    monkeypatch.setattr(Slice, "codes", stop_at_the_second_read)
    with pytest.raises((KeyboardInterrupt, ExportError)):
        export(recording, "1.c", 0, len(recording), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", ["file.txt/figure.svg", "folder.svg"])
def test_a_destination_that_cannot_be_written_is_named(
    recording: Recording, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file.txt").write_text("not a folder")
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(ExportError, match=str(tmp_path / place)):
        export(recording, "1.c.0", 0, 9, tmp_path / place)


def test_pictures_may_be_drawn_in_several_threads(recording: Recording) -> None:
    alone = render(recording, "1.c", 5, 20, ".svg")
    with ThreadPoolExecutor(2) as threads:
        drawn = list(threads.map(lambda _: render(recording, "1.c", 5, 20, ".svg"), range(3)))
    assert drawn == [alone] * 3
