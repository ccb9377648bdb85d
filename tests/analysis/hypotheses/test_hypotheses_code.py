"""Labels that syntax trees decide, written out by hand."""

from __future__ import annotations

import pytest


class TestStrings:
    def test_hold_their_prefix_and_opening_mark_and_not_their_closing_mark(self, draw) -> None:
        assert draw("string", "x = rb'ab' + \"c\"", "a.py") == "....#####....##."

    def test_hold_three_opening_marks_and_two_of_three_closing_ones(self, draw) -> None:
        assert draw("string", "'''a\nb'''+c", "a.py") == "########..."

    def test_hold_no_part_of_an_interpolation_but_its_closing_brace(self, draw) -> None:
        assert draw("string", "f'a{b}c'", "a.py") == "###..##."
        assert draw("string", "f'{b!r:>{w}}c'", "a.py") == "##.........##."

    def test_within_an_interpolation_are_strings_again(self, draw) -> None:
        assert draw("string", "f'a{b[\"k\"]}'", "a.py") == "###...##..#."

    def test_of_f_strings_hold_doubled_braces(self, draw) -> None:
        assert draw("string", "f'{{a}}'", "a.py") == "#######."

    def test_in_c_hold_escaped_marks(self, draw) -> None:
        assert draw("string", 'char *s = L"a\\"b";', "a.c") == "..........######.."

    def test_in_c_are_not_characters_or_system_headers(self, draw) -> None:
        assert "#" not in draw("string", "int c = 'a';", "a.c")
        assert "#" not in draw("string", "#include <a.h>\n", "a.c")

    def test_are_not_found_in_comments(self, draw) -> None:
        assert "#" not in draw("string", 'x = 1  # a "b"\n', "a.py")
        assert "#" not in draw("string", 'int x; // a "b"\n', "a.c")


class TestComments:
    def test_hold_their_mark_and_not_the_newline(self, draw) -> None:
        assert draw("comment", "x #a\ny", "a.py") == "..##.."
        assert draw("comment", "x; //a\ny;", "a.c") == "...###..."

    def test_hold_no_carriage_return(self, draw) -> None:
        assert draw("comment", "x #a\r\ny", "a.py") == "..##..."
        assert draw("comment", "int x; //a\r\n", "a.c") == ".......###.."

    def test_between_two_marks_hold_all_but_the_last_symbol(self, draw) -> None:
        assert draw("comment", "int /*a\nb*/ x;", "a.c") == "....######...."

    def test_are_not_found_in_strings(self, draw) -> None:
        assert "#" not in draw("comment", "x = '#a'\n", "a.py")
        assert "#" not in draw("comment", 'char *x = "//a";\n', "a.c")


class TestBrackets:
    def test_go_one_deeper_at_the_opening_mark_and_back_at_the_closing_one(self, draw) -> None:
        assert draw("bracket-depth", "a(b[{1}]) ", "a.py") == "0112332100"

    def test_in_strings_and_comments_count_nothing(self, draw) -> None:
        assert draw("bracket-depth", "(')' # )\n)", "a.py") == "1111111110"

    def test_of_an_interpolation_are_code(self, draw) -> None:
        assert draw("bracket-depth", "f'{a[0]}('", "a.py") == "0011221000"

    def test_in_c_may_be_braces_or_double(self, draw) -> None:
        assert draw("bracket-depth", "int f(){a[1];}", "a.c") == "00000101122110"
        assert draw("bracket-depth", "[[a]] int x;", "a.c") == "222000000000"

    def test_that_are_round_make_parentheses(self, draw) -> None:
        assert draw("inside-parentheses", "a(b[1], ')') + [c]", "a.py") == ".##########......."
        assert draw("inside-parentheses", "x = f(a);", "a.c") == ".....##.."


PYTHON_IF = "if a:\n b\n c\nelif (d\n):\n e\nelse:\n f\n g\nh\n"
C_IF = "void f(){ if (a) { b; } else if (c) d; else { e; } }"


class TestConditionals:
    def test_of_python_have_conditions_without_keyword_and_colon(self, draw) -> None:
        assert "".join(self.held(draw, "if-condition", PYTHON_IF, "a.py")) == "a(d\n)"

    def test_of_python_have_bodies_from_their_first_statement_to_their_last(self, draw) -> None:
        assert self.held(draw, "if-body", PYTHON_IF, "a.py") == ["b\n c", "e"]

    def test_of_python_have_else_bodies(self, draw) -> None:
        assert self.held(draw, "else-body", PYTHON_IF, "a.py") == ["f\n g"]

    def test_of_c_have_conditions_with_their_opening_mark(self, draw) -> None:
        assert self.held(draw, "if-condition", C_IF, "a.c") == ["(a", "(c"]

    def test_of_c_have_bodies_without_the_symbol_that_ends_them(self, draw) -> None:
        assert self.held(draw, "if-body", C_IF, "a.c") == ["{ b; ", "d"]

    def test_of_c_have_else_bodies_that_are_no_else_if(self, draw) -> None:
        assert self.held(draw, "else-body", C_IF, "a.c") == ["{ e; "]

    def test_may_be_nested(self, draw) -> None:
        text = "if a:\n if b:\n  c\n d\n"
        assert self.held(draw, "if-body", text, "a.py") == ["if b:\n  c\n d"]
        assert self.held(draw, "if-condition", text, "a.py") == ["a", "b"]

    @pytest.mark.parametrize("text", ["x = a if b else c\n", "for a in b:\n c\nelse:\n d\n"])
    def test_are_not_expressions_or_the_else_of_loops(self, draw, text: str) -> None:
        for name in ("if-condition", "if-body", "else-body"):
            assert "#" not in draw(name, text, "a.py")

    @staticmethod
    def held(draw, name: str, text: str, file: str) -> list[str]:
        """The stretches of the text that the label holds."""
        return held(draw(name, text, file), text)


def held(labels: str, text: str) -> list[str]:
    """The stretches of a text that are labelled yes."""
    marked = "".join(s if sign == "#" else "\0" for s, sign in zip(text, labels, strict=True))
    return [stretch for stretch in marked.split("\0") if stretch]


def test_loop_bodies_are_those_of_statements(draw) -> None:
    python = "for a in b:\n c\nwhile d: e\nf = [g for g in h]\n"
    assert held(draw("loop-body", python, "a.py"), python) == ["c", "e"]
    c = "void f(){ for(;;) a; while (b) { c; } do d; while (e); }"
    assert held(draw("loop-body", c, "a.c"), c) == ["a", "{ c; ", "d"]


def test_function_bodies_hold_no_signature(draw) -> None:
    python = "def f(a):\n  b\n  c\nclass D:\n  e = 1\n  async def g(): h\n"
    assert held(draw("function-body", python, "a.py"), python) == ["b\n  c", "h"]
    c = "int f(int a) { return a; }\nint b;"
    assert held(draw("function-body", c, "a.c"), c) == ["{ return a; "]


def test_block_depth_counts_the_blocks_around_a_symbol(draw) -> None:
    assert draw("block-depth", "if a:\n  b\n  if c: d\ne", "a.py") == (
        "00000000" + "1111" + "111111" + "2" + "00"
    )
    assert draw("block-depth", "int f(){a;{b;}}", "a.c") == "000000011122210"


class TestDocstrings:
    def test_are_the_first_strings_of_modules_classes_and_functions(self, draw) -> None:
        text = '# c\n"a"\nclass A:\n  """b"""\n  def f():\n    # d\n    "e" "f"\n    "g"\n'
        assert held(draw("docstring", text, "a.py"), text) == ['"a', '"""b""', '"e" "f']

    @pytest.mark.parametrize("text", ["x\n'a'\n", "b'a'\n", "f'a'\n", "'a' % b\n", "'a', 'b'\n"])
    def test_are_no_other_strings(self, draw, text: str) -> None:
        assert "#" not in draw("docstring", text, "a.py")

    def test_are_undefined_in_c(self, draw) -> None:
        assert draw("docstring", "int x;", "a.c") == "??????"


def test_identifiers_are_names_of_any_kind(draw) -> None:
    python = "def f(a): return b.c + None"
    assert held(draw("identifier", python, "a.py"), python) == ["f", "a", "b", "c"]
    c = "struct s f(u8 a) { x: return a->b; }"
    assert held(draw("identifier", c, "a.c"), c) == ["s", "f", "u8", "a", "x", "a", "b"]


def test_keywords_are_words_of_the_language(draw) -> None:
    python = "async def f():\n  for a in b:\n    if a not in c or d is not e: return not f\n"
    assert "".join(held(draw("keyword", python, "a.py"), python)).replace(" ", "") == (
        "asyncdefforinifnotinorisnotreturnnot"
    )
    c = "static int f(void) { if (a) goto b; b: return sizeof(c); }"
    assert held(draw("keyword", c, "a.c"), c) == [
        "static", "int", "void", "if", "goto", "return", "sizeof",
    ]  # fmt: skip


def test_numbers_are_literals_without_their_sign(draw) -> None:
    python = "x1 = -12 + 0x1F * 1.5e-3 + 2j"
    assert held(draw("number-literal", python, "a.py"), python) == ["12", "0x1F", "1.5e-3", "2j"]
    c = "float x1 = 0x1FUL + 1.5f;"
    assert held(draw("number-literal", c, "a.c"), c) == ["0x1FUL", "1.5f"]
