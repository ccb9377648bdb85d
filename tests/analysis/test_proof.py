from __future__ import annotations

import numpy as np
import pytest
from made_world import make_world, slow_labels, slow_numbers
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from analysis.findings import SearchResult
from analysis.gathering import blocks_over, codes_at, codes_of
from analysis.hypotheses import find_hypotheses
from analysis.measures import YES_NO_MEASURES
from analysis.parts import Part, first_look
from analysis.probing import probe_recording
from analysis.proof import prove
from analysis.recording import CHUNK_TIME
from analysis.sampling import Sample, sample_documents
from analysis.search import search_units


@pytest.fixture
def world():
    return make_world(documents=16, symbols=1_000)


def proved(world, hypotheses, top=1, by="auroc", **options):
    found = search_units(world.recording, hypotheses, top=top, by=by)
    return prove(world.recording, hypotheses, found, **options)


def test_what_was_found_stays_and_every_field_is_filled(world):
    quote, depth = slow_labels(world), slow_numbers(world)
    world.plant("0.c.3", 0.5 * quote + world.noise(0.3))
    hypotheses = [world.hypothesis("quote", quote), world.hypothesis("depth", depth)]
    before = search_units(world.recording, hypotheses, top=2)
    after = prove(world.recording, hypotheses, before)
    for old, new in zip(before.findings, after.findings, strict=True):
        assert {k: v for k, v in new.to_json().items() if k in old.to_json()} == old.to_json()
        added = set(new.to_json()) - set(old.to_json())
        assert added == {
            *("low", "high", "p_value", "q_value", "within_symbol"),
            *("symbol_baseline", "trigram_baseline"),
            *(("pearson", "r2") if new.hypothesis == "depth" else ()),
        }
        assert new.low <= new.score <= new.high
    assert (after.skipped, after.unproved) == ((), ())


@pytest.mark.parametrize("sign", [1, -1])
def test_scores_of_the_reporting_half_are_those_of_scikit_learn_and_scipy(world, sign):
    quote, depth, half = slow_labels(world), slow_numbers(world), world.reports()
    world.plant("0.c.3", sign * 0.5 * quote + world.noise(0.3))
    world.plant("1.c.5", sign * depth / 20 + world.noise(0.2))
    hypotheses = [world.hypothesis("quote", quote), world.hypothesis("depth", depth)]
    yes_no, number = proved(world, hypotheses, shifts=0).findings
    codes = sign * world.codes("0.c.3").astype(int)
    assert yes_no.unit == "0.c.3"
    assert yes_no.score == yes_no.auroc == pytest.approx(roc_auc_score(quote[half], codes[half]))
    assert yes_no.average_precision == pytest.approx(
        average_precision_score(quote[half], codes[half])
    )
    said = sign * world.codes("0.c.3")[half] / 127 >= sign * yes_no.threshold - 1e-9
    assert yes_no.f1 == pytest.approx(f1_score(quote[half], said))
    codes = sign * world.codes("1.c.5").astype(int)
    assert number.unit == "1.c.5"
    assert number.spearman == pytest.approx(spearmanr(depth[half], codes[half]).statistic)
    assert number.pearson == pytest.approx(pearsonr(depth[half], codes[half]).statistic)
    # All symbols are the same character, so within it the score is the score.
    assert yes_no.within_symbol == pytest.approx(yes_no.score)
    assert number.within_symbol == pytest.approx(number.score)
    assert (yes_no.symbol_baseline, number.symbol_baseline) == (0.5, 0.0)


@pytest.mark.parametrize("by", YES_NO_MEASURES)
def test_the_interval_is_of_the_measure_that_ranked(world, by):
    quote = slow_labels(world)
    world.plant("0.c.3", -0.4 * quote + world.noise(0.3))
    (found,) = proved(world, [world.hypothesis("quote", quote)], by=by, shifts=0).findings
    assert (found.unit, found.measure, found.direction) == ("0.c.3", by, -1)
    assert found.score == pytest.approx(getattr(found, by))
    assert found.low < found.score + 0.01
    assert found.high > found.score - 0.01
    assert found.high - found.low < 0.5 * max(1, abs(found.score))


def test_a_planted_unit_gets_the_smallest_p_and_unrelated_ones_large_ones(world):
    quote = slow_labels(world)
    world.plant("0.c.3", 0.5 * quote + world.noise(0.3))
    hypotheses = [
        world.hypothesis("quote", quote),
        *(world.hypothesis(f"nothing {k}", slow_labels(world)) for k in range(4)),
    ]
    best, *others = proved(world, hypotheses, shifts=99).findings
    assert best.p_value == pytest.approx(0.01)
    assert best.q_value == pytest.approx(0.05)
    assert all(other.p_value > 0.01 for other in others)
    assert np.mean([other.p_value for other in others]) > 0.2


def test_hypotheses_together_have_the_p_values_they_have_alone(world):
    some = np.arange(len(world.recording)) % 100 < 90
    hypotheses = [world.hypothesis(f"claim {k}", slow_labels(world)) for k in range(3)]
    hypotheses.append(world.hypothesis("partly", slow_labels(world), some))
    together = proved(world, hypotheses, shifts=30).findings
    alone = [proved(world, [each], shifts=30).findings[0] for each in hypotheses]
    assert [each.p_value for each in together] == [each.p_value for each in alone]


def test_one_short_document_has_no_interval_and_says_why_it_has_no_p():
    world = make_world(documents=1, symbols=400)
    label = (np.arange(400) // 100) % 2 == 0
    result = proved(world, [world.hypothesis("slow", label)])
    (found,) = result.findings
    assert (found.low, found.p_value, found.q_value) == (None, None, None)
    assert [each.hypothesis for each in result.unproved] == ["slow"]


def test_a_control_gives_its_best_score(world):
    quote = slow_labels(world)
    world.plant("0.c.3", 0.5 * quote + world.noise(0.3))
    control = make_world(seed=9, documents=16, symbols=1_000)
    hypotheses = [world.hypothesis("quote", quote)]
    (found,) = proved(world, hypotheses, shifts=0, control=control.recording).findings
    (best,) = search_units(control.recording, hypotheses, top=1).findings
    assert found.untrained == best.score < found.score


def test_nothing_found_is_nothing_to_prove(world):
    assert prove(world.recording, [], SearchResult((), ())) == SearchResult((), ())


def test_progress_ends_at_one(world):
    shares = []
    hypotheses = [world.hypothesis(f"claim {k}", slow_labels(world)) for k in range(3)]
    proved(world, hypotheses, shifts=5, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_codes_are_gathered_across_chunks():
    world = make_world(documents=3, symbols=40_000, units=20, sites=("0.h", "1.c"))
    whole = np.hstack([np.hstack(world.recording.blocks[site]) for site in ("0.h", "1.c")])
    names = ["1.c.19", "0.h.3", "0.h.4"]
    assert np.array_equal(codes_of(world.recording, names), whole[:, [39, 3, 4]])
    places = np.array([0, 5, CHUNK_TIME - 1, CHUNK_TIME, 119_999])
    assert np.array_equal(codes_at(world.recording, places), whole[places])
    spans = [(3, 9), (CHUNK_TIME - 2, CHUNK_TIME + 2), (100_000, 120_000)]
    expected = np.concatenate([whole[start:stop] for start, stop in spans])
    assert np.array_equal(np.hstack(list(blocks_over(world.recording, spans))), expected)


def test_a_part_has_the_labels_and_codes_of_its_documents(recording):
    sample = sample_documents(recording.documents, most=len(recording) // 2, seed=3)
    part = Part(recording, sample)
    assert sum(d.stop - d.start for d in part.documents) == len(part) == sample.symbols
    units = slice(0, 16)
    codes = recording.codes("0.h", units=units)
    assert np.array_equal(part.codes("0.h", 0, len(part), units), sample.take(codes))
    assert np.array_equal(part.codes("0.h", 7, 90, units), sample.take(codes)[7:90])
    assert np.array_equal(part.symbols(), sample.take(recording.symbols()))
    (hypothesis,) = find_hypotheses(["column"])
    for k, own in enumerate(part.documents):
        whole, wanted = part.labelled(k)
        assert whole.name == own.name
        found = hypothesis.label(whole).values[wanted]
        assert found.size == own.stop - own.start


def test_a_first_look_at_all_there_is_is_the_exact_answer(recording):
    hypotheses = find_hypotheses(["double-quotes", "column"])
    exact = search_units(recording, hypotheses)
    first = first_look(recording, hypotheses)
    assert [(f.unit, f.score) for f in first.findings] == [
        (f.unit, f.score) for f in exact.findings
    ]


def test_a_first_look_at_half_names_the_planted_unit_within_its_bounds(recording):
    hypotheses = find_hypotheses(["double-quotes"])
    (exact,) = search_units(recording, hypotheses, top=1).findings
    (first,) = first_look(recording, hypotheses, top=1, most=len(recording) // 2).findings
    assert first.unit == exact.unit
    assert first.n < exact.n


def test_a_part_may_begin_inside_a_document(recording):
    long = max(recording.documents, key=lambda d: d.stop - d.start)
    sample = Sample(((long.start + 5, long.stop - 1),), 1)
    _, wanted = Part(recording, sample).labelled(0)
    assert wanted == slice(5, long.stop - long.start - 1)


def test_probes_find_the_pair_of_which_no_unit_knows_alone():
    world = make_world(documents=8, symbols=1_000)
    quote = slow_labels(world)
    drift = slow_numbers(world) / 20
    world.plant("0.c.3", drift)
    world.plant("1.h.7", drift - 0.3 * quote)
    one, two, *_, everything = probe_recording(world.recording, world.hypothesis("q", quote))
    assert set(two.units) == {"0.c.3", "1.h.7"}
    assert one.score < 0.95 < 0.99 < two.score
    assert everything.is_all
    assert everything.k == 160
