"""Read-only routes that feed the text view: text, values, predictions, labels, as plain bytes.

Every address names content by its hash, so the browser may keep what it got for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, wraps

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from analysis.arrays import GUESSES, surprise_codes
from analysis.colour_scales import count_codes_of
from analysis.figures import signed_extremes
from analysis.outcomes import best_cut, count_by_label
from analysis.preview import Preview
from analysis.recording import CHUNK_TIME, CHUNK_UNITS, Recording, RecordingError, Unit
from dashboard.assets import FOR_EVER, asset_routes
from dashboard.library import find_recording
from dashboard.losses import is_of_losses, loss_codes
from dashboard.pools import pooled_codes, unit_colours
from dashboard.searches import preview_of_labels

BASE = "/api/v1"
TILE = 32_768
BLOCK = 256
OVERVIEW = 3_840

# 192 blocks of at most 1 MiB: a whole unit of 12 million symbols, or a site's passage.
_KEPT_BLOCKS = 192

Handler = Callable[[Recording, Request], Response]


def routes(prefix: str = "") -> list[Route]:
    """The routes, under the server's base path if it has one."""
    root = f"{prefix}{BASE}/{{recording}}"
    return [
        *asset_routes(f"{prefix}{BASE}"),
        Route(f"{root}/text", _answer(_text)),
        Route(f"{root}/unit/{{unit}}/tile/{{number}}", _answer(_tile)),
        Route(f"{root}/unit/{{unit}}/overview", _answer(_overview)),
        Route(f"{root}/unit/{{unit}}/counts", _answer(_counts)),
        Route(f"{root}/unit/{{unit}}/counts/{{labels}}", _answer(_counts_by_label)),
        Route(f"{root}/signals/{{layer}}.{{index}}/{{number}}", _answer(_signals)),
        Route(f"{root}/next/{{number}}", _answer(_next)),
        Route(f"{root}/site/{{site}}/sheet", _answer(_sheet)),
        Route(f"{root}/site/{{site}}/colours/{{scale}}", _answer(_colours)),
        Route(f"{root}/surprise/{{number}}", _answer(_surprise)),
        Route(f"{root}/labels/{{labels}}/tile/{{number}}", _answer(_label_tile)),
    ]


def _answer(handler: Handler) -> Callable[[Request], Response]:
    @wraps(handler)
    def endpoint(request: Request) -> Response:
        try:
            return handler(find_recording(request.path_params["recording"]), request)
        except RecordingError as error:
            return PlainTextResponse(str(error), status_code=404)

    return endpoint


def _bytes(data: bytes, **headers: str) -> Response:
    headers["Cache-Control"] = FOR_EVER
    return Response(data, media_type="application/octet-stream", headers=headers)


def _text(recording: Recording, request: Request) -> Response:
    symbols = recording.symbols()
    largest = int(symbols.max())
    width = 1 if largest < 1 << 8 else 2 if largest < 1 << 16 else 4
    return _bytes(symbols.astype(f"<u{width}").tobytes(), **{"X-Symbol-Bytes": str(width)})


def _tile(recording: Recording, request: Request) -> Response:
    start = _start(recording, request.path_params["number"], TILE)
    codes = named_codes(recording, request.path_params["unit"], start, start + TILE)
    return _bytes(codes.tobytes())


def _overview(recording: Recording, request: Request) -> Response:
    codes = named_codes(recording, request.path_params["unit"], 0, len(recording))
    return _bytes(signed_extremes(codes[:, None], OVERVIEW).tobytes())


def _next(recording: Recording, request: Request) -> Response:
    start = _start(recording, request.path_params["number"], BLOCK)
    indices, probabilities = recording.next_symbols(start, start + BLOCK)
    codes = np.round(probabilities.astype(np.float32) * 255).astype(np.uint8)
    assert indices.shape[1] == GUESSES
    return _bytes(indices.astype("<u2").tobytes() + codes.tobytes())


def _sheet(recording: Recording, request: Request) -> Response:
    start, stop, width = (_number(request, name) for name in ("start", "stop", "width"))
    site = request.path_params["site"]
    pooled = pooled_codes(recording, site, start, stop, width, _block)
    return _bytes(pooled.tobytes())


def _colours(recording: Recording, request: Request) -> Response:
    site, scale = (request.path_params[name] for name in ("site", "scale"))
    return _bytes(unit_colours(recording, site, scale).tobytes())


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    if not re.fullmatch("[0-9]{1,12}", text):
        raise RecordingError(f"{name} must be a whole number, not {text[:40]!r}.")
    return int(text)


def _counts(recording: Recording, request: Request) -> Response:
    """How often the unit has each code, uint32 (256,): code -128 first."""
    return _bytes(_counted(recording.id, request.path_params["unit"]).astype("<u4").tobytes())


def _counts_by_label(recording: Recording, request: Request) -> Response:
    """The same where the label is no, then where it is yes; then the best cut.

    int32 (514,): the last two are the direction, 1 or -1, and the code.
    """
    unit = recording.find_unit(request.path_params["unit"])
    preview = _labels(recording, request)
    outside, inside = count_by_label(
        unit_codes(recording, unit, 0, len(recording)), preview.labels(0, len(recording))
    )
    cut = best_cut(outside, inside)
    sent = np.concatenate([outside, inside, [cut.direction, cut.code]])
    return _bytes(sent.astype("<i4").tobytes())


def _signals(recording: Recording, request: Request) -> Response:
    """All signals of one unit of a layer, int8 (signal, time), in the order of the sites."""
    start = _start(recording, request.path_params["number"], BLOCK)
    layer, index = request.path_params["layer"], request.path_params["index"]
    sites = [site for site in recording.sites if site.split(".")[0] == layer]
    if not sites:
        raise RecordingError(f"The recording has no layer {layer[:20]!r}.")
    units = [recording.find_unit(f"{site}.{index}") for site in sites]
    return _bytes(
        b"".join(unit_codes(recording, unit, start, start + BLOCK).tobytes() for unit in units)
    )


def _surprise(recording: Recording, request: Request) -> Response:
    """The surprise of each symbol in thousandths of a bit, uint16; 65,535 where there is none."""
    start = _start(recording, request.path_params["number"], BLOCK)
    loss = recording.loss(start, start + BLOCK)
    return _bytes(surprise_codes(loss).astype("<u2").tobytes())


def _label_tile(recording: Recording, request: Request) -> Response:
    """Labels as the search has made them, uint8: 0 no, 1 yes, 255 undefined."""
    start = _start(recording, request.path_params["number"], TILE)
    return _bytes(_labels(recording, request).labels(start, start + TILE).tobytes())


def _labels(recording: Recording, request: Request) -> Preview:
    preview = preview_of_labels(recording.id, request.path_params["labels"])
    if preview is None:
        raise RecordingError("No search has made these labels lately. Search for them again.")
    return preview


@lru_cache(maxsize=4096)
def _counted(recording_id: str, name: str) -> np.ndarray:
    recording = find_recording(recording_id)
    return count_codes_of(named_codes(recording, name, 0, len(recording)))


def _start(recording: Recording, number: str, length: int) -> int:
    if not re.fullmatch("[0-9]{1,12}", number):
        raise RecordingError(f"{number[:40]!r} is not the number of a part of the recording.")
    start = int(number) * length
    if start >= len(recording):
        raise RecordingError(f"The recording ends before symbol {start:,}.")
    return start


def named_codes(recording: Recording, name: str, start: int, stop: int) -> np.ndarray:
    """Codes of what a name means, int8 (time,): of a unit, or losses (`dashboard.losses`)."""
    if is_of_losses(name):
        return loss_codes(recording, name, start, stop)
    return unit_codes(recording, recording.find_unit(name), start, stop)


def unit_codes(recording: Recording, unit: Unit, start: int, stop: int) -> np.ndarray:
    """Codes of one unit, int8 (time,), from blocks that are kept for its neighbours."""
    stop = min(stop, len(recording))
    first, row = divmod(unit.index, CHUNK_UNITS)
    parts = []
    for number in range(start // CHUNK_TIME, -(-stop // CHUNK_TIME)):
        block = _block(recording.id, unit.site, number, first)[row]
        begin = number * CHUNK_TIME
        parts.append(block[max(0, start - begin) : stop - begin])
    return np.concatenate(parts)


@lru_cache(maxsize=_KEPT_BLOCKS)
def _block(recording_id: str, site: str, number: int, first: int) -> np.ndarray:
    """One chunk of the store, (unit, time): a unit's codes lie side by side."""
    codes = find_recording(recording_id).codes(
        site,
        number * CHUNK_TIME,
        (number + 1) * CHUNK_TIME,
        slice(first * CHUNK_UNITS, (first + 1) * CHUNK_UNITS),
    )
    return np.ascontiguousarray(codes.T)
