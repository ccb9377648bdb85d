"""A small app that shows the text view over made-up recordings, for tests and benchmarks.

A recording's id says what it holds: ``prose-1000000`` is a million symbols of made-up prose.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

sys.path.insert(0, str(Path(__file__).parent))

from text_view_data import (
    SITES,
    codes_at,
    make_codes,
    make_labels,
    make_surprise,
    make_text,
    make_vocabulary,
)

from analysis.outcomes import best_cut, count_by_label
from dashboard.assets import asset_routes

BASE = "/api/v1"
TILE, OVERVIEW, BLOCK = 32_768, 3_840, 256


def _data(data: bytes, **headers: str) -> Response:
    headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return Response(data, media_type="application/octet-stream", headers=headers)


@lru_cache(maxsize=4)
def _symbols(recording: str) -> np.ndarray:
    return np.frombuffer(make_text(recording).encode("utf-32-le", "surrogatepass"), "<u4")


def text(request: Request) -> Response:
    recording = request.path_params["recording"]
    if recording.startswith("lost"):
        return PlainTextResponse("There is no such recording.", status_code=404)
    symbols = _symbols(recording)
    largest = int(symbols.max(initial=0))
    width = 1 if largest < 256 else 2 if largest < 65_536 else 4
    return _data(symbols.astype(f"<u{width}").tobytes(), **{"X-Symbol-Bytes": str(width)})


def tile(request: Request) -> Response:
    site, _, index = request.path_params["unit"].rpartition(".")
    if int(index) >= SITES[site] or request.path_params["recording"].startswith("colourless"):
        return PlainTextResponse("The unit was not recorded.", status_code=404)
    start = request.path_params["number"] * TILE
    stop = min(start + TILE, len(_symbols(request.path_params["recording"])))
    return _data(make_codes(request.path_params["unit"], start, stop).tobytes())


def overview(request: Request) -> Response:
    """The extremes among 64 symbols of each stretch: all of ten million would take a second."""
    length = len(_symbols(request.path_params["recording"]))
    count = min(OVERVIEW, length)
    edges = np.arange(count + 1) * length // max(1, count)
    steps = np.linspace(0, 1, 64, endpoint=False)
    times = edges[:-1, None] + (np.diff(edges)[:, None] * steps).astype(int)
    codes = codes_at(request.path_params["unit"], times).astype(int)
    strongest = np.abs(codes).argmax(axis=1) if count else np.zeros(0, int)
    return _data(codes[np.arange(count), strongest].astype(np.int8).tobytes())


def counts(request: Request) -> Response:
    codes = make_codes(
        request.path_params["unit"], 0, len(_symbols(request.path_params["recording"]))
    )
    return _data(np.bincount(codes.astype(int) + 128, minlength=256).astype("<u4").tobytes())


def signals(request: Request) -> Response:
    layer, index = request.path_params["layer"], request.path_params["index"]
    start = request.path_params["number"] * BLOCK
    stop = min(start + BLOCK, len(_symbols(request.path_params["recording"])))
    sites = [site for site in SITES if site.split(".")[0] == layer]
    return _data(b"".join(make_codes(f"{site}.{index}", start, stop).tobytes() for site in sites))


def surprise(request: Request) -> Response:
    start = request.path_params["number"] * BLOCK
    stop = min(start + BLOCK, len(_symbols(request.path_params["recording"])))
    return _data(make_surprise(start, stop).astype("<u2").tobytes())


def label_tile(request: Request) -> Response:
    start = request.path_params["number"] * TILE
    stop = min(start + TILE, len(_symbols(request.path_params["recording"])))
    return _data(make_labels(start, stop).tobytes())


def label_counts(request: Request) -> Response:
    stop = len(_symbols(request.path_params["recording"]))
    codes = make_codes(request.path_params["unit"], 0, stop)
    outside, inside = count_by_label(codes, make_labels(0, stop))
    cut = best_cut(outside, inside)
    return _data(
        np.concatenate([outside, inside, [cut.direction, cut.code]]).astype("<i4").tobytes()
    )


def next_symbols(request: Request) -> Response:
    """The true next symbol is the likeliest, except after each tenth, where it is not guessed."""
    recording = request.path_params["recording"]
    symbols = _symbols(recording)
    places = {symbol: index for index, symbol in enumerate(make_vocabulary(recording))}
    start = request.path_params["number"] * BLOCK
    count = min(BLOCK, len(symbols) - start)
    true = [places.get(chr(symbol), 0) for symbol in [*symbols[start + 1 : start + count], 0]]
    times = start + np.arange(count)
    first = np.where(times % 10 == 9, (np.array(true) + 7) % len(places), true)
    indices = (first[:, None] + np.arange(5)) % len(places)
    chances = np.tile([0.5, 0.25, 0.1, 0.05, 0.001], (count, 1))
    return _data(indices.astype("<u2").tobytes() + (chances * 255).astype(np.uint8).tobytes())


app = st.App(
    Path(__file__).with_name("text_view_page.py"),
    routes=[
        *asset_routes(BASE),
        Route(f"{BASE}/{{recording}}/text", text),
        Route(f"{BASE}/{{recording}}/unit/{{unit}}/tile/{{number:int}}", tile),
        Route(f"{BASE}/{{recording}}/unit/{{unit}}/overview", overview),
        Route(f"{BASE}/{{recording}}/unit/{{unit}}/counts", counts),
        Route(f"{BASE}/{{recording}}/unit/{{unit}}/counts/made", label_counts),
        Route(f"{BASE}/{{recording}}/labels/made/tile/{{number:int}}", label_tile),
        Route(f"{BASE}/{{recording}}/signals/{{layer}}.{{index}}/{{number:int}}", signals),
        Route(f"{BASE}/{{recording}}/surprise/{{number:int}}", surprise),
        Route(f"{BASE}/{{recording}}/next/{{number:int}}", next_symbols),
    ],
)
