"""Syntax trees of documents, and how deep each symbol lies in what a tree query finds."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from analysis.hypotheses.languages import GRAMMARS, Language, language_of
from analysis.hypotheses.source import Source
from models.corpora import Document

if TYPE_CHECKING:
    import tree_sitter

# What the grammar keeps as raw text: a macro's body is no tree, so nothing is known inside it.
_RAW_TEXT: dict[Language, str] = {
    "c": "(preproc_arg) @inside",
    "cpp": "(preproc_arg) @inside",
}

_ANY_NUMBER = 0xFFFF_FFFF
# More of a document on broken lines than this, and its name lies about its language.
_MOST_BROKEN = 0.25
# A query takes quadratic time in the tokens that lie directly in one broken place.
_MOST_TOKENS = 2_000


class CostlyQueryError(Exception):
    """A query asks too much of a syntax tree."""


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
    _source: Source = field(repr=False)
    _tree: tree_sitter.Tree = field(repr=False)
    _damage: _Damage = field(repr=False)

    def depth(self, query: str, *, most_matches: int = _ANY_NUMBER) -> np.ndarray:
        """In how many of the things that a query captures each symbol lies.

        Parameters
        ----------
        query : str
            A tree-sitter query. The names of its captures say what counts:
            ``@closed`` the node without its last symbol, which closes it; ``@outside`` the same,
            taken away instead of added (code within a string); ``@open`` and ``@close`` tokens
            that go one deeper and back from their symbol on; names that start with ``_`` nothing;
            any other, such as ``@inside``, the whole node.
        most_matches : int, optional
            How many half-found matches may be kept at a time.

        Returns
        -------
        ndarray of shape (time,), int64
            Meaningful where `defined`.

        Raises
        ------
        CostlyQueryError
            If more would have to be kept.
        """
        import tree_sitter

        # The cursor's progress callback would limit time, but crashes in tree-sitter 0.26.1.
        cursor = tree_sitter.QueryCursor(_query(self.language, query), match_limit=most_matches)
        found = cursor.captures(self._tree.root_node)
        if cursor.did_exceed_match_limit:
            raise CostlyQueryError
        deeper: list[np.ndarray] = []
        back: list[np.ndarray] = []
        for capture, nodes in found.items():
            if capture.startswith("_"):
                continue
            if capture in ("open", "close"):
                (deeper if capture == "open" else back).append(self._tokens(nodes))
                continue
            starts, stops = self._source.spans(nodes)
            is_closed = capture in ("closed", "outside")
            ends = np.maximum(stops - 1, starts) if is_closed else stops
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
        # `[[` opens two brackets, `${` one.
        codes = np.frombuffer(self._source.data + b"\0", dtype=np.uint8)
        firsts = np.array([node.start_byte for node in nodes], dtype=np.int64)
        doubled = (stops - starts > 1) & (
            codes[firsts] == codes[np.minimum(firsts + 1, codes.size - 1)]
        )
        return np.repeat(starts[kept], (1 + doubled)[kept])


@dataclass(frozen=True)
class _Damage:
    """Where a document does not parse: symbols in error nodes and symbols on their lines, both bool
    (time,), and the ids of the tokens that the parser put in outside of error nodes."""

    errors: np.ndarray
    lines: np.ndarray
    mended: frozenset[int]


def parse_document(document: Document) -> SyntaxTree | None:
    """Parse a document in the language of its name.

    Returns
    -------
    SyntaxTree or None
        None if the language is unknown, or if more than a quarter of the symbols are on lines that
        do not parse. The last few trees are kept, so that hypotheses share one parse.
    """
    language = language_of(document)
    return _parse(language, document.text) if language in GRAMMARS else None


@lru_cache(maxsize=4)
def _parse(language: Language, text: str) -> SyntaxTree | None:
    import tree_sitter

    source = Source.of(text)
    tree = tree_sitter.Parser(_grammar(language)).parse(source.data)
    damage = _find_damage(tree.root_node, source)
    if damage is None or damage.lines.sum() > _MOST_BROKEN * source.time:
        return None
    whole = SyntaxTree(language, ~damage.lines, source, tree, damage)
    if language not in _RAW_TEXT:
        return whole
    raw = whole.depth(_RAW_TEXT[language]) > 0
    return SyntaxTree(language, ~(damage.lines | raw), source, tree, damage)


def _find_damage(root: tree_sitter.Node, source: Source) -> _Damage | None:
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


def _broken_lines(source: Source, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """The whole lines that spans touch, the symbols next to each span included; bool (time,)."""
    newlines = np.flatnonzero(np.frombuffer(source.data, dtype=np.uint8) == ord("\n"))
    if source.symbols is not None:
        newlines = source.symbols[newlines]
    firsts = np.append(0, newlines + 1)
    nexts = np.append(newlines + 1, source.time)
    starts = firsts[np.searchsorted(newlines, np.maximum(starts - 1, 0))]
    stops = nexts[np.searchsorted(newlines, np.minimum(stops, source.time))]
    return source.level([starts], [stops]) > 0


@lru_cache
def _grammar(language: Language) -> tree_sitter.Language:
    import tree_sitter

    module = importlib.import_module(f"tree_sitter_{language}")
    return tree_sitter.Language(module.language())


@lru_cache(maxsize=128)
def _query(language: Language, source: str) -> tree_sitter.Query:
    import tree_sitter

    return tree_sitter.Query(_grammar(language), source)


def query_captures(language: Language, source: str) -> list[str]:
    """The names of what a query captures in a language.

    Raises
    ------
    tree_sitter.QueryError
        If it is no query there.
    """
    query = _query(language, source)
    return [query.capture_name(index) for index in range(query.capture_count)]
