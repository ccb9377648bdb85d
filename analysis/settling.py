"""Hand states on from shard to shard, when all have been read.

Shards are read apart, each as if its first document began in it. From left to right, the first
document's pieces are read again from the true state until they meet what was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import zarr

from analysis.passes import read_again
from analysis.places import Place
from analysis.plan import Shard
from analysis.shard_writing import Job, WholeText, end_name
from analysis.shards import Seams, SeamStates, ShardEnd, hand_on, sink_within
from analysis.trails import Trail
from analysis.unfinished import finished

_MOST_HELD = 64 << 20  # bytes of rows between two visits of the store


def settle(
    job: Job, shards: Iterable[Shard], text_of: Callable[[Shard], WholeText]
) -> tuple[Seams, SeamStates]:
    """Make the seams between shards hold, and write the loss of each shard's first symbol.

    What is done for a shard is kept in a file: stopped and begun again, it ends in the same bits.
    What it all took, and the states at all seams, are returned.
    """
    place = Place(job.place)
    done = finished(place)
    root = zarr.open_group(place.store(read_only=False), mode="r+")
    total, left = Seams(), None
    states: list[SeamStates] = []
    for shard in shards:
        name = end_name(shard).replace(".npz", ".settled.npz")
        content = place.read(name if name in done else end_name(shard))
        assert content is not None
        end = ShardEnd.from_bytes(content)
        if shard.chain and name not in done:
            assert left is not None
            _put(root, "loss", shard.start, np.array([left.next_loss], dtype=np.float32))
            end = _settle_shard(job, text_of(shard), end, left, root)
            place.write(name, end.to_bytes())
        total += end.seams
        states.append(end.states)
        left = end
    rows = np.concatenate([part.rows for part in states])
    return total, SeamStates(rows, np.concatenate([part.values for part in states]))


def _settle_shard(
    job: Job, whole: WholeText, end: ShardEnd, left: ShardEnd, root: zarr.Group
) -> ShardEnd:
    shard, patch, losses = whole.shard, _Patch(root), [end.next_loss]
    sink = sink_within(shard, patch.write, losses)
    trails = dict(enumerate(end.trails))
    trails[-1] = Trail(np.zeros(1, dtype=np.int64), left.state[None])

    def again(numbers: list[int], states: list[np.ndarray]) -> np.ndarray:
        return read_again(job.reader(), whole.text, numbers, states, trails, sink, job.tolerance)

    seams = hand_on(trails, range(shard.chain), again, job.tolerance, side_by_side=False)
    patch.flush()
    covers = shard.chain == len(shard.pieces)
    of_chain = [trails[number].values[0, : len(left.state)] for number in range(shard.chain)]
    return ShardEnd(
        (),
        trails[shard.chain - 1].state if covers else end.state,
        losses[-1],
        end.seams + replace(seams, seams=1),
        SeamStates(end.states.rows, np.concatenate([of_chain, end.states.values[shard.chain :]])),
    )


class _Patch:
    """Rows to be written over what is in the store, held back to be written together."""

    def __init__(self, root: zarr.Group) -> None:
        self._root = root
        self._rows: dict[str, list[tuple[int, np.ndarray]]] = {}
        self._held = 0

    def write(self, name: str, row: int, values: np.ndarray) -> None:
        if not len(values):
            return
        self._rows.setdefault(name, []).append((row, values.copy()))
        self._held += values.nbytes
        # Every array gets its rows of a chunk before any is written, so that all end alike.
        if self._held > _MOST_HELD and name == "loss":
            self.flush()

    def flush(self) -> None:
        for name, parts in self._rows.items():
            run: list[np.ndarray] = []
            first = parts[0][0]
            for row, values in parts:
                if run and row != first + sum(len(part) for part in run):
                    _put(self._root, name, first, np.concatenate(run))
                    run, first = [], row
                run.append(values)
            _put(self._root, name, first, np.concatenate(run))
        self._rows, self._held = {}, 0


def _put(root: zarr.Group, name: str, row: int, values: np.ndarray) -> None:
    array = root[name]
    assert isinstance(array, zarr.Array)
    array[row : row + len(values)] = values.astype(array.dtype)
