"""Keras's files: those that Keras made, and the layouts of its older versions written by hand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import foreign
import h5py
import numpy as np
import pytest
import torch

from models.importing.errors import ImportingError
from models.importing.importer import import_network, open_network

MADE = Path(__file__).parents[2] / "fixtures" / "keras"
Arrays = Mapping[str, np.ndarray]


def vocabulary(folder: Path) -> str:
    (folder / "rows.txt").write_text(foreign.SYMBOLS, "utf-8")
    return str(folder / "rows.txt")


@pytest.mark.parametrize("path", sorted(MADE.glob("[lgr]*.*5")) + sorted(MADE.glob("*.keras")))
def test_what_keras_made_says_what_it_said_in_keras(tmp_path: Path, path: Path) -> None:
    if path.stem == "gru_before":
        with pytest.raises(ImportingError, match="reset_after=False"):
            open_network(path)
        return
    model = import_network(path, vocabulary(tmp_path)).checkpoint.model
    with torch.no_grad():
        logits, _ = model(foreign.ROWS[:, None], model.zero_state(1))
    expected = np.load(MADE / f"{path.name.split('.')[0]}.npy")
    found = torch.softmax(logits[:, 0, :7], -1).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_activations_that_are_not_run_are_named() -> None:
    with pytest.raises(ImportingError, match="activation 'hard_sigmoid' where Unitscope runs"):
        open_network(MADE / "hard.h5")


def as_keras(source: foreign.Source, cell: str, *, cudnn: bool = False) -> dict[str, Arrays]:
    """Layers of Keras 2 by name, in order."""
    order = {"lstm": "ifgo", "gru": "rzn", "rnn": "n"}[cell]
    wanted = {"lstm": "ifgo", "gru": "zrn", "rnn": "n"}[cell]
    layers: dict[str, Arrays] = {"input": {}}
    if source.embedding is not None:
        layers["embedding"] = {"embeddings:0": source.embedding.weight.detach().numpy()}
    for number in range(source.rnn.num_layers):
        w_ih, w_hh, b_ih, b_hh = (
            foreign.blocks(part, order, wanted) for part in source.arrays(number)
        )
        kernel, recurrent = w_ih.T, w_hh.T
        bias = np.stack([b_ih, b_hh]) if cell == "gru" else b_ih + b_hh
        if cudnn:
            # A gate's matrix (hidden, inputs), row-major, seen as one of shape (inputs, hidden).
            kernel = np.hstack([k.reshape(-1, foreign.HIDDEN) for k in np.split(w_ih, len(order))])
            recurrent = np.hstack([k.reshape(k.shape) for k in np.split(w_hh, len(order))])
            bias = np.concatenate([b_ih, b_hh])
        layers[f"{cell}_{number + 1}"] = {
            "kernel:0": kernel,
            "recurrent_kernel:0": recurrent,
            "bias:0": bias,
        }
    layers["dense_1"] = {
        "kernel:0": source.readout.weight.detach().numpy().T,
        "bias:0": source.readout.bias.detach().numpy(),
    }
    return layers


def write(path: Path, layers: Mapping[str, Arrays], config: Any = None) -> Path:
    with h5py.File(path, "w") as file:
        root = file if config is None else file.create_group("model_weights")
        if config is not None:
            file.attrs["model_config"] = json.dumps(config).encode()
        root.attrs["layer_names"] = np.array([name.encode() for name in layers])
        root.attrs["keras_version"] = b"2.1.5"
        for name, arrays in layers.items():
            group = root.create_group(name)
            group.attrs["weight_names"] = np.array([f"{name}/{short}".encode() for short in arrays])
            for short, array in arrays.items():
                group.create_dataset(f"{name}/{short}", data=array)
    return path


@pytest.mark.parametrize("one_hot", [False, True])
@pytest.mark.parametrize(
    ("cell", "cudnn"),
    [("lstm", False), ("lstm", True), ("gru", False), ("gru", True), ("rnn", False)],
)
def test_keras_2_weights_say_what_the_network_said(
    tmp_path: Path, cell: str, cudnn: bool, one_hot: bool
) -> None:
    source = foreign.make_source(cell, one_hot=one_hot)
    path = write(tmp_path / "a.hdf5", as_keras(source, cell, cudnn=cudnn))
    imported = import_network(path, vocabulary(tmp_path))
    foreign.assert_same(imported, source)
    is_unsure = cell != "rnn" and not cudnn
    assert ("hard_sigmoid" in "".join(imported.origin.notes)) == is_unsure


def test_keras_1_joins_the_gates_that_it_keeps_apart(tmp_path: Path) -> None:
    source = foreign.make_source("lstm", layers=1)
    layers = as_keras(source, "lstm")
    joined = layers["lstm_1"]
    apart = {}
    for place, letter in enumerate("ifco"):
        for name, short in (("kernel", "W"), ("recurrent_kernel", "U"), ("bias", "b")):
            part = np.split(joined[f"{name}:0"], 4, axis=-1)[place]
            apart[f"lstm_1_{short}_{letter}"] = part
    path = write(tmp_path / "a.h5", layers | {"lstm_1": apart})
    foreign.assert_same(import_network(path, vocabulary(tmp_path)), source)


def test_a_whole_model_brings_its_settings(tmp_path: Path) -> None:
    source = foreign.make_source("lstm", layers=1)
    settings = {
        "name": "lstm_1",
        "activation": "tanh",
        "recurrent_activation": "sigmoid",
        "return_sequences": False,
    }
    config = {"class_name": "Sequential", "config": [{"class_name": "LSTM", "config": settings}]}
    layers = as_keras(source, "lstm")
    imported = import_network(write(tmp_path / "a.h5", layers, config), vocabulary(tmp_path))
    foreign.assert_same(imported, source)
    assert "windows of text" in "".join(imported.origin.notes)
    for key, value, said in (
        ("recurrent_activation", "hard_sigmoid", "hard_sigmoid"),
        ("activation", "relu", "relu"),
        ("go_backwards", True, "from its end"),
    ):
        other = {
            "class_name": "Sequential",
            "config": [{"class_name": "LSTM", "config": settings | {key: value}}],
        }
        with pytest.raises(ImportingError, match=said):
            open_network(write(tmp_path / "a.h5", layers, other))


def test_what_follows_the_layers_is_not_run_and_said(tmp_path: Path) -> None:
    source = foreign.make_source("lstm")
    layers = as_keras(source, "lstm", cudnn=True)
    attention = {"attention_W:0": np.ones((17, 1), np.float32)}
    output = {"kernel:0": np.ones((17, 7), np.float32), "bias:0": np.ones(7, np.float32)}
    del layers["dense_1"]
    layers |= {"attention": attention, "output": output}
    imported = import_network(write(tmp_path / "a.h5", layers), vocabulary(tmp_path))
    assert not imported.origin.has_readout
    assert "'attention' [(17, 1)]" in imported.origin.notes[0]
    model = imported.checkpoint.model
    with torch.no_grad():
        logits, state = model(foreign.ROWS[:, None], model.zero_state(1))
        assert source.embedding is not None
        _, (h, _) = source.rnn(source.embedding(foreign.ROWS))
    assert float(logits[..., :7].abs().max()) == 0
    torch.testing.assert_close(state[1][0][0], h[1], atol=1e-5, rtol=1e-5)


ONES = np.ones((6, 6), np.float32)


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ({"conv2d_1": {"kernel:0": np.ones((3, 3, 1, 8), np.float32)}}, "a convolutional network"),
        ({"multi_head_attention": {"query:0": np.ones((8, 2, 4), np.float32)}}, "a Transformer"),
        ({"dense_1": {"bias:0": ONES[0]}}, "without recurrent layers"),
        (
            {
                "bidirectional_1": {
                    "forward_lstm/kernel:0": ONES,
                    "backward_lstm/kernel:0": ONES,
                }
            },
            "bidirectional",
        ),
        (
            {"gru_1": {f"gru_1_{part}_{gate}": ONES for part in "WUb" for gate in "zrh"}},
            "GRU of Keras 1",
        ),
        (
            {
                "gru_1": {
                    "kernel:0": np.ones((7, 18), np.float32),
                    "recurrent_kernel:0": np.ones((6, 18), np.float32),
                    "bias:0": np.ones(18, np.float32),
                }
            },
            "reset_after=False",
        ),
    ],
)
def test_what_cannot_be_run_is_named(
    tmp_path: Path, layers: Mapping[str, Arrays], said: str
) -> None:
    with pytest.raises(ImportingError, match=said):
        open_network(write(tmp_path / "a.h5", layers))


def test_layers_before_and_between_that_are_not_run_are_named(tmp_path: Path) -> None:
    layers = as_keras(foreign.make_source("lstm"), "lstm")
    norm = {"gamma:0": ONES[0], "beta:0": ONES[0]}
    between: dict[str, Arrays] = {}
    for name, arrays in layers.items():
        between[name] = arrays
        if name == "lstm_1":
            between["layer_normalization"] = norm
    with pytest.raises(ImportingError, match="'layer_normalization' comes before a recurrent one"):
        open_network(write(tmp_path / "a.h5", between))
    before = {"dense_0": {"kernel:0": ONES, "bias:0": ONES[0]}} | layers
    with pytest.raises(ImportingError, match="'dense_0' comes before"):
        open_network(write(tmp_path / "a.h5", before))


@pytest.mark.parametrize("kind", ["external", "soft", "storage", "huge", "optimizer", "other"])
def test_files_that_reach_out_or_claim_too_much_are_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.h5"
    said = {"storage": "another file", "huge": "says its shape is"}.get(kind, "link to elsewhere")
    (tmp_path / "secret").write_bytes(bytes(96))
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array([b"lstm"])
        group = file.create_group("lstm")
        group.attrs["weight_names"] = np.array([b"kernel"])
        if kind == "external":
            group["kernel"] = h5py.ExternalLink("other.h5", "/x")
        elif kind == "soft":
            group["kernel"] = h5py.SoftLink("/lstm")
        elif kind == "storage":
            outside = [(str(tmp_path / "secret"), 0, 96)]
            group.create_dataset("kernel", (4, 6), "<f4", external=outside)
        elif kind == "huge":
            group.create_dataset("kernel", (1 << 20, 1 << 20), "<f4", chunks=(64, 64))
        else:
            del file["lstm"], file.attrs["layer_names"]
            file.create_group("optimizer_weights" if kind == "optimizer" else "data")
            said = "optimizer alone" if kind == "optimizer" else "does not list its layers"
    with pytest.raises(ImportingError, match=said):
        open_network(path)


def test_truncated_files_are_named_wherever_they_end(tmp_path: Path) -> None:
    for name in ("lstm.h5", "lstm.keras"):
        whole = (MADE / name).read_bytes()
        for length in range(9, len(whole) - 1, 1511):
            (tmp_path / name).write_bytes(whole[:length])
            with pytest.raises(ImportingError):
                open_network(tmp_path / name)


def test_a_renamed_file_is_opened_all_the_same(tmp_path: Path) -> None:
    shutil.copy(MADE / "lstm.keras", tmp_path / "lstm.pt")
    assert open_network(tmp_path / "lstm.pt").network.cell == "lstm"
