"""How a training looks in the terminal while it goes, and what is said of it at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.training_options import Progress, TrainingOptions

if TYPE_CHECKING:
    from rich.console import Console

_SHOWN = 160  # symbols of a sample


@contextmanager
def training_display(options: TrainingOptions) -> Iterator[Callable[[Progress], None]]:
    """Show progress on stderr: a bar where there is a terminal, else a line now and then."""
    from rich.console import Console, Group
    from rich.live import Live
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        yield lambda progress: _print_news(console, progress)
        return
    columns = (TextColumn("step {task.fields[step]:,}"), BarColumn(), TaskProgressColumn())
    bar, status = Bar(*columns, TimeRemainingColumn(), console=console), Text()
    task = bar.add_task("train", total=1.0, step=0)
    first: Progress | None = None

    def show(progress: Progress) -> None:
        nonlocal first
        first = first or progress
        bar.update(
            task,
            completed=options.share_done(progress.step, progress.seconds),
            step=progress.step,
        )
        status.plain = _status(progress, progress.rate_since(first))
        _print_news(console, progress)

    with Live(Group(bar, status), console=console, refresh_per_second=4):
        yield show


def _status(progress: Progress, rate: float) -> str:
    choose = "" if progress.choose_loss is None else f"  choose {progress.choose_bits:.3f}"
    return (
        f"loss {progress.loss:.3f} nats, {progress.bits:.3f} bits/char{choose}  "
        f"{rate:,.0f} symbols/s  gradient {progress.gradient_norm:.2f}, "
        f"clipped {progress.clipped_share:.0%}"
    )


def _print_news(console: Console, progress: Progress) -> None:
    """Print a milestone's loss, and what the network wrote, as text that moves no cursor."""
    if progress.is_milestone:
        console.print(
            f"step {progress.step:,}: training {progress.bits:.3f} bits/char, choose split "
            f"{progress.choose_bits:.3f}, clipped {progress.clipped_share:.0%} of the steps",
            markup=False,
        )
    if progress.sample is not None:
        text = progress.sample.text[:_SHOWN]
        shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
        console.print(f"step {progress.step:,} writes: {shown}", style="dim", markup=False)


def training_summary(training: Mapping[str, Any], path: Path) -> str:
    """What came of a training, in one line."""
    losses = ", ".join(
        f"{split} {training[key]:.3f}"
        for split, key in (("choose", "choose_loss"), ("report", "report_loss"))
        if training[key] is not None
    )
    if training["interrupted"]:
        losses = f"{losses} (an estimate)" if losses else "not taken"
    ended = "stopped early" if training["interrupted"] else "done"
    kept = f", kept step {training['best_step']:,}" if "best_step" in training else ""
    return (
        f"{path}: {ended} after {training['symbols']:,} symbols{kept}; loss in nats/char: "
        f"{losses or 'not taken'} (split {training['split']})."
    )
