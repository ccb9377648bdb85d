from __future__ import annotations

from dataclasses import replace

import numpy as np
import planted
import pytest
import torch

from analysis.recorder import record
from analysis.recording import RecordingError
from analysis.untrained import record_untrained, untrained_place, untrained_twin
from models.corpora import Corpus, Document

TEXTS = Corpus("texts", (Document("a.txt", 'a "b" (c)\n' * 20), Document("é.txt", "\ud800é" * 9)))


@pytest.fixture
def of_trained(tiny_checkpoint, tmp_path):
    return record(tiny_checkpoint, TEXTS, tmp_path / "t.zarr", signals=("c", "i"))


def test_a_twin_has_the_same_shapes_and_symbols_and_other_weights(of_trained, tiny_checkpoint):
    twin = untrained_twin(of_trained)
    assert twin.architecture == tiny_checkpoint.architecture
    assert twin.vocabulary == tiny_checkpoint.vocabulary
    assert not twin.model.training
    trained = tiny_checkpoint.model.state_dict()
    for name, weights in twin.model.state_dict().items():
        assert not torch.equal(weights, trained[name]), name


def test_a_recording_has_one_twin_and_drawing_it_leaves_torchs_random_numbers(of_trained):
    torch.manual_seed(1)
    first = untrained_twin(of_trained)
    after = torch.rand(1)
    torch.manual_seed(1)
    assert torch.equal(torch.rand(1), after)
    assert untrained_twin(of_trained).sha256 == first.sha256
    other = replace(of_trained, attributes={**of_trained.attributes, "id": "5" * 24})
    assert untrained_twin(other).sha256 != first.sha256


@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_every_cell_has_a_twin(cell, tmp_path):
    checkpoint = planted.random_checkpoint(cell)
    recording = record(checkpoint, TEXTS, tmp_path / "r.zarr")
    assert untrained_twin(recording).architecture == checkpoint.architecture


def test_a_twin_reads_the_same_texts_at_the_same_sites(of_trained, tmp_path):
    of_twin = record_untrained(of_trained, tmp_path / "twins")
    assert of_twin.sites == of_trained.sites
    assert of_twin.documents == of_trained.documents
    assert of_twin.text() == of_trained.text()
    assert of_twin.checkpoint_name == "untrained tiny"
    for site in of_trained.sites:
        assert of_twin.units(site) == of_trained.units(site)
        assert (of_twin.codes(site) != of_trained.codes(site)).any()


def test_a_recording_of_the_twin_that_is_there_is_used_again(of_trained, tmp_path):
    first = record_untrained(of_trained, tmp_path)
    read = []
    again = record_untrained(of_trained, tmp_path, on_progress=read.append)
    assert again.id == first.id
    assert again.path == untrained_place(of_trained, tmp_path).path
    assert read == []


def test_another_recording_in_its_place_is_replaced(of_trained, tiny_checkpoint, tmp_path):
    place = untrained_place(of_trained, tmp_path)
    record(tiny_checkpoint, TEXTS, place.path)
    of_twin = record_untrained(of_trained, tmp_path)
    assert of_twin.sites == of_trained.sites
    assert np.array_equal(of_twin.symbols(), of_trained.symbols())


def test_what_is_no_recording_is_left_alone(of_trained, tmp_path):
    place = untrained_place(of_trained, tmp_path)
    place.write("notes.txt", b"mine")
    with pytest.raises(RecordingError, match="not a recording"):
        record_untrained(of_trained, tmp_path)
    assert place.read("notes.txt") == b"mine"


def test_a_recording_that_does_not_tell_its_network_has_no_twin(of_trained):
    attributes = {**of_trained.attributes, "checkpoint": {"name": "n", "cell": "lstm"}}
    with pytest.raises(RecordingError, match="does not say what its network is made of"):
        untrained_twin(replace(of_trained, attributes=attributes))
