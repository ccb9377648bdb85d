"""The library finds recordings again, and writes nothing outside its own folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import planted
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.recorder import record
from analysis.recording import Recording, RecordingError
from dashboard import library
from models.checkpoint import Checkpoint, save_checkpoint
from models.corpora import Corpus, Document, read_corpus, split_of
from models.errors import UserError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("UNITSCOPE_HOME", str(folder))
    monkeypatch.setattr(library, "_opened", {})
    return folder


def put(home: Path, name: str, text: str, checkpoint: Checkpoint) -> Recording:
    corpus = Corpus(name, (Document("a.txt", text),))
    return record(checkpoint, corpus, home / "recordings" / f"{name}.zarr", force=True)


def test_home_is_where_the_user_says(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert library.home() == home
    monkeypatch.setenv("UNITSCOPE_HOME", "")
    assert library.home() == Path.home() / ".unitscope"


def test_an_empty_library_has_no_recordings() -> None:
    assert library.list_recordings() == []
    with pytest.raises(RecordingError, match="no recording abc"):
        library.find_recording("abc")


def test_recordings_are_listed_newest_first(home: Path, tiny_checkpoint: Checkpoint) -> None:
    for age, name in enumerate(("first", "second", "third")):
        put(home, name, name, tiny_checkpoint)
        os.utime(home / "recordings" / f"{name}.zarr", (1000 + age, 1000 + age))
    assert [r.corpus_name for r in library.list_recordings()] == ["third", "second", "first"]


def test_one_that_cannot_be_read_does_not_hide_the_others(
    home: Path, tiny_checkpoint: Checkpoint
) -> None:
    put(home, "good", "abc", tiny_checkpoint)
    put(home, "bad", "abd", tiny_checkpoint)
    (home / "recordings" / "bad.zarr" / "zarr.json").write_text("{")
    (home / "recordings" / "empty.zarr").mkdir()
    (home / "recordings" / "file.zarr").write_text("")
    (home / "recordings" / ".x.zarr.unfinished.ab").mkdir()
    assert [recording.corpus_name for recording in library.list_recordings()] == ["good"]


def test_a_recording_is_opened_once(home: Path, tiny_checkpoint: Checkpoint) -> None:
    made = put(home, "a", "abc", tiny_checkpoint)
    first = library.open_at(made.path)
    assert library.open_at(Path(made.path)) is first
    assert library.find_recording(made.id) is first
    assert library.list_recordings()[0] is first


def test_a_recording_is_found_by_its_id_before_it_was_opened(
    home: Path, tiny_checkpoint: Checkpoint
) -> None:
    made = put(home, "a", "abc", tiny_checkpoint)
    assert library.find_recording(made.id).text() == "abc"


def test_a_replaced_recording_is_opened_anew(home: Path, tiny_checkpoint: Checkpoint) -> None:
    before = library.open_at(put(home, "a", "abc", tiny_checkpoint).path)
    after = library.open_at(put(home, "a", "xyz", tiny_checkpoint).path)
    assert after.text() == "xyz"
    assert after.id != before.id
    assert library.find_recording(after.id).text() == "xyz"


def test_an_id_never_gives_another_recordings_text(home: Path, tiny_checkpoint: Checkpoint) -> None:
    before = library.open_at(put(home, "a", "abc", tiny_checkpoint).path)
    put(home, "a", "xyz", tiny_checkpoint)
    try:
        found = library.find_recording(before.id)
    except RecordingError:
        return
    assert found.text() == "abc"


def test_a_deleted_recording_is_not_found(home: Path, tiny_checkpoint: Checkpoint) -> None:
    made = library.open_at(put(home, "a", "abc", tiny_checkpoint).path)
    shutil.rmtree(made.path)
    with pytest.raises(RecordingError, match="no recording"):
        library.find_recording(made.id)
    assert library.list_recordings() == []
    with pytest.raises(RecordingError, match="There is no recording"):
        library.open_at(made.path)


def test_the_place_of_a_recording_follows_from_network_and_texts(
    home: Path, tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    network, other = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    save_checkpoint(tiny_checkpoint, network)
    save_checkpoint(planted.random_checkpoint("gru"), other)
    texts = Corpus("My text! (2)", (Document("a.txt", "abc"),))
    place = library.recording_path(network, texts)
    assert place.parent == home / "recordings"
    assert place.name.startswith("my-text-2-")
    assert place.suffix == ".zarr"
    assert library.recording_path(network, texts) == place
    assert library.recording_path(other, texts) != place
    changed = Corpus("My text! (2)", (Document("a.txt", "abd"),))
    assert library.recording_path(network, changed) != place


@pytest.mark.parametrize("name", ["", "..", "/", "\u65e5\u672c", "x" * 500, "a/../../b"])
def test_any_corpus_name_gives_a_place_in_the_library(
    home: Path, name: str, tmp_path: Path
) -> None:
    (tmp_path / "n").write_bytes(b"x")
    place = library.recording_path(tmp_path / "n", Corpus(name, (Document("a", "abc"),)))
    assert place.parent == home / "recordings"
    assert len(place.name) < 80


def test_a_missing_checkpoint_is_a_sentence(tmp_path: Path) -> None:
    corpus = Corpus("a", (Document("a", "abc"),))
    with pytest.raises(UserError):
        library.recording_path(tmp_path / "missing.safetensors", corpus)


def test_kept_texts_are_read_back_as_they_are(home: Path) -> None:
    documents = [
        Document("b.py", "x = 1\r\n"),
        Document("a/z.txt", "\U0001f600e\u0301\ttab"),
        Document("a.txt", "\rlone"),
        Document("a-b.txt", "x"),
    ]
    folder, corpus = library.keep_texts("My texts", documents)
    assert folder.is_relative_to(home / "texts")
    again = read_corpus([folder])
    assert again.documents == corpus.documents
    assert {document.name: document for document in corpus.documents} == {
        document.name: document for document in documents
    }


def test_keeping_texts_twice_is_keeping_them_once(home: Path) -> None:
    documents = [Document("b.py", "x"), Document("a.py", "y")]
    first, _ = library.keep_texts("t", documents)
    assert library.keep_texts("t", documents[::-1])[0] == first
    other, _ = library.keep_texts("t", [Document("b.py", "z")])
    assert other != first
    assert (other / "b.py").read_text() == "z"
    assert not (other / "a.py").exists()


def test_two_texts_of_one_name_are_a_sentence() -> None:
    with pytest.raises(UserError, match="same name"):
        library.keep_texts("t", [Document("a", "x"), Document("a", "y")])


def test_no_text_at_all_is_a_sentence() -> None:
    with pytest.raises(UserError, match="no text"):
        library.keep_texts("t", [])


STRANGE_NAMES = st.one_of(
    # None that is absolute: were it not refused, the test would write anywhere.
    st.text(min_size=1, max_size=12).map(lambda name: name.lstrip("/") or "x"),
    st.sampled_from(
        [
            *["../../evil.txt", "ABSOLUTE", "a/../../../b", "..", ".", "a//b", "~/x", "a/"],
            *[".hidden", "a/.b/c", "\0", "a\0b", "n" * 400, "\udcff.txt", "a\\b", "C:\\x", ""],
        ]
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STRANGE_NAMES)
def test_whatever_a_text_is_called_it_is_kept_in_the_library_or_refused(
    home: Path, name: str
) -> None:
    shutil.rmtree(home, ignore_errors=True)
    name = name.replace("ABSOLUTE", str(home.parent / "evil.txt"))
    try:
        folder, corpus = library.keep_texts("t", [Document(name, "some text")])
    except UserError:
        assert set(home.parent.iterdir()) <= {home}
        return
    assert set(home.parent.iterdir()) == {home}
    assert folder.is_relative_to(home)
    assert [document.text for document in read_corpus([folder]).documents] == ["some text"]
    assert corpus.documents[0].text == "some text"


@pytest.mark.parametrize("text", ["a\0b", "\ufeffa", "a\ud800b"])
def test_a_text_that_would_not_be_read_back_as_it_is_is_refused(text: str) -> None:
    try:
        folder, _ = library.keep_texts("t", [Document("a.txt", text)])
    except UserError:
        return
    assert read_corpus([folder]).documents == (Document("a.txt", text),)


def test_a_library_that_cannot_be_written_to_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "FILE").write_text("")
    monkeypatch.setenv("UNITSCOPE_HOME", str(tmp_path / "FILE" / "home"))
    with pytest.raises(UserError, match="UNITSCOPE_HOME"):
        library.keep_texts("t", [Document("a.txt", "x")])
    assert library.list_recordings() == []


def test_the_starter_texts_are_few_and_were_not_trained_on() -> None:
    documents = library.starter_documents()
    assert len(documents) >= 3
    assert all(split_of(document.name) != "train" for document in documents)
    assert 20_000 <= sum(len(document.text) for document in documents) <= 80_000
    assert all('"' in document.text for document in documents)
    assert library.starter_documents() == documents
