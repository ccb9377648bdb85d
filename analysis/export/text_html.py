"""Coloured text as one HTML file that carries the dashboard's own text view."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import asdict
from typing import Any

import numpy as np

from analysis.arrays import surprise_codes
from analysis.colour_scales import count_units
from analysis.colours import PALETTES
from analysis.export.errors import ExportError
from analysis.export.html_page import ViewAssets, script_json, wrap_page
from analysis.export.slices import NOTHING, Beneath, Slice, choose_slice

MOST_SYMBOLS = 1_000_000
MOST_CODES = 20_000_000
"""Symbols times units; the file takes 1.3 bytes for each, and 25 for each symbol."""

_BODY = """<div id="view"></div>
<script type="application/json" id="payload">{payload}</script>
<script>{script}</script>
<script>
(() => {{
  const view = document.getElementById("view");
  const payload = JSON.parse(document.getElementById("payload").textContent);
  payload.height = Math.max(320, innerHeight - Math.ceil(view.getBoundingClientRect().top) - 24);
  unitscope.mountStandalone(view, payload);
}})();
</script>"""


def write_text_html(
    part: Slice, view: ViewAssets, *, dark: bool = False, beneath: Beneath = NOTHING
) -> bytes:
    """The text of a slice with the units to step through, predictions and all, in one page.

    Raises
    ------
    ExportError
        If the range is too long for one page.
    """
    if len(part) > MOST_SYMBOLS:
        raise ExportError(
            f"The range has {len(part):,} symbols; a page of text holds at most "
            f"{MOST_SYMBOLS:,}. Choose a shorter range, or export to .csv."
        )
    further = _further(part, beneath)
    count = len(part.indices) + len(further)
    if len(part) * count > MOST_CODES:
        raise ExportError(
            f"{count:,} units over {len(part):,} symbols are more than a page of text "
            f"holds ({MOST_CODES:,} values). Choose one unit or a shorter range."
        )
    body = _BODY.format(
        payload=script_json(_payload(part, dark, beneath, further)), script=view.script
    )
    return wrap_page(part.title, part.about(), body, dark=dark, style=view.style)


def _further(part: Slice, beneath: Beneath) -> list[Slice]:
    """The same range of the units stacked that the page does not have anyway."""
    names = [name for name in dict.fromkeys(beneath.stacked) if name not in part.units]
    return [
        choose_slice(part.recording, name, part.start, part.stop, colours=part.colours)
        for name in names
    ]


def _payload(part: Slice, dark: bool, beneath: Beneath, further: list[Slice]) -> dict[str, Any]:
    """What the view's script is told; it counts positions from the start of the range."""
    symbols = part.recording.symbols(part.start, part.stop)
    largest = int(symbols.max())
    width = 1 if largest < 1 << 8 else 2 if largest < 1 << 16 else 4
    indices, probabilities = part.recording.next_symbols(part.start, part.stop)
    shares = np.round(probabilities.astype(np.float32) * 255).astype(np.uint8)
    units: dict[str, str] = {}
    for each in (part, *further):
        codes = each.codes(each.start, each.stop)
        units |= {unit: _base64(codes[:, at]) for at, unit in enumerate(each.units)}
    counts = _counts(part)
    if counts is not None:
        for each in further:
            counts |= _counts(each) or {}
    return {
        "symbols": _base64(symbols.astype(f"<u{width}")),
        "symbolBytes": width,
        "units": units,
        "rows": "guesses" if beneath.guesses else "text",
        "stacked": list(dict.fromkeys(beneath.stacked)),
        "next": {"ids": _base64(indices.astype("<u2")), "probabilities": _base64(shares)},
        "vocabulary": part.recording.vocabulary,
        "documents": _documents(part),
        "theme": "dark" if dark else "light",
        "palettes": {
            name: {"light": light.stops, "dark": night.stops}
            for name, (light, night) in PALETTES.items()
        },
        "style": asdict(part.colours),
        "surprise": _base64(surprise_codes(part.recording.loss(part.start, part.stop))),
    } | ({} if counts is None else {"counts": counts})


def _counts(part: Slice) -> dict[str, str] | None:
    """What other scales than raw need: of one unit always, of many where one is asked for."""
    counts = part.counts
    if counts is None and len(part.indices) == 1:
        counts = count_units(part.recording, part.site, part.indices)
    if counts is None:
        return None
    return {
        unit: _base64(each.astype("<u4")) for unit, each in zip(part.units, counts, strict=True)
    }


def _documents(part: Slice) -> list[tuple[str, int, int]]:
    documents = []
    for document in part.documents:
        first, last = max(document.start, part.start), min(document.stop, part.stop)
        skipped = first - document.start
        name = f"{document.name}, from symbol {skipped:,}" if skipped else document.name
        documents.append((name, first - part.start, last - part.start))
    return documents


def _base64(values: np.ndarray) -> str:
    return b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")
