"""Tasks beside the next symbol: they are learned, a training goes on with them, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from models.penalties import remembered
from models.recurrent import Architecture, RecurrentModel
from models.side_task import SideTask, SideTasks
from models.streams import Chunk, read_chunks
from models.training import Training
from models.training_options import TrainingError, TrainingOptions
from models.vocabulary import Vocabulary, build_vocabulary

TEXT = "a = 1\n\n  # told\n  # again\n\tb()\n" * 4
NAMES = ("lines_ahead", "line_so_far")


def encoded() -> tuple[Vocabulary, np.ndarray]:
    vocabulary = build_vocabulary([TEXT], least=1)
    return vocabulary, vocabulary.encode(TEXT)


def settings(**changes: Any) -> TrainingOptions:
    given = {"symbols": 16 * 200, "batch": 1, "length": 16, "learning_rate": 0.02}
    return TrainingOptions(**{**given, **changes})


def training(cell: Any = "lstm", **changes: Any) -> Training:
    vocabulary, symbols = encoded()
    torch.manual_seed(0)
    model = RecurrentModel(Architecture(cell, 2, 12, 4, len(vocabulary)))
    return Training(model, [symbols], [], settings(**changes), vocabulary)


def side_loss(made: Training) -> float:
    """The loss of the only task beside the next symbol, over the text."""
    _, symbols = encoded()
    chunk = next(read_chunks([symbols], iter([0]), batch=1, length=len(symbols)))
    assert made.learner.tasks is not None
    (task,) = made.learner.tasks.tasks
    model = made.learner.model
    with torch.no_grad():
        read = torch.from_numpy(chunk.symbols)
        hidden, _ = model.read_layers(read, model.zero_state(1))
        top = model.layers[1]
        assert isinstance(top, torch.nn.LSTM)
        return float(task(chunk, remembered(top, hidden[0], hidden[1], model.zero_state(1)[1])))


class _Constant(SideTask):
    def __init__(self, loss: float, penalty: float) -> None:
        super().__init__()
        self._loss, self._penalty = torch.tensor(loss), torch.tensor(penalty)

    def forward(self, chunk: Chunk, m: torch.Tensor) -> torch.Tensor:
        return self._loss

    def weight_penalty(self) -> torch.Tensor:
        return self._penalty


def test_each_loss_counts_by_its_factor_and_each_penalty_as_it_is() -> None:
    tasks = SideTasks([(0.5, _Constant(4.0, 0.1)), (2.0, _Constant(3.0, 0.2))])
    chunk = next(read_chunks([encoded()[1]], iter([0]), batch=1, length=8))
    assert tasks(chunk, torch.zeros(8, 1, 1)).item() == pytest.approx(2 + 0.1 + 6 + 0.2)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_asked_for_is_learned_from_the_cells(name: str) -> None:
    made = training(**{name: 0.4})
    before = side_loss(made)
    made.run(lambda progress: None)
    assert side_loss(made) < 0.5 * before


def test_a_training_that_was_put_aside_goes_on_with_its_read_outs() -> None:
    both: dict[str, Any] = dict.fromkeys(NAMES, 0.4)
    whole = training(symbols=16 * 8, **both)
    whole.run(lambda progress: None)
    half = training(symbols=16 * 8, **both)

    def stop(progress: Any) -> None:
        if progress.step == 4:
            raise KeyboardInterrupt

    half.run(stop)
    again = training(symbols=16 * 8, **both)
    again.restore(half.to_plain())
    again.run(lambda progress: None)
    pairs = zip(whole.learner.model.parameters(), again.learner.model.parameters(), strict=True)
    assert all(torch.equal(wanted, found) for wanted, found in pairs)


@pytest.mark.parametrize("name", NAMES)
def test_without_a_vocabulary_nobody_knows_what_ends_a_line(name: str) -> None:
    _, symbols = encoded()
    model = RecurrentModel(Architecture("lstm", 1, 8, 4, int(symbols.max()) + 1))
    with pytest.raises(TrainingError, match=f"{name} cannot .* vocabulary"):
        Training(model, [symbols], [], settings(**{name: 0.4}))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_a_network_without_cells_cannot_be_asked(cell: str, name: str) -> None:
    with pytest.raises(TrainingError, match=f"no cell .* {cell} layers"):
        training(cell, **{name: 0.4})


@pytest.mark.parametrize("name", NAMES)
def test_what_cells_tell_and_dropout_do_not_go_together(name: str) -> None:
    with pytest.raises(TrainingError, match="dropout"):
        settings(**{name: 0.4, "dropout": 0.1})
