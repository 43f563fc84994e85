"""Rates at thresholds that were chosen on the data, and those thresholds themselves.

Such a rate moves with its threshold too (delta method); slopes are secants of the curve across about one standard
error, so no density has to be estimated. A threshold's interval holds those that the data cannot tell from it.
"""

from dataclasses import replace

import numpy as np

from facegap.metrics.estimate import Estimate
from facegap.metrics.influence import SubjectRates
from facegap.metrics.pair_influence import PairInfluence
from facegap.metrics.rates import Point

SMOOTH, ROUGH = 0.5, 1.26
"""How many quantiles of its standard error F1 has to fall before a threshold is ruled out as the best one.

The best of many is not a usual estimate. Were F1 smooth in the threshold, half a quantile would do (a fall with the
square of the distance, its standard error with the distance); were it as rough as a random walk, 1.26 (the maximum of
Brownian motion with a parabola taken off; Kim & Pollard, Annals of Statistics 18, 1990). The more subjects, the nearer
the thresholds that are in question, and the nearer one looks, the rougher it is.
"""

SMOOTHING = 2.3
"""Of n subjects `ROUGH` less `SMOOTHING` / sqrt(n) is asked; chosen by simulation, docs/coverage.md."""

OPTIMISM_DRAWS = 200
"""Normal draws by which the optimism of a best F1 is estimated."""


def tar(subjects: SubjectRates, fmr: float) -> Estimate:
    """True accept rate at the loosest threshold with FMR at most `fmr`, the threshold's uncertainty included."""
    point = subjects.rates.loosest_within(fmr)
    closeness = subjects.closeness(point.threshold)
    found, missed = subjects.fmr(closeness), subjects.fnmr(closeness)
    loose, tight = (subjects.rates.loosest_within(bound) for bound in _levels(fmr, found, 1.0))
    run = loose.fmr - tight.fmr
    slope = (loose.recall - tight.recall) / run if run > 0 else 0.0
    errors = min(point.genuine - point.false_non_matches, point.false_non_matches)
    return subjects.weighted(point.recall, [(-1.0, missed), (-slope, found)], errors)


def tar_threshold(subjects: SubjectRates, fmr: float, level: float) -> tuple[float, float]:
    """Return the closeness bounds of that threshold: those whose FMR is not told from `fmr`."""
    point = subjects.rates.loosest_within(fmr)
    found = subjects.fmr(subjects.closeness(point.threshold))
    if not found.known:
        return float("nan"), float("nan")
    loose, tight = (subjects.rates.loosest_within(b) for b in _levels(fmr, found, found.quantile(level)))
    return subjects.closeness(loose.threshold), subjects.closeness(tight.threshold)


def _levels(fmr: float, found: Estimate, quantile: float) -> tuple[float, float]:
    """Return the rates above and below `fmr` that lie `quantile` standard errors away on the logit scale."""
    value = min(max(found.value, 1e-12), 1 - 1e-12)
    step = min(quantile * found.se / (value * (1 - value)), 5.0) if found.known else 1.0
    odds = fmr / (1 - fmr)
    high, low = odds * np.exp(step), odds * np.exp(-step)
    return high / (1 + high), low / (1 + low)


def eer(subjects: SubjectRates) -> Estimate:
    """Equal error rate: a weighted mean of FMR and FNMR at the threshold where both are equal."""
    value, threshold = subjects.rates.eer()
    closeness = subjects.closeness(threshold)
    false, missed = subjects.fmr(closeness), subjects.fnmr(closeness)
    near, far = _around_eer(subjects, subjects.weighted(0.0, [(1.0, false), (-1.0, missed)]).se)
    falls, rises = near.fmr - far.fmr, far.fnmr - near.fnmr
    weight = rises / (falls + rises) if falls + rises > 0 else 0.5
    return subjects.weighted(value, [(weight, false), (1 - weight, missed)])


def eer_threshold(subjects: SubjectRates, level: float) -> tuple[float, float]:
    """Return the closeness bounds of the threshold of equal error rates: those where both are not told apart."""
    closeness = subjects.closeness(subjects.rates.eer()[1])
    false, missed = subjects.fmr(closeness), subjects.fnmr(closeness)
    difference = replace(subjects.weighted(false.value - missed.value, [(1.0, false), (-1.0, missed)]), scale="plain")
    if not difference.known:
        return float("nan"), float("nan")
    near, far = _around_eer(subjects, difference.quantile(level) * difference.se)
    low, high = subjects.closeness(near.threshold), subjects.closeness(far.threshold)
    return min(low, closeness), max(high, closeness)  # few distinct scores may leave no threshold between the two


def _around_eer(subjects: SubjectRates, step: float) -> tuple[Point, Point]:
    """Return the last point where FMR - FNMR is still above `step` and the first where it is below -`step`."""
    true, false = subjects.rates.matches
    gap = false / subjects.sizes[1] - (1 - true / subjects.sizes[0])
    near, far = int(np.argmax(gap <= step)), int(np.argmax(gap <= -step)) if gap[-1] <= -step else len(gap) - 1
    return subjects.rates.point(near), subjects.rates.point(far)


def best_f1(subjects: SubjectRates, candidates: np.ndarray) -> Estimate:
    """F1 at its best threshold.

    The best of many thresholds flatters, and which one is best hangs on chance. Parametric bootstrap: F1 over the
    `candidates`, knots around the best, is moved by normal noise of the covariance that the influences give. The
    mean rise of its maximum is the `bias`, and the influence is the mean of the candidates' influences, weighted
    by how often each is the best (as for a bagged estimate: Efron, JASA 109, 2014). The draws are fixed, so that
    the same data give the same interval.
    """
    best = subjects.f1(subjects.closeness(subjects.rates.best("f1").threshold))
    around = [subjects.f1(closeness) for closeness in candidates.tolist()]
    around = [one for one in around if one.n_subjects == best.n_subjects]
    if not best.known or not around:
        return best
    values, influences = np.array([one.value for one in around]), np.array([one.influence for one in around])
    kept = np.sqrt(1 - best.excess / (best.influence**2).sum())
    noise = kept * np.random.default_rng(0).standard_normal((best.n_subjects, OPTIMISM_DRAWS))
    moved = values[:, None] + influences @ noise
    share = np.bincount(moved.argmax(axis=0), minlength=len(around)) / OPTIMISM_DRAWS
    rise = max(float(moved.max(axis=0).mean()) - best.value, 0.0)
    return replace(
        best,
        influence=share @ influences,
        excess=float(share @ np.array([one.excess for one in around])),
        bias=rise,
        pairs=PairInfluence.combined([(s, one.pairs) for s, one in zip(share.tolist(), around, strict=True)]),
        impostor=share @ np.array([one.impostor for one in around]),
    )


def best_f1_threshold(subjects: SubjectRates, candidates: np.ndarray, level: float) -> tuple[float, float]:
    """Return the closeness bounds of the threshold of best F1.

    `candidates`: knots around it, rising. The interval holds the thresholds whose F1 is not clearly lower than
    the best, judged by the standard error of the fall: see `ROUGH`.
    """
    best = subjects.closeness(subjects.rates.best("f1").threshold)
    at_best = subjects.f1(best)
    if not at_best.known:
        return float("nan"), float("nan")

    def ratio(candidate: float) -> float:
        there = subjects.f1(candidate)
        fall = replace(subjects.weighted(at_best.value - there.value, [(1.0, at_best), (-1.0, there)]), scale="plain")
        return fall.value / fall.se if fall.known else 0.0

    bound = max(ROUGH - SMOOTHING / np.sqrt(at_best.n_subjects), SMOOTH) * at_best.quantile(level)
    below = _crossing(best, [(c, ratio(c)) for c in candidates[candidates < best][::-1].tolist()], bound)
    above = _crossing(best, [(c, ratio(c)) for c in candidates[candidates > best].tolist()], bound)
    return below, above


def _crossing(start: float, found: list[tuple[float, float]], bound: float) -> float:
    """Return where a ratio, 0 at `start` and rising on the whole, passes `bound` for the last time."""
    walked = [(start, 0.0), *found]
    last = max(i for i, (_, ratio) in enumerate(walked) if ratio <= bound)
    if last == len(walked) - 1:
        return walked[last][0]
    (at, ratio), (beyond, higher) = walked[last : last + 2]
    return at + (beyond - at) * (bound - ratio) / (higher - ratio)
