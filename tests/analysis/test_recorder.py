"""A recording holds what reading each document alone, a symbol at a time, gives."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import planted
import pytest
import torch
import xarray
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import shard_writing
from analysis.arrays import GUESSES
from analysis.plan import Cut
from analysis.recorder import record
from analysis.recording import Recording, RecordingError, open_recording
from models.cells import gru_step, layer_weights, lstm_step, rnn_step
from models.checkpoint import Checkpoint
from models.corpora import Corpus, Document
from models.reading import SIGNALS, read
from models.recurrent import RecurrentModel
from models.vocabulary import UNKNOWN

LETTERS = "abcdefghijklmnopqrstuvwxyz \n"


def corpus_of(*texts: str) -> Corpus:
    return Corpus("made", tuple(Document(f"{n}.txt", text) for n, text in enumerate(texts)))


def random_texts(lengths: list[int]) -> list[str]:
    random = np.random.default_rng(1)
    return ["".join(random.choice(list(LETTERS), length)) for length in lengths]


def read_alone(
    model: RecurrentModel, symbols: np.ndarray
) -> tuple[list[dict[str, np.ndarray]], np.ndarray]:
    """Signals of each layer (time, unit) and logits (time, symbol), one step of one document."""
    steps: list[list[dict[str, torch.Tensor]]] = [[] for _ in model.layers]
    logits = []
    zero = torch.zeros(1, model.architecture.hidden)
    states = [(zero, zero) for _ in model.layers]
    for symbol in symbols:
        x = model.embedding(torch.tensor([int(symbol)]))
        for number, layer in enumerate(model.layers):
            w, (h, c) = layer_weights(layer), states[number]
            if model.architecture.cell == "lstm":
                signals = lstm_step(x, h, c, w)
                c = signals["c"]
                signals = signals | {"c": torch.tanh(c)}
            else:
                signals = (rnn_step if model.architecture.cell == "rnn" else gru_step)(x, h, w)
            x = signals["h"]
            states[number] = (x, c)
            steps[number].append(signals)
        logits.append(model.readout(x)[0])
    signals_of = [
        {name: torch.cat([step[name] for step in layer]).numpy() for name in layer[0]}
        for layer in steps
    ]
    return signals_of, torch.stack(logits).numpy()


def everything(path: Path) -> set[str]:
    return {str(p.relative_to(path)) for p in path.rglob("*")}


@pytest.fixture
def no_grad() -> Iterator[None]:
    with torch.no_grad():
        yield


SMALL = Cut(shard_time=65_536, slots=4, length=7, least_piece=65_536)
"""Four documents at a time, seven symbols a chunk; none is cut."""


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.usefixtures("no_grad")
def test_recording_equals_reading_each_document_alone(cell: Any, tmp_path: Path) -> None:
    checkpoint = planted.random_checkpoint(cell)
    lengths = [1, 40, 7, 0, 8, 1, 23, 6, 14, 2, 29, 1]  # more than slots, longer than a chunk
    corpus = corpus_of(*random_texts(lengths))
    made = record(checkpoint, corpus, tmp_path / "x.zarr", signals=SIGNALS[cell], cut=SMALL)
    assert made.sites == tuple(f"{layer}.{name}" for layer in (0, 1) for name in SIGNALS[cell])
    assert [d.stop - d.start for d in made.documents] == lengths
    for document, recorded in zip(corpus.documents, made.documents, strict=True):
        if not document.text:
            continue
        symbols = checkpoint.vocabulary.encode(document.text)
        signals, logits = read_alone(checkpoint.model, symbols)
        span = (recorded.start, recorded.stop)
        for layer, of_layer in enumerate(signals):
            for name, values in of_layer.items():
                codes = made.codes(f"{layer}.{name}", *span)
                # Rounded alike, but for a value within 1e-5 of where the rounding turns.
                assert np.abs(codes - 127 * values).max() <= 0.5 + 127e-5, (layer, name)
        check_guesses(made, symbols, logits, *span)


def check_guesses(
    made: Recording, symbols: np.ndarray, logits: np.ndarray, start: int, stop: int
) -> None:
    exponential = np.exp(logits.astype(np.float64))
    probability = exponential / exponential.sum(axis=1, keepdims=True)
    loss = made.loss(start, stop)
    assert np.isnan(loss[0])
    wanted = -np.log(probability[np.arange(len(symbols) - 1), symbols[1:]])
    np.testing.assert_allclose(loss[1:], wanted, rtol=0, atol=1e-4)
    indices, probabilities = made.next_symbols(start, stop)
    best = -np.sort(-probability, axis=1)[:, :GUESSES]
    np.testing.assert_allclose(probabilities, best, rtol=0, atol=1e-3)
    chosen = np.take_along_axis(probability, indices.astype(np.int64), axis=1)
    np.testing.assert_allclose(chosen, best, rtol=0, atol=1e-5)
    assert all(len(set(row)) == GUESSES for row in indices.tolist())


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.usefixtures("no_grad")
def test_reading_side_by_side_gives_the_values_of_reading_alone(cell: Any) -> None:
    model = planted.random_checkpoint(cell).model
    symbols = np.random.default_rng(2).integers(0, len(planted.SYMBOLS), (30, 8))
    together = read(model, torch.from_numpy(symbols), model.zero_state(8))
    for slot in range(8):
        signals, logits = read_alone(model, symbols[:, slot])
        np.testing.assert_allclose(together.logits[:, slot], logits, rtol=0, atol=1e-5)
        for layer, of_layer in enumerate(signals):
            for name, values in of_layer.items():
                side_by_side = together.signals[layer][name][:, slot]
                np.testing.assert_allclose(side_by_side, values, rtol=0, atol=1e-5)


@pytest.mark.usefixtures("no_grad")
def test_a_document_longer_than_many_chunks_keeps_its_state(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    corpus = corpus_of(*random_texts([1000, 3]))
    made = record(tiny_checkpoint, corpus, tmp_path / "x.zarr")
    signals, _ = read_alone(
        tiny_checkpoint.model, tiny_checkpoint.vocabulary.encode(corpus.documents[0].text)
    )
    for layer in (0, 1):
        codes = made.codes(f"{layer}.c", 0, 1000)
        assert np.abs(codes - 127 * signals[layer]["c"]).max() <= 0.5 + 127e-5


@settings(max_examples=6)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=12).filter(any))
def test_the_codes_do_not_depend_on_what_else_is_read(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int]
) -> None:
    checkpoint = planted.random_checkpoint()
    texts = random_texts(lengths)
    path = tmp_path_factory.mktemp("many") / "x.zarr"
    together = record(checkpoint, corpus_of(*texts), path, cut=replace(SMALL, slots=3, length=5))
    longest = max(range(len(texts)), key=lambda number: len(texts[number]))
    alone = record(checkpoint, corpus_of(texts[longest]), tmp_path_factory.mktemp("one") / "x.zarr")
    span = together.documents[longest].start, together.documents[longest].stop
    for site in together.sites:
        difference = together.codes(site, *span).astype(int) - alone.codes(site)
        assert np.abs(difference).max() <= 1


def test_text_and_symbols_are_kept_exactly(tiny_checkpoint: Checkpoint, tmp_path: Path) -> None:
    texts = (
        "a\U0001f600b \U0001f469\u200d\U0001f4bb",
        "e\u0301\u0323 z\u0335 \U0002f81a",
        "\ra\r\r\nb\tc\x0b\x00\x7f",
        "\ufeffa\ufffd\u2028\u05d0\u202ea",
        "a\udc80\ud83db",
        "b",
    )
    made = record(tiny_checkpoint, corpus_of(*texts), tmp_path / "x.zarr")
    assert made.text() == "".join(texts)
    assert made.symbols().tolist() == [ord(symbol) for symbol in "".join(texts)]
    assert made.symbols().dtype == np.uint32
    for number, text in enumerate(texts):
        assert made.document_text(number) == Document(f"{number}.txt", text)
        assert made.documents[number].sha256 == Document("", text).sha256
    again = open_recording(tmp_path / "x.zarr")
    assert again.text() == made.text()


def test_unknown_symbols_keep_every_position(tiny_checkpoint: Checkpoint, tmp_path: Path) -> None:
    text = "ab\U0001f600c\u00e9\u00e9Zd"
    made = record(tiny_checkpoint, corpus_of(text), tmp_path / "x.zarr")
    rows = zarr.open_group(tmp_path / "x.zarr", mode="r")["symbols"][:]
    known = [symbol if symbol in planted.SYMBOLS else UNKNOWN for symbol in text]
    assert [made.vocabulary[row] for row in rows] == known
    assert made.unknown_share == pytest.approx(4 / 8)
    assert len(made) == len(text)


def test_xarray_opens_a_layer_and_gives_values(recording: Recording) -> None:
    for layer in (0, 1):
        opened = xarray.open_zarr(recording.path, group=str(layer), consolidated=False)
        for name in ("h", "c", "i", "f", "g", "o"):
            assert opened[name].dims == ("time", "unit")
            codes = recording.codes(f"{layer}.{name}")
            values = opened[name].to_numpy()
            assert np.issubdtype(values.dtype, np.floating)
            assert np.abs(values - codes / 127).max() < 1e-6
            assert np.abs(values).max() <= 1


@pytest.mark.usefixtures("no_grad")
def test_xarray_values_are_within_a_254th_of_the_signals(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    corpus = corpus_of(*random_texts([300]))
    record(tiny_checkpoint, corpus, tmp_path / "x.zarr", signals=("h", "f"))
    signals, _ = read_alone(
        tiny_checkpoint.model, tiny_checkpoint.vocabulary.encode(corpus.documents[0].text)
    )
    opened = xarray.open_zarr(tmp_path / "x.zarr", group="1", consolidated=False)
    for name in ("h", "f"):
        error = np.abs(opened[name].to_numpy() - signals[1][name]).max()
        assert error <= 1 / 254 + 1e-5


def test_xarray_opens_the_arrays_over_the_text(recording: Recording) -> None:
    opened = xarray.open_zarr(recording.path, consolidated=False)
    assert opened["text"].dims == opened["symbols"].dims == opened["loss"].dims == ("time",)
    assert opened["next_symbol"].dims == ("time", "rank")
    assert opened.sizes == {"time": len(recording), "rank": GUESSES}


def test_attributes_say_what_was_read_with_what(
    recording: Recording, planted_checkpoint: Checkpoint, planted_corpus: Corpus
) -> None:
    about = json.loads((Path(recording.path) / "zarr.json").read_text())["attributes"]
    assert about["schema_version"] == 2
    assert about["checkpoint"] == {
        "name": "planted",
        "sha256": planted_checkpoint.sha256,
        "cell": "lstm",
        "layers": 2,
        "hidden": planted.HIDDEN,
        "embedding": None,
        "symbols": len(planted.SYMBOLS),
    }
    assert about["corpus"] == {"name": "planted", "sha256": planted_corpus.sha256}
    assert about["vocabulary"] == list(planted.SYMBOLS)
    assert about["seam_error"] == 0
    assert set(about["versions"]) == {"unitscope", "torch", "zarr", "numpy"}
    start = 0
    for entry, document in zip(about["documents"], planted_corpus.documents, strict=True):
        assert entry == {
            "name": document.name,
            "start": start,
            "symbols": len(document.text),
            "sha256": document.sha256,
        }
        start += len(document.text)


def test_the_id_names_the_content(
    tiny_checkpoint: Checkpoint, planted_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    def recording_id(checkpoint: Checkpoint, text: str, name: str, **options: Any) -> str:
        return record(checkpoint, corpus_of(text), tmp_path / name, **options).id

    first = recording_id(tiny_checkpoint, "abc", "1.zarr")
    assert recording_id(tiny_checkpoint, "abc", "2.zarr") == first
    others = {
        recording_id(tiny_checkpoint, "abd", "3.zarr"),
        recording_id(planted_checkpoint, "abc", "4.zarr"),
        recording_id(tiny_checkpoint, "abc", "5.zarr", signals=["h"]),
    }
    assert len(others | {first}) == 4


def test_progress_counts_every_symbol(tiny_checkpoint: Checkpoint, tmp_path: Path) -> None:
    seen: list[int] = []
    corpus = corpus_of(*random_texts([300, 40]))
    record(tiny_checkpoint, corpus, tmp_path / "x.zarr", on_progress=seen.append)
    assert seen == sorted(set(seen))
    assert seen[-1] == 340


def test_signals_are_kept_once_in_the_order_asked_for(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    made = record(tiny_checkpoint, corpus_of("ab"), tmp_path / "x.zarr", signals=["f", "h", "f"])
    assert made.sites == ("0.f", "0.h", "1.f", "1.h")
    assert record(tiny_checkpoint, corpus_of("ab"), tmp_path / "y.zarr").sites == (
        "0.h",
        "0.c",
        "1.h",
        "1.c",
    )


@pytest.mark.parametrize(
    ("cell", "signals"), [("gru", ["c"]), ("rnn", ["i"]), ("lstm", ["h", "z"]), ("lstm", [])]
)
def test_a_signal_that_the_cell_does_not_have_is_refused(
    cell: Any, signals: list[str], tmp_path: Path
) -> None:
    with pytest.raises(RecordingError, match=r"signal"):
        record(
            planted.random_checkpoint(cell), corpus_of("a"), tmp_path / "x.zarr", signals=signals
        )
    assert everything(tmp_path) == set()


def test_a_network_of_few_symbols_repeats_none_of_them_with_a_probability(tmp_path: Path) -> None:
    checkpoint = planted.random_checkpoint(symbols=(UNKNOWN, "a", "b"))
    made = record(checkpoint, corpus_of("abab"), tmp_path / "x.zarr")
    indices, probabilities = made.next_symbols()
    assert indices.shape == probabilities.shape == (4, GUESSES)
    assert (indices < 3).all()
    assert (probabilities[:, 3:] == 0).all()
    np.testing.assert_allclose(probabilities[:, :3].sum(axis=1), 1, atol=2e-3)


class Full:
    """A disk that takes so many writes and no more."""

    def __init__(self, writes: int, failure: BaseException) -> None:
        self.left = writes
        self.failure = failure

    def __call__(self, original: Any) -> Any:
        def write(*arguments: Any, **options: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise self.failure
            return original(*arguments, **options)

        return write


FULL_DISK = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("writes", [0, 5])
@pytest.mark.parametrize(
    "target",
    [(shard_writing._Scratch, "write"), (zarr.Array, "__setitem__"), (zarr.Group, "create_array")],
)
def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    target: tuple[type, str],
    writes: int,
    tiny_checkpoint: Checkpoint,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner, name = target
    monkeypatch.setattr(owner, name, Full(writes, FULL_DISK)(getattr(owner, name)))
    with pytest.raises(RecordingError, match=r"No space left on device.*space left"):
        record(tiny_checkpoint, corpus_of(*random_texts([300])), tmp_path / "x.zarr")
    assert everything(tmp_path) == set()


def test_ctrl_c_leaves_nothing(tiny_checkpoint: Checkpoint, tmp_path: Path) -> None:
    def interrupt(symbols: int) -> None:
        if symbols > 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(
            tiny_checkpoint,
            corpus_of(*random_texts([500])),
            tmp_path / "x.zarr",
            on_progress=interrupt,
        )
    assert everything(tmp_path) == set()


def test_a_failure_leaves_the_recording_that_was_to_be_replaced(
    tiny_checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(tiny_checkpoint, corpus_of("abc"), tmp_path / "x.zarr")
    before = everything(tmp_path)
    monkeypatch.setattr(zarr.Array, "__setitem__", Full(3, FULL_DISK)(zarr.Array.__setitem__))
    with pytest.raises(RecordingError):
        record(tiny_checkpoint, corpus_of("abd"), tmp_path / "x.zarr", force=True)
    assert everything(tmp_path) == before
    assert open_recording(tmp_path / "x.zarr").text() == "abc"


def test_an_existing_recording_is_replaced_only_by_force(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    record(tiny_checkpoint, corpus_of("abc"), tmp_path / "x.zarr", signals=["h", "c", "f"])
    with pytest.raises(RecordingError, match=r"exists already.*--force"):
        record(tiny_checkpoint, corpus_of("xyz"), tmp_path / "x.zarr")
    assert open_recording(tmp_path / "x.zarr").text() == "abc"
    made = record(tiny_checkpoint, corpus_of("xyz"), tmp_path / "x.zarr", force=True)
    assert made.text() == "xyz"
    assert not (tmp_path / "x.zarr" / "0" / "f").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["x.zarr"]


def test_force_never_deletes_what_is_not_a_recording(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "letter.txt").write_text("dear")
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "zarr.json").write_text("[")
    (tmp_path / "file.zarr").write_text("dear")
    zarr.create_group(str(tmp_path / "other.zarr"), attributes={"schema_version": 1})
    before = everything(tmp_path)
    for name in ("folder", "odd", "file.zarr", "other.zarr"):
        with pytest.raises(RecordingError, match="not a recording"):
            record(tiny_checkpoint, corpus_of("a"), tmp_path / name, force=True)
    assert everything(tmp_path) == before


def test_a_damaged_recording_can_be_replaced_by_force(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    record(tiny_checkpoint, corpus_of("abc"), tmp_path / "x.zarr")
    (tmp_path / "x.zarr" / "text" / "zarr.json").unlink()
    made = record(tiny_checkpoint, corpus_of("abd"), tmp_path / "x.zarr", force=True)
    assert made.text() == "abd"


@pytest.mark.parametrize("name", ["FILE/x.zarr", "FILE/deeper/x.zarr", f"{'n' * 300}.zarr"])
def test_a_place_that_cannot_be_written_to_is_one_sentence(
    name: str, tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    (tmp_path / "FILE").write_text("")
    with pytest.raises(RecordingError, match="Cannot write the recording"):
        record(tiny_checkpoint, corpus_of("a"), tmp_path / name)
    assert everything(tmp_path) == {"FILE"}


def test_a_text_of_unknown_symbols_only_is_refused(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    with pytest.raises(RecordingError, match="knows none of this text's symbols"):
        record(tiny_checkpoint, corpus_of("ΑΒΓ", "", "12"), tmp_path / "x.zarr")
    assert everything(tmp_path) == set()


def test_folders_on_the_way_are_made(tiny_checkpoint: Checkpoint, tmp_path: Path) -> None:
    made = record(tiny_checkpoint, corpus_of("a"), tmp_path / "new" / "deep" / "x.zarr")
    assert made.text() == "a"
