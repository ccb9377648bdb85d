"""Spread the shards of a recording, or the units of a search, over the workers of Dask.

Each worker reads whole shards and writes their chunks into the one store, so what is written does
not depend on who wrote it. A worker that dies leaves its shard to another.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from analysis.ranking import rank_block
from analysis.recording import open_recording
from analysis.shard_writing import Job, WholeText, write_shard
from models.errors import UserError

if TYPE_CHECKING:
    from distributed import Client

    from analysis.gathering import Block
    from analysis.plan import Shard
    from analysis.ranking import RankBlocks, Ranked, Request
    from analysis.recorder import ReadShards, TextOf
    from analysis.recording import Recording

_TOPIC = "unitscope-progress"
_PATIENCE = "10s"  # until a scheduler answers
# Dask's own also has the allocator give memory back at once, which made workers half as fast.
_ENVIRONMENT = {"OMP_NUM_THREADS": 1, "MKL_NUM_THREADS": 1, "OPENBLAS_NUM_THREADS": 1}
_AHEAD = 2  # shards a worker thread whose text is sent at once


class ClusterError(UserError):
    """There are no workers to do the work."""


@contextmanager
def dask_readers(where: str) -> Iterator[ReadShards]:
    """Workers to give to `record` as its ``read_shards``.

    Parameters
    ----------
    where : str
        ``local:N`` for N processes of this machine with one thread each, or the address of a
        scheduler, such as ``tcp://host:8786``. Its workers need Unitscope installed and must reach
        the place of the recording.

    Raises
    ------
    ClusterError
        If there is no such scheduler.
    """
    with _connected(where) as client:
        yield partial(_read_shards, client)


@contextmanager
def dask_rankers(where: str) -> Iterator[RankBlocks]:
    """Workers to give to `search_units` as its ``rank_blocks``.

    Each counts some units over the whole recording, which it opens by its path, so that what is
    sent are labels and scores.

    Parameters
    ----------
    where : str
        As for `dask_readers`.

    Raises
    ------
    ClusterError
        If there is no such scheduler.
    """
    with _connected(where) as client:
        yield partial(_rank_blocks, client)


@contextmanager
def _connected(where: str) -> Iterator[Client]:
    import dask
    from distributed import Client, LocalCluster

    match = re.fullmatch(r"local:([1-9][0-9]{0,3})", where)
    if match:
        with (
            dask.config.set({"distributed.nanny.pre-spawn-environ": _ENVIRONMENT}),
            LocalCluster(
                n_workers=int(match[1]),
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                memory_limit=0,
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    if "://" not in where:
        raise ClusterError(
            f"{where!r} is neither local:N nor the address of a Dask scheduler. "
            "Write local:4, or an address such as tcp://host:8786."
        )
    try:
        client = Client(where, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"No Dask scheduler answers at {where} ({error}). Start one with `dask scheduler`."
        ) from error
    with client:
        yield client


def _rank_blocks(
    client: Client, recording: Recording, blocks: Sequence[Block], request: Request, top: int
) -> Iterator[list[Ranked]]:
    (request_there,) = client.scatter([request], broadcast=True)
    futures = [
        client.submit(_rank, recording.path, block, request_there, top, pure=False, retries=2)
        for block in blocks
    ]
    for future in futures:
        yield future.result()


def _rank(path: str, block: Block, request: Request, top: int) -> list[Ranked]:
    """What a worker does."""
    return rank_block(_opened(path), block, request, top)


@lru_cache(maxsize=2)
def _opened(path: str) -> Recording:
    return open_recording(path)


def _read_shards(
    client: Client,
    job: Job,
    shards: Sequence[Shard],
    text_of: TextOf,
    on_progress: Callable[[int], None],
) -> None:
    from distributed import as_completed

    if not shards:
        return
    done: dict[int, int] = defaultdict(int)

    def watch(event: tuple[float, Any]) -> None:
        number, symbols = event[1]
        done[number] = max(done[number], symbols)  # a shard that is read again starts at 0
        on_progress(sum(done.values()))

    client.subscribe_topic(_TOPIC, watch)
    try:
        (job_there,) = client.scatter([job], broadcast=True)
        waiting = iter(shards)
        threads = sum(client.nthreads().values())

        def send(shard: Shard) -> Any:
            return client.submit(_write, job_there, text_of(shard), pure=False, retries=2)

        results = as_completed([send(shard) for shard in islice(waiting, _AHEAD * threads)])
        for future in results:
            shard = future.result()
            done[shard.number] = shard.stop - shard.start
            on_progress(sum(done.values()))
            following = next(waiting, None)
            if following is not None:
                results.add(send(following))
    finally:
        client.unsubscribe_topic(_TOPIC)


def _write(job: Job, whole: WholeText) -> Shard:
    """What a worker does."""
    import torch
    from distributed import get_worker

    worker = get_worker()
    torch.set_num_threads(max(1, worker.state.nthreads))
    number = whole.shard.number
    write_shard(job, whole, lambda symbols: worker.log_event(_TOPIC, (number, symbols)))
    return whole.shard
