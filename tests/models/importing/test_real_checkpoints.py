"""Checkpoints that other people trained are read right: what they say of texts, in bits.

UNITSCOPE_CHECKPOINTS is a folder with pytorch-char-rnn, torch-rnn-placenames, ml5-shakespeare and
textgenrnn; UNITSCOPE_SHAKESPEARE is the file tinyshakespeare. A wrong gate order gives 7 to 11
bits, a forgotten forget bias 0.3 more than there should be.
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import h5py
import pytest
import torch
from torch.nn.functional import cross_entropy, pad

from models.importing.importer import Imported, import_network
from models.importing.parity import Parity, measure_parity

FOLDER = os.environ.get("UNITSCOPE_CHECKPOINTS")
SHAKESPEARE = os.environ.get("UNITSCOPE_SHAKESPEARE")
pytestmark = pytest.mark.skipif(not FOLDER, reason="UNITSCOPE_CHECKPOINTS names no folder")
needs_text = pytest.mark.skipif(not SHAKESPEARE, reason="UNITSCOPE_SHAKESPEARE names no file")
TITLES = (
    "What's the best way to learn Python?",
    "Why do people hate the new season of Game of Thrones?",
    "TIL that the first man on the moon was a member of the United States Army",
    "What is the most underrated movie of all time?",
)


def at(name: str) -> Path:
    return Path(FOLDER or "") / name


def on_shakespeare(imported: Imported) -> Parity:
    text = Path(SHAKESPEARE or "").read_text("utf-8")
    return measure_parity(imported.checkpoint, text)


@needs_text
def test_a_whole_module_of_pytorch() -> None:
    imported = import_network(at("pytorch-char-rnn/model.pt"), "string.printable")
    parity = on_shakespeare(imported)
    assert abs(parity.bits - 2.33) < 0.05
    assert not parity.warnings


def test_torch_rnns_language_model() -> None:
    imported = import_network(at("torch-rnn-placenames/checkpoint_8450.t7"))
    text = at("torch-rnn-placenames/towns.txt").read_text("utf-8")
    assert 1.8 < measure_parity(imported.checkpoint, text).bits < 2.11 + 0.05


@needs_text
def test_ml5s_folder_with_its_vocabulary_mended(tmp_path: Path) -> None:
    damaged = import_network(at("ml5-shakespeare"))
    assert "row 13" in "".join(damaged.origin.notes)
    parity = on_shakespeare(damaged)
    assert parity.unknown == "uU"
    assert any("damaged" in warning for warning in parity.warnings)
    rows = json.loads(at("ml5-shakespeare/vocab.json").read_text("utf-8"))
    mended = {{"  ": "u", "": "U"}.get(token, token): row for token, row in rows.items()}
    (tmp_path / "mended.json").write_text(json.dumps(mended), "utf-8")
    imported = import_network(at("ml5-shakespeare"), str(tmp_path / "mended.json"))
    assert 1.8 < on_shakespeare(imported).bits < 2.15 + 0.05


def test_textgenrnns_states_are_those_that_its_attention_reads() -> None:
    path = at("textgenrnn/textgenrnn_weights.hdf5")
    imported = import_network(path)
    assert not imported.origin.has_readout
    model = imported.checkpoint.model
    with h5py.File(path) as file:
        query = torch.from_numpy(file["attention/attention/attention_W:0"][()])
        kernel = torch.from_numpy(file["output/output/kernel:0"][()])
        bias = torch.from_numpy(file["output/output/bias:0"][()])
    rows = json.loads(at("textgenrnn/textgenrnn_vocab.json").read_text("utf-8"))
    windows, following = [], []
    for title in TITLES:
        indices = [rows["<s>"], *(rows[symbol] for symbol in title), rows["<s>"]]
        for end in range(1, len(indices)):
            window = torch.tensor(indices[max(0, end - 40) : end])
            windows.append(pad(window, (40 - len(window), 0)))  # as it was trained
            following.append(indices[end])
    with torch.no_grad():
        embedded = model.embedding(torch.stack(windows, 1))
        first, _ = model.layers[0](embedded)
        second, _ = model.layers[1](first)
        every = torch.cat([embedded, first, second], -1)
        read = (torch.softmax(every @ query, 0) * every).sum(0)
        loss = cross_entropy(read @ kernel + bias, torch.tensor(following))
    assert float(loss) / math.log(2) < 1.5 + 0.05
