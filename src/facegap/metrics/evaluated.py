"""The thresholds at which each subject's comparisons must be known, so that every number can have its interval."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from facegap.data.across import Ends
from facegap.data.tally import Counts, ScoreTally
from facegap.metrics import formulas
from facegap.metrics.formulas import Formula
from facegap.metrics.rates import Rates
from facegap.metrics.registry import Metric, SummaryMetric, standing_summaries
from facegap.metrics.rows import FMRS, PARTIAL

NO_PAIRS: Mapping[str, Ends] = {}

BAND_FMRS = tuple((10.0 ** np.linspace(-6, 0, 25)[:-1]).tolist())
"""False match rates at which the ROC gets a band, four per decade."""

STEP_FMRS = tuple((10.0 ** np.linspace(-6, 0, 121)[:-1]).tolist())
"""False match rates over all comparisons whose thresholds are tried as common ones, twenty per decade."""

BAND_THRESHOLDS = 24
"""Thresholds at which the curves over the threshold get a band."""

CANDIDATES = 16
"""Thresholds on each side of the best F1 that its interval is looked for among."""

DEEPEST = 0.6
"""The candidates reach down to this share of the best F1."""

FALLS = (1 - DEEPEST) * np.linspace(0, 1, CANDIDATES + 1)[1:] ** 2
"""(CANDIDATES,) how far each has fallen, as a share of the best."""


@dataclass(frozen=True)
class EvaluatedThresholds:
    """What `scoring.compare_subjects` is asked for: `similarity` (T,) float32, and the tails of the partial areas."""

    similarity: np.ndarray
    tails: dict[str, float]
    wide_tail: float


def thresholds_to_evaluate(
    tally: ScoreTally,
    thresholds: Sequence[float] = (),
    *,
    fmrs: Sequence[float] = (),
    rejected: bool = False,
    metrics: Sequence[Metric] = (),
    across: Mapping[str, Ends] = NO_PAIRS,
) -> EvaluatedThresholds:
    """Return the evaluated thresholds that the standing numbers need, besides native `thresholds` such as the shipped
    one.

    `fmrs`: false match rates, besides the standing ones, whose own threshold in every population is wanted.
    `metrics`: those that are asked for besides the standing ones. `across`: pairs of cohorts that are judged like a
    cohort.

    Counting failed comparisons as rejected moves the thresholds chosen on the data: there are evaluated thresholds for
    both ways, and the tails are those of `rejected`.
    """

    def rates_of(counts: Counts, rejected: bool) -> Rates:
        return Rates(counts.with_failures_rejected() if rejected else counts)

    own = {name: tally.between(name, name) for name in tally.cohorts}
    own |= {name: tally.between(*ends) for name, ends in across.items()}
    rates = {name: rates_of(counts, rejected) for name, counts in own.items()}
    several = [tally.pooled()] if len(tally.cohorts) > 1 else []
    pooled = rates_of(several[0], rejected) if several else next(iter(rates.values()))
    others = [rates_of(counts, not rejected) for counts in (*own.values(), *several)] if tally.failed.any() else []
    named = [tally.comparator.cut(threshold) for threshold in thresholds]
    populations = [*rates.values(), *([pooled] if several else []), *others]
    found = [cut for one in populations if one.defined for cut in _of_population(one, fmrs, metrics)]
    swept = [*band_thresholds(pooled), *step_thresholds(pooled)] if pooled.defined else []
    return EvaluatedThresholds(
        np.unique(np.array([*named, *found, *swept], np.float32)),
        {name: _tail(one) for name, one in rates.items()},
        _tail(pooled),
    )


def band_thresholds(rates: Rates) -> np.ndarray:
    """Return the similarity of cuts that are spread evenly over the scores seen."""
    seen = np.flatnonzero(rates.counts.genuine[1:] + rates.counts.impostor[1:])
    cuts = rates.counts.cuts
    low, high = cuts[seen[0] // 2], cuts[min(seen[-1] // 2, len(cuts) - 1)]
    places = np.searchsorted(cuts, np.linspace(low, high, BAND_THRESHOLDS))
    return np.unique(cuts[np.minimum(places, len(cuts) - 1)])


def step_thresholds(rates: Rates) -> np.ndarray:
    """Return the similarity of the cuts where `rates` has each of `STEP_FMRS`, down to one false match, rising."""
    strictest, impostor = rates.matches[1, -1], rates.counts.n_impostor
    reached = [fmr for fmr in STEP_FMRS if fmr * rates.made.counts.n_impostor >= 1 and fmr * impostor >= strictest]
    found = [_similarity(rates, rates.loosest_within(fmr).threshold) for fmr in reached]
    return np.unique(np.array(found, np.float32))


def best_f1_candidates(rates: Rates) -> np.ndarray:
    """Return the similarity of cuts around the best F1, dense near it: where F1 has fallen by growing steps."""
    value = rates.along(formulas.f1)
    return candidates(rates, value, value.max() * (1 - FALLS))


def lowest_candidates(rates: Rates, formula: Formula, trivial: float) -> np.ndarray:
    """Return the same around the lowest value of a cost: where it has risen by growing steps towards the `trivial`."""
    value = -rates.along(formula)
    return candidates(rates, value, value.max() - (trivial + value.max()) * FALLS)


def candidates(rates: Rates, value: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return the similarity of cuts around the highest `value` (K,), where it first falls to each of the `levels`."""
    best = len(value) - 1 - int(np.argmax(value[::-1]))
    below, above = value[: best + 1][::-1], value[best:]
    reached = [int(np.argmax(below <= level)) for level in levels if below.min() <= level]
    rising = [int(np.argmax(above <= level)) for level in levels if above.min() <= level]
    places = np.unique([*(best - step for step in reached), best, *(best + step for step in rising)])
    return rates.counts.cuts[places]


def _of_population(rates: Rates, fmrs: Sequence[float], metrics: Sequence[Metric]) -> Iterator[float]:
    for fmr in (*FMRS, *BAND_FMRS, *fmrs):
        if rates.resolvable(fmr):
            yield _similarity(rates, rates.loosest_within(fmr).threshold)
    yield _tail(rates)
    for one in (*standing_summaries(), *metrics):
        if isinstance(one, SummaryMetric) and one.thresholds is not None:
            yield from one.thresholds(rates)
    yield _similarity(rates, rates.best(formulas.accuracy).threshold)
    yield from best_f1_candidates(rates)


def _tail(rates: Rates) -> float:
    """Return the similarity from which the partial area is counted; infinite where there is nothing to count."""
    return _similarity(rates, rates.loosest_within(PARTIAL).threshold) if rates.defined else float("inf")


def _similarity(rates: Rates, threshold: float) -> float:
    return float(rates.counts.comparator.cut(threshold))
