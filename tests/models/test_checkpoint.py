"""A checkpoint's file: read back as it was, and refused with a sentence if it is anything else."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import planted
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from models import checkpoint as checkpoint_module
from models.checkpoint import Checkpoint, CheckpointError, load_checkpoint, save_checkpoint
from models.recurrent import Architecture, RecurrentModel
from models.vocabulary import UNKNOWN, Vocabulary

KINDS = {"embedding": (4, False), "one-hot": (None, False), "tied": (5, True)}


def make_checkpoint(kind: str, cell: Any = "lstm") -> Checkpoint:
    """A 2 x 5 network with another input or readout."""
    embedding, tied = KINDS[kind]
    torch.manual_seed(3)
    symbols = planted.SYMBOLS
    model = RecurrentModel(Architecture(cell, 2, 5, embedding, len(symbols), tied))
    return Checkpoint(kind, model.eval(), Vocabulary(symbols))


@pytest.fixture
def saved(tiny_checkpoint: Checkpoint, tmp_path: Path) -> Path:
    path = tmp_path / "tiny.safetensors"
    save_checkpoint(tiny_checkpoint, path)
    return path


def rewrite(path: Path, change: Callable[[dict[str, Any], dict[str, torch.Tensor]], None]) -> None:
    """Change a saved checkpoint's metadata and tensors in place."""
    with safe_open(path, framework="pt") as file:
        metadata = json.loads(file.metadata()["unitscope"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    change(metadata, tensors)
    save_file(tensors, path, metadata={"unitscope": json.dumps(metadata)})


def complaint(path: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(path)
    message = str(caught.value)
    assert path.name in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_a_checkpoint_is_read_back_as_it_was(cell: Any, tmp_path: Path) -> None:
    facts = {"corpus": "made", "choose_loss": 1.25, "curve": [{"symbols": 3}], "none": None}
    made = planted.random_checkpoint(cell)
    made = Checkpoint("a name", made.model, made.vocabulary, facts)
    save_checkpoint(made, tmp_path / "x.safetensors")
    loaded = load_checkpoint(tmp_path / "x.safetensors")
    assert loaded.name == "a name"
    assert loaded.architecture == made.architecture
    assert loaded.vocabulary == made.vocabulary
    assert loaded.training == facts
    assert not loaded.model.training
    for name, tensor in loaded.model.state_dict().items():
        assert tensor.dtype == torch.float32
        # float16 keeps 11 bits: half of the last one is 2^-12 of the value.
        torch.testing.assert_close(tensor, made.model.state_dict()[name], rtol=2**-11, atol=1e-7)
    assert all(parameter.requires_grad for parameter in loaded.model.parameters())


def test_a_loaded_network_reads_as_the_saved_one(tiny_checkpoint: Checkpoint, saved: Path) -> None:
    symbols = torch.randint(0, len(planted.SYMBOLS), (30, 2))
    logits = [
        checkpoint.model(symbols, checkpoint.model.zero_state(2))[0]
        for checkpoint in (tiny_checkpoint, load_checkpoint(saved))
    ]
    torch.testing.assert_close(*logits, rtol=0, atol=0.02)


def test_a_symbol_of_any_kind_is_read_back(tmp_path: Path) -> None:
    symbols = (UNKNOWN, "\n", '"', "\\", "\x7f", "\u0301", "\u2028", "\U0001f600", "\ud83d")
    made = planted.random_checkpoint(symbols=symbols)
    save_checkpoint(made, tmp_path / "x.safetensors")
    assert load_checkpoint(tmp_path / "x.safetensors").vocabulary.symbols == symbols


def test_the_hash_stays_the_same_from_file_to_file(saved: Path, tmp_path: Path) -> None:
    first = load_checkpoint(saved)
    save_checkpoint(first, tmp_path / "again.safetensors")
    second = load_checkpoint(tmp_path / "again.safetensors")
    assert first.sha256 == second.sha256
    assert len(first.sha256) == 64
    assert saved.read_bytes() == (tmp_path / "again.safetensors").read_bytes()


def test_the_hash_tells_networks_apart(tiny_checkpoint: Checkpoint, saved: Path) -> None:
    hashes = {tiny_checkpoint.sha256, planted.random_checkpoint("gru").sha256}
    renamed = load_checkpoint(saved)
    other_words = Vocabulary((*planted.SYMBOLS[:-1], "Z"))
    hashes |= {renamed.sha256, Checkpoint("tiny", renamed.model, other_words).sha256}
    with torch.no_grad():
        changed = load_checkpoint(saved)
        changed.model.readout.bias[0] += 1
    assert len(hashes | {changed.sha256}) == 5
    assert Checkpoint("other", renamed.model, renamed.vocabulary).sha256 == renamed.sha256


def test_a_vocabulary_of_another_size_is_refused(tiny_checkpoint: Checkpoint) -> None:
    with pytest.raises(CheckpointError, match="reads 34 symbols, but the vocabulary has 2"):
        Checkpoint("x", tiny_checkpoint.model, Vocabulary((UNKNOWN, "a")))


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "folder.safetensors").mkdir()
    for name in ("x.safetensors", "folder.safetensors", "n" * 300):
        assert "There is no checkpoint file" in complaint(tmp_path / name)


@pytest.mark.parametrize("kept", [0, 1, 7, 8, 100, 2000, -1])
def test_a_truncated_file_is_a_sentence(saved: Path, kept: int) -> None:
    data = saved.read_bytes()
    saved.write_bytes(data[:kept])
    assert "truncated" in complaint(saved)


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x04\x95 a pickle",
        b"PK\x03\x04" + b"\0" * 100,
        b"\xff" * 64,
        struct.pack("<Q", 1 << 60) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        b"A plain text of more than eight bytes.",
    ],
)
def test_a_file_of_another_format_is_a_sentence(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(data)
    assert "not a whole safetensors file" in complaint(tmp_path / "x.safetensors")


def test_a_file_without_our_metadata_is_a_sentence(tmp_path: Path) -> None:
    save_file({"weight": torch.zeros(2)}, tmp_path / "x.safetensors")
    assert "not a Unitscope checkpoint" in complaint(tmp_path / "x.safetensors")
    save_file({"weight": torch.zeros(2)}, tmp_path / "x.safetensors", metadata={"format": "pt"})
    assert "not a Unitscope checkpoint" in complaint(tmp_path / "x.safetensors")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", "null", '"text"', "{}", "[" * 100_000, '{"schema_version": 1}']
)
def test_damaged_metadata_is_a_sentence(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_file({"weight": torch.zeros(2)}, path, metadata={"unitscope": text})
    assert "damaged metadata" in complaint(path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schema_version": 99}, "schema 99; this version reads 1 and 2"),
        ({"architecture": {"layers": "two"}}, "layers must be a whole number above 0, not 'two'"),
        ({"architecture": {"layers": 0}}, "layers must be"),
        ({"architecture": {"hidden": -5}}, "hidden must be"),
        ({"architecture": {"hidden": 5.5}}, "hidden must be"),
        ({"architecture": {"cell": "perceptron"}}, "Unknown cell"),
        ({"architecture": {"cell": ["lstm"]}}, "damaged metadata"),
        ({"architecture": {"dropout": 0.5}}, "damaged metadata"),
        ({"architecture": 3}, "damaged metadata"),
        ({"architecture": {"cell": "gru"}}, "shape"),
        ({"architecture": {"layers": 1}}, "should not be there"),
        ({"architecture": {"layers": 3}}, "is missing"),
        ({"architecture": {"hidden": 6}}, "shape"),
        # These would take gigabytes, or hours, if the file were believed.
        ({"architecture": {"layers": 1_000_000}}, "too few for 1,000,000 layers"),
        ({"architecture": {"layers": 10**15}}, "weights; at most"),
        ({"architecture": {"hidden": 5_000}}, "The file holds 800 weights"),
        ({"architecture": {"hidden": 10**30}}, "weights; at most"),
        ({"architecture": {"embedding": 10**6}}, "The file holds 800 weights"),
        ({"architecture": {"symbols": 10**6}}, "The file holds 800 weights"),
        ({"vocabulary": 7}, "damaged metadata"),
        ({"vocabulary": [1, 2]}, "damaged metadata"),
        ({"vocabulary": [["a"], UNKNOWN]}, "damaged metadata"),
        ({"vocabulary": [UNKNOWN, "a", "a"]}, "more than once"),
        ({"vocabulary": [UNKNOWN, "the"]}, "must be one character"),
        ({"vocabulary": ["a", "b"]}, "no unknown symbol"),
        ({"vocabulary": []}, "no unknown symbol"),
        ({"vocabulary": [UNKNOWN, "a"]}, "reads 34 symbols, but the vocabulary has 2"),
        ({"training": "long"}, "damaged metadata"),
        ({"training": 5}, "damaged metadata"),
    ],
    ids=str,
)
def test_metadata_of_the_wrong_kind_is_a_sentence(
    saved: Path, changes: dict[str, Any], words: str
) -> None:
    def change(metadata: dict[str, Any], tensors: dict[str, torch.Tensor]) -> None:
        for name, value in changes.items():
            whole = name == "architecture" and isinstance(value, dict)
            metadata[name] = metadata[name] | value if whole else value

    rewrite(saved, change)
    assert words in complaint(saved)


@pytest.mark.parametrize("name", ["schema_version", "name", "architecture", "vocabulary"])
def test_missing_metadata_is_named(saved: Path, name: str) -> None:
    rewrite(saved, lambda metadata, tensors: metadata.pop(name))
    assert name in complaint(saved)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda tensors: tensors.pop("readout.bias"), "'readout.bias' is missing"),
        (lambda tensors: tensors.update(extra=torch.zeros(1)), "'extra' should not be there"),
        (
            lambda tensors: tensors.update({"readout.bias": torch.zeros(3)}),
            r"has shape (3,), but the architecture (2 x 5 LSTM) needs (34,)",
        ),
        (
            lambda tensors: tensors["layers.0.weight_hh_l0"].view(-1)[7:8].fill_(float("nan")),
            "'layers.0.weight_hh_l0' holds NaN",
        ),
        (
            lambda tensors: tensors["embedding.weight"].view(-1)[7:8].fill_(-float("inf")),
            "'embedding.weight' holds",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_named(
    saved: Path, change: Callable[[dict[str, torch.Tensor]], None], words: str
) -> None:
    rewrite(saved, lambda metadata, tensors: change(tensors))
    assert words in complaint(saved)


def test_nothing_is_allocated_for_a_network_that_the_file_does_not_hold(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[Any] = []
    build = RecurrentModel.__init__

    def watch(model: RecurrentModel, *arguments: Any) -> None:
        built.append(arguments)
        build(model, *arguments)

    monkeypatch.setattr(RecurrentModel, "__init__", watch)
    rewrite(saved, lambda metadata, tensors: metadata["architecture"].update(hidden=4_000))
    complaint(saved)
    assert built == []


@pytest.mark.parametrize(
    ("owner", "name", "failure"),
    [
        (checkpoint_module, "save_file", OSError(28, "No space left on device")),
        (os, "replace", OSError(30, "Read-only file system")),
    ],
)
def test_a_failed_save_leaves_the_old_file_and_nothing_else(
    tiny_checkpoint: Checkpoint,
    saved: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    name: str,
    failure: OSError,
) -> None:
    before = saved.read_bytes()

    def fail(*arguments: Any, **options: Any) -> None:
        raise failure

    monkeypatch.setattr(owner, name, fail)
    with pytest.raises(CheckpointError, match=f"Cannot write .*{failure.strerror}"):
        save_checkpoint(planted.random_checkpoint("gru"), saved)
    assert saved.read_bytes() == before
    assert os.listdir(saved.parent) == [saved.name]


def test_an_interrupted_save_leaves_the_old_file_and_nothing_else(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = saved.read_bytes()

    def interrupt(*arguments: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint_module, "save_file", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(planted.random_checkpoint("gru"), saved)
    assert saved.read_bytes() == before
    assert os.listdir(saved.parent) == [saved.name]


@pytest.mark.parametrize("name", ["FILE/x.safetensors", "folder", "n" * 300])
def test_a_place_that_cannot_be_written_to_is_a_sentence(
    tiny_checkpoint: Checkpoint, tmp_path: Path, name: str
) -> None:
    (tmp_path / "FILE").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(CheckpointError, match="Cannot write the checkpoint"):
        save_checkpoint(tiny_checkpoint, tmp_path / name)
    assert sorted(os.listdir(tmp_path)) == ["FILE", "folder"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e6])
def test_weights_that_could_not_be_read_back_are_not_saved(tmp_path: Path, value: float) -> None:
    made = planted.random_checkpoint()
    with torch.no_grad():
        made.model.readout.bias[3] = value
    with pytest.raises(CheckpointError, match=r"'readout\.bias' holds"):
        save_checkpoint(made, tmp_path / "x.safetensors")
    assert os.listdir(tmp_path) == []


def test_the_training_goes_on_from_a_loaded_network(saved: Path) -> None:
    model = load_checkpoint(saved).model
    symbols = torch.randint(0, len(planted.SYMBOLS), (5, 2))
    logits, _ = model(symbols, model.zero_state(2))
    logits.sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_input_and_readout_is_read_back_as_it_was(
    kind: str, cell: Any, tmp_path: Path
) -> None:
    path = tmp_path / "x.safetensors"
    made = make_checkpoint(kind, cell)
    save_checkpoint(made, path)
    loaded = load_checkpoint(path)
    assert loaded.architecture == made.architecture
    for name, tensor in loaded.model.state_dict().items():
        torch.testing.assert_close(tensor, made.model.state_dict()[name], rtol=2**-11, atol=1e-7)
    assert all(parameter.requires_grad for parameter in loaded.model.parameters())
    first = path.read_bytes()
    save_checkpoint(loaded, path)
    assert path.read_bytes() == first
    assert load_checkpoint(path).sha256 == loaded.sha256


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_holds_each_weight_once(kind: str, tmp_path: Path) -> None:
    made = make_checkpoint(kind)
    save_checkpoint(made, tmp_path / "x.safetensors")
    with safe_open(tmp_path / "x.safetensors", framework="pt") as file:
        held = {name: file.get_tensor(name).numel() for name in file.keys()}  # noqa: SIM118
    assert sum(held.values()) == made.architecture.weights
    assert ("embedding.weight" in held) == (kind != "one-hot")
    assert ("readout.weight" in held) == (kind != "tied")


def test_a_loaded_tied_readout_is_still_tied(tmp_path: Path) -> None:
    save_checkpoint(make_checkpoint("tied"), tmp_path / "x.safetensors")
    model = load_checkpoint(tmp_path / "x.safetensors").model
    assert model.readout.weight is model.embedding.weight
    symbols = torch.randint(0, len(planted.SYMBOLS), (5, 2))
    model(symbols, model.zero_state(2))[0].sum().backward()
    with torch.no_grad():
        model.embedding.weight.add_(1.0)
    assert torch.equal(model.readout.weight, model.embedding.weight)


def test_a_file_from_before_there_was_a_choice_of_readout_loads(saved: Path) -> None:
    with safe_open(saved, framework="pt") as file:
        architecture = json.loads(file.metadata()["unitscope"])["architecture"]
    assert set(architecture) == {"cell", "layers", "hidden", "embedding", "symbols"}
    assert load_checkpoint(saved).architecture.tied is False


def test_the_hash_of_an_untied_network_knows_nothing_of_tying(saved: Path) -> None:
    """Recordings made before there was a choice name their network by this hash."""
    loaded = load_checkpoint(saved)
    fields = {"cell": "lstm", "layers": 2, "hidden": 5, "embedding": 4, "symbols": 34}
    digest = hashlib.sha256(json.dumps([fields, list(planted.SYMBOLS)]).encode())
    for name, tensor in sorted(loaded.model.state_dict().items()):
        digest.update(name.encode() + tensor.numpy().tobytes())
    assert loaded.sha256 == digest.hexdigest()


def test_the_hash_tells_a_tied_network_from_an_untied_one_with_the_same_weights() -> None:
    tied = make_checkpoint("tied")
    untied = RecurrentModel(Architecture("lstm", 2, 5, 5, len(planted.SYMBOLS)))
    untied.load_state_dict(tied.model.state_dict())
    assert Checkpoint("tied", untied, tied.vocabulary).sha256 != tied.sha256


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        ("embedding", {"embedding": None}, "'embedding.weight' should not be there"),
        ("embedding", {"tied": True}, "an embedding as wide as the layers, 5, not one of width 4"),
        ("embedding", {"tied": "yes"}, "tied must be true or false, not 'yes'"),
        ("embedding", {"tied": None}, "tied must be true or false, not None"),
        ("one-hot", {"embedding": 4}, "'embedding.weight' is missing"),
        ("one-hot", {"tied": True}, "an embedding as wide as the layers, 5, not one-hot input"),
        ("one-hot", {"symbols": 33}, "'layers.0.weight_ih_l0' has shape (20, 34)"),
        ("one-hot", {"symbols": 33}, "needs (20, 33)"),
        ("one-hot", {"symbols": 10**6}, "The file holds 1,264 weights"),
        ("one-hot", {"hidden": 3_000}, "The file holds 1,264 weights"),
        ("tied", {"tied": False}, "'readout.weight' is missing"),
        ("tied", {"symbols": 33}, "'embedding.weight' has shape (34, 5)"),
        ("tied", {"symbols": 33}, "needs (33, 5)"),
        ("tied", {"symbols": 10**6}, "The file holds 684 weights"),
    ],
    ids=str,
)
def test_an_input_or_readout_that_the_file_does_not_hold_is_a_sentence(
    kind: str, changes: dict[str, Any], words: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.safetensors"
    save_checkpoint(make_checkpoint(kind), path)
    rewrite(path, lambda metadata, tensors: metadata["architecture"].update(changes))
    assert words in complaint(path)


@pytest.mark.parametrize(
    ("kind", "name", "shape", "words"),
    [
        ("tied", "readout.weight", (34, 5), "'readout.weight' should not be there"),
        ("tied", "embedding.weight", (34, 4), "has shape (34, 4), but"),
        ("one-hot", "embedding.weight", (34, 34), "'embedding.weight' should not be there"),
        ("one-hot", "layers.0.weight_ih_l0", (20, 4), "has shape (20, 4), but"),
    ],
)
def test_a_tensor_that_does_not_fit_the_input_or_readout_is_named(
    kind: str, name: str, shape: tuple[int, ...], words: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.safetensors"
    save_checkpoint(make_checkpoint(kind), path)
    rewrite(path, lambda metadata, tensors: tensors.update({name: torch.zeros(shape)}))
    message = complaint(path)
    assert words in message
    assert name in message
