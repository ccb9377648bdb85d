"""What a person asks to be read, and what another process says it will take."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from analysis.estimate import Estimate
from dashboard.jobs import Order
from dashboard.library import place_of
from dashboard.processes import UnitscopeProcess
from models.corpora import NAMED_CORPORA, Document, Split
from models.errors import UserError

SHORT = 20_000
"""Symbols: a shorter text is read at once, nobody is asked."""


@dataclass(frozen=True)
class Choice:
    """A text, given as documents or by a path or corpus's name, and the checkpoint to read it."""

    checkpoint: Path
    documents: tuple[Document, ...] = ()
    source: str = ""
    split: Split | None = None


def source_of(typed: str) -> str:
    """What a person typed, as `unitscope record` takes it: a corpus's name, or a whole path."""
    typed = typed.strip()
    return typed if typed in NAMED_CORPORA else os.path.abspath(os.path.expanduser(typed))


class Question:
    """How long will it take, and how much disk? Another process finds out.

    Parameters
    ----------
    choice : Choice
    source : str
        Where the text of `choice` lies.
    title : str
        What it is called.

    Raises
    ------
    UserError
        If the process cannot be started.
    """

    def __init__(self, choice: Choice, source: str, title: str) -> None:
        self.choice, self.title = choice, title
        self._source = source
        self._answer = ""
        split = ["--split", choice.split] if choice.split else []
        arguments = ["record", str(choice.checkpoint), source, "--estimate", "--json", *split]
        self._process = UnitscopeProcess(arguments, self._take)

    def _take(self, line: str) -> None:
        self._answer = line

    @property
    def answered(self) -> bool:
        """Whether `answer` can be asked for."""
        return self._process.ended

    def answer(self) -> tuple[Estimate, Order]:
        """The estimate, and what is to be done if it is welcome.

        Raises
        ------
        UserError
            If the text or the checkpoint cannot be read.
        """
        if self._process.error is not None:
            raise UserError(self._process.error)
        told = json.loads(self._answer)
        choice = self.choice
        estimate = Estimate(told["symbols"], told["seconds"], told["bytes"])
        place = place_of(choice.checkpoint, self.title, told["corpus"])
        symbols = estimate.symbols
        return estimate, Order(
            self.title, choice.checkpoint, self._source, place, symbols, choice.split
        )

    def stop(self) -> None:
        """Want no answer any more."""
        self._process.stop()
