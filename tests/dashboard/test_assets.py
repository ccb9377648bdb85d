"""A component is one module and one style sheet, under addresses that name their content."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_routes import get

from dashboard.assets import addresses
from dashboard.bundle import bundle
from dashboard.routes import BASE

DASHBOARD = Path(__file__).parents[2] / "dashboard"
NAMES = ("text_view", "sheet", "unit_rows")


@pytest.mark.parametrize("name", NAMES)
def test_what_the_address_names_may_be_kept_for_ever(name: str) -> None:
    found = addresses(f"/behind{BASE}", name)
    for kind, media in {"module": "text/javascript", "style_sheet": "text/css"}.items():
        answer = get(found[kind], prefix="/behind")
        assert answer.status == 200
        assert answer.headers["content-type"].startswith(media)
        assert "immutable" in answer.headers["cache-control"]
    assert addresses(f"/behind{BASE}", name) == found


def test_an_address_of_an_earlier_version_has_nothing() -> None:
    other = re.sub("[0-9a-f]{16}", "0" * 16, addresses(BASE, "sheet")["module"])
    for address in (other, f"{BASE}/assets/0/sheet.py", f"{BASE}/assets/0/other.js"):
        answer = get(address)
        assert answer.status == 404
        assert "immutable" not in answer.headers.get("cache-control", "")


@pytest.mark.parametrize("name", NAMES)
def test_all_that_a_module_imports_is_exported_by_another(name: str) -> None:
    found = 0
    for module in (DASHBOARD / name / "assets").glob("*.js"):
        text = module.read_text("utf-8")
        imports = re.findall(r'^import \{([^}]*)\} from "([^"]+)";\n', text, re.MULTILINE)
        assert len(imports) == len(re.findall("^import", text, re.MULTILINE)), module
        for names, path in imports:
            target = (module.parent / path).read_text("utf-8")
            for each in filter(None, map(str.strip, names.split(","))):
                exported = rf"^export (async )?(const|class|function) {each}\b"
                assert re.search(exported, target, re.MULTILINE), (module, each)
                found += 1
    assert found > 5


def test_each_module_is_written_once_after_what_it_imports_in_a_scope_of_its_own(
    tmp_path: Path,
) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "entry.js").write_text(
        'import { a } from "./inner/a.js";\nimport {\n  b,\n  own as c } from "./b.js";\n'
        "const own = 1;\nexport default function start() { return a + b + c + own; }\n"
    )
    (tmp_path / "b.js").write_text(
        'import { a } from "./inner/a.js";\nexport const b = a;\nexport class own {}\n'
    )
    (tmp_path / "inner" / "a.js").write_text("const own = 2;\nexport const a = own;\n")
    assert bundle(tmp_path / "entry.js") == (
        "const module0 = (() => {\nconst own = 2;\nconst a = own;\nreturn { a };\n})();\n"
        "const module1 = (() => {\nconst { a } = module0;\nconst b = a;\nclass own {}\n"
        "return { b, own };\n})();\n"
        "const module2 = (() => {\nconst { a } = module0;\nconst {\n  b,\n  own: c } = module1;\n"
        "const own = 1;\nfunction start() { return a + b + c + own; }\n"
        "return { default: start, start };\n})();\n"
        "const entry = module2;\n"
    )
