"""Matplotlib, set up the same way for every picture, with no window and no global figure."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from analysis.figures.glyphs import UNSEEN

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SANS = "DejaVu Sans"
MONO = "DejaVu Sans Mono"
"""Both fonts come with Matplotlib, so a picture is the same on every machine."""

_ONE_AT_A_TIME = threading.Lock()  # Matplotlib's settings belong to the process


@contextmanager
def drawing() -> Iterator[None]:
    """Matplotlib's settings for as long as a figure is built and saved."""
    import matplotlib as mpl

    with (
        _ONE_AT_A_TIME,
        mpl.rc_context(
            {
                "font.family": SANS,
                "text.usetex": False,
                "text.parse_math": False,  # a dollar sign in a text is a dollar sign
                "axes.unicode_minus": True,
                "svg.fonttype": "none",  # text stays text
                "svg.hashsalt": "unitscope",  # the same picture gives the same bytes
                "pdf.fonttype": 42,
            }
        ),
    ):
        yield


def save(
    figure: Figure,
    suffix: str,
    title: str,
    about: Sequence[str],
    pixels_a_point: int = 3,
) -> bytes:
    """The bytes of a file, with its title and provenance also where programs look for them."""
    subject = ". ".join(about)
    metadata: dict[str, dict[str, str | None]] = {
        ".png": {"Title": title, "Description": subject, "Software": "Unitscope"},
        ".svg": {"Title": title, "Description": subject, "Creator": "Unitscope", "Date": None},
        ".pdf": {"Title": title, "Subject": subject, "Creator": "Unitscope", "CreationDate": None},
    }
    buffer = io.BytesIO()
    figure.savefig(buffer, format=suffix[1:], dpi=72 * pixels_a_point, metadata=metadata[suffix])
    return buffer.getvalue()


def drawable(text: str, font: str) -> str:
    """The text with a rectangle for everything that a font has no shape for."""
    known = _known(font)
    return "".join(symbol if ord(symbol) in known else UNSEEN for symbol in text)


@lru_cache(maxsize=2)
def _known(font: str) -> frozenset[int]:
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(findfont(font)).get_charmap())
