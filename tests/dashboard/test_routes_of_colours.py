"""What colours, the hover card and the outcomes need comes from the recording, byte for byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_routes import get

from analysis.hypotheses import find_hypotheses
from analysis.outcomes import best_cut
from analysis.preview import Preview, preview_labels
from analysis.recording import Recording
from dashboard import library, searches
from dashboard.routes import BASE, BLOCK


@pytest.fixture(autouse=True)
def opened(recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNITSCOPE_HOME", str(tmp_path / "home"))
    library.open_at(recording.path)


@pytest.fixture
def quotes(recording: Recording) -> Preview:
    """Labels that a search has made."""
    (hypothesis,) = find_hypotheses(["double-quotes"])
    search = searches.Search(recording, hypothesis)
    search.preview = preview_labels(recording, hypothesis)
    searches._searches[(recording.id, "double-quotes")] = search
    return search.preview


def labels_of(recording: Recording) -> np.ndarray:
    (hypothesis,) = find_hypotheses(["double-quotes"])
    parts = [hypothesis.label(recording.document_text(k)) for k in range(len(recording.documents))]
    whole = [np.where(part.defined, part.values, 255) for part in parts]
    return np.concatenate(whole).astype(np.uint8)


def test_counts_are_of_the_whole_recording(recording: Recording) -> None:
    for unit in ("0.h.0", "1.c.15"):
        counts = np.frombuffer(get(f"{BASE}/{recording.id}/unit/{unit}/counts").body, "<u4")
        codes = recording.unit_codes(unit).astype(int)
        np.testing.assert_array_equal(counts, [np.sum(codes == k - 128) for k in range(256)])


def test_signals_are_all_of_one_unit_of_a_layer(recording: Recording) -> None:
    last = (len(recording) - 1) // BLOCK
    for block in (0, last):
        answer = get(f"{BASE}/{recording.id}/signals/1.3/{block}")
        stop = min((block + 1) * BLOCK, len(recording))
        sites = [site for site in recording.sites if site.startswith("1.")]
        expected = [recording.unit_codes(f"{site}.3", block * BLOCK, stop) for site in sites]
        assert len(sites) > 1
        assert answer.body == np.stack(expected).tobytes()


def test_surprise_is_the_loss_in_thousandths_of_a_bit(recording: Recording) -> None:
    codes = np.frombuffer(get(f"{BASE}/{recording.id}/surprise/0").body, "<u2")
    loss = recording.loss(0, BLOCK)
    assert np.isnan(loss[0])
    assert codes[0] == 65_535
    said = np.isfinite(loss)
    np.testing.assert_allclose(codes[said] / 1000, loss[said] / np.log(2), atol=5.1e-4)


def test_labels_come_as_the_search_made_them(recording: Recording, quotes: Preview) -> None:
    answer = get(f"{BASE}/{recording.id}/labels/{quotes.digest}/tile/0")
    assert answer.headers["cache-control"].endswith("immutable")
    assert answer.body == labels_of(recording).tobytes()


def test_counts_by_label_carry_the_best_cut(recording: Recording, quotes: Preview) -> None:
    sent = np.frombuffer(
        get(f"{BASE}/{recording.id}/unit/1.c.2/counts/{quotes.digest}").body, "<i4"
    )
    codes, labels = recording.unit_codes("1.c.2").astype(int), labels_of(recording)
    outside, inside = sent[:256].astype(np.int64), sent[256:512].astype(np.int64)
    for counts, label in ((outside, 0), (inside, 1)):
        expected = np.bincount(codes[labels == label] + 128, minlength=256)
        np.testing.assert_array_equal(counts, expected)
    cut = best_cut(outside, inside)
    assert sent[512:].tolist() == [cut.direction, cut.code]


@pytest.mark.parametrize(
    "path",
    [
        "unit/0.h.16/counts",
        "unit/0.h.0/counts/nonsense",
        "labels/nonsense/tile/0",
        "labels//tile/0",
        "signals/7.0/0",
        "signals/0.16/0",
        "signals/0.x/0",
        "signals/0.0/9999",
        "surprise/9999",
        "surprise/-1",
    ],
)
def test_what_nobody_has_is_a_404(recording: Recording, path: str) -> None:
    answer = get(f"{BASE}/{recording.id}/{path}")
    assert answer.status == 404
    assert answer.headers["content-type"].startswith("text/plain")
