"""The components' scripts and style sheets, which a browser may keep for ever.

Streamlit would serve each module by itself and let nothing be kept: 30 requests, one after the
other, before anything is drawn. Here a component is one module and one style sheet, and their
addresses name their content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard.bundle import bundle

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

FOR_EVER = "private, max-age=31536000, immutable"
"""For how long a browser may keep what is named by its content."""

_HERE = Path(__file__).parent
_ENTRIES = {
    "text_view": _HERE / "text_view/assets/view.js",
    "sheet": _HERE / "sheet/assets/sheet.js",
    "unit_rows": _HERE / "unit_rows/assets/unit_rows.js",
}
_TYPES = {".js": "text/javascript", ".css": "text/css"}


def draw(name: str, base: str, *, data: Mapping[str, Any], **options: Any) -> dict[str, Any]:
    """Draw a component whose files are below the data routes' path; what the browser has sent.

    `options` are those of Streamlit's components.
    """
    return dict(_component(name)(data={**addresses(base, name), **data}, **options))


@cache
def _component(name: str) -> ComponentRenderer:
    import streamlit as st

    mount = _HERE.joinpath("mount.js").read_text(encoding="utf-8")
    return st.components.v2.component(f"unitscope.{name}", js=mount)


def addresses(base: str, name: str) -> dict[str, str]:
    """Where a component has its ``module`` and ``style_sheet``: below the data routes' path."""
    return {
        "module": _address(base, f"{name}.js"),
        "style_sheet": _address(base, f"{name}.css"),
    }


def asset_routes(base: str) -> list[Route]:
    """The routes that serve them."""
    return [Route(f"{base}/assets/{{digest}}/{{file}}", _serve)]


def _address(base: str, file: str) -> str:
    return f"{base}/assets/{_asset(file)[1]}/{file}"


@cache
def _asset(file: str) -> tuple[str, str]:
    """A file's content and the name of that content."""
    entry = _ENTRIES[file.rpartition(".")[0]]
    if file.endswith(".js"):
        text = f"{bundle(entry)}export default entry.default;\n"
    else:
        text = entry.with_suffix(".css").read_text(encoding="utf-8")
    return text, hashlib.sha256(text.encode()).hexdigest()[:16]


def _serve(request: Request) -> Response:
    file = request.path_params["file"]
    name, dot, kind = file.rpartition(".")
    if name not in _ENTRIES or dot + kind not in _TYPES:
        return PlainTextResponse("There is no such file.", status_code=404)
    text, digest = _asset(file)
    if request.path_params["digest"] != digest:
        return PlainTextResponse("It has changed: load the page again.", status_code=404)
    return Response(text, media_type=_TYPES[dot + kind], headers={"Cache-Control": FOR_EVER})
