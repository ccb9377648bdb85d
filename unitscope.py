"""The terminal's front door: `unitscope train | sample | record | search | export | serve`."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from models.errors import UserError
from terminal import (
    check,
    compare,
    demo,
    export,
    hypotheses,
    importing,
    match,
    record,
    sample,
    search,
    serve,
    train,
    verify,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0 done, 2 a mistake that a sentence explains."""
    # Threads that wait by spinning bring a machine that does anything else to a crawl.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    options = build_parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _stop)
    try:
        options.run(options)
    except UserError as error:
        print(f"unitscope: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of our output has gone, as in `unitscope search | head`
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        print("unitscope: stopped.", file=sys.stderr)
        return 130
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    """End like Ctrl-C, so that work is saved; once, so that a second signal spoils no cleaning."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = argparse.ArgumentParser(
        prog="unitscope", description="A microscope for recurrent networks."
    )
    version = f"unitscope {importlib.metadata.version('unitscope')}"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (
        *(train, sample, record, verify),
        *(hypotheses, search, check, match, compare, demo),
        *(importing, export, serve),
    ):
        command.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
