"""The page's address and what is shown say the same; a hostile address shows something that is."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import planted
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.recording import Recording
from benchmarks.made_recording import make_recording
from dashboard.state import (
    BEST,
    COLOURINGS,
    MAP_LAYERS,
    MAP_WAYS,
    MOST_UNITS,
    ORDERS,
    PALETTES,
    ROWS,
    SCALES,
    View,
    default_hypothesis,
    view_from_query,
    write_units,
)

DEFAULT = "1.c.0"
HOSTILE = st.one_of(
    st.text(),
    st.sampled_from(
        ["", "-1", "1e9", "٣", "²", "9" * 5000, "0.h.99", "０.h.1", "1.c.-1", "nan", "\0", "0x10"]
    ),
)


@given(
    site=st.sampled_from(["0.h", "0.c", "1.h", "1.o"]),
    index=st.integers(0, planted.HIDDEN - 1),
    position=st.integers(0, 5_000),
    hypothesis=st.text(),
    palette=st.sampled_from(PALETTES),
    scale=st.sampled_from(SCALES),
    rows=st.sampled_from(ROWS),
    order=st.sampled_from(ORDERS),
    flags=st.tuples(st.booleans(), st.booleans()),
    stacked=st.lists(
        st.builds("{}.{}".format, st.sampled_from(["0.c", "1.h"]), st.integers(0, 3)),
        max_size=MOST_UNITS,
        unique=True,
    ),
    around=st.none() | st.tuples(st.integers(0, 2_000), st.integers(2_001, 4_000)),
    others=st.lists(st.from_regex("[0-9a-f]{12}", fullmatch=True), max_size=2, unique=True),
    other_units=st.lists(st.sampled_from([BEST, "0.h.1", "1.c.200"]), max_size=2),
    colouring=st.sampled_from(COLOURINGS),
    cut=st.sampled_from(["", "1.c.78 0f3a -40", "0.h.1 made 127"]),
    brushed=st.tuples(st.sampled_from(["0.c", "1.h"]), st.sets(st.integers(0, planted.HIDDEN - 1))),
    switches=st.tuples(st.sampled_from(MAP_LAYERS), st.sampled_from(MAP_WAYS)),
)
def test_a_view_comes_back_from_its_address(
    recording: Recording,
    site: str,
    index: int,
    position: int,
    hypothesis: str,
    palette: str,
    scale: str,
    rows: str,
    order: str,
    flags: tuple[bool, bool],
    stacked: list[str],
    around: tuple[int, int] | None,
    others: list[str],
    other_units: list[str],
    colouring: str,
    cut: str,
    brushed: tuple[str, set[int]],
    switches: tuple[str, str],
) -> None:
    view = View(
        recording.id,
        f"{site}.{index}",
        position,
        hypothesis,
        palette=palette,
        scale=scale,
        flip=flags[0],
        rows=rows,
        stacked=tuple(stacked),
        outcomes=flags[1],
        range=around,
        order=order,
        others=tuple(others),
        other_units=tuple(other_units),
        colouring=colouring,
        cut=cut,
        brushed=tuple(f"{brushed[0]}.{index}" for index in sorted(brushed[1])),
        map_layers=switches[0],
        map_by=switches[1],
    )
    query = view.to_query()
    assert all(isinstance(value, str) for value in query.values())
    assert view_from_query(query, recording, DEFAULT) == view


@given(
    query=st.dictionaries(
        st.sampled_from([field.name for field in fields(View)] + ["other"]), HOSTILE
    )
)
def test_any_address_shows_what_the_recording_has(
    recording: Recording, query: dict[str, str]
) -> None:
    view = view_from_query(query, recording, DEFAULT)
    assert view.recording == recording.id
    assert str(recording.find_unit(view.unit)) == view.unit
    assert 0 <= view.position < len(recording)
    assert all(str(recording.find_unit(each)) == each for each in view.stacked)
    assert all(str(recording.find_unit(each)) == each for each in view.brushed)
    assert view.range is None or 0 <= view.range[0] < view.range[1] <= len(recording)


def test_brushed_units_are_written_in_runs_and_read_as_far_as_they_exist(
    recording: Recording,
) -> None:
    assert write_units(["1.c.0", "1.c.3", "1.c.1", "1.c.2", "1.c.7"]) == "1.c 0-3 7"
    last = planted.HIDDEN - 1
    for text, units in {
        f"1.c {last}-999999999": (f"1.c.{last}",),
        "1.c 1 x 2-1 -3 3-": ("1.c.1",),
        "9.c 1": (),
        "1.c": (),
    }.items():
        assert view_from_query({"brushed": text}, recording, DEFAULT).brushed == units


def test_an_address_that_says_nothing_shows_the_default(recording: Recording) -> None:
    view = view_from_query({}, recording, DEFAULT)
    assert view == View(recording.id, DEFAULT)
    assert view.position == 0


def test_a_position_past_the_end_is_the_last_symbol(recording: Recording) -> None:
    for text in (str(len(recording)), "999999999999999"):
        view = view_from_query({"position": text}, recording, DEFAULT)
        assert view.position == len(recording) - 1
    for text in ("-1", "1.5", "x", "", " 5", "9" * 400):
        assert view_from_query({"position": text}, recording, DEFAULT).position == 0


@pytest.mark.parametrize(
    ("suffix", "text", "expected"),
    [
        (".py", "x = 1", "string"),
        (".txt", 'She said "no".', "double-quotes"),
        (".txt", "Sie sagte „nein“.", "double-quotes"),
        (".txt", "Nothing said", "capital"),
        (".tex", "$X$", "capital"),
        (".txt", "nothing said", "whitespace"),
    ],
)
def test_at_first_something_is_looked_for_that_the_text_can_have(
    suffix: str, text: str, expected: str
) -> None:
    codes = np.zeros((len(text), 1), np.int8)
    recording = make_recording([text], {"0.h": codes}, suffix=suffix)
    assert default_hypothesis(recording) == expected
