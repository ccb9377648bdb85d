"""The library says what lies in it, and removes recordings of its own folder and nothing else."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import planted
import pytest

from analysis.recorder import record
from analysis.recording import RecordingError
from analysis.unfinished import WORK
from analysis.untrained import untrained_place
from dashboard import jobs, library, shelf, verifying
from dashboard.jobs import Order, RecordingJob
from dashboard.shelf import remove
from dashboard.shelf_texts import contents, details, rows
from models.corpora import Corpus, Document
from models.errors import UserError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "home"
    monkeypatch.setenv("UNITSCOPE_HOME", str(folder))
    monkeypatch.setattr(library, "_opened", {})
    monkeypatch.setattr(jobs, "_jobs", {})
    monkeypatch.setattr(verifying, "_checks", {})
    (folder / "recordings").mkdir(parents=True)
    return folder


@pytest.fixture
def made(home: Path) -> Path:
    """A recording of the library."""
    return make(home / "recordings" / "a.zarr")


def make(path: Path, text: str = "if x:\n") -> Path:
    corpus = Corpus("text", (Document("a.txt", text), Document("b.txt", "x")))
    record(planted.random_checkpoint(), corpus, path)
    return path


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_a_recording_is_listed_with_its_size(made: Path) -> None:
    (entry,) = shelf.shelf()
    assert entry.kind == "recording"
    assert entry.size == sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
    assert entry.can_be_removed
    assert "2 documents · 7 symbols · LSTM 2 × 5 · signals h, c · int8" in contents(entry)
    assert entry.recording is not None
    told = dict(details(entry.recording))
    assert entry.recording.id in told.values()
    assert "none" in told.values()


def test_what_is_broken_foreign_or_unfinished_is_listed_with_a_sentence(
    home: Path, made: Path
) -> None:
    folder = home / "recordings"
    (folder / "bad.zarr").mkdir()
    (folder / "bad.zarr" / "zarr.json").write_text("{")
    (folder / "file.zarr").write_text("x")
    (folder / "notes").mkdir()
    (folder / ".hidden").mkdir()
    unfinished(folder / ".b.zarr.unfinished", done=1)
    unfinished(folder / ".c.zarr.unfinished", done=0)
    entries = {entry.name: entry for entry in shelf.shelf()}
    assert {name: entry.kind for name, entry in entries.items()} == {
        "a.zarr": "recording",
        "bad.zarr": "broken",
        "file.zarr": "broken",
        "notes": "foreign",
        "b.zarr": "unfinished",
        "c.zarr": "unfinished",
    }
    assert next(iter(entries)) == "a.zarr"
    assert "not a recording" in entries["bad.zarr"].problem
    assert "2,097,152 of 3,000,000 symbols" in entries["b.zarr"].problem
    assert "--resume" in entries["b.zarr"].problem
    assert "nothing" not in entries["b.zarr"].problem
    assert "before there was anything to go on with" in entries["c.zarr"].problem
    assert not entries["notes"].can_be_removed
    table = rows(list(entries.values()), {})
    assert len(table["text"]) == len(entries)


def unfinished(folder: Path, *, done: int) -> None:
    (folder / "store" / WORK).mkdir(parents=True)
    (folder / "store" / "text").mkdir()
    (folder / "store" / "text" / "zarr.json").write_text('{"shape": [3000000]}')
    (folder / "lock").write_text("")
    for number in range(done):
        (folder / "store" / WORK / f"{number:06d}.npz").write_bytes(b"")


def test_an_empty_or_missing_library_has_nothing(home: Path) -> None:
    assert shelf.shelf() == []
    shutil.rmtree(home)
    assert shelf.shelf() == []


def test_what_was_opened_from_elsewhere_is_listed_but_never_removed(
    tmp_path: Path, made: Path
) -> None:
    other = make(tmp_path / "other.zarr")
    own, far = shelf.shelf([str(other), str(made), str(tmp_path / "gone.zarr")])
    assert (own.path, far.path) == (str(made), str(other))
    assert not far.in_library
    assert not far.can_be_removed
    with pytest.raises(UserError, match="not in the library"):
        remove(other)
    assert other.is_dir()


def test_a_removed_recording_is_gone_and_nothing_else_is(home: Path, made: Path) -> None:
    other = make(home / "recordings" / "b.zarr")
    (home / "texts").mkdir()
    (home / "texts" / "a.txt").write_text("x")
    library.open_at(made)
    kept = tree(other)
    remove(made)
    assert os.listdir(home / "recordings") == ["b.zarr"]
    assert tree(other) == kept
    assert (home / "texts" / "a.txt").exists()
    with pytest.raises(RecordingError):
        library.open_at(made)
    with pytest.raises(UserError, match="not there any more"):
        remove(made)


@pytest.mark.parametrize(
    "path",
    [
        "..",
        ".",
        "",
        "../texts",
        "../../outside.zarr",
        "../recordings",
        "sub/inner.zarr",
        "a.zarr/0",
        "notes",
        "../recordings/../../outside.zarr",
        "link/outside.zarr",
    ],
)
def test_no_path_leads_out_of_the_library(home: Path, made: Path, path: str) -> None:
    folder = home / "recordings"
    make(home.parent / "outside.zarr")
    make(folder / "sub" / "inner.zarr")
    (home / "texts").mkdir()
    (folder / "notes").mkdir()
    (folder / "link").symlink_to(home.parent)
    before = tree(home.parent)
    with pytest.raises(UserError):
        remove(f"{folder}/{path}")
    assert tree(home.parent) == before


def test_of_a_link_only_the_link_is_removed(home: Path, tmp_path: Path) -> None:
    other = make(tmp_path / "other.zarr")
    link = home / "recordings" / "link.zarr"
    link.symlink_to(other)
    (entry,) = shelf.shelf()
    assert entry.is_link
    assert entry.size < 1000
    before = tree(other)
    remove(link)
    assert not os.path.lexists(link)
    assert tree(other) == before


def test_the_recording_of_an_untrained_network_goes_with_the_one_it_was_made_for(
    home: Path, made: Path
) -> None:
    other = make(home / "recordings" / "b.zarr", "y = 2\n")
    own = [control(each) for each in (made, other)]
    remove(made)
    assert not own[0].exists()
    assert own[1].is_dir()
    assert {entry.name for entry in shelf.shelf()} == {"b.zarr", own[1].name}


def test_an_untrained_network_that_two_recordings_share_stays_until_both_are_gone(
    home: Path, made: Path
) -> None:
    copy = home / "recordings" / "copy.zarr"
    shutil.copytree(made, copy)
    shared = control(made)
    remove(made)
    assert shared.is_dir()
    remove(copy)
    assert os.listdir(home / "recordings") == []


def control(path: Path) -> Path:
    place = untrained_place(library.open_at(path), path.parent).path
    return make(Path(place))


def test_links_within_a_recording_are_not_followed(home: Path, made: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "x").write_text("x")
    (made / "link").symlink_to(precious)
    remove(made)
    assert (precious / "x").exists()


def test_a_library_that_is_a_link_is_a_library(home: Path, tmp_path: Path) -> None:
    (home / "recordings").rmdir()
    disk = tmp_path / "disk"
    disk.mkdir()
    (home / "recordings").symlink_to(disk)
    made = make(home / "recordings" / "a.zarr")
    remove(made)
    assert os.listdir(disk) == []


def test_what_is_being_written_is_not_removed(home: Path, made: Path) -> None:
    beside = home / "recordings" / ".a.zarr.unfinished"
    unfinished(beside, done=0)
    with (beside / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert all(entry.is_busy for entry in shelf.shelf())
        for path in (made, beside):
            with pytest.raises(UserError, match="being written"):
                remove(path)
    assert made.is_dir()
    remove(beside)
    remove(made)
    assert os.listdir(home / "recordings") == []


def test_what_waits_in_the_queue_is_not_removed(home: Path, made: Path) -> None:
    order = Order("text", Path("x"), "y", made, 5)
    jobs._jobs[made] = RecordingJob(order)
    with pytest.raises(UserError, match="being written"):
        remove(made)
    jobs._jobs[made].cancel()
    remove(made)


def test_what_cannot_be_removed_is_a_sentence(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(shelf.shutil, "rmtree", refuse)
    with pytest.raises(UserError, match=r"Permission denied\. What is left lies in"):
        remove(made)
