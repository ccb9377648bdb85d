"""`unitscope inspect | import`: networks that other programs trained."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import UserError
from terminal import Commands

if TYPE_CHECKING:
    from models.importing.importer import Imported, Opened
    from models.importing.parity import Parity

_WHERE = "json, txt or pickle file, string.printable, sorted-set:TEXT or sorted-set-lower:TEXT"


def add(commands: Commands) -> None:
    """Describe `unitscope inspect` and `unitscope import`."""
    for name, text in (
        ("inspect", "what a network of another program is, and whether it is read right"),
        ("import", "make a checkpoint of a network of another program"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("file", type=Path, help="a checkpoint of another program")
        command.add_argument("--vocabulary", metavar="V", help=f"what its rows are: {_WHERE}")
        command.add_argument(
            "--text", type=Path, metavar="SAMPLE", help="measure bits per character on this text"
        )
        if name == "import":
            command.add_argument(
                "-o", "--output", type=Path, required=True, help="NAME.safetensors to write"
            )
            command.add_argument("--force", action="store_true", help="replace a checkpoint")
            command.set_defaults(run=_import)
        else:
            command.set_defaults(run=_inspect)


def _inspect(options: argparse.Namespace) -> None:
    from models.importing.importer import open_network, with_tokens
    from models.importing.vocabularies import find_tokens

    sample = _read_sample(options.text)
    opened = open_network(options.file)
    _print_network(opened)
    tokens = find_tokens(opened.network, opened.path, options.vocabulary)
    if tokens is None:
        _try_candidates(opened, options.text, sample)
        return
    imported = with_tokens(opened, tokens)
    _print_origin(imported)
    _print_parity(imported, sample)


def _import(options: argparse.Namespace) -> None:
    from models.checkpoint import save_checkpoint
    from models.importing.importer import import_network

    sample = _read_sample(options.text)
    imported = import_network(options.file, options.vocabulary, sample=options.text)
    if os.path.lexists(options.output) and not options.force:
        raise UserError(f"{options.output} exists. Choose another name, or add --force.")
    _print_origin(imported)
    _print_parity(imported, sample)
    save_checkpoint(imported.checkpoint, options.output)
    print(f"{options.output}: {imported.checkpoint.architecture}")


def _read_sample(path: Path | None) -> str | None:
    if path is None:
        return None
    from models.importing.parity import MOST_SYMBOLS

    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read(MOST_SYMBOLS)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UserError(f"Cannot read the sample {path}: {reason}.") from error


def _print_network(opened: Opened) -> None:
    network = opened.network
    source = "one-hot" if network.embedding is None else f"an embedding of {network.inputs}"
    print(f"{opened.path}: {opened.format.value}")
    print(f"layout: {network.layout}")
    print(f"network: {len(network.layers)} x {network.hidden} {network.cell.upper()}, {source}")
    print(f"rows: {network.rows}")


def _print_origin(imported: Imported) -> None:
    print(f"vocabulary: {imported.origin.vocabulary}")
    for note in imported.origin.notes:
        print(f"note: {note}")


def _print_parity(imported: Imported, sample: str | None) -> None:
    if sample is None:
        return
    if not imported.origin.has_readout:
        print("bits per character: not measured, since the network's own readout is not run")
        return
    from models.importing.parity import measure_parity

    parity = measure_parity(imported.checkpoint, sample)
    print(_sentence(parity))
    for warning in parity.warnings:
        print(f"unitscope: {warning}", file=sys.stderr)


def _sentence(parity: Parity) -> str:
    return (
        f"bits per character: {parity.bits:.2f} over {parity.symbols:,} symbols "
        f"(a uniform guess {parity.uniform:.2f}, the symbols' frequencies {parity.order_0:.2f})"
    )


def _try_candidates(opened: Opened, path: Path | None, sample: str | None) -> None:
    from models.importing.importer import with_tokens
    from models.importing.parity import measure_parity
    from models.importing.vocabularies import Tokens, candidates, missing, named_tokens

    likely = list(candidates(opened.network.rows, path))
    if sample is not None and opened.network.readout is not None:
        for name in likely:
            imported = with_tokens(opened, Tokens(name, named_tokens(name)))
            parity = measure_parity(imported.checkpoint, sample)
            print(f"with --vocabulary {name}: {_sentence(parity)}")
    raise missing(opened.network.rows, opened.path, likely)
