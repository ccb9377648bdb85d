"""Frozen layers stay bit for bit as they were, and the rest learns as it would without them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.checkpoint import Checkpoint
from models.corpora import Corpus, Document
from models.recurrent import Architecture, RecurrentModel
from models.training import train
from models.training_options import Network, Progress, TrainingError, TrainingOptions
from models.training_run import train_checkpoint

CORPUS = Corpus("made", (Document("a.txt", "# a\nb = 1\n\n# c\nd()\n" * 40),))
NETWORK = Network(layers=3, hidden=8, embedding=4)
CELLS = {
    "cell_penalty": 0.3,
    "cell_change_penalty": 1.0,
    "lines_ahead": 0.4,
    "line_so_far": 0.4,
}


def options(**changes: Any) -> TrainingOptions:
    given = {"symbols": 80 * 12, "batch": 4, "length": 20, "learning_rate": 0.02, "warm_up": 1}
    return TrainingOptions(**{**given, **changes})


def run(*, network: Network = NETWORK, **arguments: Any) -> Any:
    changes = arguments.pop("changes", {})
    return train_checkpoint(CORPUS, options(**changes), name="net", network=network, **arguments)


@pytest.fixture(scope="module")
def start() -> Checkpoint:
    made: Checkpoint = run()
    return made


def learned(before: Checkpoint, after: Checkpoint) -> set[str]:
    """The parts of the network in which every tensor is another one than before, if any is."""
    weights = after.model.state_dict()
    changed = {
        name: not torch.equal(tensor, weights[name])
        for name, tensor in before.model.state_dict().items()
    }
    parts = {name: name.rsplit(".", 1)[0] for name in changed}
    for part in set(parts.values()):
        assert len({changed[name] for name in changed if parts[name] == part}) == 1, part
    return {parts[name] for name in changed if changed[name]}


@pytest.mark.parametrize("changes", [{}, {"weight_decay": 0.1, "activity_penalty": 0.3}, CELLS])
@pytest.mark.parametrize(
    ("freeze", "wanted"),
    [
        (0, {"embedding", "layers.0", "layers.1", "layers.2", "readout"}),
        (1, {"layers.1", "layers.2", "readout"}),
        (2, {"layers.2", "readout"}),
    ],
)
def test_frozen_layers_and_the_embedding_stay_as_they_were(
    start: Checkpoint, freeze: int, wanted: set[str], changes: dict[str, Any]
) -> None:
    after = run(start=start, changes={**changes, "freeze": freeze})
    assert learned(start, after) == wanted
    assert after.training["options"]["freeze"] == freeze


@pytest.mark.parametrize("embedding", [None, 8])
def test_one_hot_and_tied_networks_are_frozen_too(embedding: int | None) -> None:
    network = Network("gru", layers=2, hidden=8, embedding=embedding, tied=embedding is not None)
    before = run(network=network)
    after = run(start=before, changes={"freeze": 1})
    weights = after.model.state_dict()
    same = {n for n, t in before.model.state_dict().items() if torch.equal(t, weights[n])}
    tied = {"embedding.weight", "readout.weight"} if embedding else set()
    assert same == {name for name in weights if name.startswith("layers.0.")} | tied


def test_what_learns_takes_the_same_step_as_in_a_network_that_learns_whole() -> None:
    symbols = np.array([0, 1, 2, 2, 3] * 64, dtype=np.uint16)
    readouts = []
    for freeze in (0, 1):
        torch.manual_seed(0)
        model = RecurrentModel(Architecture("lstm", 2, 8, 4, 4))
        # So wide a bound that neither gradient is clipped, by a norm of more or fewer weights.
        train(model, [symbols], [], options(symbols=80, clip=1e6, freeze=freeze))
        readouts.append(model.readout.weight.detach())
    torch.testing.assert_close(*readouts)


def test_a_frozen_training_goes_on_to_the_same_bits(start: Checkpoint, tmp_path: Path) -> None:
    changes = {**CELLS, "freeze": 2}
    whole = run(start=start, changes=changes)

    def stop(progress: Progress) -> None:
        if progress.step == 5:
            raise KeyboardInterrupt

    path = tmp_path / "net.resume"
    run(start=start, changes=changes, resume_path=path, on_progress=stop)
    torch.manual_seed(99)  # as another process would have it
    again = run(start=start, changes=changes, resume_path=path, resume=True)
    weights = again.model.state_dict()
    assert all(torch.equal(t, weights[n]) for n, t in whole.model.state_dict().items())
    assert {**again.training, "minutes": 0} == {**whole.training, "minutes": 0}


def test_layers_are_frozen_as_a_checkpoint_has_them_alone(start: Checkpoint) -> None:
    with pytest.raises(TrainingError, match="--from"):
        run(changes={"freeze": 1})
    with pytest.raises(TrainingError, match=r"must leave a layer to learn, .* has 3"):
        run(start=start, changes={"freeze": 3})
