"""Put findings to the test: how sure a score is, and what else would explain it.

`docs/truth.md` says what each number means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import CODE_SCALE
from analysis.baselines import baseline_scores, within_symbol
from analysis.correlations import binned_r2, pearson
from analysis.findings import Finding, SearchResult
from analysis.gathering import blocks_over, codes_of, unit_names
from analysis.histograms import CODES
from analysis.intervals import MOST_GROUPS, bootstrap
from analysis.labelling import Claim, Skipped, label_and_divide
from analysis.measures import turned_code, turned_counts, yes_no_score
from analysis.nulls import SHIFTS, Null, adjust_p_values, shift_nulls
from analysis.recording import RecordedDocument
from analysis.sampling import MOST_SYMBOLS, Sample, sample_documents
from analysis.shifts import NoNull

if TYPE_CHECKING:
    from analysis.hypotheses.labels import Hypothesis, Labels
    from analysis.recording import Recording

RESAMPLES = 1_000
_NULL_SHARE = 0.5  # of the progress bar


@dataclass(frozen=True)
class _Case:
    """One hypothesis with its labels and cells, and where they choose and report, all (time,)."""

    claim: Claim
    labels: Labels = field(repr=False)
    cells: NDArray[np.uint16] = field(repr=False)
    chooses: NDArray[np.bool_] = field(repr=False)
    reports: NDArray[np.bool_] = field(repr=False)
    documents: tuple[RecordedDocument, ...]  # those that report, cut to what reports


def prove(
    recording: Recording,
    hypotheses: Sequence[Hypothesis],
    result: SearchResult,
    *,
    shifts: int = SHIFTS,
    resamples: int = RESAMPLES,
    most: int = MOST_SYMBOLS,
    control: Recording | None = None,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> SearchResult:
    """Add intervals, p values, scores within symbols, baselines and a control to findings.

    All on the half that reports. Reads the units that were found over all of it, and all units
    over a sample of it.

    Parameters
    ----------
    recording : Recording
    hypotheses : sequence of Hypothesis
        At least those of the findings.
    result : SearchResult
        What `search_units` found in this recording.
    shifts : int, default=200
        Of labels, for p values; 0 for none.
    resamples : int, default=1_000
        Drawings of documents, for intervals; 0 for none.
    most : int, default=65_536
        Symbols that p values are computed on.
    control : Recording, optional
        Of an untrained network over the same texts (`analysis.untrained`).
    seed : int, default=0
        The same gives the same.
    progress : callable, optional
        Called with the share of the hypotheses that are done.

    Returns
    -------
    SearchResult
        The same findings with more fields; `unproved` says where there is no p value, and why.
    """
    known = {hypothesis.name: hypothesis for hypothesis in hypotheses}
    names = list(dict.fromkeys(finding.hypothesis for finding in result.findings))
    report = progress or (lambda share: None)
    proved: dict[str, list[Finding]] = {}
    sampled: dict[str, _Sampled] = {}
    symbols = recording.symbols() if names else np.zeros(0, np.uint32)
    untrained = {} if control is None else _best_of(control, [known[n] for n in names], result)
    for done, name in enumerate(names, start=1):
        findings = [each for each in result.findings if each.hypothesis == name]
        case = _case(recording, known[name])
        found = _examined(recording, case, findings, symbols, resamples, seed)
        proved[name] = [replace(each, untrained=untrained.get(name)) for each in found]
        if shifts:
            sampled[name] = _sampled(case, most, seed)
        report((1 - _NULL_SHARE if shifts else 1) * done / len(names))
    unproved = []
    for done, (name, null) in enumerate(_nulls(recording, sampled, shifts, seed), start=1):
        if isinstance(null, NoNull):
            unproved.append(Skipped(name, null.reason))
        else:
            proved[name] = _with_p(recording, proved[name], null)
        report(1 - _NULL_SHARE * (1 - done / len(names)))
    _adjust(proved)
    findings_by_name = tuple(finding for name in names for finding in proved[name])
    return replace(result, findings=findings_by_name, unproved=tuple(unproved))


def _case(recording: Recording, hypothesis: Hypothesis) -> _Case:
    labels, divided = label_and_divide(recording, hypothesis)
    assert not isinstance(divided, Skipped)  # it was scored
    claim, cells = divided
    chooses, reports = claim.halves(cells.ids)
    documents = [d for d in recording.documents if reports[d.start : d.stop].any()]
    if claim.split != "documents":  # the one document reports from its middle on
        documents = [replace(documents[0], start=int(np.argmax(reports)))]
    return _Case(claim, labels, cells.ids, chooses, reports, tuple(documents))


def _examined(
    recording: Recording,
    case: _Case,
    findings: Sequence[Finding],
    symbols: NDArray[np.uint32],
    resamples: int,
    seed: int,
) -> list[Finding]:
    """Add what the found units alone can tell."""
    starts = np.array([document.start for document in recording.documents])
    baselines = baseline_scores(symbols, case.labels, case.chooses, case.reports, starts)
    codes = codes_of(recording, [finding.unit for finding in findings])
    within = within_symbol(codes, case.labels, symbols, case.reports)
    where = np.flatnonzero(case.reports)
    bins = case.cells[where].astype(np.int64) - case.claim.bins - 1
    groups = _groups(case.documents, where)
    found = []
    for k, finding in enumerate(findings):
        tables = _tables(groups, bins, codes[where, k], case.claim.bins)
        interval = _interval(finding, tables, resamples, seed) if resamples else None
        finding = replace(
            finding,
            within_symbol=_turned(finding, float(within[k])),
            symbol_baseline=_folded(finding, baselines.symbol),
            trigram_baseline=_folded(finding, baselines.trigram),
            low=None if interval is None else interval[0],
            high=None if interval is None else interval[1],
        )
        if case.claim.kind == "number":
            whole = tables.sum(axis=0)[:, None]
            finding = replace(
                finding,
                pearson=finding.direction * float(pearson(whole, case.claim.values)[0]),
                r2=float(binned_r2(whole)[0]),
            )
        found.append(finding)
    return found


def _turned(finding: Finding, score: float) -> float:
    """The score of a unit that is low where the label is high, as if it were high."""
    if finding.direction > 0:
        return score
    return 1 - score if finding.spearman is None else -score


def _folded(finding: Finding, score: float) -> float:
    return max(score, 1 - score) if finding.spearman is None else abs(score)


def _groups(documents: Sequence[RecordedDocument], where: NDArray[np.intp]) -> NDArray[np.int64]:
    """The document of each symbol, or the group of documents where there are very many."""
    place = np.searchsorted([document.start for document in documents], where, side="right") - 1
    if len(documents) <= MOST_GROUPS:
        return place
    # The longest go to different groups, so that groups are of about one size.
    order = np.argsort([document.start - document.stop for document in documents], kind="stable")
    group = np.empty(len(documents), np.int64)
    group[order] = np.arange(len(documents)) % MOST_GROUPS
    return group[place]


def _tables(
    groups: NDArray[np.int64], bins: NDArray[np.int64], codes: NDArray[np.int8], count: int
) -> NDArray[np.int64]:
    """How often each code was met at each value in each group, int64 (group, bin, 256)."""
    cells = (groups * count + bins) * CODES + 128 + codes
    size = (int(groups.max(initial=0)) + 1) * count * CODES
    return np.bincount(cells, minlength=size).reshape(-1, count, CODES)


def _interval(
    finding: Finding, tables: NDArray[np.int64], resamples: int, seed: int
) -> tuple[float, float] | None:
    measure = finding.measure
    if measure == "spearman":
        found = bootstrap(tables, "spearman", resamples=resamples, seed=seed)
        if found is None or finding.direction > 0:
            return found
        return -found[1], -found[0]
    assert finding.threshold is not None
    code = turned_code(round(finding.threshold * CODE_SCALE), finding.direction)

    def score(drawn: NDArray[np.int64]) -> NDArray[np.float64]:
        """What scores drawn tables (draw, 2, 256) as the finding was scored."""
        no, yes = turned_counts(drawn, finding.direction).swapaxes(0, 1)
        return yes_no_score(measure, no, yes, np.full(len(no), code))

    return bootstrap(tables, score, resamples=resamples, seed=seed)


@dataclass(frozen=True)
class _Sampled:
    """What p values of a hypothesis are computed on."""

    sample: Sample
    defined: NDArray[np.bool_] = field(repr=False)  # over the sample
    values: NDArray[np.generic] = field(repr=False)  # where it is defined


def _sampled(case: _Case, most: int, seed: int) -> _Sampled:
    sample = sample_documents(case.documents, case.labels.defined, most=most, seed=seed)
    defined = sample.take(case.labels.defined)
    return _Sampled(sample, defined, sample.take(case.labels.values)[defined])


def _nulls(
    recording: Recording, sampled: Mapping[str, _Sampled], shifts: int, seed: int
) -> Iterator[tuple[str, Null | NoNull]]:
    """Yield each hypothesis with its null; those on the same symbols read them once."""
    together: dict[tuple[Sample, bytes], list[str]] = {}
    for name, own in sampled.items():
        together.setdefault((own.sample, own.defined.tobytes()), []).append(name)
    for (sample, _), names in together.items():
        nulls = shift_nulls(
            blocks_over(recording, sample.spans),
            [sampled[name].values for name in names],
            sampled[names[0]].defined,
            sample.offsets,
            shifts=shifts,
            seed=seed,
        )
        yield from zip(names, nulls, strict=True)


def _with_p(recording: Recording, findings: Sequence[Finding], null: Null) -> list[Finding]:
    p_values = dict(zip(unit_names(recording), null.p_values.tolist(), strict=True))
    return [replace(finding, p_value=p_values[finding.unit]) for finding in findings]


def _best_of(
    control: Recording, hypotheses: Sequence[Hypothesis], result: SearchResult
) -> dict[str, float]:
    """The best unit's score of each hypothesis, by the measure that the result was ranked by."""
    from analysis.search import search_units

    if not hypotheses:
        return {}
    asked = (each.measure for each in result.findings if each.measure != "spearman")
    found = search_units(control, hypotheses, top=1, by=next(asked, "auroc")).findings
    return {each.hypothesis: each.score for each in found}


def _adjust(proved: dict[str, list[Finding]]) -> None:
    """Give every hypothesis the q value of the best of its findings, in place."""
    best = [
        min((each.p_value for each in found if each.p_value is not None), default=None)
        for found in proved.values()
    ]
    for name, q_value in zip(proved, adjust_p_values(best), strict=True):
        proved[name] = [replace(each, q_value=q_value) for each in proved[name]]
