"""A recording on disk: what it gives, and one clear sentence for each way it can be damaged."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import planted
import pytest
import zarr
from hypothesis import given
from hypothesis import strategies as st

from analysis.recorder import record
from analysis.recording import Recording, RecordingError, Unit, open_recording
from models.checkpoint import Checkpoint
from models.corpora import Corpus, Document


@pytest.fixture(scope="session")
def small(tiny_checkpoint: Checkpoint, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of three documents; copy it before damaging it."""
    texts = ("ab\ncd", "e", "fgh")
    corpus = Corpus("small", tuple(Document(f"{n}.txt", text) for n, text in enumerate(texts)))
    path = tmp_path_factory.mktemp("small") / "x.zarr"
    record(tiny_checkpoint, corpus, path)
    return path


@pytest.fixture
def copied(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "x.zarr"))


def change_attributes(path: Path, **changes: Any) -> None:
    """Set attributes of the store; a value of None removes one."""
    about = json.loads((path / "zarr.json").read_text())
    for name, value in changes.items():
        about["attributes"][name] = value
        if value is None:
            del about["attributes"][name]
    (path / "zarr.json").write_text(json.dumps(about))


def complaint(path: Path) -> str:
    with pytest.raises(RecordingError) as caught:
        open_recording(path)
    message = str(caught.value)
    assert message.endswith(".")
    assert path.name in message
    return message


def test_a_recording_gives_what_was_recorded(
    recording: Recording, planted_corpus: Corpus, planted_checkpoint: Checkpoint
) -> None:
    assert len(recording) == len(planted_corpus)
    assert recording.checkpoint_name == "planted"
    assert recording.corpus_name == "planted"
    assert recording.vocabulary == planted_checkpoint.vocabulary.symbols
    assert recording.unknown_share == 0
    assert recording.text() == "".join(document.text for document in planted_corpus.documents)
    assert [d.name for d in recording.documents] == [d.name for d in planted_corpus.documents]
    assert recording.documents[-1].stop == len(recording)
    for number, document in enumerate(planted_corpus.documents):
        assert recording.document_text(number) == document
        assert recording.documents[number].sha256 == document.sha256


def test_codes_come_by_site_by_unit_and_by_range(recording: Recording) -> None:
    whole = recording.codes("1.c")
    assert whole.shape == (len(recording), planted.HIDDEN)
    assert whole.dtype == np.int8
    assert np.abs(whole.astype(int)).max() <= 127
    np.testing.assert_array_equal(recording.codes("1.c", 10, 20, slice(2, 5)), whole[10:20, 2:5])
    np.testing.assert_array_equal(recording.unit_codes("1.c.3", 5), whole[5:, 3])
    np.testing.assert_array_equal(recording.unit_codes(Unit(1, "c", 3)), whole[:, 3])
    past_the_end = recording.codes("1.c", len(recording) - 2, len(recording) + 9)
    np.testing.assert_array_equal(past_the_end, whole[-2:])


def test_next_symbols_and_losses_have_their_types(recording: Recording) -> None:
    indices, probabilities = recording.next_symbols(3, 9)
    assert (indices.dtype, probabilities.dtype) == (np.uint16, np.float16)
    assert indices.shape == probabilities.shape == (6, 5)
    assert (np.diff(probabilities.astype(float), axis=1) <= 0).all()
    loss = recording.loss()
    assert loss.dtype == np.float32
    firsts = [document.start for document in recording.documents]
    assert np.flatnonzero(np.isnan(loss)).tolist() == firsts


def test_documents_without_a_symbol_have_their_place(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    texts = ("", "ab", "", "c", "")
    corpus = Corpus("gaps", tuple(Document(f"{n}.txt", text) for n, text in enumerate(texts)))
    made = record(tiny_checkpoint, corpus, tmp_path / "x.zarr")
    assert [(d.start, d.stop) for d in made.documents] == [(0, 0), (0, 2), (2, 2), (2, 3), (3, 3)]
    assert [made.document_text(number).text for number in range(5)] == list(texts)
    assert np.isnan(made.loss()).tolist() == [True, False, True]


@given(st.integers(0, 999), st.sampled_from("hcifgorzn"), st.integers(0, 99_999))
def test_a_units_name_is_read_back(layer: int, signal: str, index: int) -> None:
    unit = Unit(layer, signal, index)
    assert Unit.parse(str(unit)) == unit
    assert str(unit) == f"{unit.site}.{index}"


@pytest.mark.parametrize(
    "name",
    [
        *["", "1", "1.c", "1.c.", "1.c.x", "c.1.2", "1.cc.2", "-1.c.2", "1.c.-2", "1.c.2\n"],
        *[" 1.c.2", "1.C.2", "1.c.2.3", "1,c,2", "１.c.２", "1.c." + "9" * 5000, "1/c/2", "../x"],
    ],
)
def test_a_name_that_is_no_units_is_refused(name: str) -> None:
    with pytest.raises(RecordingError, match=r"is not a unit's name. Write .*1\.c\.78"):
        Unit.parse(name)


@given(st.text())
def test_any_text_is_a_units_name_or_a_sentence(text: str) -> None:
    try:
        unit = Unit.parse(text)
    except RecordingError:
        return
    assert Unit.parse(str(unit)) == unit


def test_a_unit_or_site_that_is_not_there_is_refused(recording: Recording) -> None:
    assert recording.find_unit("0.h.15") == Unit(0, "h", 15)
    with pytest.raises(RecordingError, match=r"no unit 0\.h\.16.*units 0 to 15"):
        recording.find_unit("0.h.16")
    for name in ("2.h.0", "0.z.0"):
        with pytest.raises(RecordingError, match=r"no site .*0\.h, 0\.c.*--signals"):
            recording.unit_codes(name)
    with pytest.raises(RecordingError, match="no site"):
        recording.codes("nonsense")


def test_a_path_without_a_recording_is_a_sentence(tmp_path: Path) -> None:
    assert "There is no recording" in complaint(tmp_path / "nothing.zarr")
    assert "There is no recording" in complaint(tmp_path / ("n" * 300))
    (tmp_path / "empty.zarr").mkdir()
    assert "is not a recording" in complaint(tmp_path / "empty.zarr")
    (tmp_path / "file.zarr").write_text("{}")
    assert "is a file" in complaint(tmp_path / "file.zarr")
    assert "There is no recording" in complaint(tmp_path / "file.zarr" / "x.zarr")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("zarr.json", "{}")
    assert "is a file" in complaint(tmp_path / "x.zip")
    zarr.create_group(str(tmp_path / "other.zarr"), attributes={"made": "by others"})
    assert "schema None" in complaint(tmp_path / "other.zarr")
    zarr.create_array(str(tmp_path / "array.zarr"), shape=(3,), dtype="int8")
    complaint(tmp_path / "array.zarr")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "3", "null", '"text"', '{"attributes": 3}', "\udcff\udcfe"]
)
@pytest.mark.parametrize("where", [".", "1", "1/c", "text", "next_symbol"])
def test_a_garbled_outline_is_a_sentence(copied: Path, where: str, text: str) -> None:
    (copied / where / "zarr.json").write_text(text, "utf-8", "surrogateescape")
    if where == "1":  # a group within: zarr can still reach its arrays
        return
    complaint(copied)


@pytest.mark.parametrize("name", ["text", "symbols", "loss", "next_symbol", "0/h", "1/c", "1"])
def test_a_missing_array_is_named(copied: Path, name: str) -> None:
    shutil.rmtree(copied / name)
    message = complaint(copied)
    assert repr(name) in message or f"'{name}/" in message
    assert "Record it again" in message


def test_a_missing_outline_is_a_sentence(copied: Path) -> None:
    (copied / "zarr.json").unlink()
    complaint(copied)


def test_a_group_in_an_arrays_place_is_a_sentence(copied: Path) -> None:
    shutil.rmtree(copied / "loss")
    zarr.open_group(str(copied), mode="r+").create_group("loss")
    assert "'loss' is not an array" in complaint(copied)


def test_an_array_of_another_length_is_a_sentence(copied: Path) -> None:
    root = zarr.open_group(str(copied), mode="r+")
    for name, shape in (("0/h", (8, 5)), ("loss", (9, 1)), ("loss", (10,))):
        before = root[name].shape
        root.create_array(name, shape=shape, dtype="int8", overwrite=True)
        assert "9 symbols" in complaint(copied)
        root.create_array(name, shape=before, dtype="int8", overwrite=True)
    open_recording(copied)


@pytest.mark.parametrize(
    "changes",
    [
        {"schema_version": 4},
        {"schema_version": None},
        {"id": None},
        {"checkpoint": None},
        {"checkpoint": {}},
        {"checkpoint": "lstm"},
        {"corpus": 3},
        {"sites": None},
        {"sites": 3},
        {"sites": [3]},
        {"sites": ["0.h", "7.h"]},
        {"vocabulary": None},
        {"vocabulary": 7},
        {"documents": None},
        {"documents": []},
        {"documents": [3]},
        {"documents": [{"name": "0.txt", "start": "zero", "symbols": 9, "sha256": ""}]},
        {"documents": [{"name": "0.txt", "start": 0, "symbols": 8, "sha256": ""}]},
        {"documents": {"name": "0.txt"}},
    ],
    ids=str,
)
def test_damaged_attributes_are_a_sentence(copied: Path, changes: dict[str, Any]) -> None:
    change_attributes(copied, **changes)
    complaint(copied)


@pytest.mark.parametrize(
    ("array", "use"),
    [
        ("1/c", lambda recording: recording.codes("1.c")),
        ("1/c", lambda recording: recording.unit_codes("1.c.0")),
        ("text", lambda recording: recording.text()),
        ("loss", lambda recording: recording.loss()),
        ("next_symbol", lambda recording: recording.next_symbols()),
        ("symbols", lambda recording: recording.unknown_share),
    ],
)
@pytest.mark.parametrize("kept", [0, 5])
def test_a_truncated_chunk_is_a_sentence(
    copied: Path, array: str, use: Callable[[Recording], Any], kept: int
) -> None:
    chunks = [p for p in (copied / array / "c").rglob("*") if p.is_file()]
    for chunk in chunks:
        chunk.write_bytes(chunk.read_bytes()[:kept])
    made = open_recording(copied)
    with pytest.raises(RecordingError, match=rf"'{array}' is damaged .*Record it again"):
        use(made)


def test_a_recording_that_was_deleted_under_us_is_a_sentence(copied: Path) -> None:
    made = open_recording(copied)
    shutil.rmtree(copied)
    with pytest.raises(RecordingError, match="Record it again"):
        made.text()
