"""PyTorch's files: every layout gives the network that was saved, and no file's code runs."""

from __future__ import annotations

import os
import pickle
import pickletools
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import foreign
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from models.importing.errors import ImportingError
from models.importing.importer import import_network, open_network
from models.importing.unpickling import read_pickle

CELLS = ("lstm", "gru", "rnn")
VOCABULARY = tuple(foreign.SYMBOLS)


class AuthorsNetwork(nn.Module):
    """As people write it, vocabulary beside the layers."""

    def __init__(self, source: foreign.Source) -> None:
        super().__init__()
        self.chars = VOCABULARY
        self.encoder, self.rnn, self.decoder = source.embedding, source.rnn, source.readout


def write_vocabulary(folder: Path) -> str:
    (folder / "rows.txt").write_text(foreign.SYMBOLS, "utf-8")
    return str(folder / "rows.txt")


@pytest.mark.parametrize("one_hot", [False, True])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("is_new", [True, False])
def test_a_state_dict_says_what_the_network_said(
    tmp_path: Path, cell: str, one_hot: bool, is_new: bool
) -> None:
    source = foreign.make_source(cell, one_hot=one_hot)
    torch.save(source.state_dict(), tmp_path / "a.pt", _use_new_zipfile_serialization=is_new)
    imported = import_network(tmp_path / "a.pt", write_vocabulary(tmp_path))
    foreign.assert_same(imported, source)
    assert imported.checkpoint.vocabulary.symbols == (*VOCABULARY, "\ufffd")


@pytest.mark.parametrize("is_new", [True, False])
def test_a_whole_module_is_read_without_its_class(tmp_path: Path, is_new: bool) -> None:
    source = foreign.make_source("gru")
    torch.save(AuthorsNetwork(source), tmp_path / "a.pt", _use_new_zipfile_serialization=is_new)
    imported = import_network(tmp_path / "a.pt")
    foreign.assert_same(imported, source)
    assert "AuthorsNetwork" in imported.origin.layout
    assert imported.origin.vocabulary == "the file"


def test_the_widely_copied_dict_brings_sizes_and_tokens(tmp_path: Path) -> None:
    source = foreign.make_source(one_hot=True)
    saved = {
        "n_hidden": foreign.HIDDEN,
        "n_layers": 2,
        "state_dict": source.state_dict(),
        "tokens": VOCABULARY,
    }
    torch.save(saved, tmp_path / "a.net")
    foreign.assert_same(import_network(tmp_path / "a.net"), source)
    torch.save(saved | {"n_hidden": 7}, tmp_path / "a.net")
    with pytest.raises(ImportingError, match="n_hidden = 7, but its tensors have 6"):
        import_network(tmp_path / "a.net")


def test_safetensors_half_precision_and_parallel_names_are_read(tmp_path: Path) -> None:
    source = foreign.make_source()
    tensors = {f"module.{name}": t.contiguous() for name, t in source.state_dict().items()}
    save_file(tensors, tmp_path / "a.safetensors")
    foreign.assert_same(
        import_network(tmp_path / "a.safetensors", write_vocabulary(tmp_path)), source
    )
    for kind in (torch.bfloat16, torch.float16, torch.float64):
        torch.save({name: t.to(kind) for name, t in tensors.items()}, tmp_path / "a.pt")
        imported = import_network(tmp_path / "a.pt", write_vocabulary(tmp_path))
        foreign.assert_same(imported, source, 0.1 if kind != torch.float64 else 1e-5)


def test_an_embedding_as_wide_as_the_layers_is_told_from_the_readout(tmp_path: Path) -> None:
    source = foreign.make_source()
    rnn = nn.LSTM(foreign.HIDDEN, foreign.HIDDEN)
    wide = foreign.Source(nn.Embedding(7, foreign.HIDDEN), rnn, source.readout)
    torch.save(wide.state_dict(), tmp_path / "a.pt")
    foreign.assert_same(import_network(tmp_path / "a.pt", write_vocabulary(tmp_path)), wide)


def test_cells_of_one_step_and_missing_biases_are_read(tmp_path: Path) -> None:
    source = foreign.make_source(layers=1)
    state = {
        name.replace("_l0", ""): tensor.zero_() if "bias_hh" in name else tensor
        for name, tensor in source.state_dict().items()
    }
    del state["rnn.bias_hh"]
    torch.save(state, tmp_path / "a.pt")
    foreign.assert_same(import_network(tmp_path / "a.pt", write_vocabulary(tmp_path)), source)


class Trap:
    """Asks whoever unpickles it to run a command."""

    def __init__(self, call: object, *arguments: object) -> None:
        self.asked = (call, arguments)

    def __reduce__(self) -> object:
        return self.asked


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize(
    "call", [os.system, eval, exec, __import__, os.remove, pickle.loads, print, Path.touch]
)
def test_no_code_of_a_file_runs(tmp_path: Path, is_new: bool, call: object) -> None:
    mark = tmp_path / "ran"
    state: dict[str, object] = dict(foreign.make_source().state_dict())
    argument = f"touch {mark}" if call is os.system else f"open({str(mark)!r}, 'w')"
    target: object = mark if call is Path.touch else argument
    state["trap"] = Trap(call, target)
    torch.save(state, tmp_path / "a.pt", _use_new_zipfile_serialization=is_new)
    with suppress(ImportingError):
        open_network(tmp_path / "a.pt")
    assert not mark.exists()


def test_a_pickle_that_would_fill_the_memory_is_refused() -> None:
    many = b"\x80\x02Nr\xff\xff\xff\x7f."  # remembers None at place 2,147,483,647
    assert [step.name for step, _, _ in pickletools.genops(many)][2] == "LONG_BINPUT"
    with pytest.raises(ImportingError, match="fill the memory"):
        read_pickle(many)
    with pytest.raises(ImportingError, match="BYTEARRAY8"):
        read_pickle(b"\x80\x05\x96" + b"\x01" + bytes(7) + b"x.")


def test_a_tensor_larger_than_its_storage_is_refused(tmp_path: Path) -> None:
    state = foreign.make_source().state_dict()
    state["fc.bias"] = torch.zeros(1).expand(1 << 40)
    torch.save(state, tmp_path / "a.pt")
    with pytest.raises(ImportingError, match="too few for it"):
        open_network(tmp_path / "a.pt")


def changed(**tensors: torch.Tensor | None) -> dict[str, torch.Tensor]:
    new = {name.replace("__", "."): tensor for name, tensor in tensors.items()}
    state = foreign.make_source().state_dict() | {k: v for k, v in new.items() if v is not None}
    return {name: tensor for name, tensor in state.items() if new.get(name, tensor) is not None}


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (nn.LSTM(5, 6, bidirectional=True).state_dict(), "bidirectional"),
        (nn.LSTM(5, 6, proj_size=3).state_dict(), "proj_size"),
        ({"w_f_diag": torch.zeros(3)}, "peephole"),
        (nn.Conv2d(3, 8, 3).state_dict(), "convolutional network"),
        (nn.TransformerEncoderLayer(8, 2).state_dict(), "Transformer"),
        (nn.Linear(3, 3).state_dict(), "without recurrent layers"),
        ({}, "no state_dict"),
        (torch.optim.Adam([nn.Parameter(torch.zeros(1))]).state_dict(), "optimizer alone"),
        ([1, 2], "neither a state_dict nor a module"),
        (changed(norm__weight=torch.ones(6)), "'norm.weight' does"),
        (changed(fc__weight=None, fc__bias=None), "no readout"),
        (changed(rnn__weight_hh_l1=torch.ones(24, 7)), "'rnn.weight_hh_l1' has shape"),
        (changed(rnn__weight_ih_l1=torch.ones(24, 7)), r"\(24, 7\), but \(24, 6\)"),
        (changed(rnn__bias_ih_l0=torch.ones(23)), r"'rnn.bias_ih_l0' has shape \(23,\)"),
        (changed(rnn__weight_ih_l0=None), "no weight_ih"),
        (changed(embed__weight=torch.ones(9, 5)), r"'fc.weight' has shape \(7, 6\)"),
        (changed(rnn__weight_hh_l0=torch.full((24, 6), float("nan"))), "NaN"),
        (changed(embed__weight=None), "reads 5 numbers at a time"),
    ],
)
def test_what_cannot_be_run_is_named(tmp_path: Path, state: object, said: str) -> None:
    torch.save(state, tmp_path / "a.pt")
    with pytest.raises(ImportingError, match=said) as caught:
        open_network(tmp_path / "a.pt")
    assert str(tmp_path) in str(caught.value)


def test_a_module_tells_its_activation_and_a_state_dict_does_not(tmp_path: Path) -> None:
    source = foreign.make_source("rnn")
    rnn = nn.RNN(foreign.WIDTH, foreign.HIDDEN, 2, nonlinearity="relu")
    rnn.load_state_dict(source.rnn.state_dict())
    whole = nn.ModuleDict({"embed": source.embedding, "rnn": rnn, "fc": source.readout})
    (tmp_path / "rows.txt").write_text(foreign.SYMBOLS, "utf-8")
    rows = str(tmp_path / "rows.txt")
    expected = foreign.by_hand(source, relu=True)
    for saved, activation in ((whole, None), ({"net": whole}, None), (whole.state_dict(), "relu")):
        torch.save(saved, tmp_path / "a.pt")
        imported = import_network(tmp_path / "a.pt", rows, activation=activation)
        foreign.assert_says(imported, expected, 1e-4)
    plain = import_network(tmp_path / "a.pt", rows)
    foreign.assert_same(plain, source)
    assert "Name relu with --activation" in "".join(plain.origin.notes)
    with pytest.raises(ImportingError, match="choose tanh, relu"):
        open_network(tmp_path / "a.pt", "hard_sigmoid")


def test_cells_of_torch_may_tell_and_differ(tmp_path: Path) -> None:
    cells = nn.ModuleList([nn.RNNCell(7, 6, nonlinearity="relu"), nn.RNNCell(6, 6)])
    torch.save(nn.Sequential(cells, nn.Linear(6, 7)), tmp_path / "a.pt")
    with pytest.raises(ImportingError, match="different activations"):
        open_network(tmp_path / "a.pt")


def test_layers_of_different_widths_are_opened(tmp_path: Path) -> None:
    torch.manual_seed(1)
    cells = nn.ModuleList([nn.LSTMCell(5, 8), nn.LSTMCell(8, 3)])
    embed, out = nn.Embedding(7, 5), nn.Linear(3, 7)
    torch.save(nn.ModuleDict({"e": embed, "cells": cells, "o": out}), tmp_path / "a.pt")
    (tmp_path / "rows.txt").write_text(foreign.SYMBOLS, "utf-8")
    imported = import_network(tmp_path / "a.pt", str(tmp_path / "rows.txt"))
    assert imported.checkpoint.architecture.widths == (8, 3)
    states: list[Any] = [None, None]
    logits = []
    with torch.no_grad():
        for row in foreign.ROWS:
            x = embed(row[None])
            for number, cell in enumerate(cells):
                states[number] = cell(x, states[number])
                x = states[number][0]
            logits.append(out(x)[0].numpy())
    foreign.assert_says(imported, np.array(logits))


@pytest.mark.parametrize("is_new", [True, False])
def test_truncated_files_are_named_wherever_they_end(tmp_path: Path, is_new: bool) -> None:
    torch.save(
        foreign.make_source().state_dict(),
        tmp_path / "a.pt",
        _use_new_zipfile_serialization=is_new,
    )
    whole = (tmp_path / "a.pt").read_bytes()
    for length in range(1, len(whole) - 30, 97):
        (tmp_path / "a.pt").write_bytes(whole[:length])
        with pytest.raises(ImportingError):
            open_network(tmp_path / "a.pt")


def test_a_missing_storage_is_named(tmp_path: Path) -> None:
    torch.save(foreign.make_source().state_dict(), tmp_path / "a.pt")
    with (
        zipfile.ZipFile(tmp_path / "a.pt") as whole,
        zipfile.ZipFile(tmp_path / "b.pt", "w") as less,
    ):
        for name in whole.namelist():
            if not name.endswith("data/3"):
                less.writestr(name, whole.read(name))
    with pytest.raises(ImportingError, match="no entry 'a/data/3'"):
        open_network(tmp_path / "b.pt")


def test_damaged_safetensors_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_file({"fc.weight": torch.zeros(3, 3)}, path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ImportingError, match="not a whole safetensors file"):
        open_network(path)
    path.write_bytes((1 << 40).to_bytes(8, "little") + b"{" * 20)
    with pytest.raises(ImportingError, match="does not fit"):
        open_network(path)


def test_the_mapping_of_names_is_a_plain_dict() -> None:
    assert isinstance(read_pickle(pickle.dumps({"a": 1})).value, Mapping)
