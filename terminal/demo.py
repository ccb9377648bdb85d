"""`unitscope demo`: networks made so that the right answer is known."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import UserError
from terminal import Commands

if TYPE_CHECKING:
    from analysis.demo import Outcome
    from models.checkpoint import Checkpoint
    from models.corpora import Corpus


def add(commands: Commands) -> None:
    """Describe `unitscope demo`."""
    command = commands.add_parser("demo", help="search a network whose units are known")
    command.add_argument("demo", choices=("planted",), help="weights that are set by hand")
    command.add_argument(
        "-o", "--output", type=Path, default=Path("planted"), help="folder, default planted"
    )
    command.add_argument("--hidden", type=int, default=256, help="units in a layer, default 256")
    command.add_argument(
        "--seed", type=int, default=0, help="draws the random units, the places and the text"
    )
    command.set_defaults(run=_demo)


def _demo(options: argparse.Namespace) -> None:
    """Exit with 1 where the search did not put a planted unit first."""
    if options.seed < 0:
        raise UserError(f"--seed must be 0 or above, not {options.seed}.")
    from analysis.demo import run_demo
    from models.planted import planted_lstm, planted_pair
    from models.planted_text import planted_corpus

    planted = planted_lstm(hidden=options.hidden, seed=options.seed)
    pair = planted_pair(hidden=options.hidden, seed=options.seed)
    corpus = planted_corpus(seed=options.seed)
    folder = options.output
    _write(folder, planted.checkpoint, pair.checkpoint, corpus)
    outcomes = run_demo(planted, corpus, folder / "planted.zarr")
    print(_table(outcomes))
    print(
        f"\n{folder / 'planted.zarr'}: the recording; {folder / 'planted.safetensors'}: the "
        f"network; {folder / 'texts'}: what it read.\n{folder / 'pair.safetensors'}: a tanh RNN "
        f"where units {pair.places['and']} and {pair.places['or']} know of quotations only "
        "together."
    )
    if not all(outcome.is_found for outcome in outcomes):
        print("A planted unit was not found first.")
        raise SystemExit(1)


def _write(folder: Path, planted: Checkpoint, pair: Checkpoint, corpus: Corpus) -> None:
    from models.checkpoint import save_checkpoint

    save_checkpoint(planted, folder / "planted.safetensors")
    save_checkpoint(pair, folder / "pair.safetensors")
    try:
        (folder / "texts").mkdir(exist_ok=True)
        for document in corpus.documents:
            (folder / "texts" / document.name).write_text(document.text, "utf-8", newline="")
    except OSError as error:
        raise UserError(
            f"Cannot write the texts to {folder / 'texts'}: {error.strerror}. "
            "Choose another folder with -o."
        ) from error


def _table(outcomes: Sequence[Outcome]) -> str:
    rows = [("hypothesis", "planted", "first", "measure", "score", "next unit", "score", "")]
    for outcome in outcomes:
        first, other = outcome.first, outcome.next_best
        rows.append(
            (
                outcome.hypothesis,
                f"0.h.{outcome.planted}",
                first.unit,
                first.measure,
                f"{first.score:.4f}",
                other.unit if other else "",
                f"{other.score:.4f}" if other else "",
                "found" if outcome.is_found else "NOT FOUND",
            )
        )
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)
