"""`unitscope verify`: whether a recording is whole and true."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from models.errors import UserError
from terminal import Commands
from terminal.progress import progress_bar

if TYPE_CHECKING:
    from analysis.recording import Recording
    from models.checkpoint import Checkpoint

_STEPS = 200  # lines of JSON at most, whatever there is to read


def add(commands: Commands) -> None:
    """Describe `unitscope verify`."""
    command = commands.add_parser("verify", help="check that a recording is whole and true")
    command.add_argument("recording", help="a recording, NAME.zarr or a URL")
    command.add_argument(
        "--checkpoint",
        metavar="FILE",
        help="the network it was recorded with, to read random places again; "
        "default: a shipped one, if it was one",
    )
    command.add_argument("--windows", type=int, default=16, help="places to read again")
    command.add_argument("--seed", type=int, default=0, help="chooses the places")
    command.add_argument(
        "--json", action="store_true", help="progress and verdict as lines of JSON"
    )
    command.set_defaults(run=_verify)


def _verify(options: argparse.Namespace) -> None:
    from analysis.recording import open_recording

    recording = open_recording(options.recording)
    from analysis.verify import verify

    checkpoint = _find_checkpoint(recording, options.checkpoint)
    with _verifying_display(as_json=options.json) as show:
        verdict = verify(
            recording,
            checkpoint,
            windows=options.windows,
            seed=options.seed,
            on_progress=show,
        )
    if verdict.problems:
        few = " ".join(verdict.problems[:5])
        more = f" And {len(verdict.problems) - 5:,} more." if len(verdict.problems) > 5 else ""
        raise UserError(f"{recording.path} is not sound. {few}{more} Record it again.")
    found = (
        f"{verdict.chunks:,} chunks and {len(recording.documents):,} texts as written; read again "
        f"at {verdict.windows} places, the network differs by at most "
        f"{max(0.0, verdict.error):.1g} beyond rounding"
    )
    print(json.dumps({"sound": found}) if options.json else f"{recording.path} is sound: {found}")


def _find_checkpoint(recording: Recording, asked: str | None) -> Checkpoint | None:
    from models.checkpoint import load_checkpoint
    from models.zoo import find_checkpoint

    if asked is not None:
        return load_checkpoint(find_checkpoint(asked))
    if not recording.has_network:
        print("unitscope: no network of ours made it: nothing is read again.", file=sys.stderr)
        return None
    name = recording.checkpoint_name
    try:
        found = load_checkpoint(find_checkpoint(name))
    except UserError:
        found = None
    # Another network may have the name of one that ships.
    if found is not None and found.sha256 == recording.attributes["checkpoint"]["sha256"]:
        return found
    print(
        f"unitscope: there is no shipped checkpoint {name!r} that it was made with: nothing is "
        "read again. Name the file with --checkpoint.",
        file=sys.stderr,
    )
    return None


@contextmanager
def _verifying_display(*, as_json: bool) -> Iterator[Callable[[float], None]]:
    if not as_json:
        with progress_bar("verifying") as show:
            yield show
        return
    told = 0

    def tell(share: float) -> None:
        nonlocal told
        if int(share * _STEPS) > told:
            told = int(share * _STEPS)
            print(json.dumps({"done": round(share, 3)}), flush=True)

    yield tell
