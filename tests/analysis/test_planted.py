"""The search against units that are known, from weights to findings, through a store on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import planted
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from analysis.hypotheses.catalogue import find_hypotheses
from analysis.labelling import split_documents
from analysis.recorder import record
from analysis.recording import Recording, Unit
from analysis.search import Finding, search_units
from models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from models.corpora import Corpus


def search(recording: Recording, name: str, *, top: int = 1) -> Sequence[Finding]:
    return search_units(recording, find_hypotheses([name]), top=top).findings


def planted_codes(recording: Recording, name: str, signal: str = "h") -> np.ndarray:
    return recording.unit_codes(f"0.{signal}.{planted.PLACES[name]}")


def in_each_text(recording: Recording, track: object) -> np.ndarray:
    """What a function of a text's symbols gives, over all texts."""
    texts = (recording.document_text(number).text for number in range(len(recording.documents)))
    return np.concatenate([track(np.array(list(text))) for text in texts])  # type: ignore[operator]


def columns(symbols: np.ndarray) -> np.ndarray:
    times = np.arange(len(symbols))
    starts_line = np.append(True, symbols[:-1] == "\n")
    return times - np.maximum.accumulate(np.where(starts_line, times, 0))


def test_the_quote_unit_is_one_side_inside_and_the_other_outside(recording: Recording) -> None:
    inside = in_each_text(recording, lambda symbols: np.cumsum(symbols == '"') % 2)
    codes = planted_codes(recording, "quote")
    assert (codes[inside == 1] == 97).all()  # h = tanh 1 = 0.7616
    assert set(codes[inside == 0].tolist()) == {0, -97}  # 0 before a text's first quote
    assert roc_auc_score(inside, codes) == 1


def test_the_column_unit_counts(recording: Recording) -> None:
    codes = planted_codes(recording, "column", "c")
    assert spearmanr(codes, in_each_text(recording, columns)).statistic > 0.999


def test_the_depth_unit_counts_open_brackets(recording: Recording) -> None:
    depth = in_each_text(
        recording, lambda symbols: np.cumsum((symbols == "(") * 1 - (symbols == ")") * 1)
    )
    assert depth.max() == 3
    codes = planted_codes(recording, "depth", "c")
    assert spearmanr(codes, depth).statistic > 0.9999


def test_the_newline_unit_is_up_at_newlines_only(recording: Recording) -> None:
    is_newline = in_each_text(recording, lambda symbols: symbols == "\n")
    codes = planted_codes(recording, "newline")
    assert (codes == np.where(is_newline, 97, -97)).all()


@pytest.mark.parametrize(
    ("hypothesis", "unit", "measure", "least"),
    [
        ("double-quotes", "quote", "auroc", 1.0),
        ("column", "column", "spearman", 0.999),
        ("newline", "newline", "auroc", 1.0),
    ],
)
def test_search_puts_the_planted_unit_first(
    hypothesis: str, unit: str, measure: str, least: float, recording: Recording
) -> None:
    findings = search(recording, hypothesis, top=12 * planted.HIDDEN)
    first, second = findings[:2]
    place = planted.PLACES[unit]
    # With an open output gate h is tanh c: one unit, seen at two sites.
    assert [first.unit, second.unit] == [f"0.h.{place}", f"0.c.{place}"]
    assert first.measure == measure
    assert first.score == second.score >= least
    assert first.direction == 1
    assert first.split == "documents"
    # Of the other units' states none comes near; a gate may well know the symbol it reads.
    states = [f for f in findings[2:] if Unit.parse(f.unit).signal in ("h", "c")]
    assert len(states) == 4 * planted.HIDDEN - 2
    assert max(other.choose_score for other in states) < 0.995


def test_the_score_of_a_finding_is_that_of_its_codes_on_the_reporting_half(
    recording: Recording,
) -> None:
    reports = np.repeat(
        split_documents(recording.documents), [d.stop - d.start for d in recording.documents]
    )
    is_newline = in_each_text(recording, lambda symbols: symbols == "\n")
    findings = search(recording, "newline", top=40)
    assert {finding.direction for finding in findings} == {1, -1}
    for finding in findings:
        codes = finding.direction * recording.unit_codes(finding.unit).astype(int)
        for half, score in ((reports, finding.score), (~reports, finding.choose_score)):
            assert score == pytest.approx(roc_auc_score(is_newline[half], codes[half]), abs=1e-12)


def test_planted_units_survive_being_saved_in_half_precision(
    planted_checkpoint: Checkpoint, planted_corpus: Corpus, recording: Recording, tmp_path: Path
) -> None:
    save_checkpoint(planted_checkpoint, tmp_path / "planted.safetensors")
    loaded = load_checkpoint(tmp_path / "planted.safetensors")
    again = record(loaded, planted_corpus, tmp_path / "again.zarr")
    for name in planted.PLACES:
        difference = planted_codes(again, name).astype(int) - planted_codes(recording, name)
        assert np.abs(difference).max() <= 1  # 0.01 in float16 is 0.0100021
    for hypothesis, unit in (("double-quotes", "quote"), ("column", "column")):
        assert search(again, hypothesis)[0].unit == f"0.h.{planted.PLACES[unit]}"
