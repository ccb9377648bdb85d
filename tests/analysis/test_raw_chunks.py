from __future__ import annotations

from pathlib import Path

import numpy as np
import planted
import pytest
import zarr

import analysis.raw_chunks
from analysis.recorder import record
from analysis.recording import CHUNK_UNITS, Recording, RecordingError, open_recording


@pytest.fixture
def made(tmp_path, tiny_checkpoint) -> Recording:
    return record(tiny_checkpoint, planted.planted_corpus(), tmp_path / "made.zarr")


def chunk_file(recording: Recording) -> Path:
    return Path(recording.path) / "0" / "h" / "c" / "0" / "0"


def test_a_whole_chunk_is_what_zarr_reads(recording, monkeypatch):
    time = len(recording)
    for site in recording.sites:
        width = recording.units(site)
        units = slice(0, min(CHUNK_UNITS, width))
        direct = recording.codes(site, 0, time, units)
        assert np.array_equal(direct, recording.arrays[site.replace(".", "/")][:, units])
        assert direct.shape == (time, units.stop)
        assert direct.dtype == np.int8


def test_no_file_is_read_by_hand_but_for_whole_chunks_of_codes(made, monkeypatch):
    read = []
    by_hand = analysis.raw_chunks._read_checked

    def spied(path, size):
        read.append(path)
        return by_hand(path, size)

    monkeypatch.setattr(analysis.raw_chunks, "_read_checked", spied)
    made.codes("0.h", 0, len(made), slice(0, 5))
    assert read == [chunk_file(made)]
    made.codes("0.h", 1, len(made), slice(0, 5))
    made.codes("0.h", 0, len(made), slice(0, 4))
    made.unit_codes("0.h.1")
    made.loss()
    assert len(read) == 1


def test_floats_and_compressed_codes_are_left_to_zarr(made, tmp_path, tiny_checkpoint):
    floats = record(
        tiny_checkpoint, planted.planted_corpus(), tmp_path / "f.zarr", precision="float32"
    )
    whole = (slice(0, len(made)), slice(0, 5))
    array = floats.arrays["0/h"]
    assert analysis.raw_chunks.read_raw_chunk(array, whole) is None
    assert np.array_equal(floats.codes("0.h"), made.codes("0.h"))
    packed = zarr.create_array(
        str(tmp_path / "p.zarr"), data=made.codes("0.h"), chunks=made.arrays["0/h"].chunks
    )
    assert analysis.raw_chunks.read_raw_chunk(packed, whole) is None


@pytest.mark.parametrize("change", ["a byte", "the end", "all of it"])
def test_a_damaged_chunk_is_named(made, change):
    file = chunk_file(made)
    content = bytearray(file.read_bytes())
    if change == "a byte":
        content[3] ^= 1
    file.write_bytes(bytes(content[:-3]) if change == "the end" else bytes(content))
    if change == "all of it":
        file.unlink()
    with pytest.raises(RecordingError, match=r"'0/h' is damaged .*Record it again"):
        open_recording(made.path).codes("0.h", 0, len(made), slice(0, 5))
