"""Heatmaps as pictures: right colours, right text, right names."""

from __future__ import annotations

import io
import re
from base64 import b64decode
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from analysis.colours import colour_table
from analysis.export import heatmap_picture, render
from analysis.recording import Recording

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"


def parse(recording: Recording, target: str, start: int, stop: int, **options: object):  # type: ignore[no-untyped-def]
    data = render(recording, target, start, stop, ".svg", kind="heatmap", **options)  # type: ignore[arg-type]
    return ElementTree.fromstring(data)


def words(svg: ElementTree.Element) -> list[str]:
    return [(text.text or "").strip() for text in svg.iter(f"{SVG}text")]


def pictures(svg: ElementTree.Element) -> list[np.ndarray]:
    """The images that an SVG carries, largest first."""
    found = []
    for image in svg.iter(f"{SVG}image"):
        data = b64decode(re.sub(r"^data:image/png;base64,|\s", "", image.get(LINK, "")))
        with Image.open(io.BytesIO(data)) as opened:
            found.append(np.asarray(opened.convert("RGB")))
    return sorted(found, key=lambda picture: -picture.size)


def test_map_shows_each_code_in_its_colour_first_unit_on_top(recording: Recording) -> None:
    units = [3, 0, 9]
    picture = pictures(parse(recording, "1.c", 10, 60, units=units))[0]
    codes = recording.codes("1.c", 10, 60)[:, units].T
    rows, columns = (side // count for side, count in zip(picture.shape, codes.shape, strict=False))
    assert picture.shape == (3 * rows, 50 * columns, 3)
    shown = picture[rows // 2 :: rows, columns // 2 :: columns]
    np.testing.assert_array_equal(shown, colour_table()[codes.astype(int) + 127])


def test_a_short_range_has_its_text_above_the_map(recording: Recording) -> None:
    text = recording.text(0, 30)
    letters = [word for word in words(parse(recording, "1.c", 0, 30)) if len(word) == 1]
    shown = {"\n": "↵", "\t": "→"}
    expected = [shown.get(symbol, symbol) for symbol in text if symbol != " "]
    found = [letter for letter in letters if not letter.isdigit()]
    assert "".join(found).startswith("".join(c for c in expected if not c.isdigit()))


def test_a_long_range_has_round_positions_instead(recording: Recording) -> None:
    found = words(parse(recording, "1.c", 0, len(recording)))
    assert {"0", "100", "200"} <= set(found)
    assert "{" not in found


def test_the_map_names_units_checkpoint_text_and_scale(recording: Recording) -> None:
    found = words(parse(recording, "1.c", 5, 60, units=[4, 2]))
    assert found.index("1.c.4") < found.index("1.c.2")
    assert {"2 units of site 1.c", "−1", "−0.5", "0", "+0.5", "+1"} <= set(found)
    whole = " ".join(found)
    for part in ("Checkpoint net </style>", "src/<i>&file.c", "symbols 5 to 59", "Unitscope 0."):
        assert part in whole


def test_the_heatmap_of_a_unit_has_one_row(recording: Recording) -> None:
    found = words(parse(recording, "1.c.2", 5, 60))
    assert "Unit 1.c.2" in found
    assert [word for word in found if word.startswith("1.c.")] == ["1.c.2"]


def test_more_columns_than_fit_are_pooled_and_it_is_said(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heatmap_picture, "MOST_COLUMNS", 50)
    found = " ".join(words(parse(recording, "1.c", 0, len(recording))))
    assert f"the strongest of about {len(recording) // 50}" in found


@pytest.mark.parametrize("dark", [False, True])
def test_png_has_the_page_of_its_palette_and_the_colour_of_each_code(
    recording: Recording, dark: bool
) -> None:
    data = render(recording, "1.c.0", 0, 60, ".png", kind="heatmap", dark=dark)
    with Image.open(io.BytesIO(data)) as image:
        picture = np.asarray(image.convert("RGB")).astype(int)
    table = colour_table(dark)
    np.testing.assert_array_equal(picture[0, 0], table[127])
    weights = np.array([65536, 256, 1])
    shown = table[recording.unit_codes("1.c.0", 0, 60).astype(int) + 127] @ weights
    assert np.isin(shown, picture @ weights).all()


def test_pdf_is_one_page(recording: Recording) -> None:
    data = render(recording, "1.c", 0, 120, ".pdf")
    assert data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", data)) == 1
