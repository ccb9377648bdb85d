"""Imports run one way, and what is heavy is loaded only where it is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import unitscope

ROOT = Path(unitscope.__file__).parent
ROOMS = {"models": {"models"}, "analysis": {"models", "analysis"}}
"""The rooms of the project that a room may import from; the doors may import from all."""
OURS = {"models", "analysis", "dashboard", "terminal", "unitscope", "benchmarks", "tests"}
HEAVY = ("torch", "numba", "scipy", "sklearn", "matplotlib", "plotly", "pandas")


def modules(*rooms: str) -> list[Path]:
    found = [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]
    assert found
    return found


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and name of everything that a module imports anywhere, types included."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            assert node.module is not None
            yield node.lineno, node.module


def loaded_by(code: str, *names: str) -> set[str]:
    """Which of the named modules a fresh interpreter has loaded after some code."""
    report = f"import sys; print(*sorted(set({names!r}) & set(sys.modules)), file=sys.stderr)"
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"{code}\n{report}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ended.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_from_dashboard_to_analysis_to_models(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(room)
        for line, name in imports(path)
        if name.split(".")[0] in OURS - ROOMS[room]
    ]
    assert wrong == []


def test_the_app_is_imported_by_nothing_but_itself_and_the_terminal() -> None:
    for path in modules("dashboard"):
        names = {name.split(".")[0] for _, name in imports(path)}
        assert not names & {"unitscope", "terminal", "benchmarks", "tests"}, path


@pytest.mark.parametrize("room", ["models", "analysis"])
def test_streamlit_is_known_to_the_dashboard_alone(room: str) -> None:
    for path in modules(room):
        names = {name.split(".")[0] for _, name in imports(path)}
        assert not names & {"streamlit", "starlette", "argparse", "rich"}, path


def test_libraries_do_not_print() -> None:
    for path in modules("models", "analysis", "dashboard"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            is_print = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
            assert not is_print, f"{path}:{node.lineno}"


def test_no_file_is_a_box_of_odds_and_ends() -> None:
    for path in modules("models", "analysis", "dashboard", "terminal"):
        assert path.stem not in {"utils", "helpers", "common", "base", "core"}, path


def test_no_folder_of_the_dashboard_hides_a_room() -> None:
    # `streamlit run` puts dashboard/ first on the path.
    names = {path.stem for path in (ROOT / "dashboard").iterdir()}
    assert not names & (OURS | {"pages"})


def test_pages_are_left_with_care() -> None:
    for path in modules("dashboard"):
        if path.name != "leaving.py":
            assert "switch_page" not in path.read_text(encoding="utf-8"), f"{path}: go_to instead"


def test_asking_for_help_loads_nothing_heavy() -> None:
    code = "import unitscope\ntry: unitscope.main(['--help'])\nexcept SystemExit: pass"
    assert loaded_by(code, *HEAVY, "streamlit", "zarr", "rich") == set()


def test_what_the_first_page_needs_loads_nothing_heavy() -> None:
    names = ("models.corpora", "models.training_options", "models.zoo", "analysis.recording")
    names += ("analysis.search", "analysis.figures", "analysis.export", "analysis.hypotheses")
    assert loaded_by(f"import {', '.join(names)}", *HEAVY, "streamlit") == set()


def test_the_dashboard_is_loaded_without_torch() -> None:
    # ui.py is left out: it draws as soon as it is imported, and imports only the views.
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in modules("dashboard")
        if path.name != "ui.py"
    ]
    code = "\n".join(f"import {name.removesuffix('.__init__')}" for name in names)
    assert loaded_by(code, "torch", "numba", "scipy", "sklearn", "matplotlib") == set()
