"""`unitscope train`: a character model of any text."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import UserError
from models.training_options import TrainingOptions
from terminal import Commands

if TYPE_CHECKING:
    from models.training_options import Progress


def add(commands: Commands) -> None:
    """Describe `unitscope train`."""
    defaults = TrainingOptions()
    command = commands.add_parser("train", help="train a character model on text")
    command.add_argument(
        "sources", nargs="+", metavar="python|PATH", help="the standard library, files or folders"
    )
    command.add_argument("-o", "--output", required=True, type=Path, help="checkpoint to write")
    command.add_argument("--cell", choices=("lstm", "gru", "rnn"), help="default lstm")
    command.add_argument("--layers", type=int, help="default 2")
    command.add_argument("--hidden", type=int, help="units in a layer, default 256")
    command.add_argument("--embedding", type=int, help="width of a symbol's vector, default 64")
    command.add_argument(
        "--from", dest="start", metavar="CHECKPOINT", help="go on from these weights"
    )
    command.add_argument("--symbols", type=int, default=defaults.symbols, help="symbols to read")
    command.add_argument("--minutes", type=float, help="end after this time at the latest")
    command.add_argument("--batch", type=int, default=defaults.batch, help="texts read at once")
    command.add_argument("--length", type=int, default=defaults.length, help="symbols in a chunk")
    command.add_argument("--learning-rate", type=float, default=defaults.learning_rate)
    command.add_argument("--clip", type=float, default=defaults.clip, help="largest gradient norm")
    command.add_argument("--seed", type=int, default=defaults.seed)
    command.set_defaults(run=_train)


def _train(options: argparse.Namespace) -> None:
    from models.checkpoint import load_checkpoint, save_checkpoint
    from models.corpora import read_corpus
    from models.training_run import train_checkpoint
    from models.zoo import find_checkpoint

    network = {
        key: value
        for key in ("cell", "layers", "hidden", "embedding")
        if (value := getattr(options, key)) is not None
    }
    if network and options.start is not None:
        raise UserError(
            f"--from decides the network: leave out --{next(iter(network))}, or train a new one."
        )
    start = None if options.start is None else load_checkpoint(find_checkpoint(options.start))
    settings = TrainingOptions(
        symbols=options.symbols,
        minutes=options.minutes,
        batch=options.batch,
        length=options.length,
        learning_rate=options.learning_rate,
        clip=options.clip,
        seed=options.seed,
    )
    corpus = read_corpus(options.sources)
    _check_writable(options.output)
    with _training_display(settings) as show:
        checkpoint = train_checkpoint(
            corpus,
            settings,
            name=options.output.stem,
            **network,
            start=start,
            on_progress=show,
            on_snapshot=lambda snapshot: save_checkpoint(snapshot, options.output),
        )
    save_checkpoint(checkpoint, options.output)
    print(_training_summary(checkpoint.training, options.output))


def _check_writable(output: Path) -> None:
    """Hours of training must not end in a file that cannot be written."""
    import tempfile

    if os.path.isdir(output):
        raise UserError(f"Cannot write to {output}: it is a folder. Name a file for --output.")
    folder = output.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise UserError(
            f"Cannot write to {folder}: {error.strerror}. Choose another folder for --output."
        ) from error


def _training_summary(training: Mapping[str, Any], path: Path) -> str:
    losses = ", ".join(
        f"{split} {training[key]:.3f}"
        for split, key in (("choose", "choose_loss"), ("report", "report_loss"))
        if training[key] is not None
    )
    ended = "stopped early" if training["interrupted"] else "done"
    return (
        f"{path}: {ended} after {training['symbols']:,} symbols; loss in nats/char: "
        f"{losses or 'not taken'} (split {training['split']})."
    )


@contextmanager
def _training_display(options: TrainingOptions) -> Iterator[Callable[[Progress], None]]:
    """A progress bar with the loss in bits per character."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("step {task.fields[step]:,}"),
        BarColumn(),
        TextColumn("{task.fields[bits]:.3f} bits/char  {task.fields[rate]:,.0f} symbols/s"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("train", total=1.0, step=0, bits=0.0, rate=0.0)

        def show(progress: Progress) -> None:
            bar.update(
                task,
                completed=options.share_done(progress.step, progress.seconds),
                step=progress.step,
                bits=progress.bits,
                rate=progress.symbols / max(progress.seconds, 1e-9),
            )
            if progress.is_milestone:
                bar.console.print(
                    f"step {progress.step:,}: {progress.bits:.3f} bits/char, "
                    f"{progress.choose_bits:.3f} on documents not trained on"
                )

        yield show
