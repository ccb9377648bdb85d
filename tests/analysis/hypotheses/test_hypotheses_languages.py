"""Labels of C++, JavaScript and JSON, and which documents are in which language."""

from __future__ import annotations

import pytest

from analysis.hypotheses import catalogue, find_hypotheses, languages_of, undefined_reason
from analysis.hypotheses.languages import language_of
from models.corpora import Document

CPP = r"""int f(int a) { if (a > 1) g(a, h(2)); else if (b) { c; } else throw x;
  for (auto y : z) { w; } auto k = [](int q) { return R"(s()s")"; }; T t(3); new T(4); } // e
/* d */ namespace n { template <class U> struct S { U u = 0x1F; }; }
"""
JS = """function f(a) { if (a) g(a, 1.5); else if (b) { c } else d
  for (const y of z) { w } const k = q => q + `s${t(u)}v`; new T('x') } // e
/* d */ class A { m() { while (n) p() } } lag: do { o; } while (r)
"""
JSON = '{"a": [1, -2.5], "b": {"c": null}}'


def held(draw, name: str, text: str, file: str) -> list[str]:
    """The stretches of the text that the label holds."""
    signs = zip(text, draw(name, text, file), strict=True)
    marked = "".join(symbol if sign == "#" else "\0" for symbol, sign in signs)
    return [stretch for stretch in marked.split("\0") if stretch]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("string", ['R"(s()s")']),
        ("comment", ["// e", "/* d *"]),
        ("if-condition", ["(a > 1", "(b"]),
        ("if-body", ["g(a, h(2))", "{ c; "]),
        ("else-body", ["throw x"]),
        ("loop-body", ["{ w; "]),
        ("inside-parentheses", 
         ["(int a", "(a > 1", "(a, h(2)", "(b", "(auto y : z", "(int q", "(3", "(4"]),
        ("arguments", ["(a, h(2)", "(3", "(4"]),
        ("number-literal", ["1", "2", "3", "4", "0x1F"]),
    ],
)  # fmt: skip
def test_cpp(draw, name: str, expected: list[str]) -> None:
    assert held(draw, name, CPP, "a.cpp") == expected


def test_cpp_function_bodies_are_those_of_lambdas_too(draw) -> None:
    text = "int f() { a; }\nauto k = []() { b; };\n"
    assert held(draw, "function-body", text, "a.cc") == ["{ a; ", "{ b; "]


def test_cpp_keywords_and_names(draw) -> None:
    text = "namespace n { template <class U> struct S : V { auto f() noexcept -> int; }; }"
    words = ["namespace", "template", "class", "struct", "auto", "noexcept", "int"]
    assert held(draw, "keyword", text, "a.hpp") == words
    assert held(draw, "identifier", text, "a.hpp") == ["n", "U", "S", "V", "f"]


def test_cpp_depths(draw) -> None:
    assert draw("bracket-depth", 'int x = f(R"(()")[a];', "a.cpp") == (
        "000000000" + "1" + "111111" + "01100"
    )
    assert draw("block-depth", "void f(){a;{b;}}", "a.cpp") == "0000000011122210"
    assert draw("statement-depth", "int f(){if(a){b;}}", "a.cpp") == "11111111" + "222222" + "3210"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("string", ["`s", "}v", "'x"]),
        ("comment", ["// e", "/* d *"]),
        ("if-condition", ["(a", "(b"]),
        ("if-body", ["g(a, 1.5)", "{ c "]),
        ("else-body", ["d"]),
        ("loop-body", ["{ w ", "p()", "{ o; "]),
        ("arguments", ["(a, 1.5", "(u", "('x'", "("]),
        ("number-literal", ["1.5"]),
        ("inside-parentheses", 
         ["(a", "(a", "(a, 1.5", "(b", "(const y of z", "(u", "('x'", "(", "(n", "(", "(r"]),
    ],
)  # fmt: skip
def test_javascript(draw, name: str, expected: list[str]) -> None:
    assert held(draw, name, JS, "a.js") == expected


def test_javascript_function_bodies_may_be_expressions(draw) -> None:
    text = "f = a => a + 1; g = b => { c }; function* h() { d } class A { m() { e } }"
    bodies = ["a + 1", "{ c ", "{ d ", "{ e "]
    assert held(draw, "function-body", text, "a.mjs") == bodies


def test_javascript_keywords_and_names(draw) -> None:
    text = "export default async function f({a: b}) { for (const c of d) await this.#e; }"
    words = ["export", "default", "async", "function", "for", "const", "of", "await"]
    assert held(draw, "keyword", text, "a.jsx") == words
    assert held(draw, "identifier", text, "a.jsx") == ["f", "a", "b", "c", "d", "#e"]


def test_javascript_depths(draw) -> None:
    assert draw("bracket-depth", "`${a[0]}`;(b)", "a.js") == "0111221000110"
    assert draw("block-depth", "if(a){b;{c}}", "a.js") == "00000" + "111" + "2210"
    assert draw("statement-depth", "if(a){b;}", "a.cjs") == "111111210"


def test_json(draw) -> None:
    strings = ['"a', '"b', '"c']
    assert held(draw, "string", JSON, "a.json") == strings
    assert held(draw, "number-literal", JSON, "a.json") == ["1", "-2.5"]
    assert draw("bracket-depth", '{"[": [1]}', "a.json") == "1111112210"
    assert draw("if-body", JSON, "a.json") == "?" * len(JSON)


def test_python_and_c_arguments_and_statements(draw) -> None:
    python = "f(a, g(b))(c for c in d)\n"
    assert held(draw, "arguments", python, "a.py") == ["(a, g(b)", "(c for c in d"]
    assert held(draw, "arguments", "int x = f(a)[b(c)];", "a.c") == ["(a", "(c"]
    assert draw("statement-depth", "if a:\n b\nc", "a.py") == "1111111" + "2" + "01"
    assert draw("statement-depth", "int f(){if(a)b;}", "a.c") == "11111111" + "22222" + "310"


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("a/b.hxx", "cpp"),
        ("a.jsx", "javascript"),
        ("a.json", "json"),
        ("a.h", "c"),
        ("a.txt", None),
    ],
)
def test_names_promise_languages(name: str, language: str | None) -> None:
    assert language_of(Document(name, "")) == language


def test_users_are_told_why_a_hypothesis_is_undefined() -> None:
    string, math, column = (catalogue()[name] for name in ("docstring", "math", "column"))
    reason = undefined_reason(string, Document("pasted", "x"))
    assert reason == (
        "“docstring” is about Python, and the name 'pasted' promises no language. "
        "To read it all the same, ask for `as(python, docstring)`."
    )
    assert "says JSON" in (undefined_reason(math, Document("a.json", "x")) or "")
    assert undefined_reason(column, Document("pasted", "x")) is None
    assert undefined_reason(string, Document("a.py", "x")) is None
    broken = Document("a.py", "} ) ] if if\n" * 5)
    assert "does not parse as Python" in (undefined_reason(string, broken) or "")
    (query,) = find_hypotheses(['tree:"{" @a'])
    said = undefined_reason(query, Document("a.txt", "x")) or ""
    assert said.endswith("""`as(python, tree('"{" @a'))`.""")
    assert languages_of(catalogue()["comment"])[-1] == "latex"
