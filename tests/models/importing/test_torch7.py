"""Torch7's files: both programs' networks say what they said, and damage is named."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import foreign
import lua
import pytest

from models.importing.errors import ImportingError
from models.importing.importer import import_network, open_network
from models.importing.recognising import Format


def written(path: Path, value: Any) -> Path:
    path.write_bytes(lua.dump(value))
    return path


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
def test_torch_rnns_network_says_what_it_said(tmp_path: Path, cell: str) -> None:
    source = foreign.make_source(cell)
    path = written(tmp_path / "a.t7", {"model": lua.language_model(source, cell), "i": 3.0})
    imported = import_network(path)
    foreign.assert_same(imported, source)
    assert imported.checkpoint.vocabulary.symbols == (*foreign.SYMBOLS, "\ufffd")


def test_char_rnns_graph_says_what_it_said(tmp_path: Path) -> None:
    source = foreign.make_source("lstm", one_hot=True)
    path = written(tmp_path / "a.t7", lua.char_rnn(source))
    foreign.assert_same(import_network(path), source)
    path = written(tmp_path / "a.t7", lua.char_rnn(source) | {"opt": {"model": "gru"}})
    with pytest.raises(ImportingError, match="not its GRU"):
        open_network(path)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"a": 1.0}, "no modules"),
        ({"model": lua.LuaObject("nn.SpatialConvolution", {})}, "convolutional"),
        (
            {
                "model": lua.language_model(
                    foreign.make_source(), "lstm", lua.LuaObject("nn.BatchNormalization", {})
                )
            },
            "nn.BatchNormalization, which",
        ),
        (lua.LuaObject("nn.LanguageModel", {}), "no list of modules"),
    ],
)
def test_what_cannot_be_run_is_named(tmp_path: Path, value: Any, said: str) -> None:
    with pytest.raises(ImportingError, match=said):
        open_network(written(tmp_path / "a.t7", value))


def test_truncated_files_are_named_wherever_they_end(tmp_path: Path) -> None:
    whole = lua.dump({"model": lua.language_model(foreign.make_source(), "lstm")})
    for length in range(1, len(whole), 61):
        (tmp_path / "a.t7").write_bytes(whole[:length])
        with pytest.raises(ImportingError):
            open_network(tmp_path / "a.t7")


@pytest.mark.parametrize("program", ["torch-rnn", "char-rnn"])
def test_files_in_ascii_say_the_same(tmp_path: Path, program: str) -> None:
    source = foreign.make_source("lstm", one_hot=program == "char-rnn")
    if program == "torch-rnn":
        value: Any = {"model": lua.language_model(source, "lstm"), "": "", "two\nlines": True}
    else:
        value = lua.char_rnn(source)
    (tmp_path / "a.t7").write_bytes(lua.dump_ascii(value))
    opened = open_network(tmp_path / "a.t7")
    assert opened.format is Format.TORCH7_ASCII
    foreign.assert_same(import_network(tmp_path / "a.t7"), source)


def test_truncated_and_damaged_files_in_ascii_are_named(tmp_path: Path) -> None:
    whole = lua.dump_ascii({"model": lua.language_model(foreign.make_source(), "lstm")})
    for length in range(1, len(whole) - 2, 61):
        (tmp_path / "a.t7").write_bytes(whole[:length])
        with pytest.raises(ImportingError):
            open_network(tmp_path / "a.t7")
    start = whole[:400]
    for old, new in ((b"V 1", b"V 9\n\n"), (b"\n2\n", b"\n999999999999\n"), (b"\n3\n", b"\n-4\n")):
        assert old in start
        (tmp_path / "a.t7").write_bytes(whole.replace(old, new, 1))
        with pytest.raises(ImportingError):
            open_network(tmp_path / "a.t7")


def test_declared_sizes_take_no_memory(tmp_path: Path) -> None:
    huge = struct.pack("<iii", 3, 1, 1) + struct.pack("<ii", 2, 0x7FFFFFFF)
    (tmp_path / "a.t7").write_bytes(huge)
    with pytest.raises(ImportingError, match="ends within a value of 2,147,483,647 bytes"):
        open_network(tmp_path / "a.t7")
    whole = lua.dump({"model": lua.language_model(foreign.make_source(), "lstm")})
    shape = struct.pack("<iqq", 2, 7, 5)
    assert shape in whole
    (tmp_path / "a.t7").write_bytes(whole.replace(shape, struct.pack("<iqq", 2, 1 << 40, 5)))
    with pytest.raises(ImportingError, match="too few for it"):
        open_network(tmp_path / "a.t7")
