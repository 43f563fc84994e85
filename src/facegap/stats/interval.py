"""The interval of one number."""

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from facegap.stats.combination import Combination
from facegap.stats.estimate import Estimate
from facegap.stats.scale import PLAIN

Method = StrEnum(
    "Method",
    "JACKKNIFE WILSON RULE_OF_THREE TOO_FEW_SUBJECTS ALL_SUBJECTS_AGREE STUDENT_T STUDENT_T_OF_RATIO "
    "SQUARE_AND_ADD TESTED_AS_DIFFERENCE TESTED_AS_RATIO UNTESTED_FEW_ERRORS UNTESTED_FEW_ERRORS_IN_PART "
    "UNTESTED_ONE_CARRIES UNTESTED_FEW_SUBJECTS UNTESTED_NO_VARIANCE UNTESTED_SIDE_WITHOUT_INTERVAL "
    "RATIO_WITHOUT_ERRORS",
)
"""How an interval or a test was made, or why there is none: codes, whose sentences are made elsewhere."""


def method_of(estimate: Estimate, alone: Combination | None = None) -> Method:
    """Return how the interval of a number is made; `alone`: the number on its scale, if it is there already."""
    if not estimate.enough or estimate.faultless:
        return Method.RULE_OF_THREE if estimate.enough else Method.TOO_FEW_SUBJECTS
    made = Method.WILSON if estimate.few else Method.JACKKNIFE
    return made if (alone or _alone(estimate)).known else Method.ALL_SUBJECTS_AGREE


def limits(estimate: Estimate, *, spent: float = 1.0) -> Callable[[float], tuple[float, float]]:
    """Return what gives the bounds of a number at a confidence level (0 to 1), NaN where nothing can be said.

    On the number's scale, with Student's quantile; on few errors Wilson's score interval with t (1 - t) / variance
    effective comparisons; without errors the rule of three over the n subjects who could have made one,
    1 - (1 - level)^(1 / n) (Hanley & Lippman-Hand, JAMA 249, 1983), which spends the share `spent` of 1 - level.
    """
    found, value, most = _alone(estimate), estimate.value, estimate.scale.high
    method = method_of(estimate, found)

    def at(level: float) -> tuple[float, float]:
        if method is Method.RULE_OF_THREE:
            beyond = 1 - (spent * (1 - level)) ** (1 / estimate.participants)
            if estimate.if_share is None:
                return (0.0, max(beyond, value)) if value < 0.5 else (min(1 - beyond, value), 1.0)
            return min(estimate.if_share(beyond), value), max(estimate.if_share(beyond), value)
        if method is Method.WILSON:
            return wilson(value, value * (most - value) / found.variance, found.quantile(level), most)
        known = method is Method.JACKKNIFE
        low, high = map(estimate.scale.back, found.interval(level)) if known else (np.nan, np.nan)
        return float(low), float(high)

    return at


def _alone(estimate: Estimate) -> Combination:
    return Combination(((1.0, estimate),), PLAIN if estimate.few else estimate.scale)


def wilson(rate: float, n: float, quantile: float, most: float = 1.0) -> tuple[float, float]:
    """Return Wilson's score interval (JASA 22, 1927) for a rate over n independent comparisons, from 0 to `most`."""
    square = quantile**2 / n
    centre, half = rate + most * square / 2, quantile * np.sqrt(rate * (most - rate) / n + most**2 * square / (4 * n))
    return float((centre - half) / (1 + square)), float((centre + half) / (1 + square))
