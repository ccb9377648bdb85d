"""Which recordings can be compared with one, how another is made, and what is found in each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from analysis.comparison import Comparison, LossSummary, compare_losses, text_key
from analysis.findings import Finding, interval_text, with_arrow
from analysis.recording import Recording, RecordingError
from dashboard.jobs import Order
from dashboard.library import find_recording, keep_texts, recording_path
from dashboard.minus import true_minus
from dashboard.searches import Search
from dashboard.state import BEST, MOST_OTHERS
from models.corpora import Document

LETTERS = "ABC"
_PASSAGES = 12


def same_and_other_texts(
    recording: Recording, known: Iterable[Recording]
) -> tuple[dict[str, Recording], dict[str, Recording]]:
    """By id, the further recordings of the same text, and those of other texts."""
    same: dict[str, Recording] = {}
    other: dict[str, Recording] = {}
    for each in known:
        if each.id != recording.id:
            (same if text_key(each) == text_key(recording) else other).setdefault(each.id, each)
    return same, other


@lru_cache(maxsize=16)
def compare(ids: tuple[str, ...]) -> Comparison:
    """Compare the recordings of these ids, all of one text, with the first.

    Raises
    ------
    RecordingError
        If one is not there, or damaged.
    """
    return compare_losses([find_recording(each) for each in ids], top=_PASSAGES)


def order_to_read(recording: Recording, checkpoint: Path) -> Order:
    """The order that reads a recording's text with another network.

    Raises
    ------
    UserError
        If the checkpoint cannot be read, or the text not be kept.
    """
    texts = [recording.document_text(index) for index in range(len(recording.documents))]
    folder, corpus = keep_texts(recording.corpus_name, texts)
    if list(corpus.documents) != texts:  # a folder is read in the order of its names
        numbered = [
            Document(f"{number:06d}/{each.name}", each.text) for number, each in enumerate(texts)
        ]
        folder, corpus = keep_texts(recording.corpus_name, numbered)
    place = recording_path(checkpoint, corpus)
    return Order(corpus.name, checkpoint, str(folder), place, len(corpus))


def with_another(others: Sequence[str], made: str) -> tuple[str, ...]:
    """The ids compared with one more, which takes the last one's place if they are many."""
    kept = [each for each in others if each != made][: MOST_OTHERS - 1]
    return (*kept, made)


def units_to_show(
    others: Sequence[Recording], chosen: Sequence[str], searches: Sequence[Search | None]
) -> list[str]:
    """The unit of each other recording: chosen by hand, or its best one, or any."""
    return [
        _unit(recording, chosen[at] if at < len(chosen) else BEST, searches[at])
        for at, recording in enumerate(others)
    ]


def _unit(recording: Recording, chosen: str, search: Search | None) -> str:
    best = best_finding(search)
    for wanted in (chosen, best.unit if best else ""):
        try:
            return str(recording.find_unit(wanted))
        except RecordingError:
            continue
    return f"{recording.sites[-1]}.0"


def with_unit(chosen: Sequence[str], at: int, unit: str) -> tuple[str, ...]:
    """The units of the others, one of them exchanged."""
    filled = [*chosen, *[BEST] * (MOST_OTHERS - len(chosen))]
    return (*filled[:at], unit, *filled[at + 1 :])


def best_finding(search: Search | None) -> Finding | None:
    """The best unit that a search has found so far."""
    if search is None:
        return None
    result = search.proved or search.ranking
    return result.findings[0] if result is not None and result.findings else None


def best_row(network: str, search: Search | None, loss: LossSummary) -> dict[str, str]:
    """A line of the table of best units: what is not known yet, or never, is left empty."""
    row = {"network": network, "unit": "", "score": "", "interval": "", "p": ""}
    finding = best_finding(search)
    if finding is not None:
        row["unit"] = with_arrow(finding.unit, finding.direction)
        row["score"] = true_minus(f"{finding.score:.3f}")
        row["interval"] = true_minus(interval_text(finding))
        if finding.p_value is not None:
            row["p"] = f"{finding.p_value:.3f}"
    elif search is not None and search.is_settled:
        row["unit"] = "none"
    return row | {"loss": f"{loss.bits:.3f}"}


def loss_row(network: str, loss: LossSummary, *, is_first: bool) -> dict[str, str]:
    """A line of the table of losses."""
    beside = {"difference": "", "better": ""}
    if not is_first:
        beside = {
            "difference": true_minus(f"{loss.difference:+.3f}"),
            "better": f"{loss.first_better:.1%}",
        }
    return {"network": network, "bits": f"{loss.bits:.3f}", **beside}
