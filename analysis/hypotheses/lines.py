"""Hypotheses about lines as a whole: how much is left of one, blank ones, speakers, addresses."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from analysis.hypotheses.characters import CharacterHypothesis, find_lines
from analysis.hypotheses.labels import Labels
from models.corpora import Document
from models.vocabulary import code_points

_NEWLINE = 10

# Every word of a name has a capital or is one of a few small ones: `Duke of York:`. A name in
# capitals may end with a full stop instead. Acts and scenes are headings.
_NAME = r"[A-Z][\w'’.-]*(?:[ ](?:[A-Z0-9][\w'’.-]*|of|the|and|de|a|to|in))*"
_CAPITALS = r"(?!ACT\b|SCENE\b|PROLOGUE\b|EPILOGUE\b)[A-Z][A-Z'’-]+(?:[ ][A-Z'’-]+)*"
_SPEAKER = re.compile(rf"^(?:(?=.{{1,60}}:[ \t\r]*$){_NAME}:|{_CAPITALS}\.)(?=[ \t\r]*$)", re.M)

_ADDRESS = re.compile(r"\b(?:(?:https?|ftp)://|www\.)[^\s<>\"'{}|\\^`]+", re.I)
_AFTER_ADDRESS = ".,;:!?"


def spans_to_flags(time: int, spans: Sequence[tuple[int, int]] | np.ndarray) -> np.ndarray:
    """Flag the symbols of spans (start, stop), bool (time,); spans may overlap."""
    bounds = np.asarray(spans, dtype=np.int64).reshape(-1, 2)
    steps = np.bincount(bounds[:, 0], minlength=time + 1)
    steps -= np.bincount(bounds[:, 1], minlength=time + 1)
    flags: np.ndarray = np.cumsum(steps[:time]) > 0
    return flags


def _until_newline(document: Document) -> Labels:
    codes = code_points(document.text)
    newlines = np.flatnonzero(codes == _NEWLINE)
    defined = np.arange(codes.size) <= (newlines[-1] if newlines.size else -1)
    lines = find_lines(codes)
    left = lines.spread(lines.starts[1:] - 1) - np.arange(codes.size)
    return Labels(np.where(defined, left, 0).astype(np.float32), defined)


def _blank_line(document: Document) -> Labels:
    lines = find_lines(code_points(document.text))
    return Labels.everywhere(lines.spread(lines.blank))


def _speaker_line(document: Document) -> Labels:
    spans = [match.span() for match in _SPEAKER.finditer(document.text)]
    return Labels.everywhere(spans_to_flags(len(document.text), spans))


def _url(document: Document) -> Labels:
    spans = [
        (match.start(), match.start() + len(_without_tail(match[0])))
        for match in _ADDRESS.finditer(document.text)
    ]
    return Labels.everywhere(spans_to_flags(len(document.text), spans))


def _without_tail(address: str) -> str:
    """An address without the punctuation of the sentence it stands in."""
    address = address.rstrip(_AFTER_ADDRESS)
    for opening, closing in ("()", "[]"):
        if opening not in address:
            address = address.partition(closing)[0].rstrip(_AFTER_ADDRESS)
    return address


SYMBOLS_UNTIL_NEWLINE = CharacterHypothesis(
    "symbols-until-newline",
    "number",
    "How many symbols of its line are still to come, the newline included; 0 at the newline, "
    "undefined after the last one.",
    _until_newline,
)
BLANK_LINE = CharacterHypothesis(
    "blank-line",
    "yes/no",
    "In a line of white space only, its newline included.",
    _blank_line,
)
SPEAKER_LINE = CharacterHypothesis(
    "speaker-line",
    "yes/no",
    "In a line that names who speaks next in a play and nothing else, such as First Citizen: or "
    "ROMEO. up to its mark.",
    _speaker_line,
)
URL = CharacterHypothesis(
    "url",
    "yes/no",
    "Within a web address that begins with http://, https://, ftp:// or www.; the punctuation "
    "after it is outside.",
    _url,
)
