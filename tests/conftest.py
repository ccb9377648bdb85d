"""What tests share: small networks, texts, and one real recording of them."""

from __future__ import annotations

import hypothesis
import planted
import pytest
import torch

from analysis.recorder import record
from analysis.recording import Recording
from models.checkpoint import Checkpoint
from models.corpora import Corpus

torch.set_num_threads(1)
# A busy machine is slow now and then: no example has to be quick.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")


@pytest.fixture(scope="session")
def planted_checkpoint() -> Checkpoint:
    return planted.planted_checkpoint()


@pytest.fixture(scope="session")
def planted_corpus() -> Corpus:
    return planted.planted_corpus()


@pytest.fixture(scope="session")
def tiny_checkpoint() -> Checkpoint:
    """A 2 x 5 LSTM with random weights."""
    return planted.random_checkpoint()


@pytest.fixture(scope="session")
def recording(
    planted_checkpoint: Checkpoint,
    planted_corpus: Corpus,
    tmp_path_factory: pytest.TempPathFactory,
) -> Recording:
    """All signals of the planted network over the planted texts, on disk."""
    path = tmp_path_factory.mktemp("recordings") / "planted.zarr"
    return record(planted_checkpoint, planted_corpus, path, signals=("h", "c", "i", "f", "g", "o"))
