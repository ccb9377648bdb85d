"""Train the grid of Karpathy, Johnson and Li (2015) on War and Peace and print its table again.

    python -m benchmarks.karpathy2015 TEXT [--cells lstm,gru,rnn] [--layers 1,2,3]
        [--hidden 64,128,256,512] [--split contiguous|interleaved] [--shares 80/10/10]
        [--epochs 50] [--length 100] [--batch 50] [--learning-rate RATE] [--dropout 0]
        [--results FILE]

The text is split 80/10/10. `contiguous` takes the first 80% of the text, the next 10% and the
last 10%. `interleaved` takes these shares of each of 100 streams that the text is cut into, as
char-rnn does: its held-out text then lies between pieces of training text and is easier. The
weights with the best validation loss are tested. What is trained is added to the results file, and
is not trained again. Another text may have other shares, such as char-rnn's 95/5/0 on
tinyshakespeare: there the best validation loss is all there is to compare.

The paper's figures are recalled, not read in the paper itself, and are printed as such.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch

from models.corpora import read_corpus
from models.evaluation import evaluate
from models.recurrent import Architecture, CellName, RecurrentModel
from models.training import train
from models.training_options import Progress, TrainingOptions
from models.vocabulary import build_vocabulary

SplitName = Literal["contiguous", "interleaved"]
STREAMS = 100
PAPER_SHARES = "80/10/10"

# Test loss in nats a character, {cell: {hidden: (1 layer, 2 layers, 3 layers)}}; recalled.
PAPER: dict[CellName, dict[int, tuple[float, float, float]]] = {
    "lstm": {
        64: (1.449, 1.442, 1.540),
        128: (1.277, 1.227, 1.279),
        256: (1.189, 1.137, 1.141),
        512: (1.161, 1.092, 1.082),
    },
    "rnn": {
        64: (1.446, 1.401, 1.396),
        128: (1.417, 1.286, 1.277),
        256: (1.342, 1.256, 1.239),
    },
    "gru": {
        64: (1.398, 1.373, 1.472),
        128: (1.230, 1.226, 1.253),
        256: (1.198, 1.164, 1.138),
        512: (1.170, 1.201, 1.077),
    },
}


@dataclass(frozen=True)
class Setting:
    """One network of the table, and how it is trained and tested."""

    cell: CellName
    layers: int
    hidden: int
    split: SplitName
    epochs: int
    dropout: float
    shares: str = PAPER_SHARES  # percent of training, validation and test text
    length: int = 100  # symbols that errors are followed back through
    batch: int = 50
    learning_rate: float = 3e-3

    @property
    def paper(self) -> float | None:
        """The paper's loss, which it reports for some sizes only."""
        row = PAPER[self.cell].get(self.hidden, ())
        known = self.shares == PAPER_SHARES and self.layers <= len(row)
        return row[self.layers - 1] if known else None


@dataclass(frozen=True)
class Result:
    """Losses in nats a character."""

    setting: Setting
    train_loss: float
    choose_loss: float
    test_loss: float
    minutes: float
    epochs_read: float


def split_text(
    symbols: np.ndarray, split: SplitName, shares: str = PAPER_SHARES
) -> tuple[list[np.ndarray], ...]:
    """Training, validation and test parts of one text."""
    streams = [symbols] if split == "contiguous" else np.array_split(symbols, STREAMS)
    ends = np.cumsum([0.0, *map(float, shares.split("/"))]) / 100
    return tuple(
        [stream[round(len(stream) * first) : round(len(stream) * last)] for stream in streams]
        for first, last in itertools.pairwise(ends)
    )


def run(setting: Setting, symbols: np.ndarray, rows: int, show: Callable[[str], None]) -> Result:
    """Train one network and test the weights that were best on the validation text."""
    fit, choose, test = split_text(symbols, setting.split, setting.shares)
    read = sum(len(part) for part in fit)
    torch.manual_seed(0)
    model = RecurrentModel(
        Architecture(setting.cell, setting.layers, setting.hidden, 64, rows),
        dropout=setting.dropout,
    )
    options = TrainingOptions(
        symbols=read * setting.epochs,
        batch=setting.batch,
        length=setting.length,
        learning_rate=setting.learning_rate,
        dropout=setting.dropout,
        patience=20,
    )

    def watch(progress: Progress) -> None:
        if progress.is_milestone:
            show(
                f"  {progress.symbols / read:5.1f} epochs  train {progress.loss:.3f}  "
                f"validation {progress.choose_loss:.3f}  {progress.seconds / 60:.1f} min"
            )

    began = time.monotonic()
    result = train(model, fit, choose, options, watch)
    minutes = (time.monotonic() - began) / 60
    return Result(
        setting,
        train_loss=result.train_loss,
        choose_loss=evaluate(model, choose),
        test_loss=evaluate(model, test),
        minutes=minutes,
        epochs_read=result.symbols / read,
    )


def settings(options: argparse.Namespace) -> Iterator[Setting]:
    """Every network asked for, in the table's order."""
    for cell in options.cells.split(","):
        for hidden in map(int, options.hidden.split(",")):
            for layers in map(int, options.layers.split(",")):
                yield Setting(
                    cell=cell,
                    layers=layers,
                    hidden=hidden,
                    split=options.split,
                    epochs=options.epochs,
                    dropout=options.dropout,
                    shares=options.shares,
                    length=options.length,
                    batch=options.batch,
                    learning_rate=options.learning_rate or _default_rate(cell),
                )


def _default_rate(cell: str) -> float:
    return 1e-3 if cell == "rnn" else Setting.learning_rate


def table(results: list[Result]) -> str:
    """Ours beside the paper's; the split stands beside every loss."""
    lines = [
        "| network | split | validation | test | paper, test (recalled) | difference | epochs "
        "| minutes |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for result in results:
        setting, paper = result.setting, result.setting.paper
        name = f"{setting.cell.upper()} {setting.layers} x {setting.hidden}"
        known = (
            ("-", "-") if paper is None else (f"{paper:.3f}", f"{result.test_loss - paper:+.3f}")
        )
        lines.append(
            f"| {name} | {setting.split} {setting.shares} | {result.choose_loss:.3f} "
            f"| {_shown(result.test_loss)} | {known[0]} | {known[1]} | {result.epochs_read:.1f} "
            f"| {result.minutes:.0f} |"
        )
    return "\n".join(lines)


def _shown(loss: float) -> str:
    return "-" if math.isnan(loss) else f"{loss:.3f}"


def kept_results(path: Path | None) -> list[Result]:
    """What an earlier run has trained."""
    if path is None or not path.exists():
        return []
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [Result(Setting(**line.pop("setting")), **line) for line in lines]


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is missing and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("text", type=Path)
    parser.add_argument("--cells", default="lstm,gru,rnn")
    parser.add_argument("--layers", default="2")
    parser.add_argument("--hidden", default="128")
    parser.add_argument("--split", choices=get_args(SplitName), default="contiguous")
    parser.add_argument("--shares", default=PAPER_SHARES, help="train/validation/test, percent")
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--length", type=int, default=Setting.length)
    parser.add_argument("--batch", type=int, default=Setting.batch)
    parser.add_argument("--learning-rate", type=float, help="0.003, or 0.001 for the RNN")
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--results", type=Path, help="JSON lines to read and to add to")
    options = parser.parse_args(arguments)
    (document,) = read_corpus([options.text]).documents
    vocabulary = build_vocabulary([document.text], least=1)
    symbols = vocabulary.encode(document.text)
    results = {result.setting: result for result in kept_results(options.results)}
    wanted = list(settings(options))
    for setting in wanted:
        if setting in results:
            continue
        print(setting, flush=True)
        results[setting] = run(
            setting, symbols, len(vocabulary), lambda line: print(line, flush=True)
        )
        if options.results is not None:
            with options.results.open("a") as kept:
                kept.write(json.dumps(asdict(results[setting])) + "\n")
    chosen = [results[setting] for setting in wanted]
    print(table(chosen))
    print(json.dumps({"test_loss": [asdict(result) for result in chosen]}))


if __name__ == "__main__":
    main()
