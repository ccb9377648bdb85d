"""Coloured text as SVG, PNG and PDF: the right symbols in the right places and colours."""

from __future__ import annotations

import io
import re
import zlib
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from analysis.export import render, text_picture
from analysis.export.page import CELL
from analysis.export.text_rows import COLUMNS, TAB_STOP, cut_rows
from analysis.recording import Recording

SVG = "{http://www.w3.org/2000/svg}"
STOPS = np.array(
    [
        [0xF1, 0xA3, 0x40],
        [0xFB, 0xDC, 0xAE],
        [255, 255, 255],
        [0xB9, 0xCF, 0xEC],
        [0x6F, 0xA0, 0xDC],
    ]
)


def expected_colour(code: int) -> np.ndarray:
    """Between the two nearest stops, by hand."""
    place = (code / 127 + 1) * 2
    left = min(3, int(place))
    return STOPS[left] + (STOPS[left + 1] - STOPS[left]) * (place - left)


def parse(recording: Recording, start: int, stop: int, **options: bool) -> ElementTree.Element:
    return ElementTree.fromstring(render(recording, "1.c.0", start, stop, ".svg", **options))


def labels(svg: ElementTree.Element, *roles: str) -> list[ElementTree.Element]:
    return [label for label in svg.iter(f"{SVG}text") if label.get("class") in roles]


def boxes(svg: ElementTree.Element) -> dict[tuple[float, float], tuple[float, str]]:
    """Of every rectangle: its corner, then its width and colour."""
    found = {}
    for path in svg.iter(f"{SVG}path"):
        for x, y, width in re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v11h", path.get("d", "")):
            found[float(x), float(y)] = (float(width), path.get("fill", ""))
    return found


def test_svg_holds_the_text_in_order_with_marks_for_what_has_no_shape(recording: Recording) -> None:
    svg = parse(recording, 0, len(recording))
    drawn = "".join(label.text or "" for label in labels(svg, "symbols", "mark", "accent"))
    shown = {"\n": "↵", "\t": "→", "\x00": "\u2400", "\r": "\u240d"}
    shown |= {"\u0301": "◌\u0301", "\u202e": "▯", "\u202c": "▯"}
    assert drawn == "".join(shown.get(symbol, symbol) for symbol in recording.text())
    marks = {label.text for label in labels(svg, "mark")}
    assert marks == {"↵", "→", "\u2400", "\u240d", "▯"}


def test_svg_has_a_legend_with_numbers_and_says_what_it_shows(recording: Recording) -> None:
    svg = parse(recording, 3, len(recording))
    captions = [label.text for label in labels(svg, "caption", "title")]
    assert captions[0] == "Unit 1.c.0"
    assert "activation (tanh c)" in captions
    assert [c for c in captions if c in ("−1", "−0.5", "0", "+0.5", "+1")][:5] == [
        "−1", "−0.5", "0", "+0.5", "+1"
    ]  # fmt: skip
    about = svg.find(f"{SVG}desc")
    assert about is not None
    text = about.text or ""
    for part in ("net </style>", "src/<i>&file.c", "symbols 3 to", "corpus & co", "Unitscope 0."):
        assert part in text
        assert part.split()[0] in " ".join(filter(None, captions))
    assert recording.attributes["checkpoint"]["sha256"][:10] in text
    assert recording.attributes["corpus"]["sha256"][:10] in text


def test_svg_draws_every_symbol_in_a_cell_of_its_code(recording: Recording) -> None:
    cells = boxes(parse(recording, 0, 200))
    colours = [colour for _, (_, colour) in sorted(cells.items(), key=lambda item: item[0][::-1])]
    codes = recording.unit_codes("1.c.0", 0, 200)
    assert len(colours) == 200
    for code, colour in zip(codes.tolist(), colours, strict=True):
        found = np.array(list(bytes.fromhex(colour[1:])))
        assert np.abs(found - expected_colour(code)).max() <= 0.5


def test_wide_symbols_and_tabs_take_their_columns(recording: Recording) -> None:
    document = recording.documents[1]
    svg = parse(recording, document.start, document.stop)
    cells = sorted(boxes(svg).items(), key=lambda item: item[0][::-1])
    widths = dict(zip(recording.text(document.start, document.stop), cells, strict=False))
    assert widths["😀"][1][0] == widths["中"][1][0] == 2 * CELL
    tab = recording.text(document.start, document.stop).index("\t")
    assert cells[tab][1][0] == (TAB_STOP - 1) * CELL  # after one letter


def test_rows_cover_the_text_once_and_stay_within_the_columns(recording: Recording) -> None:
    text = recording.text()
    codes = recording.unit_codes("1.c.0").tolist()
    rows = list(cut_rows(text, codes, 100))
    cells = [cell for row in rows for cell in row.cells]
    assert "".join(cell.symbol for cell in cells) == text
    assert [cell.code for cell in cells] == codes
    at = 100
    for row in rows:
        assert row.time == at
        at += len(row.cells)
        place = 0
        for cell in row.cells:
            assert cell.column == place
            place += cell.width
            assert place <= COLUMNS + (cell.symbol == "\n")
    assert any(len(row.cells) == COLUMNS for row in rows)  # the long comment was wrapped


def test_a_range_over_several_documents_names_each_where_it_begins(recording: Recording) -> None:
    svg = parse(recording, 5, len(recording))
    captions = [label.text for label in labels(svg, "caption")]
    for heading in ("src/<i>&file.c, from symbol 5", "日本/файл.txt", "plain.py"):
        assert heading in captions


def pixels(recording: Recording, start: int, stop: int) -> np.ndarray:
    data = render(recording, "1.c.0", start, stop, ".png")
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB")).astype(int)


def test_png_shows_each_code_in_its_colour_at_its_place(recording: Recording) -> None:
    cells = sorted(boxes(parse(recording, 0, 200)).items(), key=lambda item: item[0][::-1])
    picture = pixels(recording, 0, 200)
    codes = recording.unit_codes("1.c.0", 0, 200).tolist()
    for code, ((x, y), (width, _)) in zip(codes, cells, strict=True):
        cell = picture[round(3 * y) : round(3 * (y + 11)), round(3 * x) : round(3 * (x + width))]
        off = np.abs(cell - expected_colour(code)).max(axis=2)
        assert (off <= 0.5).mean() > 0.3  # the rest is ink
        corners = off[[0, 0, -1, -1], [0, -1, 0, -1]]
        assert np.median(corners) <= 0.5


def test_png_does_not_let_glyphs_drift_over_a_long_row(recording: Recording) -> None:
    comment = recording.text().index("//")
    cells = sorted(boxes(parse(recording, comment, comment + 100)))
    dark = pixels(recording, comment, comment + 100).sum(axis=2) < 300
    stems = []
    for symbol, (x, y) in zip(recording.text(comment, comment + 100), cells, strict=True):
        cell = dark[round(3 * y) : round(3 * y) + 33, round(3 * x) : round(3 * x) + 15]
        if symbol == "l":
            stems.append(int(cell.sum(axis=0).argmax()))
    assert len(stems) > 4
    assert max(stems) - min(stems) <= 1


def test_png_says_in_its_metadata_what_it_shows(recording: Recording) -> None:
    with Image.open(io.BytesIO(render(recording, "1.c.0", 0, 9, ".png"))) as image:
        assert image.info["Title"] == "Unit 1.c.0"
        assert "symbols 0 to 8" in image.info["Description"]


def test_a_long_page_is_drawn_in_fewer_pixels(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    tall = pixels(recording, 0, 90)
    monkeypatch.setattr(text_picture, "_ROWS_IN_FULL", 1)
    small = pixels(recording, 0, 90)
    assert [side * 3 // 2 for side in small.shape[:2]] == list(tall.shape[:2])


def latin_text(pdf: bytes) -> str:
    """What a PDF's text operators draw in Latin letters; their two bytes are the code point."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    content = max((zlib.decompress(part) for part in streams if part[:1] == b"x"), key=_operators)
    strings = re.findall(rb"\((?:\x00((?:\\.|[^\\)])))\)", content, re.DOTALL)
    return b"".join(code[-1:] for code in strings).decode("latin-1")


def _operators(stream: bytes) -> int:
    return stream.count(b" TJ")


def test_pdf_is_one_page_of_text_that_can_be_selected(recording: Recording) -> None:
    data = render(recording, "1.c.0", 0, 120, ".pdf")
    assert data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", data)) == 1
    assert b"/ToUnicode" in data
    assert b"symbols 0 to 119" in data
    drawn = latin_text(data)
    assert "int f(char *s) {" in drawn
    assert 'return "</script><b>&amp; $x$ ]]>";' in drawn


def test_dark_pages_are_dark(recording: Recording) -> None:
    svg = parse(recording, 0, 9, dark=True)
    paper = svg.find(f"{SVG}rect")
    assert paper is not None
    assert paper.get("fill") == "#171614"
    assert {label.get("fill") for label in labels(svg, "symbols")} == {"#edebe8"}
