"""Recordings of several shards: stopped, resumed, far away, and always of the same bits."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import planted
import pytest
import torch
import xarray
from stored import files_of

from analysis import settling
from analysis.places import Place, PlaceError
from analysis.plan import Cut, Shard
from analysis.recorder import TextOf, read_here, record
from analysis.recording import Recording, RecordingError, open_recording
from analysis.shard_writing import Job
from models.checkpoint import Checkpoint, save_checkpoint
from models.corpora import Corpus, Document
from models.reading import read
from models.recurrent import Architecture, RecurrentModel
from models.vocabulary import Vocabulary

CUT = Cut(shard_time=256, slots=4, length=8, least_piece=32)
LENGTHS = (900, 3, 40, 0, 700, 256, 1)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    random = np.random.default_rng(4)
    texts = ["".join(random.choice(list("abcdefgh \n"), length)) for length in LENGTHS]
    return Corpus("made", tuple(Document(f"{n}.txt", text) for n, text in enumerate(texts)))


@pytest.fixture(scope="module")
def whole(tiny_checkpoint: Checkpoint, corpus: Corpus, tmp_path_factory: Any) -> Recording:
    return record(tiny_checkpoint, corpus, tmp_path_factory.mktemp("whole") / "x.zarr", cut=CUT)


def test_documents_that_go_through_many_shards_are_recorded_as_read_straight(
    whole: Recording, tiny_checkpoint: Checkpoint, corpus: Corpus
) -> None:
    assert whole.attributes["seams"] > 8
    assert whole.attributes["seam_error"] <= whole.attributes["tolerance"] == 1e-5
    model = tiny_checkpoint.model
    for document, recorded in zip(corpus.documents, whole.documents, strict=True):
        if not document.text:
            continue
        symbols = tiny_checkpoint.vocabulary.encode(document.text).astype(np.int64)
        straight = read(model, torch.from_numpy(symbols)[:, None], model.zero_state(1))
        span = recorded.start, recorded.stop
        for site in whole.sites:
            values = straight.signals[int(site[0])][site[2]][:, 0].numpy()
            assert np.abs(whole.codes(site, *span) - 127 * values).max() <= 0.5 + 127e-4
        loss = torch.nn.functional.cross_entropy(
            straight.logits[:-1, 0], torch.from_numpy(symbols[1:]), reduction="none"
        )
        assert np.isnan(whole.loss(*span)[0])
        np.testing.assert_allclose(whole.loss(*span)[1:], loss.numpy(), rtol=0, atol=1e-4)
    assert whole.text() == "".join(document.text for document in corpus.documents)


class Stop(Exception):
    """Stands for whatever ends a process."""


def read_some(count: int) -> Callable[..., None]:
    def read(job: Job, shards: Sequence[Shard], text_of: TextOf, on_progress: Any) -> None:
        read_here(job, shards[:count], text_of, on_progress)
        raise Stop

    return read


def test_a_recording_that_was_stopped_goes_on_to_the_same_bits(
    whole: Recording, tiny_checkpoint: Checkpoint, corpus: Corpus, tmp_path: Path
) -> None:
    path = tmp_path / "x.zarr"
    seen: list[int] = []
    for resume in (False, True, True):
        with pytest.raises(Stop):
            record(tiny_checkpoint, corpus, path, cut=CUT, resume=resume, read_shards=read_some(2))
        assert not path.exists()
    made = record(tiny_checkpoint, corpus, path, cut=CUT, resume=True, on_progress=seen.append)
    assert files_of(path) == files_of(whole.path)
    assert os.listdir(tmp_path) == ["x.zarr"]
    assert 6 * 256 < seen[0] < seen[-1] == len(made) == len(corpus)


@pytest.mark.parametrize("at", [0, 2, 5])
def test_a_recording_that_was_stopped_between_its_shards_goes_on_to_the_same_bits(
    at: int,
    whole: Recording,
    tiny_checkpoint: Checkpoint,
    corpus: Corpus,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put, left = settling._put, [at]

    def fail(*arguments: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Stop
        put(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(settling, "_put", fail)
        with pytest.raises(Stop):
            record(tiny_checkpoint, corpus, tmp_path / "x.zarr", cut=CUT)
    record(tiny_checkpoint, corpus, tmp_path / "x.zarr", cut=CUT, resume=True)
    assert files_of(tmp_path / "x.zarr") == files_of(whole.path)


@pytest.mark.slow
def test_a_killed_process_leaves_what_can_be_gone_on_with(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    save_checkpoint(tiny_checkpoint, tmp_path / "tiny.safetensors")
    (tmp_path / "long.txt").write_text("some text in lines\n" * 4000)
    code = (
        "import sys; from analysis.plan import Cut; from analysis.recorder import record\n"
        "from models.checkpoint import load_checkpoint; from models.corpora import read_corpus\n"
        "record(load_checkpoint('tiny.safetensors'), read_corpus(['long.txt']), sys.argv[1],\n"
        "       cut=Cut(8192, 8, 16, 64), resume=sys.argv[2] == 'resume')"
    )
    command = [sys.executable, "-c", code]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}

    def run(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*command, *arguments], cwd=tmp_path, env=environment)

    process = run("x.zarr", "begin")
    unfinished = tmp_path / ".x.zarr.unfinished" / "store" / "unfinished"
    deadline = time.monotonic() + 120
    while len(list(unfinished.glob("*.npz"))) < 2:
        assert process.poll() is None, "ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "x.zarr").exists()
    assert run("x.zarr", "resume").wait(120) == 0
    assert run("y.zarr", "begin").wait(120) == 0
    assert files_of(tmp_path / "x.zarr") == files_of(tmp_path / "y.zarr")
    assert not list(tmp_path.glob(".*"))


def test_resuming_says_what_does_not_fit(
    tiny_checkpoint: Checkpoint, corpus: Corpus, tmp_path: Path
) -> None:
    path = tmp_path / "x.zarr"
    with pytest.raises(RecordingError, match="no unfinished recording"):
        record(tiny_checkpoint, corpus, path, cut=CUT, resume=True)
    assert os.listdir(tmp_path) == []
    with pytest.raises(Stop):
        record(tiny_checkpoint, corpus, path, cut=CUT, read_shards=read_some(2))
    with pytest.raises(RecordingError, match="another network, text or settings"):
        record(tiny_checkpoint, corpus, path, cut=CUT, resume=True, signals=["h"])
    record(tiny_checkpoint, corpus, path, cut=CUT, resume=True)


def test_two_processes_cannot_write_one_recording(
    tiny_checkpoint: Checkpoint, corpus: Corpus, tmp_path: Path
) -> None:
    (tmp_path / ".x.zarr.unfinished").mkdir()
    with (tmp_path / ".x.zarr.unfinished" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(RecordingError, match="Another process is writing"):
            record(tiny_checkpoint, corpus, tmp_path / "x.zarr", cut=CUT)
        assert (tmp_path / ".x.zarr.unfinished" / "lock").exists()
    record(tiny_checkpoint, corpus, tmp_path / "x.zarr", cut=CUT)


def test_a_full_disk_keeps_what_is_finished(
    whole: Recording, tiny_checkpoint: Checkpoint, corpus: Corpus, tmp_path: Path
) -> None:
    def fill(job: Job, shards: Sequence[Shard], text_of: TextOf, on_progress: Any) -> None:
        read_here(job, shards[:3], text_of, on_progress)
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(RecordingError, match=r"No space left.*--resume"):
        record(tiny_checkpoint, corpus, tmp_path / "x.zarr", cut=CUT, read_shards=fill)
    record(tiny_checkpoint, corpus, tmp_path / "x.zarr", cut=CUT, resume=True)
    assert files_of(tmp_path / "x.zarr") == files_of(whole.path)


def test_a_recording_far_away_is_the_same(
    whole: Recording, tiny_checkpoint: Checkpoint, corpus: Corpus
) -> None:
    url = "memory://recordings/x.zarr"
    with pytest.raises(Stop):
        record(tiny_checkpoint, corpus, url, cut=CUT, read_shards=read_some(2))
    with pytest.raises(RecordingError, match=r"not finished.*--resume"):
        open_recording(url)
    made = record(tiny_checkpoint, corpus, url, cut=CUT, resume=True)
    files = fsspec.filesystem("memory")
    root = "/recordings/x.zarr/"
    stored = {path.removeprefix(root): files.cat_file(path) for path in files.find(root)}
    assert stored == files_of(whole.path)
    assert made.text() == whole.text()
    with pytest.raises(RecordingError, match="exists already"):
        record(tiny_checkpoint, corpus, url, cut=CUT)
    again = record(tiny_checkpoint, corpus, url, cut=CUT, force=True, signals=["h"])
    assert again.sites == ("0.h", "1.h")
    assert not files.exists(root + "0/c")


def test_a_place_that_no_package_reaches_is_one_sentence(
    tiny_checkpoint: Checkpoint, corpus: Corpus
) -> None:
    with pytest.raises(PlaceError, match=r"nowhere://x\.zarr.*fsspec"):
        record(tiny_checkpoint, corpus, "nowhere://x.zarr")


@pytest.mark.parametrize(("precision", "error"), [("float16", 5e-4), ("float32", 2e-5)])
def test_more_precision_is_kept_on_request(
    precision: Any,
    error: float,
    whole: Recording,
    tiny_checkpoint: Checkpoint,
    corpus: Corpus,
    tmp_path: Path,
) -> None:
    made = record(tiny_checkpoint, corpus, tmp_path / "x.zarr", cut=CUT, precision=precision)
    assert made.precision == precision
    assert made.id != whole.id
    model, document = tiny_checkpoint.model, made.documents[4]
    symbols = tiny_checkpoint.vocabulary.encode(corpus.documents[4].text).astype(np.int64)
    straight = read(model, torch.from_numpy(symbols)[:, None], model.zero_state(1))
    for site in made.sites:
        values = straight.signals[int(site[0])][site[2]][:, 0].numpy()
        found = made.values(site, document.start, document.stop)
        assert found.dtype == np.float32
        assert np.abs(found - values).max() <= error
        assert np.abs(made.codes(site).astype(int) - whole.codes(site)).max() <= 1
        assert np.abs(whole.values(site) - made.values(site)).max() <= 1 / 254 + error
    opened = xarray.open_zarr(made.path, group="1", consolidated=False)
    assert opened["h"].dtype == precision


def test_layers_may_differ_in_width(corpus: Corpus, tmp_path: Path) -> None:
    torch.manual_seed(5)
    symbols, narrow = planted.SYMBOLS, 5
    made_of = Architecture("gru", 2, narrow, 4, len(symbols), widths=(9, narrow))
    model = RecurrentModel(made_of).eval()
    checkpoint = Checkpoint("uneven", model, Vocabulary(symbols))
    made = record(checkpoint, corpus, tmp_path / "x.zarr", cut=CUT)
    assert [made.units(site) for site in made.sites] == [9, narrow]
    indices = checkpoint.vocabulary.encode(corpus.documents[0].text).astype(np.int64)
    straight = read(model, torch.from_numpy(indices)[:, None], model.zero_state(1))
    for layer in (0, 1):
        values = straight.signals[layer]["h"][:, 0].numpy()
        assert np.abs(made.codes(f"{layer}.h", 0, 900) - 127 * values).max() <= 0.5 + 127e-4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"precision": "int4"}, "no precision 'int4'"),
        ({"tolerance": 0.0}, "tolerance must be between"),
        ({"device": "cuda:99"}, "cannot compute on 'cuda:99'"),
        ({"device": "abacus"}, "cannot compute on 'abacus'"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    options: Any, message: str, tiny_checkpoint: Checkpoint, corpus: Corpus, tmp_path: Path
) -> None:
    with pytest.raises(RecordingError, match=message):
        record(tiny_checkpoint, corpus, tmp_path / "x.zarr", **options)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_numbers_are_refused(
    value: float, corpus: Corpus, tmp_path: Path
) -> None:
    checkpoint = planted.random_checkpoint()
    with torch.no_grad():
        checkpoint.model.layers[1].weight_hh_l0[3, 2] = value
    with pytest.raises(RecordingError, match=r"layers\.1\.weight_hh_l0.*not numbers"):
        record(checkpoint, corpus, tmp_path / "x.zarr")


def test_a_place_is_read_and_written_alike_near_and_far(tmp_path: Path) -> None:
    for place in (Place(str(tmp_path / "p")), Place("memory://places/p")):
        assert not place.exists()
        assert place.names("a") == set()
        assert place.read("a/b.txt") is None
        place.remove()
        place.write("a/b.txt", b"1")
        place.write("a/b.txt", b"2")
        assert place.read("a/b.txt") == b"2"
        assert place.names("a") == {"b.txt"}
        assert place.exists()
        (place / "a").remove()
        assert place.names("a") == set()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
def test_a_gpu_records_what_the_cpu_does(
    whole: Recording, tiny_checkpoint: Checkpoint, corpus: Corpus, tmp_path: Path
) -> None:
    made = record(tiny_checkpoint, corpus, tmp_path / "x.zarr", cut=CUT, device="cuda")
    tiny_checkpoint.model.cpu()
    for site in whole.sites:
        assert np.abs(made.values(site) - whole.values(site)).max() <= 1e-3 + 1 / 127
    np.testing.assert_allclose(made.loss(), whole.loss(), rtol=0, atol=1e-3)
