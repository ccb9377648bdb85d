"""Check that a recording is whole, undamaged, and what its network gives.

Every chunk is read, which checks its checksum; every document's text is hashed again; and at
random places the network reads again, one symbol at a time, by the equations of `models.cells`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
import zarr

from analysis.arrays import CODE_SCALE
from analysis.recording import Recording
from analysis.trails import unflatten
from models.cells import STEPS, Variant, layer_weights
from models.checkpoint import Checkpoint
from models.reading import bounded
from models.recurrent import RecurrentModel, State

if TYPE_CHECKING:
    from torch.nn import RNNBase

_WINDOW = 256  # symbols read again at each place
_ROUNDING = {"int8": 0.5 / CODE_SCALE, "float16": 2**-12, "float32": 0.0}
_SLACK = 1e-4  # float32 adds up in another order, over a window


@dataclass(frozen=True)
class Verdict:
    """What a check came to.

    Attributes
    ----------
    problems : tuple of str
        A sentence each; none if all is well.
    chunks : int
        Chunks that were read.
    windows : int
        Places where the network was read again.
    error : float
        The largest difference there, beyond the rounding of what is stored.
    """

    problems: tuple[str, ...]
    chunks: int
    windows: int
    error: float


def verify(
    recording: Recording,
    checkpoint: Checkpoint | None = None,
    *,
    windows: int = 16,
    seed: int = 0,
    on_progress: Callable[[float], None] = lambda share: None,
) -> Verdict:
    """Check a recording.

    Parameters
    ----------
    recording : Recording
    checkpoint : Checkpoint, optional
        The network; without it, nothing is read again.
    windows : int
        Where to read again: 256 symbols from the beginnings of so many documents, and after so
        many seams of documents that were cut for reading.
    seed : int
        Chooses the places.
    on_progress : callable
        Called with the share of the chunks that have been read.

    Returns
    -------
    Verdict
    """
    problems: list[str] = []
    chunks = 0
    arrays = [array for _, array in sorted(recording.arrays.members(max_depth=None))]
    every = [array for array in arrays if isinstance(array, zarr.Array)]
    total = sum(array.nchunks for array in every)
    for array in every:
        missing = array.nchunks - array.nchunks_initialized
        if missing and _has_every_chunk(recording):
            problems.append(f"The array {array.path!r} lacks {missing:,} of its chunks.")
        for failed in _read_chunks(array):
            chunks += 1
            problems += failed
            on_progress(chunks / total)
    if not problems:
        problems += _check_texts(recording)
    places: list[tuple[int, int, list[State] | None]] = []
    error = 0.0
    if checkpoint is not None and not recording.has_network:
        problems.append("No network of ours made it, so none can be compared with it.")
    if checkpoint is not None and not problems:
        if checkpoint.sha256 != recording.attributes["checkpoint"]["sha256"]:
            problems.append(
                f"It was recorded with another network than {checkpoint.name!r}: the hashes differ."
            )
        else:
            places = list(_choose(recording, checkpoint, windows, seed))
            error = max(_read_again(recording, checkpoint, *place) for place in places)
            if error > _SLACK:
                problems.append(
                    f"Read again, the network differs by {error:.2g} from what is stored."
                )
    return Verdict(tuple(problems), chunks, len(places), error)


def _has_every_chunk(recording: Recording) -> bool:
    # The first version left out chunks of zeros.
    return int(recording.attributes["schema_version"]) > 1


def _read_chunks(array: zarr.Array[Any]) -> Iterator[list[str]]:
    """Read every chunk; for each, the sentence to say of it, if any."""
    sizes = array.chunks
    for index in np.ndindex(*array.cdata_shape):
        where = tuple(slice(i * n, (i + 1) * n) for i, n in zip(index, sizes, strict=True))
        try:
            array[where]
        except (ValueError, OSError, RuntimeError) as error:
            name = "/".join(map(str, index))
            yield [f"The chunk {name} of the array {array.path!r} is damaged ({error})."]
        else:
            yield []


def _check_texts(recording: Recording) -> list[str]:
    wrong = []
    for document in recording.documents:
        text = recording.text(document.start, document.stop).encode("utf-8", "surrogatepass")
        if hashlib.sha256(text).hexdigest() != document.sha256:
            wrong.append(f"The text of {document.name!r} is not the one that was recorded.")
    return wrong


def _choose(
    recording: Recording, checkpoint: Checkpoint, windows: int, seed: int
) -> Iterator[tuple[int, int, list[State] | None]]:
    """Rows from and to, and the state before; None is h0 = 0."""
    random = np.random.default_rng(seed)
    begun = [d for d in recording.documents if d.stop > d.start]
    for number in random.permutation(len(begun))[:windows]:
        document = begun[number]
        yield document.start, min(document.start + _WINDOW, document.stop), None
    if "seams" not in recording.arrays:
        return
    rows, states = (np.asarray(recording._array(f"seams/{name}")[:]) for name in ("row", "state"))
    ends = np.array([document.stop for document in recording.documents])
    like = checkpoint.model.zero_state(1)
    for number in random.permutation(len(rows))[:windows]:
        row = int(rows[number])
        stop = int(ends[np.searchsorted(ends, row, side="right")])
        yield row, min(row + _WINDOW, stop), unflatten(states[number][None], like)


def _read_again(
    recording: Recording, checkpoint: Checkpoint, start: int, stop: int, state: list[State] | None
) -> float:
    """The largest difference from what is stored, beyond its rounding."""
    model = checkpoint.model
    symbols = torch.from_numpy(recording.network_symbols(start, stop).astype(np.int64))
    first = start if state is None else start - 1  # before a seam, the seam's state is stored
    stored = {site: recording.values(site, first, stop) for site in recording.sites}
    steps = list(_step(model, symbols, state or model.zero_state(1)))
    if state is not None:
        steps.insert(0, [_as_signals(layer, model.architecture.variant) for layer in state])
    differences = [
        np.abs(signals[site[2:]][0].numpy() - values[at]).max()
        for at, layers in enumerate(steps)
        for site, values in stored.items()
        if site[2:] in (signals := layers[int(site[0])])
    ]
    return float(max(differences)) - _ROUNDING[recording.precision]


@torch.inference_mode()
def _step(
    model: RecurrentModel, symbols: torch.Tensor, state: list[State]
) -> Iterator[list[dict[str, torch.Tensor]]]:
    """The signals of each layer after each symbol, as the equations give them."""
    step, variant = STEPS[model.architecture.cell], model.architecture.variant
    for symbol in symbols:
        x = model.embedding(symbol[None])
        layers = []
        for layer, before in zip(model.layers, state, strict=True):
            signals = step(x, *before, layer_weights(cast("RNNBase", layer)), variant)
            x = signals["h"]
            layers.append(signals)
        kept = ("h", "c")[: len(state[0])]
        state = [tuple(signals[part] for part in kept) for signals in layers]
        yield [
            signals | _as_signals(after, variant)
            for signals, after in zip(layers, state, strict=True)
        ]


def _as_signals(state: State, variant: Variant) -> dict[str, torch.Tensor]:
    h, *rest = state
    return {"h": bounded(h, variant)} | ({"c": torch.tanh(rest[0])} if rest else {})
