"""Made-up recordings for the text view: texts, codes, vocabularies. The same on both sides."""

from __future__ import annotations

import zlib
from functools import lru_cache

import numpy as np

SITES = {"0.h": 4, "1.c": 96}

SENTENCE = (
    "the quick brown network reads one symbol after another and keeps what it "
    "(perhaps) needs: quotes, lines, braces; if not, it forgets"
)
WORDS = SENTENCE.split()

# Letters of other scripts for a to z: as wide as Latin ones, and twice as wide.
ALPHABETS = {"cyrillic": range(0x430, 0x44A), "wide": range(0x4E00, 0x4E1A)}

HOSTILE = (
    "<script>window.broken = 1</script>\n"
    '</script><img src=x onerror="window.broken = 2">\n'
    "\tone tab\t\ttwo tabs\tend\n"
    "Hebrew \u05e9\u05dc\u05d5\u05dd and Arabic \u0645\u0631\u062d\u0628\u0627 here\n"
    "override \u202eabc\u202c isolate \u2066x\u2069 done\n"
    "combining e\u0301 n\u0303 Z\u0361\u0321\u0322y\n"
    "emoji \U0001f600 family \U0001f468\u200d\U0001f469\u200d\U0001f467 "
    "flag \U0001f1e9\U0001f1ea .\n"
    "wide \u6f22\u5b57\u304b\u306a \uff21\uff22 \ud55c\uae00 narrow\n"
    "caf\u00e9 na\u00efve \u0416\u0443\u043a \u03bb \u2192 \u2260 \ufdfd end\n"
    "controls \x00\x01\x1b[31m\x7f\x85 return\r\n"
    "lone \ud800 end\n"
    "\n"
    "last line without its newline"
)


@lru_cache(maxsize=4)
def make_text(recording: str) -> str:
    """The text of a recording, by the kind and the length in its id."""
    kind, _, length = recording.partition("-")
    size = int(length or 0)
    if kind == "hostile":
        return HOSTILE
    if kind == "unbroken":
        return ("abcdefghij" * (size // 10 + 1))[:size]
    if kind == "newlines":
        return "\n" * size
    if kind in ALPHABETS:
        return _prose(size).translate(dict(zip(range(97, 123), ALPHABETS[kind], strict=True)))
    return _prose(size)


def _prose(size: int) -> str:
    choice = np.random.default_rng(1).integers(0, len(WORDS), 40_000)
    lines, line, length = [], [], 0
    for number in choice:
        line.append(WORDS[number])
        length += len(WORDS[number]) + 1
        if length > 40 + number:
            lines.append(("\t" if number % 5 == 0 else "") + " ".join(line))
            line, length = [], 0
    passage = "\n".join(lines) + "\n"
    return (passage * (size // len(passage) + 1))[:size]


def make_documents(recording: str) -> list[tuple[str, int, int]]:
    """Three documents of unequal length; one where there is little text."""
    length = len(make_text(recording))
    if length < 1000:
        return [("only/one.txt", 0, length)] if length else []
    return [("first.txt", 0, 400), ("folder/second.py", 400, 900), ("third.txt", 900, length)]


def make_codes(unit: str, start: int, stop: int) -> np.ndarray:
    """Codes of one unit, int8 (stop - start,)."""
    return codes_at(unit, np.arange(start, stop))


def codes_at(unit: str, times: np.ndarray) -> np.ndarray:
    """Codes of one unit at some times, int8: slow waves of its own length with a little noise."""
    seed = zlib.crc32(unit.encode())
    wave = np.sin(times.astype(np.float32) / (40 + seed % 97) + seed % 7)
    noise = np.random.default_rng(seed).standard_normal(4096).astype(np.float32)
    values = wave + 0.25 * noise[times % 4096]
    return np.clip(np.round(127 * values), -127, 127).astype(np.int8)


@lru_cache(maxsize=4)
def make_vocabulary(recording: str) -> tuple[str, ...]:
    """The unknown symbol, a few letters, the symbols of the text; of a hostile one only ASCII."""
    last = "\x7e" if recording.startswith("hostile") else "\U0010ffff"
    known = {symbol for symbol in make_text(recording)[:20_000] if symbol <= last}
    return ("\ufffd", *sorted(known | set("abcdefghijkl")))


def make_labels(start: int, stop: int) -> np.ndarray:
    """Labels of a made-up hypothesis, uint8: yes in 30 of each 100 symbols, and a gap of 10."""
    place = np.arange(start, stop) % 100
    labels = np.where((place >= 20) & (place < 50), 1, 0)
    return np.where(place >= 90, 255, labels).astype(np.uint8)


def make_surprise(start: int, stop: int) -> np.ndarray:
    """Surprises in thousandths of a bit, uint16: 1.5 bits, 9.25 at each tenth, none at first."""
    times = np.arange(start, stop)
    return np.where(times == 0, 65_535, np.where(times % 10 == 0, 9_250, 1_500)).astype(np.uint16)
