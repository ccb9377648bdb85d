"""The bytes that the text view gets are those of the recording, and nothing else has an address."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import planted
import pytest
from starlette.applications import Starlette

from analysis.recorder import record
from analysis.recording import Recording
from dashboard import library
from dashboard.routes import BASE, BLOCK, OVERVIEW, TILE, routes
from models.checkpoint import Checkpoint
from models.corpora import Corpus, Document
from models.vocabulary import UNKNOWN


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def get(path: str, *, method: str = "GET", prefix: str = "") -> Answer:
    """Ask the application as a server would: a message in, messages out."""
    path, _, query = path.partition("?")
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "server": ("127.0.0.1", 8501),
        "path": path,
        "raw_path": path.encode("utf-8", "surrogatepass"),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8501")],
    }
    app = Starlette(routes=routes(prefix))
    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(app(scope, receive, send))).result()
    start, *rest = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], headers, b"".join(part["body"] for part in rest))


@pytest.fixture(autouse=True)
def own_library(
    recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A library that has opened the recording, and nothing of the machine's."""
    monkeypatch.setenv("UNITSCOPE_HOME", str(tmp_path / "home"))
    library.open_at(recording.path)
    return


@pytest.fixture(scope="module")
def long_recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """More than two tiles and more than one chunk of the store."""
    random = np.random.default_rng(8)
    texts = ["".join(random.choice(list("abc \n"), 700)) for _ in range(100)]
    corpus = Corpus("long", tuple(Document(f"{n}.txt", text) for n, text in enumerate(texts)))
    path = tmp_path_factory.mktemp("long") / "long.zarr"
    return record(planted.random_checkpoint(layers=1), corpus, path, signals=["c"])


def made(texts: list[str], checkpoint: Checkpoint, folder: Path) -> Recording:
    corpus = Corpus("made", tuple(Document(f"{n}.txt", text) for n, text in enumerate(texts)))
    return library.open_at(record(checkpoint, corpus, folder / "made.zarr").path)


def test_a_tile_is_the_units_codes(recording: Recording) -> None:
    for unit in ("0.h.0", "1.c.15", "0.f.7"):
        answer = get(f"{BASE}/{recording.id}/unit/{unit}/tile/0")
        assert answer.status == 200
        assert answer.body == recording.unit_codes(unit).tobytes()


def test_tiles_together_are_the_whole_unit(long_recording: Recording) -> None:
    library.open_at(long_recording.path)
    assert len(long_recording) == 70_000
    for unit in ("0.c.0", "0.c.4"):
        tiles = [get(f"{BASE}/{long_recording.id}/unit/{unit}/tile/{k}").body for k in range(3)]
        assert [len(tile) for tile in tiles] == [TILE, TILE, 70_000 - 2 * TILE]
        assert b"".join(tiles) == long_recording.unit_codes(unit).tobytes()


def test_an_overview_keeps_the_extreme_of_each_bucket(long_recording: Recording) -> None:
    library.open_at(long_recording.path)
    answer = get(f"{BASE}/{long_recording.id}/unit/0.c.3/overview")
    overview = np.frombuffer(answer.body, np.int8)
    codes = long_recording.unit_codes("0.c.3").astype(int)
    assert len(overview) == OVERVIEW
    edges = np.arange(OVERVIEW + 1) * len(codes) // OVERVIEW
    for bucket, (start, stop) in enumerate(itertools.pairwise(edges)):
        part = codes[start:stop]
        assert overview[bucket] in part
        assert abs(int(overview[bucket])) == np.abs(part).max()


def test_an_overview_of_a_short_text_is_its_codes(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    short = made(["abc", "d"], tiny_checkpoint, tmp_path)
    answer = get(f"{BASE}/{short.id}/unit/1.h.2/overview")
    assert answer.body == short.unit_codes("1.h.2").tobytes()


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("plain\r\n\t\x00", 1),
        ("caf\u00e9 \u00ff", 1),
        ("a\u0100", 2),
        ("\u65e5\u672ca\uffff", 2),
        ("a\ud83d", 2),
        ("a\U00010000", 4),
        ("a\U0001f600\U0010ffff", 4),
    ],
)
def test_the_text_comes_in_the_fewest_bytes_a_symbol(
    text: str, width: int, tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    answer = get(f"{BASE}/{made([text], tiny_checkpoint, tmp_path).id}/text")
    assert answer.headers["x-symbol-bytes"] == str(width)
    assert np.frombuffer(answer.body, f"<u{width}").tolist() == [ord(symbol) for symbol in text]


def test_next_symbols_come_in_blocks_indices_first(recording: Recording) -> None:
    last = (len(recording) - 1) // BLOCK
    for block in (0, 3, last):
        answer = get(f"{BASE}/{recording.id}/next/{block}")
        start, stop = block * BLOCK, min((block + 1) * BLOCK, len(recording))
        indices, probabilities = recording.next_symbols(start, stop)
        n = 5 * (stop - start)
        assert len(answer.body) == 3 * n
        assert np.frombuffer(answer.body[: 2 * n], "<u2").tolist() == indices.ravel().tolist()
        codes = np.frombuffer(answer.body[2 * n :], np.uint8)
        assert np.abs(codes / 255 - probabilities.ravel().astype(float)).max() <= 0.5 / 255 + 1e-6


def test_answers_are_bytes_that_may_be_kept_for_ever(recording: Recording) -> None:
    for path in ("text", "unit/0.h.1/tile/0", "unit/0.h.1/overview", "next/0"):
        answer = get(f"{BASE}/{recording.id}/{path}")
        assert answer.status == 200, path
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path",
    [
        "unit/0.h.16/tile/0",
        "unit/0.h.16/overview",
        "unit/7.h.0/tile/0",
        "unit/0.z.0/overview",
        "unit/nonsense/tile/0",
        "unit/../tile/0",
        "unit/0.h.\u0661/tile/0",
        f"unit/0.h.{'9' * 5000}/tile/0",
        "unit/0.h.0/tile/1",
        "unit/0.h.0/tile/-1",
        "unit/0.h.0/tile/99999999999999999999",
        "unit/0.h.0/tile/x",
        "unit/0.h.0/tile/1.5",
        "unit/0.h.0/tile/",
        f"unit/0.h.0/tile/{'9' * 5000}",
        "next/-1",
        "next/9999",
        f"next/{'9' * 5000}",
        "loss/0",
        "",
    ],
)
def test_what_is_not_there_is_a_404_in_plain_text(recording: Recording, path: str) -> None:
    answer = get(f"{BASE}/{recording.id}/{path}")
    assert answer.status == 404
    assert answer.headers["content-type"].startswith("text/plain")
    assert "cache-control" not in answer.headers


@pytest.mark.parametrize("name", ["0" * 24, "..", "<script>alert(1)</script>", "\u00e9"])
def test_an_unknown_recording_is_a_404_in_plain_text(name: str) -> None:
    for path in ("text", "unit/0.h.0/tile/0", "next/0"):
        answer = get(f"{BASE}/{name}/{path}")
        assert answer.status == 404
        assert answer.headers["content-type"].startswith("text/plain")


def test_a_404_says_what_is_wrong(recording: Recording) -> None:
    assert b"no unit 0.h.16" in get(f"{BASE}/{recording.id}/unit/0.h.16/tile/0").body
    assert b"no recording abc" in get(f"{BASE}/abc/text").body
    assert b"ends before symbol" in get(f"{BASE}/{recording.id}/next/9999").body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_written(recording: Recording, method: str) -> None:
    assert get(f"{BASE}/{recording.id}/text", method=method).status == 405


def test_routes_lie_below_the_servers_base_path(recording: Recording) -> None:
    path = f"{BASE}/{recording.id}/text"
    assert get(f"/below{path}", prefix="/below").status == 200
    assert get(path, prefix="/below").status == 404


def test_a_damaged_recording_is_a_404_and_no_crash(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    damaged = made(["abcdef"], tiny_checkpoint, tmp_path)
    for chunk in (tmp_path / "made.zarr" / "0" / "h" / "c").rglob("*"):
        if chunk.is_file():
            chunk.write_bytes(b"")
    answer = get(f"{BASE}/{damaged.id}/unit/0.h.0/tile/0")
    assert answer.status == 404
    assert b"damaged" in answer.body


def test_a_replaced_recording_is_not_served_under_its_old_id(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    first = made(["abcdef"], tiny_checkpoint, tmp_path)
    corpus = Corpus("made", (Document("0.txt", "uvwxyz"),))
    record(tiny_checkpoint, corpus, tmp_path / "made.zarr", force=True)
    answer = get(f"{BASE}/{first.id}/text")
    assert answer.status == 404 or answer.body == b"abcdef"


def test_a_small_vocabulary_is_padded(tmp_path: Path) -> None:
    small = made(["abab"], planted.random_checkpoint(symbols=(UNKNOWN, "a", "b")), tmp_path)
    answer = get(f"{BASE}/{small.id}/next/0")
    assert len(answer.body) == 4 * 15
