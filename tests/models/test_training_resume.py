"""A training that was stopped anywhere goes on as if it had never been stopped, to the bit."""

from __future__ import annotations

import errno
import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

import unitscope
from models import checkpoint as checkpoints
from models import learner, training, training_run
from models.checkpoint import Checkpoint, CheckpointError, load_checkpoint, save_checkpoint
from models.corpora import Corpus, Document
from models.training_options import Network, Progress, TrainingOptions
from models.training_run import train_checkpoint
from models.training_state import ResumeError

ROOT = Path(unitscope.__file__).parent
STEPS = 40
NETWORK = Network(layers=2, hidden=8, embedding=4)
CORPUS = Corpus("made", tuple(Document(f"{n}.txt", "hello, w" * n + "x") for n in range(1, 25)))


def run(
    path: Path | None, *, resume: bool = False, corpus: Corpus = CORPUS, **arguments: Any
) -> Checkpoint:
    changes = arguments.pop("changes", {})
    settings = {
        "symbols": 80 * STEPS,
        "batch": 4,
        "length": 20,
        "learning_rate": 0.02,
        "dropout": 0.4,
    }
    arguments = {"name": "small", "network": NETWORK, **arguments}
    options = TrainingOptions(**settings | changes)
    return train_checkpoint(corpus, options, resume_path=path, resume=resume, **arguments)


def stop_at(step: int) -> Any:
    def stop(progress: Progress) -> None:
        if progress.step == step:
            raise KeyboardInterrupt

    return stop


def assert_same(one: Checkpoint, other: Checkpoint) -> None:
    weights = other.model.state_dict()
    for name, tensor in one.model.state_dict().items():
        assert torch.equal(tensor, weights[name]), name
    timeless = [{**c.training, "minutes": None} for c in (one, other)]
    assert timeless[0] == timeless[1]


@pytest.mark.parametrize(
    ("network", "changes"),
    [
        (NETWORK, {}),
        (Network("gru", layers=2, hidden=8, embedding=None), {"optimizer": "rmsprop"}),
        (Network("rnn", layers=2, hidden=8, embedding=8, tied=True), {"weight_decay": 0.1}),
        (NETWORK, {"patience": 2, "learning_rate": 0.9}),
    ],
    ids=["lstm", "gru-one-hot-rmsprop", "rnn-tied-decay", "patience"],
)
def test_a_resumed_training_ends_with_the_same_bits(
    network: Network, changes: dict[str, Any], tmp_path: Path
) -> None:
    whole = run(None, network=network, changes=changes)
    path = tmp_path / "net.resume"
    for step in (17, 18, 31):  # an end in the middle, and one right after going on
        torch.manual_seed(step)  # as another process would have it
        part = run(
            path,
            network=network,
            changes=changes,
            resume=path.exists(),
            on_progress=stop_at(step),
        )
        assert part.training["step"] == min(step, whole.training["step"])
    torch.manual_seed(99)
    assert_same(run(path, network=network, changes=changes, resume=True), whole)


def test_an_interrupt_before_anything_of_a_step_is_made_up_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(None)
    path = tmp_path / "net.resume"
    places = [(training, "evaluate", 3), (training_run, "sample", 2), (learner, "restart", 9)]
    for module, name, call in places:
        calls = itertools.count(1)
        original = getattr(module, name)

        def interrupt(*arguments: Any, calls: Any = calls, n: int = call, f: Any = original) -> Any:
            if next(calls) == n:
                raise KeyboardInterrupt
            return f(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(module, name, interrupt)
            part = run(path, resume=path.exists())
        assert part.training["interrupted"], name
        assert part.training["step"] < STEPS
    assert_same(run(path, resume=True), whole)


def test_a_training_that_is_done_but_not_yet_saved_only_takes_its_losses(tmp_path: Path) -> None:
    path = tmp_path / "net.resume"
    whole = run(path)
    steps: list[int] = []
    again = run(path, resume=True, on_progress=lambda progress: steps.append(progress.step))
    assert steps == [STEPS]
    assert_same(again, whole)


def test_the_time_of_all_parts_counts(tmp_path: Path) -> None:
    path = tmp_path / "net.resume"
    seen: list[Progress] = []
    run(path, on_progress=stop_at(10))
    first = torch.load(path, weights_only=True)["training"]["progress"]["seconds"]
    run(path, resume=True, on_progress=seen.append)
    assert seen[0].seconds == first > 0
    assert seen[1].seconds > first


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"learning_rate": 0.01}, "learning_rate 0.02, not 0.01"),
        ({"dropout": 0.0, "seed": 3}, "dropout 0.4, not 0.0; seed 0, not 3"),
        ({"minutes": 2.0}, "minutes none, not 2.0"),
        ({"symbols": 80 * 50}, "symbols 3200, not 4000"),
    ],
    ids=str,
)
def test_other_settings_are_named(changes: dict[str, Any], words: str, tmp_path: Path) -> None:
    path = tmp_path / "net.resume"
    run(path, on_progress=stop_at(2))
    with pytest.raises(ResumeError, match=f"was begun with {words}"):
        run(path, resume=True, changes=changes)


def test_another_corpus_network_or_beginning_is_named(tmp_path: Path) -> None:
    path = tmp_path / "net.resume"
    stopped = run(path, on_progress=stop_at(2))
    other = Corpus("made", (*CORPUS.documents, Document("new.txt", "hello")))
    with pytest.raises(ResumeError, match=r"begun with corpus_sha256 \w{12}\.\.\., not"):
        run(path, resume=True, corpus=other)
    with pytest.raises(ResumeError, match="begun with hidden 8, not 9"):
        run(path, resume=True, network=Network(layers=2, hidden=9, embedding=4))
    with pytest.raises(ResumeError, match="begun with started_from_sha256 none, not"):
        run(path, resume=True, start=stopped)


def test_without_a_training_to_go_on_with_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ResumeError, match=r"no training to go on with: .*net\.resume does not"):
        run(tmp_path / "net.resume", resume=True)


def test_a_damaged_file_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "net.resume"
    run(path, on_progress=stop_at(2))
    whole = path.read_bytes()
    kept = torch.load(path, weights_only=True)
    for content in (b"", whole[:-500], whole[: len(whole) // 2], b"\x80\x04N.", b"text"):
        path.write_bytes(content)
        with pytest.raises(ResumeError, match="is damaged"):
            run(path, resume=True)
    part = kept["training"]["learner"]
    for wrong in ([], {}, kept | {"training": {}}, kept | {"begun_with": 3}):
        torch.save(wrong, path)
        with pytest.raises(ResumeError, match="is damaged"):
            run(path, resume=True)
    part["weights"] = {name: tensor[..., :1] for name, tensor in part["weights"].items()}
    torch.save(kept, path)
    with pytest.raises(ResumeError, match="is damaged"):
        run(path, resume=True)
    torch.save(kept | {"version": 0}, path)
    with pytest.raises(ResumeError, match="another version"):
        run(path, resume=True)


class Trap:
    """Unpickling this would run a command."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("sprung",)


def test_a_file_that_brings_code_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"version": Trap()}, tmp_path / "net.resume")
    with pytest.raises(ResumeError, match="is damaged"):
        run(tmp_path / "net.resume", resume=True)
    assert not (tmp_path / "sprung").exists()


def test_a_full_disk_is_a_sentence_and_keeps_what_was_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(*arguments: Any, **options: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path, output = tmp_path / "net.resume", tmp_path / "net.safetensors"
    save_checkpoint(run(path, on_progress=stop_at(5)), output)
    kept, before = path.read_bytes(), output.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", fill)
        with pytest.raises(ResumeError, match=r"No space left.*still whole.*--resume"):
            run(path, resume=True, save_minutes=1e-9)
    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "save_file", fill)
        with pytest.raises(CheckpointError, match="No space left"):
            run(
                path,
                resume=True,
                save_minutes=1e-9,
                on_snapshot=lambda snapshot: save_checkpoint(snapshot, output),
            )
    assert path.read_bytes() == kept
    assert output.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [path, output]
    assert_same(run(path, resume=True), run(None))


_KILLED = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
import torch
torch.set_num_threads(1)
import test_training_resume as tests
from models import checkpoint, training_state
from models.checkpoint import save_checkpoint
place = Path(sys.argv[1])
output, path = place / "net.safetensors", place / "net.safetensors.resume"
step = 0
def follow(progress):
    global step
    step = progress.step
write_bytes, save_file = Path.write_bytes, checkpoint.save_file
def write_half(self, content):
    if step == 17:
        with open(self, "wb") as file:
            file.write(content[: len(content) // 2])
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    return write_bytes(self, content)
def save_half(tensors, name, **options):
    save_file(tensors, name, **options)
    if step == 17:
        os.truncate(name, os.path.getsize(name) // 2)
        os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "resume":
    Path.write_bytes = write_half
else:
    checkpoint.save_file = save_half
tests.run(
    path,
    save_minutes=1e-9,
    on_progress=follow,
    on_snapshot=lambda snapshot: save_checkpoint(snapshot, output),
)
"""


@pytest.mark.slow
@pytest.mark.parametrize("file", ["resume", "checkpoint"])
def test_a_kill_in_the_middle_of_a_save_leaves_whole_files_to_go_on_from(
    file: str, tmp_path: Path
) -> None:
    script = _KILLED.format(root=str(ROOT), tests=str(Path(__file__).parent))
    ended = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), file],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    output, path = tmp_path / "net.safetensors", tmp_path / "net.safetensors.resume"
    assert load_checkpoint(output).training["step"] == (17 if file == "resume" else 16)
    kept = torch.load(path, weights_only=True)
    assert kept["training"]["progress"]["step"] == 16
    assert_same(run(path, resume=True), run(None))
    assert not (tmp_path / ".net.safetensors.resume.partial").exists()
