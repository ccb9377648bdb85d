"""`unitscope inspect | import`: networks that other programs trained."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

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
        command.add_argument(
            "file", type=Path, help="a checkpoint of another program, or an LSTMVis project"
        )
        command.add_argument("--vocabulary", metavar="V", help=f"what its rows are: {_WHERE}")
        command.add_argument(
            "--text", type=Path, metavar="SAMPLE", help="measure bits per character on this text"
        )
        command.add_argument(
            "--activation",
            metavar="A",
            help="of gates (sigmoid, hard_sigmoid, hard_sigmoid_keras3) or of an RNN (tanh, relu), "
            "where the file does not say",
        )
        if name == "import":
            command.add_argument(
                "-o",
                "--output",
                type=Path,
                required=True,
                help="NAME.safetensors to write; NAME.zarr of an LSTMVis project",
            )
            command.add_argument("--force", action="store_true", help="replace what is there")
            command.set_defaults(run=_import)
        else:
            command.add_argument("--json", action="store_true", help="for programs")
            command.set_defaults(run=_inspect)


def _inspect(options: argparse.Namespace) -> None:
    from analysis.lstmvis import project_config

    if config := project_config(options.file):
        _inspect_project(config, as_json=options.json)
        return
    from models.importing.importer import open_network, with_tokens
    from models.importing.vocabularies import find_tokens

    sample = _read_sample(options.text)
    opened = open_network(options.file, options.activation)
    tokens = find_tokens(opened.network, opened.path, options.vocabulary)
    imported = None if tokens is None else with_tokens(opened, tokens)
    if options.json:
        print(json.dumps(_as_json(opened, imported, options.text, sample)))
    else:
        _print_network(opened)
    if imported is None:
        _no_vocabulary(opened, options.text, sample, is_told=options.json)
    elif not options.json:
        _print_origin(imported)
        _print_parity(imported, sample)


def _as_json(
    opened: Opened, imported: Imported | None, path: Path | None, sample: str | None
) -> dict[str, Any]:
    """What `inspect` says, for programs; without a vocabulary, what the likely ones would give."""
    network = opened.network
    told: dict[str, Any] = {
        "file": str(opened.path),
        "format": opened.format.value,
        "layout": network.layout,
        "architecture": network.architecture(network.rows).to_json(),
        "widths": list(network.widths),
        "has_readout": network.readout is not None,
        "notes": list(network.notes),
        "vocabulary": None,
        "parity": None,
    }
    if imported is None:
        tried = _tried(opened, path, sample)
        return told | {"candidates": {name: _parity_json(parity) for name, parity in tried}}
    parity = _parity(imported, sample)
    return told | {
        "notes": list(imported.origin.notes),
        "vocabulary": imported.origin.vocabulary,
        "symbols": list(imported.checkpoint.vocabulary.symbols),
        "parity": None if parity is None else _parity_json(parity),
    }


def _parity_json(parity: Parity) -> dict[str, Any]:
    numbers = asdict(parity)  # JSON has no NaN
    held = {k: None if v != v else v for k, v in numbers.items()}
    return held | {"warnings": list(parity.warnings)}


def _import(options: argparse.Namespace) -> None:
    from analysis.lstmvis import project_config

    if config := project_config(options.file):
        _import_project(config, options)
        return
    from models.checkpoint import save_checkpoint
    from models.importing.importer import import_network

    sample = _read_sample(options.text)
    imported = import_network(
        options.file, options.vocabulary, sample=options.text, activation=options.activation
    )
    if os.path.lexists(options.output) and not options.force:
        raise UserError(f"{options.output} exists. Choose another name, or add --force.")
    _print_origin(imported)
    _print_parity(imported, sample)
    save_checkpoint(imported.checkpoint, options.output)
    print(f"{options.output}: {imported.checkpoint.architecture}")


def _import_project(config: Path, options: argparse.Namespace) -> None:
    from analysis.lstmvis import read_project
    from analysis.lstmvis_recording import import_project
    from terminal.progress import progress_bar

    unused = [n for n in ("vocabulary", "text", "activation") if getattr(options, n) is not None]
    if unused:
        raise UserError(f"An LSTMVis project has states and no network: leave --{unused[0]} out.")
    if options.output.suffix != ".zarr":
        raise UserError(
            f"An LSTMVis project has states and no network, so it becomes a recording: name it "
            f"{options.output.with_suffix('.zarr')}, with .zarr at its end."
        )
    project = read_project(config)
    with progress_bar("importing") as show:
        recording = import_project(project, options.output, force=options.force, on_progress=show)
    for note in recording.attributes["made_from"]["notes"]:
        print(f"note: {note}")
    print(f"{recording.path}: {len(recording):,} symbols, {', '.join(recording.sites)}")


def _inspect_project(config: Path, *, as_json: bool) -> None:
    from analysis.lstmvis import read_project

    project = read_project(config)
    told = {
        "file": str(config),
        "format": "LSTMVis project",
        "name": project.name,
        "tokens": "characters" if project.is_of_characters else "words",
        "length": len(project.tokens),
        "sites": [site.site for site in project.sites],
        "notes": list(project.notes),
    }
    if as_json:
        print(json.dumps(told))
        return
    print(f"{config}: LSTMVis project {project.name}")
    print(f"text: {len(project.tokens):,} {told['tokens']}")
    print(f"sites: {', '.join(site.site for site in project.sites)}")
    for note in project.notes:
        print(f"note: {note}")


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
    print(f"network: {network.architecture(network.rows)}, {source}")
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
    parity = _parity(imported, sample)
    assert parity is not None
    print(_sentence(parity))
    for warning in parity.warnings:
        print(f"unitscope: {warning}", file=sys.stderr)


def _parity(imported: Imported, sample: str | None) -> Parity | None:
    """How it reads the sample; None without one, or without its own readout."""
    if sample is None or not imported.origin.has_readout:
        return None
    from models.importing.parity import measure_parity

    return measure_parity(imported.checkpoint, sample)


def _sentence(parity: Parity) -> str:
    return (
        f"bits per character: {parity.bits:.2f} over {parity.symbols:,} symbols "
        f"(a uniform guess {parity.uniform:.2f}, the symbols' frequencies {parity.order_0:.2f})"
    )


def _tried(opened: Opened, path: Path | None, sample: str | None) -> Iterator[tuple[str, Parity]]:
    """The likely vocabularies, and how the network reads the sample with each."""
    from models.importing.importer import with_tokens
    from models.importing.parity import measure_parity
    from models.importing.vocabularies import Tokens, candidates, named_tokens

    if sample is None or opened.network.readout is None:
        return
    for name in candidates(opened.network.rows, path):
        imported = with_tokens(opened, Tokens(name, named_tokens(name)))
        yield name, measure_parity(imported.checkpoint, sample)


def _no_vocabulary(
    opened: Opened, path: Path | None, sample: str | None, *, is_told: bool
) -> NoReturn:
    from models.importing.vocabularies import candidates, missing

    for name, parity in () if is_told else _tried(opened, path, sample):
        print(f"with --vocabulary {name}: {_sentence(parity)}")
    raise missing(opened.network.rows, opened.path, list(candidates(opened.network.rows, path)))
