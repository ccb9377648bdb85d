"""`unitscope verify`: whether a recording is whole and true."""

from __future__ import annotations

import argparse
import sys

from models.errors import UserError
from terminal import Commands
from terminal.progress import progress_bar


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
    command.set_defaults(run=_verify)


def _verify(options: argparse.Namespace) -> None:
    from analysis.recording import open_recording

    recording = open_recording(options.recording)
    from analysis.verify import verify
    from models.checkpoint import load_checkpoint
    from models.zoo import find_checkpoint

    name = options.checkpoint or recording.checkpoint_name
    checkpoint = None
    missing = f"there is no shipped checkpoint {name!r}: nothing is read again. Name the file with "
    missing += "--checkpoint."
    if not recording.has_network:
        missing = "no network of ours made it: nothing is read again."
    try:
        if recording.has_network or options.checkpoint:
            checkpoint = load_checkpoint(find_checkpoint(name))
    except UserError:
        if options.checkpoint:
            raise
    if checkpoint is None:
        print(f"unitscope: {missing}", file=sys.stderr)
    with progress_bar("verifying") as show:
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
    print(
        f"{recording.path} is sound: {verdict.chunks:,} chunks and {len(recording.documents):,} "
        f"texts as written; read again at {verdict.windows} places, the network differs by at "
        f"most {max(0.0, verdict.error):.1g} beyond rounding"
    )
