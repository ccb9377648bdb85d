"""`unitscope sample`: text that a network writes."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING
from unicodedata import category

from models.errors import UserError
from models.sampling import SamplingOptions
from models.vocabulary import UNKNOWN
from terminal import Commands

if TYPE_CHECKING:
    from models.vocabulary import Vocabulary

_MOST_SHOWN = 10  # unknown symbols that the note names


def add(commands: Commands) -> None:
    """Describe `unitscope sample`."""
    defaults = SamplingOptions()
    command = commands.add_parser("sample", help="let a network go on with a text")
    command.add_argument("checkpoint", help="a checkpoint file, or the name of a shipped one")
    command.add_argument("--prompt", default="", help="text to go on from; - reads it from stdin")
    command.add_argument("--no-prompt", action="store_true", help="do not print the prompt first")
    command.add_argument("--symbols", type=int, default=500, help="symbols to write, default 500")
    command.add_argument(
        "--temperature",
        type=float,
        default=defaults.temperature,
        help="below 1 safer, above 1 wilder, 0 always the most probable; default 1",
    )
    command.add_argument("--top-k", type=int, help="draw only from the k most probable")
    command.add_argument(
        "--top-p", type=float, help="draw only from the fewest that together have this probability"
    )
    command.add_argument(
        "--seed", type=int, default=defaults.seed, help="the same seed gives the same text"
    )
    command.set_defaults(run=_sample)


def _sample(options: argparse.Namespace) -> None:
    choice = SamplingOptions(options.temperature, options.top_k, options.top_p, options.seed)
    if options.symbols < 1:
        raise UserError(f"--symbols must be above 0, not {options.symbols}.")
    prompt = _read_stdin() if options.prompt == "-" else options.prompt
    from itertools import islice

    from models.checkpoint import load_checkpoint
    from models.sampling import sample
    from models.zoo import find_checkpoint

    checkpoint = load_checkpoint(find_checkpoint(options.checkpoint))
    _note_unknown(prompt, checkpoint.vocabulary)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # where the terminal's encoding lacks a symbol
    try:
        if not options.no_prompt:
            print(prompt, end="", flush=True)
        text = sample(checkpoint.model, checkpoint.vocabulary, prompt, choice)
        last = _stream(islice(text, options.symbols))
    except KeyboardInterrupt:  # enough was seen
        last = ""
    if last != "\n":
        print(flush=True)


def _read_stdin() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(
            f"The prompt on stdin is not UTF-8 text: byte {error.start:,} fits nowhere. "
            "Convert it first."
        ) from None


def _note_unknown(prompt: str, vocabulary: Vocabulary) -> None:
    unknown = [symbol for symbol in prompt if symbol not in vocabulary.symbols]
    if unknown:
        kinds = list(dict.fromkeys(unknown))
        named = ", ".join(repr(symbol) for symbol in kinds[:_MOST_SHOWN])
        print(
            f"unitscope: {len(unknown):,} of the prompt's {len(prompt):,} symbols are unknown to "
            f"this network: {named}{' and more' if len(kinds) > _MOST_SHOWN else ''}.",
            file=sys.stderr,
        )


def _stream(symbols: Iterable[str]) -> str:
    """Print each symbol as it comes. Returns the last."""
    to_terminal = sys.stdout.isatty()
    symbol = ""
    for symbol in symbols:
        # A vocabulary comes from a file: its control characters must not steer a terminal.
        steers = to_terminal and category(symbol) == "Cc" and symbol not in "\n\t"
        print(UNKNOWN if steers else symbol, end="", flush=True)
    return symbol
