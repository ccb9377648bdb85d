"""Python labels against the standard library's own readers of Python, on its own files."""

from __future__ import annotations

import ast
import io
import keyword
import sysconfig
import tokenize
from pathlib import Path

import numpy as np
import pytest

from analysis.hypotheses import catalogue
from models.corpora import Document

FILES = (
    "json/decoder.py",
    "json/encoder.py",
    "http/cookies.py",
    "email/_header_value_parser.py",
    "textwrap.py",
    "dataclasses.py",
    "typing.py",
    "difflib.py",
    "ast.py",
)


class Tokens:
    """The tokens of a document as masks over its symbols."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        lines = np.cumsum([0, *(len(line) for line in text.split("\n"))])
        self.starts = lines + np.arange(lines.size)

    def mask(self, kind: int, *, shorter: int = 0, but: frozenset[str] = frozenset()) -> np.ndarray:
        """Symbols of the tokens of a kind, without the last ones of each."""
        mask = np.zeros(len(self.text), dtype=bool)
        for token in self.tokens:
            if token.type == kind and token.string not in but:
                mask[self.at(token.start) : self.at(token.end) - shorter] = True
        return mask

    def f_strings(self) -> np.ndarray:
        """Symbols of f-strings, whose tokens differ between versions of Python."""
        mask = np.zeros(len(self.text), dtype=bool)
        open_since: list[int] = []
        for token in self.tokens:
            name = tokenize.tok_name[token.type]
            if name == "FSTRING_START":
                open_since.append(self.at(token.start))
            elif name == "FSTRING_END":
                mask[open_since.pop() : self.at(token.end)] = True
            elif name == "STRING" and "f" in token.string.split(token.string[-1])[0].lower():
                mask[self.at(token.start) : self.at(token.end)] = True
        return mask

    def words(self) -> frozenset[str]:
        """The text of every token."""
        return frozenset(token.string for token in self.tokens)

    def depth(self) -> np.ndarray:
        """Brackets open after each symbol."""
        steps = np.zeros(len(self.text) + 1, dtype=int)
        for token in self.tokens:
            if token.type == tokenize.OP and token.string in "()[]{}":
                steps[self.at(token.start)] += 1 if token.string in "([{" else -1
        return np.cumsum(steps)[:-1]

    def at(self, place: tuple[int, int]) -> int:
        row, column = place
        return min(int(self.starts[row - 1]) + column, len(self.text))


@pytest.fixture(scope="module", params=FILES)
def document(request) -> Document:
    path = Path(sysconfig.get_path("stdlib")) / request.param
    return Document(request.param, path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tokens(document: Document) -> Tokens:
    return Tokens(document.text)


def values(name: str, document: Document) -> np.ndarray:
    labels = catalogue()[name].label(document)
    if name != "indent":
        assert labels.defined.all()
    return labels.values


def test_strings_are_those_of_the_tokenizer(document: Document, tokens: Tokens) -> None:
    plain = ~tokens.f_strings()
    expected = tokens.mask(tokenize.STRING, shorter=1)
    assert expected.any()
    np.testing.assert_array_equal(values("string", document)[plain], expected[plain])


def test_comments_are_those_of_the_tokenizer(document: Document, tokens: Tokens) -> None:
    expected = tokens.mask(tokenize.COMMENT)
    np.testing.assert_array_equal(values("comment", document), expected)


def test_names_and_keywords_are_those_of_the_tokenizer(document: Document, tokens: Tokens) -> None:
    keywords = frozenset(keyword.kwlist)
    soft = frozenset(keyword.softkwlist)
    # The tokenizer does not tell whether `match` is a name; `is not` is one keyword to the tree.
    unclear = tokens.mask(tokenize.NAME, but=tokens.words() - soft)
    spaces = np.array([symbol.isspace() for symbol in document.text])
    compared = ~(tokens.f_strings() | unclear | spaces)
    names = tokens.mask(tokenize.NAME, but=keywords)
    np.testing.assert_array_equal(values("identifier", document)[compared], names[compared])
    not_keywords = tokens.words() - keywords | {"True", "False", "None"}
    words = tokens.mask(tokenize.NAME, but=not_keywords)
    np.testing.assert_array_equal(values("keyword", document)[compared], words[compared])


def test_numbers_are_those_of_the_tokenizer(document: Document, tokens: Tokens) -> None:
    plain = ~tokens.f_strings()
    expected = tokens.mask(tokenize.NUMBER)
    np.testing.assert_array_equal(values("number-literal", document)[plain], expected[plain])


def test_bracket_depth_is_that_of_the_tokenizer(document: Document, tokens: Tokens) -> None:
    plain = ~tokens.f_strings()
    np.testing.assert_array_equal(values("bracket-depth", document)[plain], tokens.depth()[plain])


def test_docstrings_conditions_and_bodies_are_those_of_ast(
    document: Document, tokens: Tokens
) -> None:
    tree = ast.parse(document.text)
    expected = {name: np.zeros(len(document.text), bool) for name in ("docstring", "if-body")}
    expected["if-condition"] = np.zeros(len(document.text), bool)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            if ast.get_docstring(node) is not None:
                start, stop = span(node.body[0], tokens)
                expected["docstring"][start : stop - 1] = True
        elif isinstance(node, ast.If):
            start, stop = span(node.test, tokens)
            expected["if-condition"][start:stop] = True
            start, stop = span(node.body[0], tokens)[0], span(node.body[-1], tokens)[1]
            expected["if-body"][start:stop] = True
    np.testing.assert_array_equal(values("docstring", document), expected["docstring"])
    # ast leaves out parentheses around a condition and comments after a body's last statement.
    extra = values("if-condition", document) & ~expected["if-condition"]
    assert not (expected["if-condition"] & ~values("if-condition", document)).any()
    assert set(np.array(list(document.text))[extra & ~values("comment", document)]) <= set("() \n")
    extra = values("if-body", document) & ~expected["if-body"] & ~values("comment", document)
    assert not (expected["if-body"] & ~values("if-body", document)).any()
    assert set(np.array(list(document.text))[extra]) <= set("; \n")


def span(node: ast.stmt | ast.expr, tokens: Tokens) -> tuple[int, int]:
    """First symbol of a node and the one after its last; ast counts columns in bytes."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    ends = []
    for row, column in (
        (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset),
    ):  # fmt: skip
        line = tokens.text[tokens.starts[row - 1] :].split("\n", 1)[0]
        ends.append(tokens.at((row, len(line.encode()[:column].decode()))))
    return ends[0], ends[1]
