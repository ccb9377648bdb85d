"""HTML files: everything in them, nothing fetched, nothing run that a text brought."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from html.parser import HTMLParser

import numpy as np
import pytest

from analysis.export import Beneath, ViewAssets, render
from analysis.recording import Recording, RecordingError

VIEW = ViewAssets("const unitscope = {mountStandalone() {}};", ".unitscope {color: red}")


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the text inside each script."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(page.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] == "script":
            self.scripts.append(data)


def payload(page: bytes) -> dict[str, object]:
    found = re.search(rb'<script type="application/json" id="payload">(.*?)</script>', page)
    assert found is not None
    loaded: dict[str, object] = json.loads(found[1])
    return loaded


@pytest.mark.parametrize("kind", ["text", "heatmap"])
def test_a_page_names_no_resource_outside_itself(recording: Recording, kind: str) -> None:
    page = render(recording, "1.c", 0, len(recording), ".html", kind=kind, view=VIEW)  # type: ignore[arg-type]
    elements = Elements(page).elements
    assert not [tag for tag, at in elements if tag in ("link", "img", "iframe", "base", "object")]
    assert not [at for tag, at in elements if "src" in at or "href" in at]
    policy = next(at["content"] for tag, at in elements if "http-equiv" in at)
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy


@pytest.mark.parametrize("kind", ["text", "heatmap"])
def test_names_and_texts_cannot_become_elements(recording: Recording, kind: str) -> None:
    page = render(recording, "1.c.0", 0, len(recording), ".html", kind=kind, view=VIEW)  # type: ignore[arg-type]
    tags = {tag for tag, _ in Elements(page).elements}
    assert tags == {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "h1",
        "p",
        "div",
        "script",
    }
    assert b"net &lt;/style&gt;" in page


def test_a_page_of_text_carries_the_symbols_the_codes_and_the_predictions(
    recording: Recording,
) -> None:
    start, stop = 100, len(recording)
    found = payload(render(recording, "1.c.3", start, stop, ".html", view=VIEW))
    assert found["symbolBytes"] == 4  # the text has an emoji
    symbols = np.frombuffer(b64decode(str(found["symbols"])), "<u4")
    np.testing.assert_array_equal(symbols, recording.symbols(start, stop))
    units = found["units"]
    assert isinstance(units, dict)
    codes = np.frombuffer(b64decode(units["1.c.3"]), np.int8)
    np.testing.assert_array_equal(codes, recording.unit_codes("1.c.3", start, stop))
    following = found["next"]
    assert isinstance(following, dict)
    ids = np.frombuffer(b64decode(following["ids"]), "<u2").reshape(-1, 5)
    np.testing.assert_array_equal(ids, recording.next_symbols(start, stop)[0])
    assert found["vocabulary"] == list(recording.vocabulary)
    documents = [(d.start - start, d.stop - start) for d in recording.documents[1:]]
    assert found["documents"] == [
        ["src/<i>&file.c, from symbol 100", 0, documents[0][0]],
        ["日本/файл.txt", *documents[0]],
        ["plain.py", *documents[1]],
    ]


@pytest.mark.parametrize(("text", "width"), [("plain", 1), ("日", 2)])
def test_symbols_take_no_more_bytes_than_they_need(
    recording: Recording, text: str, width: int
) -> None:
    start = recording.documents[2].start if text == "plain" else recording.text().index("中")
    found = payload(render(recording, "1.c.3", start, start + 2, ".html", view=VIEW))
    assert found["symbolBytes"] == width


def test_the_text_of_a_site_steps_through_its_units_in_order(recording: Recording) -> None:
    page = render(recording, "1.c", 0, 50, ".html", kind="text", units=[7, 2], view=VIEW)
    units = payload(page)["units"]
    assert isinstance(units, dict)
    assert list(units) == ["1.c.7", "1.c.2"]


def test_the_heatmap_page_holds_its_script_and_no_way_to_upload(recording: Recording) -> None:
    page = render(recording, "1.c", 0, 50, ".html").decode("utf-8")
    assert len(page) > 3_000_000  # Plotly itself
    assert '"modeBarButtonsToRemove": ["sendChartToCloud"]' in page


@pytest.mark.parametrize("dark", [False, True])
def test_pages_follow_the_palette(recording: Recording, dark: bool) -> None:
    page = render(recording, "1.c.0", 0, 9, ".html", dark=dark, view=VIEW)
    assert payload(page)["theme"] == ("dark" if dark else "light")
    assert (b"background:#171614" in page) == dark


def test_a_page_shows_beneath_its_lines_what_the_screen_does(recording: Recording) -> None:
    asked = Beneath(guesses=True, stacked=("0.h.2", "1.c.3", "1.c.0"))
    page = render(recording, "1.c.3", 5, 40, ".html", view=VIEW, beneath=asked)
    found = payload(page)
    assert found["rows"] == "guesses"
    assert found["stacked"] == ["0.h.2", "1.c.3", "1.c.0"]
    units, counts = found["units"], found["counts"]
    assert isinstance(units, dict)
    assert isinstance(counts, dict)
    assert list(units) == list(counts) == ["1.c.3", "0.h.2", "1.c.0"]
    for name, codes in units.items():
        expected = recording.unit_codes(name)[5:40]
        np.testing.assert_array_equal(np.frombuffer(b64decode(codes), np.int8), expected)
    plain = payload(render(recording, "1.c.3", 5, 40, ".html", view=VIEW))
    assert (plain["rows"], plain["stacked"]) == ("text", [])


def test_a_stacked_unit_that_is_not_there_is_a_sentence(recording: Recording) -> None:
    beneath = Beneath(stacked=("1.c.9999",))
    with pytest.raises(RecordingError, match=r"1\.c\.9999"):
        render(recording, "1.c.3", 5, 40, ".html", view=VIEW, beneath=beneath)
