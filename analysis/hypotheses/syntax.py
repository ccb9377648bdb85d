"""Syntax trees of documents, and how deep each symbol lies in what a tree query finds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

import numpy as np

from models.corpora import Document

if TYPE_CHECKING:
    import tree_sitter

Language = Literal["python", "c"]
_SUFFIXES: dict[str, Language] = {".py": "python", ".pyi": "python", ".c": "c", ".h": "c"}

# What the grammar keeps as raw text: a macro's body is no tree, so nothing is known inside it.
_RAW_TEXT: dict[Language, str] = {"c": "(preproc_arg) @inside"}

# More of a document on broken lines than this, and its name lies about its language.
_MOST_BROKEN = 0.25
# A query takes quadratic time in the tokens that lie directly in one broken place.
_MOST_TOKENS = 2_000

_CARRIAGE_RETURN = 13
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, eq=False)
class SyntaxTree:
    """The parse of one document; every position counts symbols.

    Parameters
    ----------
    defined : ndarray of shape (time,), bool
        False on every line that a syntax error touches, and in text that the grammar leaves raw.
    """

    language: Language
    defined: np.ndarray = field(repr=False)
    _source: _Source = field(repr=False)
    _tree: tree_sitter.Tree = field(repr=False)
    _damage: _Damage = field(repr=False)

    def depth(self, query: str) -> np.ndarray:
        """In how many of the things that a query captures each symbol lies.

        Parameters
        ----------
        query : str
            A tree-sitter query. The names of its captures say what counts:
            ``@inside`` the whole node; ``@closed`` the node without its last symbol, which closes
            it; ``@outside`` the same, taken away instead of added (code within a string);
            ``@open`` and ``@close`` tokens that go one deeper and back from their symbol on.

        Returns
        -------
        ndarray of shape (time,), int64
            Meaningful where `defined`.
        """
        import tree_sitter

        cursor = tree_sitter.QueryCursor(_query(self.language, query))
        deeper: list[np.ndarray] = []
        back: list[np.ndarray] = []
        for capture, nodes in cursor.captures(self._tree.root_node).items():
            if capture in ("open", "close"):
                (deeper if capture == "open" else back).append(self._tokens(nodes))
                continue
            starts, stops = self._source.spans(nodes)
            ends = stops if capture == "inside" else np.maximum(stops - 1, starts)
            deeper.append(ends if capture == "outside" else starts)
            back.append(starts if capture == "outside" else ends)
        return self._source.level(deeper, back)

    def _tokens(self, nodes: list[tree_sitter.Node]) -> np.ndarray:
        """Start of each token that has a partner, twice for the double brackets of C attributes."""
        starts, stops = self._source.spans(nodes)
        # In broken places partners are missing, which would shift the depth of all that follows.
        kept = ~np.append(self._damage.errors, False)[starts]
        for index in np.flatnonzero(starts == stops):
            # A token of no width is one the parser put in to mend a tree: it is no part of the
            # symbol there, so only the tree knows whether it is in a broken place.
            kept[index] = nodes[index].id in self._damage.mended
        return np.repeat(starts[kept], np.maximum(stops - starts, 1)[kept])


@dataclass(frozen=True)
class _Source:
    """A document's bytes, as the parser counts, and the way back to symbols."""

    data: bytes
    time: int
    symbols: np.ndarray | None  # (bytes + 1,): symbols that start before each byte; None: the same

    @classmethod
    def of(cls, text: str) -> _Source:
        # Lone surrogates have no UTF-8, and queries fail on bytes that are not UTF-8.
        data = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text).encode()
        if len(data) == len(text):
            return cls(data, len(text), None)
        begins = (np.frombuffer(data, dtype=np.uint8) & 0xC0) != 0x80
        return cls(data, len(text), np.append(0, np.cumsum(begins)))

    def spans(self, nodes: list[tree_sitter.Node]) -> tuple[np.ndarray, np.ndarray]:
        """First symbol of each node and the one after its last, int64 (nodes,)."""
        starts = np.fromiter((node.start_byte for node in nodes), np.int64, len(nodes))
        stops = np.fromiter((node.end_byte for node in nodes), np.int64, len(nodes))
        # Comments and directives reach to the \n: with \r\n lines that is one too far.
        last = np.frombuffer(self.data + b"\0", dtype=np.uint8)[stops - 1]
        stops = stops - ((last == _CARRIAGE_RETURN) & (stops > starts))
        if self.symbols is None:
            return starts, stops
        return self.symbols[starts], self.symbols[stops]

    def level(self, deeper: list[np.ndarray], back: list[np.ndarray]) -> np.ndarray:
        """How many steps down and not back up each symbol is, int64 (time,)."""
        nothing = np.zeros(0, dtype=np.int64)
        down = np.bincount(np.concatenate([nothing, *deeper]), minlength=self.time + 1)
        up = np.bincount(np.concatenate([nothing, *back]), minlength=self.time + 1)
        level: np.ndarray = np.cumsum(down - up)[: self.time]
        return level


@dataclass(frozen=True)
class _Damage:
    """Where a document does not parse: symbols in error nodes and symbols on their lines, both bool
    (time,), and the ids of the tokens that the parser put in outside of error nodes."""

    errors: np.ndarray
    lines: np.ndarray
    mended: frozenset[int]


def language_of(document: Document) -> Language | None:
    """The language a document's name promises by its suffix, or None if it is no known one."""
    return _SUFFIXES.get(PurePosixPath(document.name).suffix)


def parse_document(document: Document) -> SyntaxTree | None:
    """Parse a document in the language of its name.

    Returns
    -------
    SyntaxTree or None
        None if the language is unknown, or if more than a quarter of the symbols are on lines that
        do not parse. The last few trees are kept, so that hypotheses share one parse.
    """
    language = language_of(document)
    return None if language is None else _parse(language, document.text)


@lru_cache(maxsize=4)
def _parse(language: Language, text: str) -> SyntaxTree | None:
    import tree_sitter

    source = _Source.of(text)
    tree = tree_sitter.Parser(_grammar(language)).parse(source.data)
    damage = _find_damage(tree.root_node, source)
    if damage is None or damage.lines.sum() > _MOST_BROKEN * source.time:
        return None
    whole = SyntaxTree(language, ~damage.lines, source, tree, damage)
    if language not in _RAW_TEXT:
        return whole
    raw = whole.depth(_RAW_TEXT[language]) > 0
    return SyntaxTree(language, ~(damage.lines | raw), source, tree, damage)


def _find_damage(root: tree_sitter.Node, source: _Source) -> _Damage | None:
    """Find the syntax errors of a tree, or None where it is hardly a tree."""
    errors: list[tree_sitter.Node] = []
    missing: list[tree_sitter.Node] = []
    waiting = [root] if root.has_error else []
    while waiting:
        node = waiting.pop()
        if node.is_missing:
            missing.append(node)
        elif not node.is_error:
            waiting.extend(child for child in node.children if child.has_error)
        elif node.child_count > _MOST_TOKENS:
            return None
        else:
            errors.append(node)
    starts, stops = source.spans(errors)
    gaps, _ = source.spans(missing)
    return _Damage(
        source.level([starts], [stops]) > 0,
        _broken_lines(source, np.append(starts, gaps), np.append(stops, gaps)),
        frozenset(node.id for node in missing),
    )


def _broken_lines(source: _Source, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """The whole lines that spans touch, the symbols next to each span included; bool (time,)."""
    newlines = np.flatnonzero(np.frombuffer(source.data, dtype=np.uint8) == ord("\n"))
    if source.symbols is not None:
        newlines = source.symbols[newlines]
    firsts = np.append(0, newlines + 1)
    nexts = np.append(newlines + 1, source.time)
    starts = firsts[np.searchsorted(newlines, np.maximum(starts - 1, 0))]
    stops = nexts[np.searchsorted(newlines, np.minimum(stops, source.time))]
    return source.level([starts], [stops]) > 0


@lru_cache(maxsize=2)
def _grammar(language: Language) -> tree_sitter.Language:
    import tree_sitter

    if language == "python":
        import tree_sitter_python

        return tree_sitter.Language(tree_sitter_python.language())
    import tree_sitter_c

    return tree_sitter.Language(tree_sitter_c.language())


@lru_cache(maxsize=128)
def _query(language: Language, source: str) -> tree_sitter.Query:
    import tree_sitter

    return tree_sitter.Query(_grammar(language), source)
