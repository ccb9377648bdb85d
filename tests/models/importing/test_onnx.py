"""ONNX files that torch exported say what their networks said; the rest is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import foreign
import numpy as np
import pytest
import torch

from models.importing.errors import ImportingError
from models.importing.importer import import_network, open_network

MADE = Path(__file__).parents[2] / "fixtures" / "onnx"
HIDDEN, SYMBOLS = 6, 7


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def part(number: int, value: int | bytes | str) -> bytes:
    """One field of a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    raw = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def array(name: str, *shape: int, kind: int = 1, numbers: int | None = None) -> bytes:
    count = int(np.prod(shape)) if numbers is None else numbers
    dims = b"".join(part(1, size) for size in shape)
    return part(5, dims + part(2, kind) + part(8, name) + part(9, bytes(4 * count)))


def node(kind: str, *inputs: str, **settings: int | str | list[str]) -> bytes:
    out = b"".join(part(1, name) for name in inputs) + part(2, f"of {kind}") + part(4, kind)
    for name, value in settings.items():
        if isinstance(value, list):
            held = b"".join(part(9, text) for text in value)
        else:
            held = part(3 if isinstance(value, int) else 4, value)
        out += part(5, part(1, name) + held)
    return part(1, out)


def model(*parts: bytes) -> bytes:
    return part(1, 7) + part(2, "test") + part(7, b"".join(parts))


def lstm(*nodes: bytes, rows: int = 24) -> bytes:
    arrays = (array("W", 1, rows, SYMBOLS), array("R", 1, rows, HIDDEN), array("V", HIDDEN, 7))
    return model(*arrays, *nodes)


@pytest.mark.parametrize("cell", sorted(path.stem for path in MADE.glob("*.onnx")))
def test_what_others_made_says_what_it_said_there(tmp_path: Path, cell: str) -> None:
    """Three by torch's exporters, the rest graphs that onnxruntime has run."""
    (tmp_path / "rows.txt").write_text(foreign.SYMBOLS, "utf-8")
    imported = import_network(MADE / f"{cell}.onnx", str(tmp_path / "rows.txt"))
    network = imported.checkpoint.model
    with torch.no_grad():
        logits, _ = network(foreign.ROWS[:, None], network.zero_state(1))
    expected = np.load(MADE / f"{cell}.npy")
    tolerance = 1e-5 * max(1, np.abs(expected).max())  # relu's states grow
    np.testing.assert_allclose(logits[:, 0, :SYMBOLS].numpy(), expected, atol=tolerance)


RUN = node("LSTM", "x", "W", "R")
READOUT = node("MatMul", "y", "V")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (model(node("Conv", "x")), "a convolutional network"),
        (model(node("DynamicQuantizeLSTM", "x")), "a quantised network"),
        (lstm(node("LSTM", "x", "W", "R", direction="bidirectional")), "is bidirectional"),
        (lstm(node("LSTM", "x", "W", "R", activations=["Relu"] * 3)), "activations relu"),
        (lstm(node("LSTM", "x", "W", "R", "", "", "", "", "P")), "peepholes"),
        (lstm(node("LSTM", "x", "W", "R", input_forget=1)), "input_forget"),
        (lstm(node("LSTM", "x", "W", "R", activations=["Sigmoid", "Tanh", "Relu"])), "tanh, relu"),
        (
            lstm(node("RNN", "x", "W", "R", activations=["HardSigmoid"]), rows=6),
            "activations hardsigmoid",
        ),
        (lstm(node("LSTM", "x", "none", "R")), "'none' of its LSTM is not in the file"),
        (lstm(RUN, rows=18), "not those of 4 gates"),
        (lstm(node("LayerNormalization", "x"), RUN), "'LayerNormalization' comes before"),
        (model(array("W", 1 << 20, 1 << 20, numbers=4), RUN), "but it has 16 bytes"),
        (model(), "without LSTM"),
    ],
)
def test_what_cannot_be_run_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.onnx").write_bytes(content)
    with pytest.raises(ImportingError, match=said):
        open_network(tmp_path / "a.onnx")


def test_another_readout_is_not_run_and_said(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(lstm(RUN, READOUT))
    assert open_network(tmp_path / "a.onnx").network.readout is not None
    (tmp_path / "a.onnx").write_bytes(lstm(RUN, node("Attention", "y"), READOUT))
    network = open_network(tmp_path / "a.onnx").network
    assert network.readout is None
    assert "imported for its states" in network.notes[0]


def test_arrays_in_other_folders_or_nowhere_are_refused(tmp_path: Path) -> None:
    shutil.copy(MADE / "gru.onnx", tmp_path)
    with pytest.raises(ImportingError, match="Keep it beside the model"):
        open_network(tmp_path / "gru.onnx")
    place = part(13, part(1, "location") + part(2, "../secret"))
    outside = part(5, part(1, 4) + part(2, 1) + part(8, "W") + place)
    (tmp_path / "a.onnx").write_bytes(model(outside, RUN))
    with pytest.raises(ImportingError, match="not a file beside the model"):
        open_network(tmp_path / "a.onnx")


def test_truncated_files_are_named_wherever_they_end(tmp_path: Path) -> None:
    whole = (MADE / "lstm.onnx").read_bytes()
    for length in range(1, len(whole) - 40, 97):
        (tmp_path / "a.onnx").write_bytes(whole[:length])
        with pytest.raises(ImportingError):
            open_network(tmp_path / "a.onnx")
