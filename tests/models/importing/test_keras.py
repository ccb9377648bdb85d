"""Keras's files: those that Keras made, and the layouts of its older versions written by hand."""

from __future__ import annotations

import json
import resource
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import foreign
import h5py
import numpy as np
import pytest
import torch

from models.cells import Variant
from models.importing.errors import ImportingError
from models.importing.importer import import_network, open_network

MADE = Path(__file__).parents[2] / "fixtures" / "keras"
Arrays = Mapping[str, np.ndarray]


def vocabulary(folder: Path) -> str:
    (folder / "rows.txt").write_text(foreign.SYMBOLS, "utf-8")
    return str(folder / "rows.txt")


@pytest.mark.parametrize("path", sorted(MADE.glob("*.*5")) + sorted(MADE.glob("*.keras")), ids=str)
def test_what_keras_made_says_what_it_said_in_keras(tmp_path: Path, path: Path) -> None:
    model = import_network(path, vocabulary(tmp_path)).checkpoint.model
    with torch.no_grad():
        logits, _ = model(foreign.ROWS[:, None], model.zero_state(1))
    expected = np.load(MADE / f"{path.name.split('.')[0]}.npy")
    found = torch.softmax(logits[:, 0, :7], -1).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_what_sets_keras_3s_cells_apart_is_found_in_its_files() -> None:
    for name, variant in (
        ("hard.h5", Variant(gate_slope=1 / 6)),
        ("gru_before.keras", Variant(reset_before=True)),
        ("gru_before_hard.keras", Variant(gate_slope=1 / 6, reset_before=True)),
        ("rnn_relu.keras", Variant(relu=True)),
        ("uneven.keras", Variant()),
    ):
        assert open_network(MADE / name).network.variant == variant
    assert open_network(MADE / "uneven.keras").network.widths == (9, 6)


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


def write(
    path: Path, layers: Mapping[str, Arrays], config: Any = None, version: str = "2.3.1"
) -> Path:
    with h5py.File(path, "w") as file:
        root = file if config is None else file.create_group("model_weights")
        if config is not None:
            file.attrs["model_config"] = json.dumps(config).encode()
        root.attrs["layer_names"] = np.array([name.encode() for name in layers])
        root.attrs["keras_version"] = version.encode()
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
    assert ("--activation" in "".join(imported.origin.notes)) == (not cudnn)
    if cell == "rnn" or cudnn:
        return
    # Before 2.3, Keras's own default was another, and TensorFlow's Keras counts in its own way.
    old = import_network(write(path, as_keras(source, cell), version="2.1.5"), vocabulary(tmp_path))
    assert old.checkpoint.architecture.gate_slope == 0.2
    if not one_hot:
        foreign.assert_says(old, foreign.by_hand(source, foreign.keras_2_hard))
    mended = import_network(path, vocabulary(tmp_path), activation="sigmoid")
    foreign.assert_same(mended, source)
    path = write(path, as_keras(source, cell), version="2.2.4-tf")
    foreign.assert_same(import_network(path, vocabulary(tmp_path)), source)


@pytest.mark.parametrize(
    ("version", "hard"),
    [
        ("1.2.2", foreign.keras_2_hard),
        ("2.2.4", foreign.keras_2_hard),
        ("2.15.0", foreign.keras_2_hard),
        ("3.4.1", foreign.keras_3_hard),
    ],
)
def test_hard_sigmoid_is_that_of_the_version_that_saved_it(
    tmp_path: Path, version: str, hard: Any
) -> None:
    source = foreign.make_source("lstm", layers=1)
    settings = {"name": "lstm_1", "activation": "tanh", "recurrent_activation": "hard_sigmoid"}
    config = {"class_name": "Sequential", "config": [{"class_name": "LSTM", "config": settings}]}
    path = write(tmp_path / "a.h5", as_keras(source, "lstm"), config, version)
    imported = import_network(path, vocabulary(tmp_path))
    foreign.assert_says(imported, foreign.by_hand(source, hard))
    # The two are told apart, and neither is the sigmoid.
    others = {foreign.softened, foreign.keras_2_hard, foreign.keras_3_hard} - {hard}
    for other in others:
        difference = foreign.by_hand(source, hard) - foreign.by_hand(source, other)
        assert np.abs(difference).max() > 0.01


@pytest.mark.parametrize("version", ["2.1.5", "2.3.1"])
def test_a_gru_of_keras_2_resets_before_the_product(tmp_path: Path, version: str) -> None:
    source = foreign.make_source("gru")
    with torch.no_grad():
        for layer in range(2):  # which such a GRU has no place for
            source.rnn.get_parameter(f"bias_hh_l{layer}").zero_()
    layers = as_keras(source, "gru")
    for number in (1, 2):
        layers[f"gru_{number}"] = {
            name: array[0] if name == "bias:0" else array
            for name, array in layers[f"gru_{number}"].items()
        }
    gate = foreign.keras_2_hard if version == "2.1.5" else foreign.softened
    path = write(tmp_path / "a.h5", layers, version=version)
    imported = import_network(path, vocabulary(tmp_path))
    assert imported.checkpoint.architecture.reset_before
    expected = foreign.by_hand(source, gate, before=True)
    foreign.assert_says(imported, expected)
    assert np.abs(expected - foreign.by_hand(source, gate)).max() > 0.01


def test_layers_that_differ_in_their_activations_are_named(tmp_path: Path) -> None:
    layers = as_keras(foreign.make_source("lstm"), "lstm")
    listed = [
        {"class_name": "LSTM", "config": {"name": f"lstm_{n}", "recurrent_activation": gate}}
        for n, gate in ((1, "sigmoid"), (2, "hard_sigmoid"))
    ]
    config = {"class_name": "Sequential", "config": listed}
    with pytest.raises(ImportingError, match="several kinds: lstm, lstm hard sigmoid"):
        open_network(write(tmp_path / "a.h5", layers, config))


@pytest.mark.parametrize(("cell", "letters"), [("lstm", "ifco"), ("gru", "zrh")])
def test_keras_1_joins_the_gates_that_it_keeps_apart(
    tmp_path: Path, cell: str, letters: str
) -> None:
    source = foreign.make_source(cell, layers=1)
    layers = as_keras(source, cell)
    joined = layers[f"{cell}_1"]
    apart = {}
    for place, letter in enumerate(letters):
        for name, short in (("kernel", "W"), ("recurrent_kernel", "U"), ("bias", "b")):
            whole = joined[f"{name}:0"]
            if cell == "gru" and name == "bias":
                whole = whole[0] + whole[1]
            part = np.split(whole, len(letters), axis=-1)[place]
            apart[f"{cell}_1_{short}_{letter}"] = part
    path = write(tmp_path / "a.h5", layers | {f"{cell}_1": apart}, version="1.2.2")
    imported = import_network(path, vocabulary(tmp_path))
    foreign.assert_says(imported, foreign.by_hand(source, foreign.keras_2_hard, before=True))
    with h5py.File(path, "r+") as file:  # the oldest do not even say their version
        del file.attrs["keras_version"]
    assert open_network(path).network.variant.gate_slope == 0.2


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
        ("recurrent_activation", "softsign", "'softsign': Unitscope runs sigmoid and hard"),
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
            {"gru_1": {f"gru_1_{part}_{gate}": ONES for part in "WU" for gate in "zrh"}},
            "'gru_1' comes before|without recurrent",
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


def test_a_heap_that_does_not_add_up_is_not_read(tmp_path: Path) -> None:
    """The library would look for its end for ever."""
    whole = bytearray((MADE / "lstm.h5").read_bytes())
    heap = whole.index(b"GCOL", whole.index(b"GCOL") + 4)
    end = heap + int.from_bytes(whole[heap + 8 : heap + 16], "little")
    free = next(
        at
        for at in range(heap + 16, end, 8)
        if whole[at : at + 8] == bytes(8)
        and at + int.from_bytes(whole[at + 8 : at + 16], "little") == end
    )
    whole[free + 8] ^= 0xC0
    (tmp_path / "a.h5").write_bytes(whole)
    with pytest.raises(ImportingError, match="does not add up"):
        open_network(tmp_path / "a.h5")


def test_attributes_that_are_no_text_are_not_read(tmp_path: Path) -> None:
    shutil.copy(MADE / "lstm.h5", tmp_path)
    with h5py.File(tmp_path / "lstm.h5", "r+") as file:
        held = np.empty(1, object)
        held[0] = np.zeros(3, np.uint8)
        file["model_weights/lstm"].attrs.create("weight_names", held, dtype=h5py.vlen_dtype("u1"))
    with pytest.raises(ImportingError, match="'weight_names' is neither text nor number"):
        open_network(tmp_path / "lstm.h5")


@pytest.mark.parametrize("name", ["lstm.h5", "lstm.keras"])
def test_a_text_that_claims_gigabytes_takes_no_memory(tmp_path: Path, name: str) -> None:
    whole = bytearray((MADE / "lstm.h5").read_bytes())
    heap = whole.index(b"GCOL").to_bytes(8, "little")
    reference = whole.index(heap + (1).to_bytes(4, "little"))
    whole[reference - 1] = 0x78  # the upper byte of its length
    path = tmp_path / name
    if name.endswith(".keras"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", '{"config": {"layers": []}}')
            archive.writestr("model.weights.h5", bytes(whole))
    else:
        path.write_bytes(whole)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ImportingError, match=r"A text in it claims 2,0\d\d,\d\d\d,\d\d\d bytes"):
        open_network(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB


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
