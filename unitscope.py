"""The terminal's front door: `unitscope train | record | search | export | serve`."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from models.corpora import SPLITS
from models.errors import UserError
from models.training_options import TrainingOptions

if TYPE_CHECKING:
    from models.training_options import Progress

_Commands = argparse._SubParsersAction  # argparse has no public name for it


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
    for add in (_add_train, _add_record, _add_search, _add_export, _add_serve):
        add(commands)
    return parser


def _add_train(commands: _Commands[argparse.ArgumentParser]) -> None:
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


def _add_record(commands: _Commands[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("record", help="read text with a checkpoint, keep every unit")
    command.add_argument("checkpoint", help="a checkpoint file, or the name of a shipped one")
    command.add_argument(
        "texts", nargs="+", metavar="python|TEXT", help="the standard library, files or folders"
    )
    command.add_argument("-o", "--output", required=True, type=Path, help="NAME.zarr to write")
    command.add_argument(
        "--signals", type=lambda text: text.split(","), help="such as h,c (default) or h,c,i,f,g,o"
    )
    command.add_argument("--split", choices=SPLITS, help="read only the documents of this split")
    command.add_argument("--force", action="store_true", help="replace a recording")
    command.add_argument("--json", action="store_true", help="progress as lines of JSON")
    command.set_defaults(run=_record)


def _record(options: argparse.Namespace) -> None:
    from models.corpora import read_corpus

    corpus = read_corpus(options.texts, split=options.split)
    from analysis.recorder import record
    from models.checkpoint import load_checkpoint
    from models.zoo import find_checkpoint

    checkpoint = load_checkpoint(find_checkpoint(options.checkpoint))
    with _recording_display(len(corpus), as_json=options.json) as show:
        recording = record(
            checkpoint,
            corpus,
            options.output,
            signals=options.signals,
            force=options.force,
            on_progress=show,
        )
    if not options.json:
        unknown = recording.unknown_share
        print(
            f"{recording.path}: {len(recording):,} symbols of {len(recording.documents):,} "
            f"documents, sites {', '.join(recording.sites)}"
            + (f"; {unknown:.2%} of the symbols are unknown to the network" if unknown else "")
        )


def _add_search(commands: _Commands[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("search", help="find the units that track a hypothesis")
    command.add_argument("recording", type=Path, help="a recording, NAME.zarr")
    command.add_argument(
        "--hypothesis", action="append", default=[], metavar="NAME", help="default: all of them"
    )
    command.add_argument("--top", type=int, default=5, help="units for each hypothesis")
    command.add_argument("--json", action="store_true", help="findings as JSON")
    command.set_defaults(run=_search)


def _search(options: argparse.Namespace) -> None:
    from analysis.hypotheses.catalogue import find_hypotheses
    from analysis.recording import open_recording

    hypotheses = find_hypotheses(options.hypothesis)
    recording = open_recording(options.recording)
    from analysis.search import findings_table, search_units

    result = search_units(recording, hypotheses, top=options.top)
    for skipped in result.skipped:
        print(f"unitscope: {skipped.hypothesis}: {skipped.reason}", file=sys.stderr)
    if options.json:
        print(json.dumps({"findings": [finding.to_json() for finding in result.findings]}))
    elif result.findings:
        print(findings_table(result.findings).to_string(index=False))


def _add_export(commands: _Commands[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("export", help="coloured text, heatmaps and values as files")
    command.add_argument("recording", type=Path, help="a recording, NAME.zarr")
    shown = command.add_mutually_exclusive_group(required=True)
    shown.add_argument("--unit", help="colour the text by this unit, such as 1.c.78")
    shown.add_argument("--site", help="heatmap or values of all units of a site, such as 1.c")
    command.add_argument("--heatmap", action="store_true", help="a heatmap of the one unit")
    command.add_argument(
        "--range", default="0:2000", metavar="START:STOP", help="symbols to show (default 0:2000)"
    )
    command.add_argument(
        "-o", "--output", required=True, type=Path, help="FILE.png, .svg, .pdf, .html or .csv"
    )
    command.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> None:
    from analysis.recording import open_recording

    recording = open_recording(options.recording)
    start, stop = _parse_range(options.range, len(recording))
    from analysis.export import ViewAssets, export
    from dashboard.text_view.bundle import standalone_script, standalone_style

    written = export(
        recording,
        options.unit or options.site,
        start,
        stop,
        options.output,
        kind="heatmap" if options.heatmap else None,
        view=ViewAssets(standalone_script(), standalone_style()),
    )
    print(written)


def _parse_range(text: str, symbols: int) -> tuple[int, int]:
    try:
        start, stop = (int(part) if part else None for part in text.split(":"))
    except ValueError:
        raise UserError(f"{text!r} is not a range. Write START:STOP, such as 0:400.") from None
    return start or 0, symbols if stop is None else stop


def _add_serve(commands: _Commands[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("serve", help="open the dashboard in the browser")
    command.add_argument("recording", nargs="?", type=Path, help="a recording to show first")
    command.add_argument("--port", type=int, default=8501)
    command.add_argument("--address", default="127.0.0.1", help="default: only this machine")
    command.add_argument("--no-browser", action="store_true", help="do not open a browser")
    command.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> None:
    from dashboard.app import serve

    serve(
        recording=options.recording,
        address=options.address,
        port=options.port,
        browser=not options.no_browser,
    )


@contextmanager
def _recording_display(total: int, *, as_json: bool) -> Iterator[Callable[[int], None]]:
    if as_json:
        yield lambda done: print(json.dumps({"done": done, "total": total}), flush=True)
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(*Bar.get_default_columns(), console=Console(stderr=True)) as bar:
        task = bar.add_task("reading", total=total)
        yield lambda done: bar.update(task, completed=done)


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


if __name__ == "__main__":
    sys.exit(main())
