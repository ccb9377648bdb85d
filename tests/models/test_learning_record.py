"""What a checkpoint tells of its training is read with care: anything may stand in a file."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from learned import STEPS, TEXT, made_up_training

from models.learning_record import LearningRecord, read_record

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just("\ud800")
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
ENTRIES = st.lists(
    st.dictionaries(
        st.sampled_from(["step", "symbols", "train_loss", "choose_loss", "text"]), SCALARS
    )
)


def record(**changed: Any) -> LearningRecord:
    return read_record(made_up_training() | changed)


def test_all_that_a_training_leaves_is_read() -> None:
    whole = record()
    assert (whole.corpus, whole.corpus_symbols) == ("made-up code", 1_234_567)
    assert dict(whole.documents) == {"train": 90, "choose": 5, "report": 6}
    assert whole.report_loss == made_up_training()["report_loss"]
    assert whole.sample == TEXT
    assert [snapshot.step for snapshot in whole.snapshots] == list(STEPS)
    assert whole.snapshots[0].symbols == 0
    assert len(whole.curve) == 20


def test_a_checkpoint_that_tells_nothing_is_no_error() -> None:
    empty = read_record({})
    assert empty.corpus is empty.report_loss is empty.minutes is empty.sample is None
    assert empty.curve == empty.snapshots == ()
    assert not empty.interrupted


@pytest.mark.parametrize("loss", [math.nan, math.inf, -1.0, "1.0", True, 10**400, None, [1.0]])
def test_a_loss_that_is_no_finite_number_is_not_told(loss: object) -> None:
    assert record(report_loss=loss).report_loss is None
    point = {"symbols": 1, "train_loss": loss, "choose_loss": 2}
    assert record(curve=[point]).curve[0].train_loss is None


def test_curve_and_snapshots_come_in_the_order_of_learning() -> None:
    shuffled = made_up_training()
    in_order = record()
    mixed = record(curve=shuffled["curve"][::-1], samples=shuffled["samples"][::-1])
    assert mixed.curve == in_order.curve
    assert mixed.snapshots == in_order.snapshots


def test_of_two_snapshots_of_one_step_one_is_kept() -> None:
    samples = [{"step": 4, "symbols": 9, "text": text} for text in ("early", "late")]
    assert [snapshot.text for snapshot in record(samples=samples).snapshots] == ["late"]


def test_halves_of_symbols_become_question_marks() -> None:
    assert record(sample="a\ud800b").sample == "a?b"


def test_what_would_flood_a_page_is_cut() -> None:
    flood = record(
        sample="x" * 1_000_000,
        curve=[{"symbols": at, "train_loss": 1.0} for at in range(50_000)],
        samples=[{"step": at, "symbols": at, "text": "x"} for at in range(1_000)],
    )
    assert flood.sample is not None
    assert len(flood.sample) == 20_000
    assert len(flood.curve) == 10_000
    assert len(flood.snapshots) == 200


@given(training=st.dictionaries(st.sampled_from(list(made_up_training())), JSON), entries=ENTRIES)
def test_whatever_a_file_says_gives_a_record_that_can_be_shown(
    training: dict[str, Any], entries: list[dict[str, Any]]
) -> None:
    found = read_record(training | {"curve": entries, "samples": entries})
    losses = [found.report_loss, *(point.choose_loss for point in found.curve)]
    assert all(loss is None or math.isfinite(loss) for loss in losses)
    texts = [found.corpus, found.split, found.sample, *(each.text for each in found.snapshots)]
    for text in texts:
        assert text is None or text.encode("utf-8")
    json.dumps([found.symbols, found.minutes], allow_nan=False)
