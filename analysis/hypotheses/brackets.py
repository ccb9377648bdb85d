"""How many brackets of a kind are open, by the characters alone; in LaTeX, which braces group."""

from __future__ import annotations

import numpy as np

from analysis.hypotheses.characters import CharacterHypothesis
from analysis.hypotheses.labels import Labels
from analysis.hypotheses.languages import language_of
from analysis.hypotheses.latex import read_latex
from models.corpora import Document
from models.vocabulary import code_points


def depth_of(codes: np.ndarray, opening: str, closing: str) -> np.ndarray:
    """How many brackets are open after each symbol, int64 (time,); a stray closing one is none."""
    steps = (codes == ord(opening)).astype(np.int64) - (codes == ord(closing))
    level = np.cumsum(steps)
    # What went below 0 were strays: the lowest level so far says how many.
    depth: np.ndarray = level - np.minimum(np.minimum.accumulate(level), 0)
    return depth


def _depth(document: Document, opening: str, closing: str) -> Labels:
    depth = depth_of(code_points(document.text), opening, closing)
    return Labels.everywhere(depth.astype(np.float32))


def _parentheses(document: Document) -> Labels:
    return _depth(document, "(", ")")


def _square_brackets(document: Document) -> Labels:
    return _depth(document, "[", "]")


def _braces(document: Document) -> Labels:
    if language_of(document) != "latex":
        return _depth(document, "{", "}")
    codes = code_points(document.text).copy()
    counted = np.zeros(codes.size, dtype=np.bool_)
    counted[read_latex(document.text).braces] = True
    codes[~counted] = 0
    return Labels.everywhere(depth_of(codes, "{", "}").astype(np.float32))


PARENTHESIS_DEPTH = CharacterHypothesis(
    "parenthesis-depth",
    "number",
    "How many ( are open, wherever they stand, in strings and comments too; a stray ) is ignored.",
    _parentheses,
)
SQUARE_BRACKET_DEPTH = CharacterHypothesis(
    "square-bracket-depth",
    "number",
    "How many [ are open, wherever they stand; a stray ] is ignored.",
    _square_brackets,
)
BRACE_DEPTH = CharacterHypothesis(
    "brace-depth",
    "number",
    "How many { are open, wherever they stand; a stray } is ignored. In LaTeX (.tex) escaped "
    "braces and those in comments and verbatim text do not count.",
    _braces,
)
