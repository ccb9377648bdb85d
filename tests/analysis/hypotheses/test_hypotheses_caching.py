"""The cache of labels: what it keeps, for how long, and what it leaves alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pytest

from analysis.hypotheses import Kind, Labels, label_document
from analysis.hypotheses.caching import LabelCache
from models.corpora import Document


@dataclass(frozen=True)
class Counting:
    """Counts how often it is asked."""

    name: str = "counting"
    kind: Kind = "yes/no"
    description: str = "Counts."
    asked: list[str] = field(default_factory=list, hash=False, compare=False)

    def label(self, document: Document) -> Labels:
        self.asked.append(document.name)
        return Labels.everywhere(np.ones(len(document.text), dtype=np.bool_))


def test_equal_hypotheses_and_documents_are_labelled_once() -> None:
    cache, first, second = LabelCache(), Counting(), Counting()
    one = cache.label(first, Document("a", "abc"))
    two = cache.label(second, Document("a", "abc"))
    assert two is one
    assert (first.asked, second.asked) == (["a"], [])


def test_another_name_text_or_hypothesis_is_labelled_again() -> None:
    cache, counting = LabelCache(), Counting()
    for document in (Document("a", "abc"), Document("b", "abc"), Document("a", "abd")):
        cache.label(counting, document)
    cache.label(Counting("other", asked=counting.asked), Document("a", "abc"))
    assert len(counting.asked) == 4


def test_the_labels_used_longest_ago_are_dropped_beyond_the_bytes() -> None:
    cache, counting = LabelCache(most_bytes=20), Counting()
    for name in ("a", "b", "a", "c", "a", "b"):  # 8 bytes each: two are kept
        cache.label(counting, Document(name, "wxyz"))
    assert counting.asked == ["a", "b", "c", "b"]
    assert cache.kept_bytes == 16
    cache.label(counting, Document("large", "x" * 100))
    assert cache.kept_bytes == 16
    cache.clear()
    assert cache.kept_bytes == 0


def test_kept_labels_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        label_document(Counting(), Document("a", "abc")).values[0] = False


def test_hypotheses_that_are_no_values_are_asked_every_time() -> None:
    class Mutable(Counting):
        pass

    mutable = Mutable()
    object.__setattr__(mutable, "asked", [])
    Mutable.__hash__ = None  # type: ignore[assignment]
    for _ in range(2):
        label_document(mutable, Document("a", "abc"))
    assert mutable.asked == ["a", "a"]


def test_threads_may_share_it() -> None:
    cache, counting = LabelCache(most_bytes=100), Counting()
    documents = [Document(str(k % 17), "wxyz" * (k % 17)) for k in range(500)]
    with ThreadPoolExecutor(8) as pool:
        for labels, document in zip(
            pool.map(lambda d: cache.label(counting, d), documents), documents, strict=True
        ):
            assert labels.values.size == len(document.text)
    assert 0 <= cache.kept_bytes <= 100
