"""`unitscope train`: a character model of any text."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from models.corpora import NAMED_CORPORA
from models.errors import UserError
from models.training_options import (
    DeviceName,
    DivergedError,
    Network,
    OptimizerName,
    Progress,
    TrainingOptions,
)
from terminal import Commands

if TYPE_CHECKING:
    from models.checkpoint import Checkpoint

_DEFAULTS = TrainingOptions()
_NETWORK = Network()


def add(commands: Commands) -> None:
    """Describe `unitscope train`."""
    command = commands.add_parser("train", help="train a character model on text")
    command.add_argument(
        "sources",
        nargs="+",
        metavar="|".join((*NAMED_CORPORA, "PATH")),
        help="a corpus by its name, files or folders",
    )
    _add_network(command.add_argument_group("network"))
    _add_data(command.add_argument_group("data"))
    _add_optimisation(command.add_argument_group("optimisation"))
    _add_keeping(command.add_argument_group("keeping"))
    command.set_defaults(run=_train)


def _add_network(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--cell", choices=("lstm", "gru", "rnn"), help=f"default {_NETWORK.cell}")
    add("--layers", type=int, metavar="N", help=f"default {_NETWORK.layers}")
    add("--hidden", type=int, metavar="N", help=f"units in a layer, default {_NETWORK.hidden}")
    inputs = group.add_mutually_exclusive_group()
    inputs.add_argument(
        "--embedding",
        type=int,
        metavar="N",
        help=f"width of a symbol's vector, default {_NETWORK.embedding}",
    )
    inputs.add_argument("--one-hot", action="store_true", help="no embedding: one-hot input")
    add("--tied", action="store_true", help="read out with the embedding's weights")
    add(
        "--dropout",
        type=float,
        metavar="SHARE",
        default=_DEFAULTS.dropout,
        help="of a layer's outputs that the next layer misses while training, default 0",
    )
    add("--from", dest="start", metavar="CHECKPOINT", help="go on from these weights")
    add(
        "--freeze",
        type=int,
        metavar="N",
        default=_DEFAULTS.freeze,
        help="layers, from the lowest up, that --from leaves as they are, default 0",
    )


def _add_data(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--source", type=Path, metavar="PATH", help="where a named corpus lies")
    add(
        "--symbols",
        type=int,
        metavar="N",
        default=_DEFAULTS.symbols,
        help=f"symbols to read in all, default {_DEFAULTS.symbols:,}",
    )
    add("--minutes", type=float, metavar="M", help="end after this time at the latest")
    add(
        "--batch",
        type=int,
        metavar="N",
        default=_DEFAULTS.batch,
        help=f"texts read at once, default {_DEFAULTS.batch}",
    )
    add(
        "--length",
        type=int,
        metavar="N",
        default=_DEFAULTS.length,
        help=f"symbols that a gradient reaches back, default {_DEFAULTS.length}",
    )


def _add_optimisation(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add(
        "--optimizer",
        choices=get_args(OptimizerName),
        default=_DEFAULTS.optimizer,
        help=f"default {_DEFAULTS.optimizer}",
    )
    add(
        "--learning-rate",
        type=float,
        metavar="RATE",
        default=_DEFAULTS.learning_rate,
        help=f"at its peak, default {_DEFAULTS.learning_rate}",
    )
    add(
        "--warm-up",
        type=int,
        metavar="STEPS",
        default=_DEFAULTS.warm_up,
        help=f"until the peak, default {_DEFAULTS.warm_up}",
    )
    add(
        "--weight-decay",
        type=float,
        metavar="RATE",
        default=_DEFAULTS.weight_decay,
        help="of weights, never of biases, default 0",
    )
    add(
        "--activity-penalty",
        type=float,
        metavar="FACTOR",
        default=_DEFAULTS.activity_penalty,
        help="of the mean size of h, added to the loss, default 0",
    )
    add(
        "--change-penalty",
        type=float,
        metavar="FACTOR",
        default=_DEFAULTS.change_penalty,
        help="of the mean change of h from symbol to symbol, default 0",
    )
    add(
        "--cell-penalty",
        type=float,
        metavar="FACTOR",
        default=_DEFAULTS.cell_penalty,
        help="of how often an LSTM's cells are not near zero, added to the loss, default 0",
    )
    add(
        "--cell-change-penalty",
        type=float,
        metavar="FACTOR",
        default=_DEFAULTS.cell_change_penalty,
        help="of the mean change of tanh c from symbol to symbol, default 0",
    )
    add(
        "--lines-ahead",
        type=float,
        metavar="FACTOR",
        default=_DEFAULTS.lines_ahead,
        help="of the loss at telling from its cells what the next two lines begin with, default 0",
    )
    add(
        "--line-so-far",
        type=float,
        metavar="FACTOR",
        default=_DEFAULTS.line_so_far,
        help="of the loss at telling from its cells which marks the line has had, default 0",
    )
    add(
        "--clip",
        type=float,
        metavar="NORM",
        default=_DEFAULTS.clip,
        help=f"largest gradient norm, default {_DEFAULTS.clip}",
    )
    add(
        "--patience",
        type=int,
        metavar="N",
        help="end after N milestones (of about 20) without a better choose loss; keep the best",
    )
    _add_device(group)


def _add_device(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--seed", type=int, metavar="N", default=_DEFAULTS.seed, help="the same gives the same")
    add(
        "--device",
        choices=get_args(DeviceName),
        default=_DEFAULTS.device,
        help="default auto: a GPU where there is one",
    )
    add(
        "--full-precision",
        dest="mixed",
        action="store_false",
        help="no half precision on a GPU; a CPU never has it",
    )


def _add_keeping(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("-o", "--output", required=True, type=Path, metavar="FILE", help="checkpoint to write")
    add("--resume", action="store_true", help="go on where the training of --output was stopped")
    add(
        "--save-minutes",
        type=float,
        metavar="M",
        default=10.0,
        help="between saves on the way, default 10",
    )
    add("--snapshots", type=Path, metavar="FOLDER", help="a checkpoint at steps 0, 1, 2, 4, 8 ...")
    add("--log", type=Path, metavar="FILE", help="lines of JSON about every 50 steps")


def _train(options: argparse.Namespace) -> None:
    from models.checkpoint import load_checkpoint, save_checkpoint
    from models.corpora import read_corpus
    from models.training_run import train_checkpoint
    from models.zoo import find_checkpoint
    from terminal.training_display import training_display, training_summary

    network = _network(options)
    settings = TrainingOptions(
        **{field.name: getattr(options, field.name) for field in fields(TrainingOptions)}
    )
    start = None if options.start is None else load_checkpoint(find_checkpoint(options.start))
    corpus = read_corpus(options.sources, source=options.source)
    resume_path = Path(f"{options.output}.resume")
    _check_places(options, resume_path)
    try:
        with training_display(settings) as show:
            checkpoint = train_checkpoint(
                corpus,
                settings,
                name=options.output.stem,
                network=network,
                start=start,
                save_minutes=options.save_minutes,
                resume_path=resume_path,
                resume=options.resume,
                on_progress=_with_log(show, options),
                on_snapshot=lambda snapshot: save_checkpoint(snapshot, options.output),
                on_doubling=None if options.snapshots is None else _keep_in(options.snapshots),
            )
    except DivergedError as error:
        raise UserError(f"{error} {_last_saved(options.output, resume_path)}") from error
    save_checkpoint(checkpoint, options.output)
    print(training_summary(checkpoint.training, options.output))
    if checkpoint.training["interrupted"]:
        print("The same command with --resume goes on from here.")
    else:
        resume_path.unlink(missing_ok=True)


def _with_log(
    show: Callable[[Progress], None], options: argparse.Namespace
) -> Callable[[Progress], None]:
    if options.log is None:
        return show
    from models.training_log import TrainingLog

    log = TrainingLog(options.log, append=options.resume)

    def tell(progress: Progress) -> None:
        show(progress)
        log(progress)

    return tell


def _keep_in(folder: Path) -> Callable[[Checkpoint], None]:
    from models.checkpoint import save_checkpoint

    return lambda checkpoint: save_checkpoint(
        checkpoint, folder / f"step-{checkpoint.training['step']:07}.safetensors"
    )


def _network(options: argparse.Namespace) -> Network:
    named = {
        name: getattr(options, name)
        for name in ("cell", "layers", "hidden", "embedding", "one_hot", "tied")
    }
    # By identity: 0 layers are a mistake to name, and equal to False.
    chosen = {
        name: value for name, value in named.items() if value is not None and value is not False
    }
    if chosen and options.start is not None:
        option = next(iter(chosen)).replace("_", "-")
        raise UserError(f"--from decides the network: leave out --{option}, or train a new one.")
    if chosen.pop("one_hot", False):
        chosen["embedding"] = None
    elif "tied" in chosen:  # which takes an embedding as wide as a layer
        chosen.setdefault("embedding", chosen.get("hidden", _NETWORK.hidden))
    return Network(**chosen)


def _last_saved(output: Path, resume_path: Path) -> str:
    """Where the last checkpoint of a training is that has failed."""
    if not resume_path.exists():  # it is saved after the checkpoint
        return "No checkpoint had been saved yet."
    resume_path.unlink()  # it would only come to the same step again
    return f"The last checkpoint before that is {output}; --from {output} goes on from it."


def _check_places(options: argparse.Namespace, resume_path: Path) -> None:
    _check_writable(options.output, "--output")
    if options.log is not None:
        _check_writable(options.log, "--log")
    if resume_path.exists() and not options.resume:
        raise UserError(
            f"{resume_path} holds a training that was stopped. "
            "Go on with --resume, or delete it to begin anew."
        )


def _check_writable(output: Path, option: str) -> None:
    """Hours of training must not end in a file that cannot be written."""
    import tempfile

    if os.path.isdir(output):
        raise UserError(f"Cannot write to {output}: it is a folder. Name a file for {option}.")
    folder = output.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise UserError(
            f"Cannot write to {folder}: {error.strerror}. Choose another folder for {option}."
        ) from error
