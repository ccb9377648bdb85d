"""Which files are read, as what, and on which side of the split they fall."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.corpora import (
    NAMED_CORPORA,
    SPLITS,
    Corpus,
    CorpusError,
    Document,
    decode_document,
    read_corpus,
    split_corpus,
    split_of,
    standard_library,
)


@pytest.fixture(scope="module")
def library() -> Corpus:
    return standard_library()


def test_the_split_of_a_name_never_changes() -> None:
    assert split_of("json/decoder.py") == "choose"
    assert split_of("abc.py") == "train"
    assert split_of("ast.py") == "report"


def test_the_split_of_the_standard_library_is_near_90_5_5(library: Corpus) -> None:
    splits, rule = split_corpus(library)
    shares = {split: len(splits[split]) / len(library.documents) for split in SPLITS}
    assert shares == pytest.approx({"train": 0.90, "choose": 0.05, "report": 0.05}, abs=0.03)
    assert sum(len(documents) for documents in splits.values()) == len(library.documents)
    assert "by a hash of its name" in rule
    for split, documents in splits.items():
        assert all(split_of(document.name) == split for document in documents)


def test_few_documents_are_split_by_position() -> None:
    texts = ("".join(chr(97 + n % 26) for n in range(200)), "0123456789" * 4, "")
    corpus = Corpus("few", tuple(Document(f"{n}.txt", text) for n, text in enumerate(texts)))
    splits, rule = split_corpus(corpus)
    assert "by position" in rule
    assert [len(d.text) for d in splits["train"]] == [180, 36]
    assert [len(d.text) for d in splits["choose"]] == [10, 2]
    assert [len(d.text) for d in splits["report"]] == [10, 2]
    for number, text in enumerate(texts[:2]):
        assert "".join(splits[split][number].text for split in SPLITS) == text


@given(st.lists(st.text(max_size=60), min_size=1, max_size=6).filter(any))
def test_splitting_by_position_loses_no_symbol(texts: list[str]) -> None:
    corpus = Corpus("few", tuple(Document(f"{n}", text) for n, text in enumerate(texts)))
    splits, _ = split_corpus(corpus)
    kept = sum(len(d.text) for documents in splits.values() for d in documents)
    assert kept == len(corpus)


def test_starts_are_offsets_in_symbols() -> None:
    texts = ("a\U0001f600", "", "bcd")
    corpus = Corpus("three", tuple(Document(str(n), text) for n, text in enumerate(texts)))
    assert corpus.starts.tolist() == [0, 2, 2, 5]
    assert corpus.starts.dtype == "int64"
    assert len(corpus) == 5


def test_hashes_depend_on_names_texts_and_order() -> None:
    one, two = Document("a", "x"), Document("b", "y")
    assert one.sha256 == hashlib.sha256(b"x").hexdigest()
    different = {
        Corpus("n", documents).sha256
        for documents in [
            (one, two),
            (two, one),
            (one,),
            (Document("c", "x"), two),
            (Document("a", "z"), two),
        ]
    }
    assert len(different) == 5
    assert Corpus("other name", (one, two)).sha256 in different
    assert len(Document("a", "\ud800").sha256) == 64


@pytest.mark.parametrize("texts", [(), ("",), ("", "")])
def test_a_corpus_without_text_is_refused(texts: tuple[str, ...]) -> None:
    with pytest.raises(CorpusError, match="holds no text"):
        Corpus("nothing", tuple(Document(str(n), text) for n, text in enumerate(texts)))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a\r\nb\rc\n", "a\r\nb\rc\n"),
        (b"\xef\xbb\xbfa", "a"),
        ("\U0001f600e\u0301\t\u2028".encode(), "\U0001f600e\u0301\t\u2028"),
        (b"\x1b[0m\x7f", "\x1b[0m\x7f"),
        (b"", ""),
        (b"a\0b", None),
        (b"\xff\xfea\0", None),
        (b"caf\xe9", None),
        (b"\xed\xa0\x80", None),  # half of a surrogate pair
    ],
)
def test_bytes_are_text_or_nothing(data: bytes, text: str | None) -> None:
    document = decode_document("name.txt", data)
    assert document == (None if text is None else Document("name.txt", text))


def test_a_file_is_one_document_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.py").write_bytes(b"x = 1\r\n")
    corpus = read_corpus([tmp_path / "deep" / "a.py"])
    assert corpus.name == "a.py"
    assert corpus.documents == (Document("a.py", "x = 1\r\n"),)


def test_a_folder_gives_its_text_files_sorted_by_path(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    for name in ("b.txt", "a/z.py", "a/b/c.c", "empty.txt", ".hidden", ".git/config"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("" if name == "empty.txt" else name)
    (folder / "picture.png").write_bytes(b"\x89PNG\0")
    (folder / "latin.txt").write_bytes(b"caf\xe9")
    corpus = read_corpus([folder])
    assert corpus.name == "texts"
    assert [d.name for d in corpus.documents] == ["a/b/c.c", "a/z.py", "b.txt", "empty.txt"]
    assert corpus.documents[1].text == "a/z.py"


def test_a_folder_below_a_hidden_one_is_read(tmp_path: Path) -> None:
    (tmp_path / ".unitscope" / "texts").mkdir(parents=True)
    (tmp_path / ".unitscope" / "texts" / "a.txt").write_text("a")
    assert len(read_corpus([tmp_path / ".unitscope" / "texts"])) == 1


def test_several_sources_are_read_in_order(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "c.txt"):
        (tmp_path / name).write_text(name)
    corpus = read_corpus([tmp_path / "b.txt", tmp_path / "a.txt", tmp_path / "c.txt"])
    assert [d.name for d in corpus.documents] == ["b.txt", "a.txt", "c.txt"]
    assert corpus.name == "b.txt and 2 more"


@pytest.mark.skipif(sys.platform == "darwin", reason="names are always UTF-8 there")
def test_a_file_whose_name_is_not_utf8_is_read(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/caf\xe9.txt", "w") as file:
        file.write("text")
    corpus = read_corpus([tmp_path])
    assert corpus.documents[0].text == "text"
    assert len(corpus.sha256) == 64
    assert split_of(corpus.documents[0].name) in SPLITS


def test_what_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "binary.txt").write_bytes(b"\0\1\2")
    (tmp_path / "bare").mkdir()
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(b"\0")
    (tmp_path / "hollow").mkdir()
    (tmp_path / "hollow" / "a.txt").write_text("")
    for name, complaint in [
        ("empty.txt", "is empty"),
        ("binary.txt", "is not a UTF-8 text file"),
        ("bare", "No text files in the folder"),
        ("pictures", "No text files in the folder"),
        ("hollow", "holds no text"),
        ("missing.txt", "There is no file or folder"),
        ("empty.txt/below", "There is no file or folder"),
        ("n" * 5000, "There is no file or folder"),
    ]:
        with pytest.raises(CorpusError, match=complaint) as caught:
            read_corpus([tmp_path / name])
        assert str(caught.value).endswith(".")


def test_a_split_is_the_one_that_training_makes(tmp_path: Path) -> None:
    for name in ("json/decoder.py", "abc.py", "ast.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name * 20)
    by_name = {s: [d.name for d in read_corpus([tmp_path], split=s).documents] for s in SPLITS}
    assert by_name == {"train": ["abc.py"], "choose": ["json/decoder.py"], "report": ["ast.py"]}
    (tmp_path / "json" / "decoder.py").unlink()  # so one split has no document
    whole = read_corpus([tmp_path])
    for split in SPLITS:
        assert read_corpus([tmp_path], split=split).documents == split_corpus(whole)[0][split]
    assert [len(d.text) for d in read_corpus([tmp_path], split="report").documents] == [6, 6]


def test_a_text_too_short_to_be_split_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "abc.py").write_text("abc")
    with pytest.raises(CorpusError, match=r"3 symbols are too few .* in the split 'choose'\. "):
        read_corpus([tmp_path], split="choose")


def test_a_name_is_the_corpus_and_a_path_is_the_file(
    library: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(NAMED_CORPORA, "python", lambda source: library)
    (tmp_path / "python").write_text("a snake")
    assert read_corpus(["python"]).sha256 == library.sha256
    for path in ("./python", Path("python"), tmp_path / "python"):
        assert read_corpus([path]).documents == (Document("python", "a snake"),)


def test_the_standard_library_knows_its_licence_and_version(library: Corpus) -> None:
    assert library.licence == "PSF-2.0"
    assert library.origin is not None
    assert platform.python_version() in library.origin


def test_the_standard_library_has_no_tests_tables_or_other_peoples_code(library: Corpus) -> None:
    names = [document.name for document in library.documents]
    assert "json/decoder.py" in names
    assert names == sorted(names, key=lambda name: Path(name).parts)
    folders = {part for name in names for part in Path(name).parts[:-1]}
    assert not folders & {"test", "tests", "idle_test", "site-packages"}
    assert not folders & {"encodings", "pydoc_data"}
    assert not [name for name in names if name.startswith("_sysconfigdata")]
    assert all(document.text for document in library.documents)
