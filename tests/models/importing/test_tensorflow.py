"""TensorFlow 1's cells, in ml5's folders and in .npz: the same network, forget bias included."""

from __future__ import annotations

import json
from pathlib import Path

import foreign
import numpy as np
import pytest

from models.importing.errors import ImportingError
from models.importing.importer import import_network, open_network

Arrays = dict[str, np.ndarray]


def as_tensorflow(source: foreign.Source, cell: str, words: tuple[str, str]) -> Arrays:
    """One matrix a layer, inputs before states, columns i g f o, the forget bias less 1."""
    arrays: Arrays = {}
    for layer in range(source.rnn.num_layers):
        parts = source.arrays(layer)
        if cell == "lstm":
            parts = tuple(foreign.blocks(part, "ifgo", "igfo") for part in parts)  # type: ignore[assignment]
        w_ih, w_hh, b_ih, b_hh = parts
        bias = b_ih + b_hh
        if cell == "lstm":
            bias[2 * foreign.HIDDEN : 3 * foreign.HIDDEN] -= 1
        place = f"rnnlm/multi_rnn_cell/cell_{layer}/basic_{cell}_cell"
        arrays[f"{place}/{words[0]}"] = np.concatenate([w_ih, w_hh], 1).T
        arrays[f"{place}/{words[1]}"] = bias
    if source.embedding is not None:
        arrays["embedding"] = source.embedding.weight.detach().numpy()
    arrays["rnnlm/softmax_w"] = source.readout.weight.detach().numpy().T
    arrays["rnnlm/softmax_b"] = source.readout.bias.detach().numpy()
    return arrays


def write_folder(folder: Path, arrays: Arrays) -> None:
    manifest = {}
    for name, array in (arrays | {"Variable": np.array(3, np.int32)}).items():
        filename = name.replace("/", "_")
        (folder / filename).write_bytes(np.ascontiguousarray(array).tobytes())
        manifest[name] = {"filename": filename, "shape": list(array.shape)}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (folder / "vocab.json").write_text(
        json.dumps({symbol: row for row, symbol in enumerate(foreign.SYMBOLS)}), "utf-8"
    )


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
@pytest.mark.parametrize("one_hot", [False, True])
@pytest.mark.parametrize("words", [("weights", "biases"), ("kernel", "bias")])
def test_ml5s_folder_says_what_the_network_said(
    tmp_path: Path, cell: str, one_hot: bool, words: tuple[str, str]
) -> None:
    source = foreign.make_source(cell, one_hot=one_hot)
    write_folder(tmp_path, as_tensorflow(source, cell, words))
    imported = import_network(tmp_path)
    foreign.assert_same(imported, source)
    foreign.assert_same(import_network(tmp_path / "manifest.json"), source)
    assert imported.origin.vocabulary == "vocab.json"
    assert ("forget bias" in "".join(imported.origin.notes)) == (cell == "lstm")


def test_npz_says_what_the_network_said(tmp_path: Path) -> None:
    source = foreign.make_source()
    tokens = np.array(list(foreign.SYMBOLS))
    np.savez(tmp_path / "a.npz", tokens=tokens, **as_tensorflow(source, "lstm", ("kernel", "bias")))
    foreign.assert_same(import_network(tmp_path / "a.npz"), source)
    state = {name: tensor.numpy() for name, tensor in source.state_dict().items()}
    np.savez_compressed(tmp_path / "b.npz", tokens=tokens, **state)
    foreign.assert_same(import_network(tmp_path / "b.npz"), source)


def test_min_char_rnns_arrays_are_read(tmp_path: Path) -> None:
    source = foreign.make_source("rnn", layers=1, one_hot=True)
    w_ih, w_hh, b_ih, b_hh = source.arrays(0)
    out = source.readout
    np.savez(
        tmp_path / "a.npz",
        Wxh=w_ih,
        Whh=w_hh,
        bh=(b_ih + b_hh)[:, None],
        Why=out.weight.detach().numpy(),
        by=out.bias.detach().numpy()[:, None],
        chars=np.array(list(foreign.SYMBOLS)),
    )
    foreign.assert_same(import_network(tmp_path / "a.npz"), source)


def test_objects_in_npz_are_not_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", Wxh=np.array([{}], dtype=object))
    with pytest.raises(ImportingError, match="holds Python objects"):
        open_network(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"embedding": {"filename": "../vocab.json", "shape": [7, 5]}}, "not a file beside it"),
        ({"embedding": {"filename": "/etc/passwd", "shape": [7, 5]}}, "not a file beside it"),
        ({"embedding": {"filename": "embedding", "shape": [1 << 40, 5]}}, "140 bytes, but"),
        ({"embedding": {"filename": "none", "shape": [7, 5]}}, "cannot be read"),
        ({"embedding": {"filename": "embedding", "shape": [5, 7]}}, r"\(5, 7\), but \(7, 5\)"),
        (
            {"x/gru_cell/gates/kernel": {"filename": "embedding", "shape": [7, 5]}},
            "several|cells are",
        ),
        ({"a/lstm_cell/w_f_diag": {"filename": "embedding", "shape": [7, 5]}}, "peephole"),
        ({"extra": {"filename": "embedding", "shape": [7, 5]}}, "'extra' does is not known"),
        ({"embedding": {}}, "no filename and shape"),
    ],
)
def test_what_is_wrong_with_a_folder_is_named(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    write_folder(tmp_path, as_tensorflow(foreign.make_source(), "lstm", ("kernel", "bias")))
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    (tmp_path / "manifest.json").write_text(json.dumps(manifest | change), "utf-8")
    with pytest.raises(ImportingError, match=said):
        open_network(tmp_path)


@pytest.mark.parametrize("words", [("weights", "biases"), ("kernel", "bias")])
def test_tensorflows_gru_resets_before_the_product(tmp_path: Path, words: tuple[str, str]) -> None:
    source = foreign.make_source("gru")
    arrays = as_tensorflow(source, "gru", words)
    arrays = {name: array for name, array in arrays.items() if "cell" not in name}
    for layer in range(2):
        w_ih, w_hh, b_ih, b_hh = source.arrays(layer)
        both, bias = np.concatenate([w_ih, w_hh], 1).T, b_ih + b_hh
        place = f"rnnlm/multi_rnn_cell/cell_{layer}/gru_cell"
        cut = 2 * foreign.HIDDEN
        arrays[f"{place}/gates/{words[0]}"] = both[:, :cut]
        arrays[f"{place}/candidate/{words[0]}"] = both[:, cut:]
        arrays[f"{place}/gates/{words[1]}"] = bias[:cut]
        arrays[f"{place}/candidate/{words[1]}"] = bias[cut:]
    write_folder(tmp_path, arrays)
    imported = import_network(tmp_path)
    foreign.assert_says(imported, foreign.by_hand(source, before=True))
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    del manifest[f"{place}/gates/{words[1]}"]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(ImportingError, match="missing"):
        open_network(tmp_path)


def test_json_with_nan_or_an_end_in_its_middle_is_named(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"filename": NaN}', "utf-8")
    with pytest.raises(ImportingError, match="holds NaN"):
        open_network(tmp_path)
    (tmp_path / "manifest.json").write_text('{"filename": {', "utf-8")
    with pytest.raises(ImportingError, match="no whole JSON"):
        open_network(tmp_path)
