"""Every hypothesis there is, in a useful order, and the way from names to them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from analysis.hypotheses import characters, code, quotes
from analysis.hypotheses.labels import Hypothesis, HypothesisError

_CATALOGUE: tuple[Hypothesis, ...] = (
    quotes.DOUBLE_QUOTES,
    quotes.SINGLE_QUOTES,
    code.STRING,
    code.COMMENT,
    characters.NEWLINE,
    characters.COLUMN,
    characters.INDENT,
    code.BRACKET_DEPTH,
    code.IF_CONDITION,
    code.IF_BODY,
    quotes.BACK_QUOTES,
    code.INSIDE_PARENTHESES,
    code.ELSE_BODY,
    code.LOOP_BODY,
    code.FUNCTION_BODY,
    code.BLOCK_DEPTH,
    code.DOCSTRING,
    code.IDENTIFIER,
    code.KEYWORD,
    code.NUMBER_LITERAL,
    characters.CAPITAL,
    characters.DIGIT,
    characters.WHITESPACE,
)


def catalogue() -> dict[str, Hypothesis]:
    """All hypotheses by name; the ten that matter most come first."""
    return {hypothesis.name: hypothesis for hypothesis in _CATALOGUE}


def find_hypotheses(names: Sequence[str]) -> list[Hypothesis]:
    """Hypotheses by their names, in the order asked for, each once.

    Parameters
    ----------
    names : sequence of str
        Names from the catalogue. None at all means every hypothesis.

    Raises
    ------
    HypothesisError
        If a name is not in the catalogue; the message has the nearest ones.
    """
    known = catalogue()
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3) or list(known)
            raise HypothesisError(
                f"There is no hypothesis called {name!r}. Did you mean {', '.join(near)}?"
                if len(near) <= 3
                else f"There is no hypothesis called {name!r}. There are: {', '.join(near)}."
            )
    return [known[name] for name in dict.fromkeys(names or known)]
