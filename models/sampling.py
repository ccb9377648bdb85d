"""Let a network write: one symbol at a time, each drawn from what the network expects next."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.errors import UserError
from models.stepping import Array, make_stepper
from models.vocabulary import Vocabulary

if TYPE_CHECKING:  # torch takes a second to load, and the options need none of it
    from models.recurrent import RecurrentModel


class SamplingError(UserError):
    """Text cannot be drawn in the way that was asked for."""


@dataclass(frozen=True)
class SamplingOptions:
    """How the next symbol is chosen.

    Parameters
    ----------
    temperature : float, default=1.0
        The logits are divided by it: below 1 the text is safer, above 1 wilder. 0 always takes
        the most probable symbol.
    top_k : int, optional
        Draw only from the k most probable symbols.
    top_p : float, optional
        Draw only from the nucleus: the fewest symbols whose probabilities, the largest first,
        add up to p or more (Holtzman et al. 2020). Taken after temperature and top_k.
    seed : int, default=0
        The same seed gives the same text.

    Raises
    ------
    SamplingError
        If a value is out of its range.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < math.inf:
            raise SamplingError(
                f"temperature must be 0 or a number above it, not {self.temperature!r}."
            )
        if self.top_k is not None and not (isinstance(self.top_k, int) and self.top_k >= 1):
            raise SamplingError(f"top_k must be a whole number above 0, not {self.top_k!r}.")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise SamplingError(f"top_p must be above 0 and at most 1, not {self.top_p!r}.")
        if not (isinstance(self.seed, int) and self.seed >= 0):
            raise SamplingError(f"seed must be a whole number, 0 or above, not {self.seed!r}.")


def sample(
    model: RecurrentModel, vocabulary: Vocabulary, prompt: str, options: SamplingOptions
) -> Iterator[str]:
    """Go on from a prompt for ever.

    The prompt is read and the weights are copied at once: training the model on between two
    symbols changes nothing.

    Parameters
    ----------
    model : RecurrentModel
    vocabulary : Vocabulary
        The model's.
    prompt : str
        Read from a zero state; what the vocabulary does not know is read as unknown. Empty: the
        text starts as if after a newline, or after the first symbol that the network knows.
    options : SamplingOptions

    Returns
    -------
    iterator of str
        The symbols after the prompt, one by one. The unknown symbol is never drawn.

    Raises
    ------
    SamplingError
        If the vocabulary has no symbol but the unknown one.
    """
    known = np.flatnonzero(np.arange(len(vocabulary)) != vocabulary.unknown)
    if len(known) == 0:
        raise SamplingError("This network knows no symbol that could be drawn. Use another one.")
    start = "\n" if "\n" in vocabulary.symbols else vocabulary.symbols[known[0]]
    step = make_stepper(model)
    for row in vocabulary.encode(prompt or start):
        logits = step(row)
    return _write(step, logits, vocabulary, known, options)


def _write(
    step: Callable[[int], Array],
    logits: Array,
    vocabulary: Vocabulary,
    known: NDArray[np.intp],
    options: SamplingOptions,
) -> Iterator[str]:
    random = np.random.default_rng(options.seed)
    while True:
        row = int(known[draw(logits[known], options, random)])
        yield vocabulary.symbols[row]
        logits = step(row)


def draw(logits: Array, options: SamplingOptions, random: np.random.Generator) -> int:
    """Choose one of the symbols.

    Parameters
    ----------
    logits : array, float (symbols,)
    options : SamplingOptions
        All but the seed.
    random : numpy.random.Generator

    Returns
    -------
    int
        Its place in `logits`.
    """
    if options.temperature == 0:
        return int(np.argmax(logits))
    order = None
    if options.top_k is not None or options.top_p is not None:
        order = np.argsort(-logits, kind="stable")[: options.top_k]
        logits = logits[order]
    with np.errstate(over="ignore"):  # a temperature close to 0: minus infinity is right
        scaled = (logits.astype(np.float64) - logits.max()) / options.temperature
    cumulative = np.exp(scaled).cumsum()
    if options.top_p is not None:
        nucleus = cumulative.searchsorted(options.top_p * cumulative[-1]) + 1
        cumulative = cumulative[:nucleus]
    # Without the last entry: a product that is rounded up to it still means the last symbol.
    place = cumulative[:-1].searchsorted(random.random() * cumulative[-1], side="right")
    return int(place if order is None else order[place])
