"""LSTMVis projects become recordings that are searched like others; their faults are named."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import unitscope
from analysis.export.slices import choose_slice
from analysis.hypotheses.catalogue import find_hypotheses
from analysis.lstmvis import project_config, read_project
from analysis.lstmvis_recording import import_project
from analysis.matching import units_for_range
from analysis.recording import Recording, RecordingError, open_recording
from analysis.search import search_units
from analysis.untrained import untrained_twin
from analysis.verify import verify
from models.importing.errors import ImportingError

Run = Callable[..., tuple[int, str, str]]
CONFIG = """
name: made
files:
  states: states.hdf5
  train: train.hdf5
  words: train.dict
word_sequence: {file: train, path: word_ids, dict_file: words}
states:
  file: states
  types: [
\t{type: state, layer: 1, path: states1},
\t{type: output, layer: 1, path: output1},
\t{type: output, layer: 2, path: output2}
  ]
"""
CHARACTERS = 'say "hello" and "so on" to all\n' * 60
UNITS = {"states1": 5, "output1": 5, "output2": 3}


def states_of(words: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(3)
    made = {name: random.normal(0, 2, (words, width)) for name, width in UNITS.items()}
    return {
        name: (values if name == "states1" else np.tanh(values)).astype(np.float32)
        for name, values in made.items()
    }


def write(
    folder: Path,
    tokens: list[str],
    *,
    config: str = CONFIG,
    states: dict[str, np.ndarray] | None = None,
    names: dict[str, str] | None = None,
) -> Path:
    """A project of these tokens; `names` are what its dictionary calls some of them."""
    folder.mkdir(exist_ok=True)
    words = sorted(set(tokens))
    ids = {word: number for number, word in enumerate(words, 1)}
    called = names or {}
    (folder / "train.dict").write_text(
        "".join(f"{called.get(word, word)} {ids[word]}\n" for word in words), "utf-8"
    )
    with h5py.File(folder / "train.hdf5", "w") as file:
        file["word_ids"] = np.array([ids[token] for token in tokens])
    with h5py.File(folder / "states.hdf5", "w") as file:
        for name, values in (states or states_of(len(tokens))).items():
            file[name] = values
    (folder / "lstm.yml").write_text(config, "utf-8")
    return folder


def quoted(text: str) -> np.ndarray:
    inside = np.cumsum(np.array(list(text)) == '"') % 2 == 1
    return inside & (np.array(list(text)) != '"')


@pytest.fixture
def characters(tmp_path: Path) -> Path:
    """A project of characters; unit 1.h.2 is high inside quotes."""
    states = states_of(len(CHARACTERS))
    states["output2"][:, 2] = np.where(quoted(CHARACTERS), 0.9, -0.9)
    names = {" ": "<space>", "\n": "<eos>"}
    return write(tmp_path / "project", list(CHARACTERS), states=states, names=names)


def imported(folder: Path, place: str = "made.zarr", **options: Any) -> Recording:
    config = project_config(folder)
    assert config is not None
    return import_project(read_project(config), folder.parent / place, **options)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = unitscope.main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return run


def test_a_project_of_characters_is_recorded_as_it_lies(characters: Path) -> None:
    recording = imported(characters)
    assert recording.text() == CHARACTERS
    assert recording.sites == ("0.h", "0.c", "1.h")
    expected = states_of(len(CHARACTERS))
    for site, values in (
        ("0.c", np.tanh(expected["states1"])),
        ("0.h", expected["output1"]),
    ):
        np.testing.assert_allclose(recording.values(site), values, atol=0.5 / 127 + 1e-6)
    symbols = "".join(recording.vocabulary[k] for k in recording.network_symbols())
    assert symbols == CHARACTERS
    assert recording.unknown_share == 0


def test_it_has_no_network_and_everything_else_works(characters: Path) -> None:
    recording = imported(characters)
    assert not recording.has_network
    assert np.isnan(recording.loss(3, 9)).all()
    assert len(recording.loss()) == len(recording)
    indices, probabilities = recording.next_symbols(5, 12)
    assert indices.shape == probabilities.shape == (7, 5)
    assert not probabilities.any()
    assert verify(recording).problems == ()
    found = search_units(recording, find_hypotheses(["newline"]))
    assert found is not None
    with pytest.raises(RecordingError, match="No network of ours made"):
        untrained_twin(recording)
    assert choose_slice(recording, "1.h.2", 0, 40).about()[0].startswith("Checkpoint made")


def test_words_hold_their_values_over_their_symbols(tmp_path: Path) -> None:
    tokens = ["the", "old", "cat", "sat", "</s>", "a", "dog", "<unk>", "ran", "</s>"] * 20
    folder = write(tmp_path / "project", tokens)
    recording = imported(folder)
    assert recording.text().startswith("the old cat sat \na dog <unk> ran \nthe")
    values = np.tanh(states_of(len(tokens))["states1"])
    stored = recording.values("0.c")
    for place, word in ((0, 0), (3, 0), (4, 1), (8, 2), (11, 2), (12, 3), (16, 4), (17, 5)):
        np.testing.assert_allclose(stored[place], values[word], atol=0.5 / 127 + 1e-6)
    assert "each symbol of a word" in recording.attributes["made_from"]["notes"][0]


def test_what_goes_beyond_one_is_squashed_or_refused(tmp_path: Path) -> None:
    tokens = list("abcab") * 9
    states = states_of(len(tokens))
    states["output1"] *= 3
    recording = imported(write(tmp_path / "a", tokens, states=states))
    np.testing.assert_allclose(
        recording.values("0.h"), np.tanh(states["output1"]), atol=0.5 / 127 + 1e-6
    )
    assert "go beyond 1" in recording.attributes["made_from"]["notes"][0]
    config = CONFIG.replace("path: states1", "path: states1, transform: none")
    write(tmp_path / "a", tokens, states=states, config=config)
    with pytest.raises(ImportingError, match="transform: none they lie in"):
        imported(tmp_path / "a", "b.zarr")
    states["states1"] = np.tanh(states["states1"])
    write(tmp_path / "a", tokens, states=states, config=config)
    kept = imported(tmp_path / "a", "b.zarr").values("0.c")
    np.testing.assert_allclose(kept, states["states1"], atol=0.5 / 127 + 1e-6)


def test_states_of_fewer_words_are_kept_as_far_as_they_go(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", list("abcde" * 8), states=states_of(37))
    recording = imported(folder)
    assert len(recording) == 37
    assert "the first 37" in recording.attributes["made_from"]["notes"][0]


def test_symbols_beyond_the_unknown_one_keep_their_rows(tmp_path: Path) -> None:
    text = "a\U0001f600b\U0001f600<" * 9
    folder = write(tmp_path / "a", [*text, "<odd>"])
    recording = imported(folder)
    assert recording.text() == text + "\ufffd"
    rows = [recording.vocabulary[k] for k in recording.network_symbols()]
    assert "".join(rows) == text + "\ufffd"


def test_memory_does_not_grow_with_the_text(tmp_path: Path) -> None:
    tokens = list("abcdefgh" * 40_000)
    states = {name: np.zeros((len(tokens), 40), np.float32) for name in UNITS}
    folder = write(tmp_path / "a", tokens, states=states)
    project = read_project(folder / "lstm.yml")
    tracemalloc.start()
    import_project(project, tmp_path / "a.zarr")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 80 << 20  # the states of one array are 51 MB, of all 154


def replaced(old: str, new: str) -> str:
    assert old in CONFIG
    return CONFIG.replace(old, new)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("- a\n- b\n", "not the configuration"),
        ("name: [", "no whole YAML"),
        ("!!python/object/apply:os.system [touch harm]", "no whole YAML"),
        (replaced("states: states.hdf5", "states: ../states.hdf5"), "not lie in its folder"),
        (replaced("states: states.hdf5", "states: /etc/passwd"), "not lie in its folder"),
        (replaced("states: states.hdf5", "states: none.hdf5"), "is missing"),
        (replaced("file: train,", "file: other,"), "not among its files: states, train, words"),
        (replaced("path: word_ids", "path: ids"), "has no array 'ids'; it has word_ids"),
        (replaced("path: output2", "path: output3"), "has no array 'output3'"),
        (replaced("layer: 2", "layer: 0"), "layers count from 1"),
        (replaced("type: state,", "type: [gate],").replace("type: output", "type: x"), "lists no"),
        (replaced("states.hdf5", "train.dict"), "begins as an HDF5|not a whole one"),
        (replaced("types: [", "kinds: ["), "lists no states"),
        (replaced("name: made", "files: 3"), "not a list"),
    ],
)
def test_what_is_wrong_with_a_project_is_a_sentence(tmp_path: Path, config: str, said: str) -> None:
    folder = write(tmp_path / "project", list("abcab" * 5), config=config)
    if said == "not a list":  # the second files wins over the first in YAML
        (folder / "lstm.yml").write_text("files: 3\nstates: {}\nword_sequence: {}\n")
    with pytest.raises(ImportingError, match=said):
        imported(folder)
    assert not (tmp_path / "made.zarr").exists()
    assert not list(tmp_path.glob(".*"))
    assert not (tmp_path / "harm").exists()


def test_what_is_wrong_with_its_arrays_is_a_sentence(tmp_path: Path) -> None:
    tokens = list("abcab" * 5)
    good = states_of(len(tokens))
    bad = good["states1"].copy()
    bad[7, 2] = np.nan
    for states, said in (
        (good | {"states1": bad}, "hold NaN or infinity"),
        (good | {"states1": good["states1"][:, 0]}, r"have the shape \(25,\)"),
        (good | {"states1": np.zeros((0, 3))}, "have the shape"),
    ):
        with pytest.raises(ImportingError, match=said):
            imported(write(tmp_path / "a", tokens, states=states))
        assert not list(tmp_path.glob("*.zarr"))
    folder = write(tmp_path / "a", tokens)
    for content, said in (
        ("a 1\nb two\n", "Line 2 of"),
        ("x 91\n", "None of the words' ids"),
        ("", "None of the words' ids"),
    ):
        (folder / "train.dict").write_text(content)
        with pytest.raises(ImportingError, match=said):
            imported(folder)
    folder = write(tmp_path / "a", tokens)
    for values, said in (
        (np.zeros((5, 5), int), "one number for each word"),
        (np.array([1.5, 2]), "no whole numbers"),
        (np.zeros(0), "are none"),
    ):
        with h5py.File(folder / "train.hdf5", "w") as file:
            file["word_ids"] = values
        with pytest.raises(ImportingError, match=said):
            imported(folder)
    with h5py.File(folder / "train.hdf5", "w") as file:
        file["word_ids"] = h5py.ExternalLink("states.hdf5", "/states1")
    with pytest.raises(ImportingError, match="link to elsewhere"):
        imported(folder)


def test_the_terminal_imports_searches_matches_and_exports(
    characters: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(characters.parent)
    code, out, _ = run("inspect", "project")
    assert code == 0
    assert f"text: {len(CHARACTERS):,} characters" in out
    told = json.loads(run("inspect", "project/lstm.yml", "--json")[1])
    assert told["sites"] == ["0.c", "0.h", "1.h"]
    code, out, _ = run("import", "project", "-o", "made.zarr")
    assert code == 0
    assert f"{len(CHARACTERS):,} symbols, 0.h, 0.c, 1.h" in out
    assert run("import", "project", "-o", "made.zarr")[0] == 2
    assert run("import", "project/lstm.yml", "-o", "made.zarr", "--force")[0] == 0
    code, _, err = run("verify", "made.zarr")
    assert code == 0
    assert "no network of ours made it: nothing is read again" in err
    code, _, err = run("verify", "made.zarr", "--checkpoint", "python")
    assert code == 2
    assert "none can be compared" in err
    code, out, _ = run("search", "made.zarr", "-H", 'regex:"[^"\\n]*"', "--top", "1")
    assert code == 0
    assert "1.h.2" in out
    code, _, err = run("search", "made.zarr", "-H", "newline", "--untrained")
    assert code == 2
    assert "Search it without an untrained one" in err
    for command in (
        ("match", "made.zarr", "--range", "5:10"),
        ("passages", "made.zarr", "--unit", "1.h.2"),
        ("export", "made.zarr", "--unit", "1.h.2", "--range", "0:90", "-o", "unit.html"),
        ("export", "made.zarr", "--unit", "1.h.2", "--range", "0:90", "-o", "unit.svg"),
        ("export", "made.zarr", "--unit", "1.h.2", "--range", "0:90", "-o", "unit.csv"),
    ):
        assert run(*command)[0] == 0, command


def test_what_a_project_is_not_is_a_sentence(
    characters: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(characters.parent)
    code, _, err = run("import", "project", "-o", "made.safetensors")
    assert code == 2
    assert "name it made.zarr" in err
    code, _, err = run("import", "project", "-o", "made.zarr", "--activation", "relu")
    assert code == 2
    assert "leave --activation out" in err


def test_the_oldest_recordings_and_these_open_side_by_side(characters: Path) -> None:
    recording = imported(characters)
    again = open_recording(recording.path)
    assert again.id == recording.id
    assert units_for_range(again, 5, 10) is not None
