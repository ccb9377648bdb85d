"""Every hypothesis there is, in a useful order, and the way from names to them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from analysis.hypotheses import brackets, characters, code, latex, lines, quotes, words
from analysis.hypotheses.expressions import parse_expression
from analysis.hypotheses.labels import Hypothesis, HypothesisError, no_such_hypothesis

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
    code.ARGUMENTS,
    code.STATEMENT_DEPTH,
    quotes.OPENING_QUOTE,
    quotes.CLOSING_QUOTE,
    words.WORD_START,
    words.WORD_END,
    words.WORD_POSITION,
    words.SENTENCE_START,
    words.ALL_CAPS_WORD,
    words.PUNCTUATION,
    words.VOWEL,
    lines.SYMBOLS_UNTIL_NEWLINE,
    lines.BLANK_LINE,
    lines.SPEAKER_LINE,
    lines.URL,
    brackets.PARENTHESIS_DEPTH,
    brackets.SQUARE_BRACKET_DEPTH,
    brackets.BRACE_DEPTH,
    latex.MATH,
    latex.DISPLAY_MATH,
    latex.COMMAND_NAME,
)

_NAME = re.compile(r"[\w-]*")


def catalogue() -> dict[str, Hypothesis]:
    """All hypotheses by name; the ten that matter most come first."""
    return {hypothesis.name: hypothesis for hypothesis in _CATALOGUE}


def find_hypotheses(
    names: Sequence[str], own: Sequence[Hypothesis] = (), *, files: bool = True
) -> list[Hypothesis]:
    """Hypotheses by their names or expressions, in the order asked for, each once.

    Parameters
    ----------
    names : sequence of str
        Names from the catalogue, patterns such as ``regex:def .*``, or expressions such as
        ``column > 40 and not comment``. None at all means every hypothesis.
    own : sequence of Hypothesis, optional
        Others that names may stand for, before those of the catalogue.
    files : bool, default=True
        Whether forms may be used that read files, such as ``csv:FILE``. Not for what strangers
        write.

    Raises
    ------
    HypothesisError
        If a name is not known, with the nearest ones, or no expression, with the place.
    """
    known = {**catalogue(), **{hypothesis.name: hypothesis for hypothesis in own}}
    for name in names:
        if _NAME.fullmatch(name) and name not in known:
            raise HypothesisError(no_such_hypothesis(name, known))
    found = [
        known.get(name) or parse_expression(name, known, files=files) for name in names or known
    ]
    return list({hypothesis.name: hypothesis for hypothesis in found}.values())
