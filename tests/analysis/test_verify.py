"""A recording that was damaged or altered in any way does not pass for sound."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import planted
import pytest
import torch
import zarr

from analysis.plan import Cut
from analysis.recorder import record
from analysis.recording import open_recording
from analysis.verify import Verdict, verify
from models.checkpoint import Checkpoint
from models.corpora import Corpus, Document
from models.reading import SIGNALS

CUT = Cut(shard_time=512, slots=4, length=8, least_piece=64)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    random = np.random.default_rng(4)
    texts = ["".join(random.choice(list("abcdefgh \n"), length)) for length in (1500, 0, 40)]
    return Corpus("made", tuple(Document(f"{n}.txt", text) for n, text in enumerate(texts)))


@pytest.fixture(scope="module")
def sound(tiny_checkpoint: Checkpoint, corpus: Corpus, tmp_path_factory: Any) -> Path:
    path = tmp_path_factory.mktemp("sound") / "x.zarr"
    record(tiny_checkpoint, corpus, path, cut=CUT)
    return path


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sound, tmp_path / "x.zarr")


def check(path: Path, checkpoint: Checkpoint | None = None) -> Verdict:
    return verify(open_recording(path), checkpoint)


@pytest.mark.parametrize("precision", ["int8", "float16", "float32"])
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_a_sound_recording_passes(
    cell: Any, precision: Any, corpus: Corpus, tmp_path: Path
) -> None:
    checkpoint = planted.random_checkpoint(cell)
    path = tmp_path / "x.zarr"
    made = record(checkpoint, corpus, path, cut=CUT, precision=precision, signals=SIGNALS[cell])
    seen: list[float] = []
    verdict = verify(made, checkpoint, on_progress=seen.append)
    assert verdict.problems == ()
    assert verdict.windows > 5  # two documents, and seams
    assert verdict.error < 2e-5
    assert verdict.chunks == len(seen)
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_a_flipped_bit_is_found_in_every_array(sound: Path, copy: Path) -> None:
    chunks = sorted(p for p in copy.rglob("c/**/*") if p.name != "zarr.json" and p.is_file())
    assert {p.relative_to(copy).parts[0] for p in chunks} >= {"0", "1", "loss", "text", "seams"}
    for chunk in chunks:
        content = bytearray(chunk.read_bytes())
        content[len(content) // 2] ^= 4
        chunk.write_bytes(content)
        problems = check(copy).problems
        assert len(problems) == 1
        assert "is damaged" in problems[0]
        content[len(content) // 2] ^= 4
        chunk.write_bytes(content)
    assert check(copy).problems == ()


def test_a_chunk_that_is_missing_is_found(copy: Path) -> None:
    (copy / "1" / "c" / "c" / "0" / "0").unlink()
    (problem,) = check(copy).problems
    assert problem == "The array '1/c' lacks 1 of its chunks."


def test_another_text_is_found(copy: Path) -> None:
    text = zarr.open_group(str(copy), mode="r+")["text"]
    text[7] = ord("z")
    (problem,) = check(copy).problems
    assert problem == "The text of '0.txt' is not the one that was recorded."


@pytest.mark.parametrize("site", ["0/h", "1/c"])
def test_values_that_the_network_does_not_give_are_found(
    site: str, copy: Path, tiny_checkpoint: Checkpoint
) -> None:
    array = zarr.open_group(str(copy), mode="r+")[site]
    array[:, 3] = np.roll(array[:, 3], 1)
    assert check(copy).problems == ()
    (problem,) = check(copy, tiny_checkpoint).problems
    assert "Read again, the network differs by" in problem


def test_a_seam_that_does_not_hold_is_found(copy: Path, tiny_checkpoint: Checkpoint) -> None:
    states = zarr.open_group(str(copy), mode="r+")["seams/state"]
    states[:, 0, 2] = states[:, 0, 2] + 0.05
    (problem,) = check(copy, tiny_checkpoint).problems
    assert "differs by 0.0" in problem


def test_another_network_is_told(copy: Path, tiny_checkpoint: Checkpoint) -> None:
    other = planted.random_checkpoint()
    with torch.no_grad():
        other.model.readout.bias.add_(1)
    (problem,) = check(copy, replace(other, name="other")).problems
    assert problem.startswith("It was recorded with another network than 'other'")


def test_a_recording_of_the_first_version_is_not_blamed_for_what_it_never_had(
    copy: Path,
) -> None:
    outline = json.loads((copy / "zarr.json").read_text())
    outline["attributes"]["schema_version"] = 1
    (copy / "zarr.json").write_text(json.dumps(outline))
    shutil.rmtree(copy / "seams")
    (copy / "1" / "c" / "c" / "0" / "0").unlink()
    assert check(copy).problems == ()
