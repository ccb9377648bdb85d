"""`unitscope record`: what every unit does over a text."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.arrays import PRECISIONS
from models.corpora import NAMED_CORPORA, SPLITS
from models.errors import UserError
from terminal import Commands
from terminal.progress import progress_bar

if TYPE_CHECKING:
    from analysis.recorder import ReadShards
    from analysis.recording import Recording
    from models.checkpoint import Checkpoint
    from models.corpora import Corpus


def add(commands: Commands) -> None:
    """Describe `unitscope record`."""
    command = commands.add_parser("record", help="read text with a checkpoint, keep every unit")
    command.add_argument("checkpoint", help="a checkpoint file, or the name of a shipped one")
    command.add_argument(
        "texts",
        nargs="+",
        metavar="|".join((*NAMED_CORPORA, "PATH")),
        help="a corpus by its name, files or folders",
    )
    command.add_argument("--source", type=Path, metavar="PATH", help="where a named corpus lies")
    command.add_argument(
        "-o", "--output", help="NAME.zarr to write: a folder, or a URL such as s3://..."
    )
    command.add_argument(
        "--signals", type=lambda text: text.split(","), help="such as h,c (default) or h,c,i,f,g,o"
    )
    command.add_argument(
        "--precision", choices=PRECISIONS, default="int8", help="how signals are stored"
    )
    command.add_argument(
        "--tolerance", type=float, default=1e-5, help="of states where long documents are cut"
    )
    command.add_argument("--device", default="cpu", help="cpu (default), or cuda with a GPU")
    command.add_argument(
        "--dask",
        metavar="local:N|ADDRESS",
        help="spread over N processes of this machine, or the workers of a Dask scheduler",
    )
    command.add_argument("--split", choices=SPLITS, help="read only the documents of this split")
    command.add_argument(
        "--estimate", action="store_true", help="only say how long it takes and how much disk"
    )
    command.add_argument("--force", action="store_true", help="replace a recording")
    command.add_argument("--resume", action="store_true", help="go on with one that was stopped")
    command.add_argument(
        "--json", action="store_true", help="progress or estimate as lines of JSON"
    )
    command.set_defaults(run=_record)


def _record(options: argparse.Namespace) -> None:
    from models.corpora import read_corpus

    if options.output is None and not options.estimate:
        raise UserError(
            "There is no place to write the recording to. Add -o NAME.zarr, or --estimate to ask "
            "how large it would be."
        )
    corpus = read_corpus(options.texts, split=options.split, source=options.source)
    from models.checkpoint import load_checkpoint
    from models.zoo import find_checkpoint

    checkpoint = load_checkpoint(find_checkpoint(options.checkpoint))
    if options.estimate:
        _estimate(checkpoint, corpus, options)
        return
    from analysis.recorder import record

    with (
        _readers(options.dask) as read_shards,
        _recording_display(len(corpus), as_json=options.json) as show,
    ):
        recording = record(
            checkpoint,
            corpus,
            options.output,
            signals=options.signals,
            precision=options.precision,
            tolerance=options.tolerance,
            force=options.force,
            resume=options.resume,
            device=options.device,
            read_shards=read_shards,
            on_progress=show,
        )
    if not options.json:
        unknown = recording.unknown_share
        print(
            f"{recording.path}: {len(recording):,} symbols of {len(recording.documents):,} "
            f"documents, sites {', '.join(recording.sites)}"
            + (f"; {unknown:.2%} of the symbols are unknown to the network" if unknown else "")
            + _about_seams(recording)
        )


def _about_seams(recording: Recording) -> str:
    about = recording.attributes
    if not about["seams"]:
        return ""
    return (
        f"; cut at {about['seams']:,} seams, which hold to {about['seam_error']:.1g}: "
        f"{about['symbols_read_again']:,} symbols and {about['pieces_read_again']:,} whole pieces "
        "were read again"
    )


@contextmanager
def _readers(dask: str | None) -> Iterator[ReadShards]:
    if dask is None:
        from analysis.recorder import read_here

        yield read_here
        return
    from analysis.cluster import dask_readers

    with dask_readers(dask) as read_shards:
        yield read_shards


def _estimate(checkpoint: Checkpoint, corpus: Corpus, options: argparse.Namespace) -> None:
    from analysis.estimate import estimate_recording
    from analysis.places import Place

    estimate = estimate_recording(
        checkpoint, corpus, signals=options.signals, precision=options.precision
    )
    if not options.json:
        is_near = options.output and not Place(options.output).is_url
        print(estimate.sentence(Path(options.output).parent if is_near else None))
        return
    told = {
        "symbols": estimate.symbols,
        "seconds": round(estimate.seconds, 1),
        "bytes": estimate.disk_bytes,
        "corpus": corpus.sha256,
    }
    print(json.dumps(told))


@contextmanager
def _recording_display(total: int, *, as_json: bool) -> Iterator[Callable[[int], None]]:
    if as_json:
        yield lambda done: print(json.dumps({"done": done, "total": total}), flush=True)
        return
    with progress_bar("reading", total=total) as show:
        yield show
