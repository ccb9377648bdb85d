from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_world import MadeLabels, MemoryRecording

from analysis.hypotheses.labels import HypothesisError, Labels
from analysis.labelling import Skipped, divide, label_recording, split_documents
from analysis.recording import RecordedDocument
from models.corpora import Document

LENGTHS = st.lists(st.integers(1, 10_000), min_size=2, max_size=40)


def lying_one_after_another(lengths, name="{}.py"):
    stops = np.cumsum(lengths).tolist()
    return [
        RecordedDocument(name.format(k), stop - length, stop, "")
        for k, (length, stop) in enumerate(zip(lengths, stops, strict=True))
    ]


def divided(values, defined=None, lengths=None):
    values = np.asarray(values)
    kind = "yes/no" if values.dtype == np.bool_ else "number"
    labels = Labels(values, np.ones(values.size, np.bool_) if defined is None else defined)
    documents = lying_one_after_another(lengths or [values.size])
    return divide(MadeLabels("claim", kind, {}), labels, documents)


@given(LENGTHS)
def test_both_halves_hold_a_document_and_differ_by_no_more_than_the_longest(lengths):
    reports = split_documents(lying_one_after_another(lengths))
    assert 0 < reports.sum() < len(lengths)
    chooses = np.array(lengths)[~reports].sum()
    assert abs(2 * chooses - sum(lengths)) <= max(lengths)


@given(LENGTHS, st.randoms())
def test_the_split_does_not_depend_on_the_documents_order(lengths, random):
    documents = lying_one_after_another(lengths)
    before = dict(zip([d.name for d in documents], split_documents(documents), strict=True))
    random.shuffle(documents)
    assert dict(zip([d.name for d in documents], split_documents(documents), strict=True)) == before


def test_the_split_is_the_same_on_every_machine():
    reports = split_documents(lying_one_after_another([10] * 8))
    assert reports.tolist() == [False, True, True, False, False, True, False, True]


def test_a_document_without_symbols_leaves_both_others_their_half():
    reports = split_documents(lying_one_after_another([0, 5, 0, 5, 0]))
    assert reports[1] != reports[3]


def test_cells_tell_undefined_symbols_halves_and_values_apart():
    values = np.array([0, 1, 0, 1, 1, 0, 1, 0], np.bool_)
    defined = np.array([1, 1, 0, 1, 1, 1, 1, 0], np.bool_)
    claim, cells = divided(values, defined)
    assert cells.ids.tolist() == [1, 2, 0, 2, 4, 3, 4, 0]
    assert cells.count == claim.cells == 5
    assert (claim.positives, claim.n, claim.documents) == (2, 3, 1)
    assert claim.split == "halves of one document"


def test_a_numbers_positives_are_its_values_above_zero():
    claim, cells = divided(np.array([3, 0, 1, 0, 2, 5, -1, 0], np.float32))
    assert (claim.positives, claim.n, claim.bins) == (2, 4, 6)
    assert cells.ids.tolist() == [5, 2, 3, 2, 10, 12, 7, 8]


def test_undefined_values_change_no_bin():
    values = np.array([5, 1, 2, 3, 1, 2, np.nan, 1e9], np.float32)
    defined = np.array([0, 1, 1, 1, 1, 1, 0, 0], np.bool_)
    claim, cells = divided(values, defined)
    assert claim.bins == 3
    assert cells.ids.tolist() == [0, 1, 2, 3, 4, 5, 0, 0]


def test_documents_are_split_where_two_hold_labels():
    values = np.tile([True, False], 20)
    defined = np.arange(40) >= 20
    claim, cells = divided(values, defined, lengths=[10, 10, 10, 10])
    assert claim.split == "documents"
    assert (claim.documents, claim.n) == (1, 10)
    assert set(cells.ids[:20]) == {0}
    assert {frozenset(cells.ids[20:30]), frozenset(cells.ids[30:])} == {
        frozenset({1, 2}),
        frozenset({3, 4}),
    }


def test_the_only_document_with_labels_is_cut_in_two():
    defined = (np.arange(40) >= 10) & (np.arange(40) < 20)
    claim, cells = divided(np.tile([True, False], 20), defined, lengths=[10, 10, 20])
    assert claim.split == "halves of one document"
    assert (claim.documents, claim.n) == (1, 5)
    assert cells.ids[10:20].tolist() == [2, 1, 2, 1, 2, 3, 4, 3, 4, 3]


def test_a_hypothesis_that_is_defined_nowhere_is_skipped():
    skipped = divided(np.zeros(9, np.bool_), np.zeros(9, np.bool_))
    assert skipped == Skipped("claim", "It is defined at no symbol of this recording.")


@pytest.mark.parametrize(
    ("values", "defined", "reason"),
    [
        ([True] * 4 + [False, True] * 2, None, "In the first half of '0.py'.* is yes at all 4 "),
        ([False, True] * 2 + [False] * 4, None, "In the second half of '0.py'.* is no at all 4 "),
        ([True, False] * 4, np.arange(8) < 4, "In the second half of '0.py'.* no symbol has a"),
        (np.float32([7] * 4 + [1, 2] * 2), None, "In the first half of '0.py'.* is 7 at all 4 "),
        ([True], None, "In the first half of '0.py'.* is yes at all 1 "),
    ],
)
def test_a_half_without_a_change_is_named(values, defined, reason):
    skipped = divided(values, defined)
    assert isinstance(skipped, Skipped)
    assert re.match(reason, skipped.reason), skipped.reason


def test_a_half_of_documents_without_a_change_is_named():
    values = np.concatenate([np.tile([True, False], 5), np.zeros(20, np.bool_)])
    skipped = divided(values, lengths=[10, 10, 10])
    assert isinstance(skipped, Skipped)
    assert skipped.reason.startswith("In the half of the documents that ")


@dataclass(frozen=True)
class Broken:
    kind: str
    labels: Labels
    name: str = "broken"
    description: str = ""

    def label(self, document):
        return self.labels


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("yes/no", np.zeros(3, np.bool_), "gave 3 labels for 'a.py', which has 4 symbols"),
        ("number", np.zeros(4, np.bool_), "is number, but gave labels of the type bool"),
        ("number", np.float32([0, 1, np.nan, 2]), "gave a number that isn't finite for 'a.py'"),
    ],
)
def test_labels_that_do_not_fit_their_document_are_refused(kind, values, message):
    recording = MemoryRecording((Document("a.py", "abcd"),), {})
    with pytest.raises(HypothesisError, match=message):
        label_recording(recording, [Broken(kind, Labels.everywhere(values))], lambda share: None)


def test_labels_are_asked_for_whole_documents_and_laid_one_after_another():
    seen = []

    class Upper:
        name, kind, description = "upper", "yes/no", ""

        def label(self, document):
            seen.append(document.text)
            return Labels.everywhere(np.array([symbol.isupper() for symbol in document.text]))

    texts = (Document("a", "aB"), Document("b", "Cdé𝄞"))
    (labels,) = label_recording(MemoryRecording(texts, {}), [Upper()], lambda share: None)
    assert seen == ["aB", "Cdé𝄞"]
    assert labels.values.tolist() == [False, True, True, False, False, False]
    assert labels.defined.all()
