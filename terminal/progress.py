"""A bar on the terminal's error output that says how far something is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(
    title: str, *, total: float = 1.0, stays: bool = True
) -> Iterator[Callable[[float], None]]:
    """Show how far it is, out of `total`; what is given is called with that.

    A bar that does not stay is gone in the end, and is not shown at all where there is no
    terminal: it would leave empty lines in a log.
    """
    from rich.console import Console
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    with Bar(
        *Bar.get_default_columns(),
        console=console,
        transient=not stays,
        disable=not (stays or console.is_terminal),
    ) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)
