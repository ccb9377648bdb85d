"""Many processes write one recording, and it is the one that one process writes."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import planted
import pytest
from stored import files_of

from analysis import cluster
from analysis.cluster import ClusterError, dask_readers
from analysis.plan import Cut
from analysis.recorder import record
from analysis.recording import Recording
from models.checkpoint import Checkpoint
from models.corpora import Corpus, Document

pytestmark = [
    pytest.mark.slow,
    # Dask's own processes and sockets end when they end.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),
]
CUT = Cut(shard_time=65_536, slots=16, length=16, least_piece=256)


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    return planted.random_checkpoint()


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    random = np.random.default_rng(4)
    lengths = (70_000, 300, 0, 65_000)
    texts = ["".join(random.choice(list("abcdefgh \n"), length)) for length in lengths]
    return Corpus("made", tuple(Document(f"{n}.txt", text) for n, text in enumerate(texts)))


@pytest.fixture(scope="module")
def alone(checkpoint: Checkpoint, corpus: Corpus, tmp_path_factory: Any) -> Recording:
    return record(checkpoint, corpus, tmp_path_factory.mktemp("alone") / "x.zarr", cut=CUT)


def test_a_killed_workers_shards_are_read_by_another(
    alone: Recording, checkpoint: Checkpoint, corpus: Corpus, tmp_path: Path
) -> None:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as workers,
        Client(workers) as client,  # type: ignore[no-untyped-call]
    ):
        pids = client.run(os.getpid)
        killed = threading.Event()

        def kill(symbols: int) -> None:
            if symbols > 3_000 and not killed.is_set():
                killed.set()
                os.kill(next(iter(pids.values())), signal.SIGKILL)

        with dask_readers(workers.scheduler_address) as read_shards:
            made = record(
                checkpoint,
                corpus,
                tmp_path / "x.zarr",
                cut=CUT,
                read_shards=read_shards,
                on_progress=kill,
            )
        assert killed.is_set()
        after = client.run(os.getpid)
    assert not set(after.values()) >= set(pids.values())
    assert files_of(made.path) == files_of(alone.path)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("local:0", "neither local:N nor"),
        ("somewhere", "neither local:N nor"),
        ("tcp://127.0.0.1:9", "No Dask scheduler answers at"),
    ],
)
def test_workers_that_are_not_there_are_one_sentence(
    where: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_PATIENCE", "1s")
    with pytest.raises(ClusterError, match=message), dask_readers(where):
        pass


# An object store.


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "made-up")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        import s3fs

        s3fs.S3FileSystem(endpoint_url=f"http://{host}:{port}").mkdir("recordings")
        yield "s3://recordings"
    server.stop()


def test_two_workers_and_an_object_store_give_the_bits_of_one_process(
    bucket: str, alone: Recording, checkpoint: Checkpoint, corpus: Corpus
) -> None:
    import s3fs

    seen: list[int] = []
    with dask_readers("local:2") as read_shards:
        made = record(
            checkpoint,
            corpus,
            f"{bucket}/x.zarr",
            cut=CUT,
            read_shards=read_shards,
            on_progress=seen.append,
        )
    files = s3fs.S3FileSystem(endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    root = "recordings/x.zarr/"
    stored = {path.removeprefix(root): files.cat_file(path) for path in files.find(root)}
    assert stored == files_of(alone.path)
    assert made.text() == alone.text()
    assert seen[-1] == len(corpus)
    assert len(seen) > 10


def test_a_bucket_that_is_not_there_is_one_sentence(
    bucket: str, checkpoint: Checkpoint, corpus: Corpus
) -> None:
    from models.errors import UserError

    with pytest.raises(UserError, match=r"s3://nobodys/x\.zarr"):
        record(checkpoint, corpus, "s3://nobodys/x.zarr", cut=CUT)
