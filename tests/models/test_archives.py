"""Files come out of any archive the same, and out of a hostile one none does any harm."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.corpora import CorpusError, archives
from models.corpora.archives import is_archive, read_archive

TREE = {
    "tree/COPYING": b"licence",
    "tree/arch/x86/kernel/no.c": b"too deep",
    "tree/kernel/a.c": b"int a;\n" * 200,
    "tree/kernel/sub/" + "deep/" * 30 + "b.h": b"int b;\n",
    "tree/kernel/notes.txt": b"not C",
    "tree/kernel/.hidden.c": b"not seen",
    "tree/lib/c.c": b"int c;\n",
}
FOUND = {
    "a.c": TREE["tree/kernel/a.c"],
    "sub/" + "deep/" * 30 + "b.h": b"int b;\n",
}


def is_c(path: str) -> bool:
    return path.endswith((".c", ".h"))


def tar(files: Mapping[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


def header(name: str, size: int, kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname = size, kind, link
    return member.tobuf(tarfile.GNU_FORMAT)


@pytest.fixture
def put(tmp_path: Path) -> Callable[[bytes], Path]:
    def put(content: bytes) -> Path:
        (tmp_path / "archive").write_bytes(content)
        return tmp_path / "archive"

    return put


Put = Callable[[bytes], Path]


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_the_files_of_a_folder_are_read_from_any_archive(
    put: Put, compress: Callable[[bytes], bytes], form: int
) -> None:
    path = put(compress(tar(TREE, form)))
    assert is_archive(path)
    assert read_archive(path, "kernel", is_c) == FOUND


@pytest.mark.parametrize("top", ["", "./", "./tree/", "linux-6.1/"])
def test_the_folder_is_found_at_the_top_or_one_below(put: Put, top: str) -> None:
    files = {name.replace("tree/", top, 1): content for name, content in TREE.items()}
    assert read_archive(put(tar(files)), "kernel", is_c) == FOUND


def test_the_last_of_two_files_of_one_name_counts(put: Put) -> None:
    first, second = (tar({"kernel/a.c": content}) for content in (b"old", b"new"))
    assert read_archive(put(first[:1024] + second), "kernel", is_c) == {"a.c": b"new"}


def test_nothing_is_read_after_the_folder(put: Put) -> None:
    whole = tar(TREE | {f"tree/net/{n}.c": bytes(5000) for n in range(9)})
    assert read_archive(put(whole[:-30_000] + b"\xff" * 30_000), "kernel", is_c) == FOUND


def test_a_text_is_no_archive(put: Put) -> None:
    assert not is_archive(put(b"Now is the winter of our discontent\n" * 40))
    with pytest.raises(CorpusError, match="Cannot read"):
        is_archive(put(b"").parent)


@pytest.mark.parametrize(
    "name",
    [
        "tree/kernel/../../etc/evil.c",
        "../kernel/evil.c",
        "/kernel/evil.c",
        "tree/kernel//evil.c",
        "tree/kernel/./evil.c",
    ],
)
def test_a_path_that_leads_elsewhere_is_no_file(put: Put, name: str) -> None:
    assert read_archive(put(tar({name: b"evil"})), "kernel", is_c) == {}


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE]
)
def test_links_and_devices_are_no_files(put: Put, kind: bytes) -> None:
    content = header("tree/kernel/evil.c", 0, kind, "/etc/passwd") + bytes(10240)
    assert read_archive(put(content), "kernel", is_c) == {}


def test_nothing_is_written(put: Put) -> None:
    path = put(tar(TREE))
    read_archive(path, "kernel", is_c)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_an_archive_cut_anywhere_is_read_whole_or_is_a_sentence(
    put: Put, compress: Callable[[bytes], bytes]
) -> None:
    files = {name: content for name, content in TREE.items() if "lib" not in name}
    whole = compress(tar(files))
    outcomes = set()
    for length in range(0, len(whole), max(1, len(whole) // 60)):
        try:
            assert read_archive(put(whole[:length]), "kernel", is_c) == FOUND
            outcomes.add("whole")
        except CorpusError as error:
            outcomes.add(str(error).split(" (")[0].split("/")[-1])
    assert "archive cannot be read as a tar archive" in outcomes
    assert outcomes <= {"archive cannot be read as a tar archive", "whole"}


def test_a_damaged_header_is_not_taken_for_the_end(put: Put) -> None:
    whole = tar({"kernel/a.c": b"a", "kernel/b.c": b"b"})
    for damaged in (whole[:1024] + b"\xff" * 512 + whole[1536:], whole[:1100] + whole[1536:]):
        with pytest.raises(CorpusError, match="cannot be read as a tar archive"):
            read_archive(put(damaged), "kernel", is_c)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (header("kernel/a.c", 1 << 60) + bytes(10240), "no source tree"),
        (header("kernel/a.c", -512) + bytes(10240), "shorter than nothing"),
        (header("other", 1 << 60) + bytes(10240), "ends early"),
        (header("other", 1 << 80) + bytes(10240), "ends early"),
        (header("other", -512) + bytes(10240), "shorter than nothing"),
        (header("name", 1 << 60, tarfile.GNUTYPE_LONGNAME) + bytes(10240), "ends early"),
        (header("name", 1 << 60, tarfile.XHDTYPE) + bytes(10240), "ends early"),
        ((header("name", 4, tarfile.GNUTYPE_LONGNAME) + bytes(512)) * 5000, "recursion"),
        (b"", "ends early"),
        (b"no archive at all" * 100, "cannot be read"),
    ],
)
def test_a_header_is_not_believed(put: Put, content: bytes, complaint: str) -> None:
    with pytest.raises(CorpusError, match=complaint):
        read_archive(put(content), "kernel", is_c)


def test_what_an_archive_holds_in_memory_is_limited(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "_MOST_FILE", 3000)
    monkeypatch.setattr(archives, "_MOST_TEXT", 5000)
    monkeypatch.setattr(archives, "_MOST_PASSED", 50_000)
    monkeypatch.setattr(archives, "_MOST_IN_ALL", 400_000)
    longname = header("name", 60_000, tarfile.GNUTYPE_LONGNAME) + bytes(61_440)
    for content, complaint in [
        (tar({"kernel/a.c": bytes(3001)}), "'kernel/a.c' has 3,001 bytes"),
        (tar({f"kernel/{n}.c": bytes(2000) for n in range(3)}), "after 2 files"),
        (tar({"other": bytes(60_000)}), "a file in it has more than 50,000 bytes"),
        (longname + tar({"kernel/a.c": b"a"}), "a file in it has more than 50,000 bytes"),
        (tar({f"{n}": bytes(40_000) for n in range(20)}), "it has more than 400,000 bytes"),
    ]:
        with pytest.raises(CorpusError, match=complaint):
            read_archive(put(gzip.compress(content)), "kernel", is_c)
    assert len(read_archive(put(tar(TREE)), "kernel", is_c)) == 2


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.integers(0, 5000), st.binary(min_size=1, max_size=12))),
    is_consistent=st.booleans(),
)
def test_no_change_to_an_archive_makes_it_fail_in_another_way(
    put: Put, changes: list[tuple[int, bytes]], is_consistent: bool
) -> None:
    content = bytearray(tar(TREE))
    for at, data in changes:
        content[at : at + len(data)] = data
        block = at // 512 * 512
        if is_consistent:  # so that the header is read in spite of the change
            total = (
                256 + sum(content[block : block + 148]) + sum(content[block + 156 : block + 512])
            )
            content[block + 148 : block + 156] = b"%06o\0 " % total
    with contextlib.suppress(CorpusError):
        found = read_archive(put(bytes(content)), "kernel", is_c)
        assert all(is_c(name) and ".." not in name.split("/") for name in found)
