"""The interval of one number."""

from enum import StrEnum

import numpy as np

from facegap.stats.combination import Combination
from facegap.stats.estimate import Estimate
from facegap.stats.scale import PLAIN

NONE = (float("nan"), float("nan"))


class Method(StrEnum):
    """How an interval was made, or why there is none."""

    JACKKNIFE = "jackknife over subjects"
    WILSON = "Wilson over effective comparisons"
    RULE_OF_THREE = "no error seen: bound over subjects"
    TOO_FEW = "no interval: too few subjects"
    NO_SPREAD = "no interval: all subjects agree"


def method_of(estimate: Estimate) -> Method:
    """Return how the interval of a number is made."""
    if not estimate.enough:
        return Method.TOO_FEW
    if estimate.faultless:
        return Method.RULE_OF_THREE
    if not Combination(((1.0, estimate),), PLAIN if estimate.few else estimate.scale).known:
        return Method.NO_SPREAD
    return Method.WILSON if estimate.few else Method.JACKKNIFE


def interval(estimate: Estimate, level: float, *, two_sided: bool = False) -> tuple[float, float]:
    """Return the bounds of a number at a confidence `level` (0 to 1); NaN where nothing can be said.

    On its scale, centred by the jackknife, with Student's quantile. On few errors: Wilson's score interval with the
    effective number of comparisons t (1 - t) / variance. Where no error was seen: the rule of three over the subjects
    who have such comparisons, 1 - (1 - level)^(1 / n) (Hanley & Lippman-Hand, JAMA 249, 1983), a bound on one side;
    `two_sided` spends only half of 1 - level on it.
    """
    method = method_of(estimate)
    if method is Method.RULE_OF_THREE:
        beyond = 1 - ((1 - level) / (2 if two_sided else 1)) ** (1 / estimate.participants)
        if estimate.if_share is not None:
            end = estimate.if_share(beyond)
        else:
            end = beyond if estimate.value < 0.5 else 1 - beyond
        return min(end, estimate.value, 1.0), max(end, estimate.value, 0.0)
    if method is Method.JACKKNIFE:
        found = Combination(((1.0, estimate),), estimate.scale)
        low, high = (float(estimate.scale.back(bound)) for bound in found.interval(level))
        return low, high
    if method is Method.WILSON:
        found = Combination(((1.0, estimate),), PLAIN)
        effective = estimate.value * (1 - estimate.value) / found.variance
        return wilson(estimate.value, effective, found.quantile(level))
    return NONE


def wilson(rate: float, n: float, quantile: float) -> tuple[float, float]:
    """Return Wilson's score interval (JASA 22, 1927) for a rate over n independent comparisons."""
    square = quantile**2 / n
    centre, half = rate + square / 2, quantile * np.sqrt(rate * (1 - rate) / n + square / (4 * n))
    return float((centre - half) / (1 + square)), float((centre + half) / (1 + square))
