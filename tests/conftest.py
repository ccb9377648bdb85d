"""What tests share: small networks, texts, and one real recording of them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import hypothesis
import planted
import pytest
import torch

from analysis.recorder import record
from analysis.recording import Recording
from models.checkpoint import Checkpoint
from models.corpora import Corpus

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from streamlit.testing.v1 import AppTest

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


@pytest.fixture
def run_page(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], AppTest]:
    """Run a function as a page's script, without a browser."""
    from streamlit.testing.v1 import AppTest

    # AppTest leaves its script there, and whatever starts a process later would run that.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    return lambda script: AppTest.from_function(script).run()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    path = shutil.which("chromium")
    if path is None:
        reason = "there is no chromium on this machine; install Debian's package of that name"
        if os.environ.get("CI") == "true":
            pytest.fail(f"The browser tests must run here, but {reason}.")
        pytest.skip(reason)
    from playwright.sync_api import expect, sync_playwright

    from tests.browser.app_server import CHROMIUM_FLAGS

    expect.set_options(timeout=30_000)  # a busy machine answers late
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()
