"""What can be compared with a recording, how another is made, and the colours of its losses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import planted
import pytest
from test_routes import get

from analysis.comparison import DIFFERENCE_BITS, bits_to_codes, loss_bits
from analysis.figures import signed_extremes
from analysis.recorder import record
from analysis.recording import Recording
from dashboard import library
from dashboard.comparing import (
    best_finding,
    compare,
    order_to_read,
    same_and_other_texts,
    units_to_show,
    with_another,
    with_unit,
)
from dashboard.losses import LOSS_UNIT, paintings
from dashboard.networks import network_titles, origin_of, suggested_checkpoint
from dashboard.routes import BASE, OVERVIEW, TILE
from models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from models.corpora import Corpus, Document, read_corpus

TEXTS = (Document("b.py", "if x:\n  return 'a'\n" * 2_000), Document("a.txt", "return\n"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("UNITSCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(library, "_opened", {})
    compare.cache_clear()
    return tmp_path / "home"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two recordings of one text, by an LSTM and a GRU."""
    folder = tmp_path_factory.mktemp("pair")
    for cell in ("lstm", "gru"):
        record(planted.random_checkpoint(cell), Corpus("two", TEXTS), folder / f"{cell}.zarr")
    return folder / "lstm.zarr", folder / "gru.zarr"


@pytest.fixture
def pair(stored: tuple[Path, Path]) -> tuple[Recording, Recording]:
    return library.open_at(stored[0]), library.open_at(stored[1])


def test_tiles_of_losses_are_those_of_numpy(pair: tuple[Recording, Recording]) -> None:
    first, second = pair
    difference = bits_to_codes(loss_bits(first) - loss_bits(second), DIFFERENCE_BITS)
    own = bits_to_codes(loss_bits(second), 8.0)
    assert len(first) > TILE
    for unit, codes in ((f"difference.{first.id}.0", difference), (LOSS_UNIT, own)):
        root = f"{BASE}/{second.id}/unit/{unit}"
        tiles = [get(f"{root}/tile/{number}") for number in range(2)]
        assert [tile.status for tile in tiles] == [200, 200]
        assert "immutable" in tiles[0].headers["cache-control"]
        assert b"".join(tile.body for tile in tiles) == codes.tobytes()
        overview = np.frombuffer(get(f"{root}/overview").body, np.int8)
        assert (overview == signed_extremes(codes[:, None], OVERVIEW)[:, 0]).all()


def test_a_difference_from_what_is_not_there_or_of_another_text_is_a_sentence(
    pair: tuple[Recording, Recording], recording: Recording
) -> None:
    library.open_at(recording.path)
    for other, words in (
        ("nothing", "no recording nothing"),
        (recording.id, "another text"),
        ("", "no recording"),
    ):
        answer = get(f"{BASE}/{pair[0].id}/unit/difference.{other}.0/tile/0")
        assert answer.status == 404
        assert words in answer.body.decode()
    assert get(f"{BASE}/{pair[0].id}/unit/{LOSS_UNIT}/tile/9").status == 404
    assert get(f"{BASE}/{pair[0].id}/unit/loss.1/tile/0").status == 404


def test_only_the_same_text_can_be_compared(
    pair: tuple[Recording, Recording], recording: Recording
) -> None:
    same, other = same_and_other_texts(pair[0], [*pair, recording, pair[1]])
    assert list(same) == [pair[1].id]
    assert list(other) == [recording.id]


def test_losses_are_compared_with_the_first(pair: tuple[Recording, Recording]) -> None:
    compared = compare((pair[0].id, pair[1].id))
    own, other = (loss_bits(each).astype(float) for each in pair)
    assert compared.losses[0].bits == pytest.approx(np.nanmean(own))
    assert compared.losses[1].difference == pytest.approx(np.nanmean(own - other), abs=1e-6)
    assert compared.losses[1].first_better == pytest.approx(
        (own < other)[np.isfinite(own)].mean(), abs=1e-6
    )
    ((first, *_),) = compared.passages
    assert first.difference == pytest.approx((own - other)[first.start : first.stop].mean())


def test_the_text_can_be_read_again_in_its_order(
    pair: tuple[Recording, Recording], tmp_path: Path
) -> None:
    save_checkpoint(planted.random_checkpoint("rnn"), tmp_path / "rnn.safetensors")
    order = order_to_read(pair[0], tmp_path / "rnn.safetensors")
    assert order.total == len(pair[0])
    corpus = read_corpus([Path(order.source)])
    assert [document.text for document in corpus.documents] == [each.text for each in TEXTS]
    made = record(load(order.checkpoint), corpus, order.destination)
    assert list(same_and_other_texts(pair[0], [made])[0]) == [made.id]


def load(path: Path) -> Checkpoint:
    return load_checkpoint(path)


def test_a_recording_of_the_library_tells_its_network(home: Path, tmp_path: Path) -> None:
    (home / "checkpoints").mkdir(parents=True)
    corpus = Corpus("text", TEXTS[1:])
    recordings = []
    for cell in ("lstm", "gru"):
        file = home / "checkpoints" / f"{cell}.safetensors"
        save_checkpoint(planted.random_checkpoint(cell), file)
        place = library.recording_path(file, corpus)
        recordings.append(record(load(file), corpus, place))
        assert origin_of(recordings[-1]) == (file.name, file)
    titles = network_titles(recordings)
    assert [titles[each.id] for each in recordings] == ["lstm.safetensors", "gru.safetensors"]
    (home / "checkpoints" / "gru.safetensors").unlink()
    assert network_titles(recordings)[recordings[1].id].startswith("tiny (")


def test_a_second_network_is_suggested_once() -> None:
    known = ["python", "linux", "python-2x128", "python-2x128/step-0000256"]
    assert suggested_checkpoint(["python"], known) == "python-2x128"
    assert suggested_checkpoint(["python-2x128"], known) == "python-2x128/step-0000256"
    assert suggested_checkpoint(["python", "python-2x128"], known) == "python-2x128/step-0000256"
    assert suggested_checkpoint(known, known) is None


def test_units_of_the_others_are_chosen_by_hand_or_any(pair: tuple[Recording, Recording]) -> None:
    assert units_to_show(pair, (), [None, None]) == ["1.c.0", "1.h.0"]
    assert units_to_show(pair, ("0.h.3", "9.z.9"), [None, None]) == ["0.h.3", "1.h.0"]
    assert best_finding(None) is None
    assert with_unit((), 1, "0.h.1") == ("-", "0.h.1")
    assert with_unit(("0.h.1", "0.h.2"), 0, "0.h.3") == ("0.h.3", "0.h.2")
    assert with_another(("a", "b"), "c") == ("a", "c")
    assert with_another(("a", "b"), "a") == ("b", "a")


def test_of_a_difference_the_first_text_shows_its_loss() -> None:
    assert [each.unit for each in paintings(["a", "b"], ["0.h.1", "0.h.2"], "units")] == [
        "0.h.1",
        "0.h.2",
    ]
    own, second, third = paintings(["a", "b", "c"], ["x"] * 3, "difference")
    assert own.unit == LOSS_UNIT
    assert second.unit == third.unit == "difference.a.0"
    assert third.sites == {"difference.a": 1}
    assert third.names["difference.a.0"] == "A − C, bits"
