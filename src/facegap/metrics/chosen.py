"""Rates at thresholds that were chosen on the data, and those thresholds themselves.

Such a rate moves with its threshold too (delta method). A slope is a secant of the curve over the reach of the
interval, `REACH` standard errors to each side, so no density has to be estimated, and what is read off is the mean
slope over the values that the interval holds possible. A threshold's interval holds those that the data cannot tell
from it.
"""

from dataclasses import replace

import numpy as np

from facegap.metrics.influence import SubjectRates
from facegap.metrics.rates import Point
from facegap.metrics.registry import PointMetric, point_metric
from facegap.stats import LOG, LOGIT, Combination, Estimate

OPTIMISM_DRAWS = 200
"""Normal draws by which the optimism of a best F1 is estimated."""

REACH = 2.0
"""Standard errors to each side over which a slope is taken: about those of a 95 % interval."""

ROUGH = 1.26
"""How many quantiles of its standard error F1 has to fall before a threshold is ruled out as the best one.

The best of many is not a usual estimate: near the best F1 is as rough as a random walk, and 1.26 quantiles is what the
maximum of Brownian motion with a parabola taken off asks for (Kim & Pollard, Annals of Statistics 18, 1990). Where F1
is smooth less would do, so the interval errs on the safe side.
"""


def tar(subjects: SubjectRates, fmr: float) -> Estimate:
    """True accept rate at the loosest threshold with FMR at most `fmr`, the threshold's uncertainty included."""
    point = subjects.rates.loosest_within(fmr)
    similarity = subjects.similarity(point.threshold)
    found, missed = subjects.fmr(similarity), subjects.fnmr(similarity)
    loose, tight = (subjects.rates.loosest_within(bound) for bound in _levels(fmr, found, REACH))
    run = np.log(loose.fmr / tight.fmr) if tight.fmr > 0 else 0.0
    slope = (loose.recall - tight.recall) / run / found.value if run > 0 else 0.0
    errors = min(point.made.true_matches, point.made.false_non_matches)
    return subjects.weighted(point.recall, [(-1.0, missed), (-slope, _by_logarithm(found))], errors)


def _by_logarithm(rate: Estimate) -> Estimate:
    """Return a rate that moves, without each subject, as far as its logarithm does: TAR bends over FMR, not over that.

    One subject may have most false matches. Then FMR without that subject is far lower, TAR at that FMR a little.
    """
    factor = LOG.kept_inside(rate.value, rate.left_out) / rate.value if rate.value else np.ones(rate.n_subjects)
    return replace(rate, left_out=rate.value * (1 + np.log(factor)))


def tar_threshold(subjects: SubjectRates, fmr: float, level: float) -> tuple[float, float]:
    """Return the similarity bounds of that threshold: those whose FMR is not told from `fmr`."""
    point = subjects.rates.loosest_within(fmr)
    found = subjects.fmr(subjects.similarity(point.threshold))
    alone = Combination(((1.0, found),), LOGIT)
    if not alone.known:
        return float("nan"), float("nan")
    loose, tight = (subjects.rates.loosest_within(b) for b in _levels(fmr, found, alone.quantile(level)))
    return subjects.similarity(loose.threshold), subjects.similarity(tight.threshold)


def _levels(fmr: float, found: Estimate, quantile: float) -> tuple[float, float]:
    """Return the rates above and below `fmr` that lie `quantile` standard errors away on the logit scale."""
    alone = Combination(((1.0, found),), LOGIT)
    step = min(quantile * alone.se, 5.0) if alone.known else 1.0
    odds = fmr / (1 - fmr)
    high, low = odds * np.exp(step), odds * np.exp(-step)
    return high / (1 + high), low / (1 + low)


def eer(subjects: SubjectRates) -> Estimate:
    """Equal error rate: a weighted mean of FMR and FNMR at the threshold where both are equal.

    Its errors are as many as that rate makes of the comparisons of the kind that there are fewer of, rounded: between
    two thresholds it is interpolated.
    """
    value, threshold = subjects.rates.eer()
    similarity = subjects.similarity(threshold)
    false, missed = subjects.fmr(similarity), subjects.fnmr(similarity)
    apart = Combination(((1.0, false), (-1.0, missed)))
    near, far = _around_eer(subjects, REACH * apart.se if apart.variance > 0 else 0.0)
    falls, rises = near.fmr - far.fmr, far.fnmr - near.fnmr
    weight = rises / (falls + rises) if falls + rises > 0 else 0.5
    errors = round(min(value, 1 - value) * min(subjects.sizes))
    return subjects.weighted(value, [(weight, false), (1 - weight, missed)], errors)


def eer_threshold(subjects: SubjectRates, level: float) -> tuple[float, float]:
    """Return the similarity bounds of the threshold of equal error rates: those where both are not told apart."""
    similarity = subjects.similarity(subjects.rates.eer()[1])
    apart = Combination(((1.0, subjects.fmr(similarity)), (-1.0, subjects.fnmr(similarity))))
    if not apart.known:
        return float("nan"), float("nan")
    near, far = _around_eer(subjects, apart.quantile(level) * apart.se)
    low, high = subjects.similarity(near.threshold), subjects.similarity(far.threshold)
    return min(low, similarity), max(high, similarity)  # few distinct scores may leave no threshold between the two


def _around_eer(subjects: SubjectRates, step: float) -> tuple[Point, Point]:
    """Return the last point where FMR - FNMR is still above `step` and the first where it is below -`step`."""
    true, false = subjects.rates.matches
    gap = false / subjects.sizes[1] - (1 - true / subjects.sizes[0])
    near, far = int(np.argmax(gap <= step)), int(np.argmax(gap <= -step)) if gap[-1] <= -step else len(gap) - 1
    return subjects.rates.point(near), subjects.rates.point(far)


def best(subjects: SubjectRates, metric: PointMetric, candidates: np.ndarray) -> Estimate:
    """A function of the counts at its best threshold, such as F1: the highest, or the lowest where lower is better.

    The best of many thresholds flatters, and which one is best hangs on chance; no single subject left out shows that.
    Parametric bootstrap: the number over the `candidates`, evaluated thresholds around the best, is moved by normal
    noise of the covariance that the subjects show. The mean rise of its maximum is the `bias`, and what a subject does
    is the mean over the candidates, weighted by how often each is the best (as for a bagged estimate: Efron, JASA 109,
    2014). The draws are fixed, so that the same data give the same interval.
    """
    sign = 1.0 if metric.higher_is_better else -1.0
    point = subjects.rates.best(metric.formula, lowest=sign < 0)
    top = subjects.at(metric, subjects.similarity(point.threshold))
    around = [subjects.at(metric, similarity) for similarity in candidates.tolist()]
    around = [one for one in around if one.n_subjects == top.n_subjects]
    alone = Combination(((1.0, top),))
    if not alone.known or not around:
        return top
    values = np.array([one.value for one in around])
    moves = values[:, None] - np.array([one.left_out for one in around])
    moves -= moves.mean(axis=1, keepdims=True)
    once = np.sqrt(alone.variance / (alone.variance + alone.double_counted))
    noise = once * np.random.default_rng(0).standard_normal((top.n_subjects, OPTIMISM_DRAWS))
    moved = sign * (values[:, None] + moves @ noise)
    share = np.bincount(moved.argmax(axis=0), minlength=len(around)) / OPTIMISM_DRAWS
    parts = list(zip(share.tolist(), around, strict=True))
    found = subjects.weighted(top.value, parts, top.errors, metric.scale)
    rise = sign * (moved.max(axis=0) - moved[(sign * values).argmax()])
    return replace(found, bias=float(rise.mean()), if_share=top.if_share)


def best_f1_threshold(subjects: SubjectRates, candidates: np.ndarray, level: float) -> tuple[float, float]:
    """Return the similarity bounds of the threshold of best F1.

    `candidates`: evaluated thresholds around it, rising. The interval holds the thresholds whose F1 is not clearly
    lower than the best, judged by the standard error of the fall: see `ROUGH`.
    """
    f1 = point_metric("f1")
    best = subjects.similarity(subjects.rates.best(f1.formula).threshold)
    at_best = subjects.at(f1, best)
    alone = Combination(((1.0, at_best),))
    if not alone.known:
        return float("nan"), float("nan")

    def ratio(candidate: float) -> float:
        fall = Combination(((1.0, at_best), (-1.0, subjects.at(f1, candidate))))
        return fall.value / fall.se if fall.known else 0.0

    bound = ROUGH * alone.quantile(level)
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
