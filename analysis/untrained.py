"""The same network before it learned anything: what architecture and text alone give.

Untrained networks have units that change slowly and units that know the last symbols, so some
score high by chance. The best of them is what a trained unit has to beat.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from analysis.arrays import Precision
from analysis.places import Place
from analysis.recording import Recording, RecordingError, open_recording

if TYPE_CHECKING:
    from models.checkpoint import Checkpoint

_SEED_DIGITS = 15  # hex digits of an id that torch's seed of 64 bits has room for


def untrained_twin(recording: Recording) -> Checkpoint:
    """Return a network of the recorded one's architecture and vocabulary with first weights.

    They are those that training would begin from, drawn with a seed that comes from the
    recording's id: one recording has one twin.

    Parameters
    ----------
    recording : Recording

    Returns
    -------
    Checkpoint

    Raises
    ------
    RecordingError
        If the recording does not say what its network is made of.
    """
    import torch

    from models.checkpoint import Checkpoint
    from models.recurrent import Architecture, RecurrentModel
    from models.vocabulary import Vocabulary

    if not recording.has_network:
        raise RecordingError(
            f"No network of ours made {recording.path}, so there is none of its shape that learned "
            "nothing. Search it without an untrained one."
        )
    made_of = dict(recording.attributes["checkpoint"])
    name = made_of.pop("name")
    made_of.pop("sha256", None)
    try:
        architecture = Architecture(**made_of)
        seed = int(recording.id[:_SEED_DIGITS], 16)
    except (TypeError, ValueError) as error:
        raise RecordingError(
            f"{recording.path} does not say what its network is made of ({error}). Record it again."
        ) from error
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = RecurrentModel(architecture)
    return Checkpoint(f"untrained {name}", model.eval(), Vocabulary(recording.vocabulary))


def untrained_place(recording: Recording, folder: str | Path) -> Place:
    """Return where in a folder, or below a URL, the recording of a twin lies."""
    return Place(str(folder)) / f"untrained-{recording.id}.zarr"


def record_untrained(
    recording: Recording,
    folder: str | Path,
    *,
    device: str = "cpu",
    on_progress: Callable[[int], None] = lambda symbols: None,
) -> Recording:
    """Record the untrained twin over the same texts with the same signals and precision.

    Parameters
    ----------
    recording : Recording
        Of the trained network. Its texts are read from it.
    folder : str or Path
        Where to keep it, under a name that has the recording's id: a folder, or a URL that fsspec
        reaches.
    device : str, default="cpu"
        Where torch computes.
    on_progress : callable, optional
        Called with the number of symbols read so far; not if the recording is there already.

    Returns
    -------
    Recording
        The one that is there, if it is of this twin; else a new one in its place.

    Raises
    ------
    RecordingError
        If it cannot be written, or what is there is not a recording.
    """
    from analysis.recorder import record
    from models.corpora import Corpus

    twin = untrained_twin(recording)
    place = untrained_place(recording, folder)
    found = _open(place)
    if found is not None and _is_of(found, twin, recording):
        return found
    texts = tuple(recording.document_text(k) for k in range(len(recording.documents)))
    signals = dict.fromkeys(site.split(".")[1] for site in recording.sites)
    return record(
        twin,
        Corpus(recording.corpus_name, texts),
        place.path,
        signals=tuple(signals),
        precision=cast(Precision, recording.precision),
        force=True,
        device=device,
        on_progress=on_progress,
    )


def _open(place: Place) -> Recording | None:
    try:
        return open_recording(place.path)
    except RecordingError:
        return None


def _is_of(found: Recording, twin: Checkpoint, recording: Recording) -> bool:
    """Whether a recording is of this twin over the same texts, kept in the same way."""

    def same(key: str) -> bool:
        return bool(found.attributes.get(key) == recording.attributes.get(key))

    is_twin = found.attributes["checkpoint"].get("sha256") == twin.sha256
    return is_twin and all(map(same, ("corpus", "documents", "sites", "precision")))
