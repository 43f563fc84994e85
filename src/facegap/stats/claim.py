"""One number against another: one claim, one p-value, seen as a difference and as a ratio."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot, isnan, nan

import numpy as np
import scipy  # loads its parts when they are used

from facegap.stats.combination import Combination
from facegap.stats.estimate import FEW_ERRORS, Estimate
from facegap.stats.interval import Method, limits
from facegap.stats.scale import LOG, PLAIN, Scale

POWER = 0.8
"""Probability with which a difference that is called detectable would have been found: the usual one."""
SMALLEST = 1e-9
"""The smallest p-value that is searched for: none smaller changes a verdict."""


@dataclass(frozen=True)
class Claim:
    """That two numbers differ: `value` is their difference or ratio, `low` and `high` its bounds at a confidence level.

    `p` is two-sided, and below 1 - level just where the bounds leave out no difference. `detectable`: the difference
    (or the ratio above 1) that would have been found with 80 % power. What is not known is NaN; `method` says why.
    """

    value: float
    n_subjects: int
    method: str
    low: float = nan
    high: float = nan
    p: float = nan
    detectable: float = nan


def compare(a: Estimate, b: Estimate, level: float, *, view: Scale = PLAIN) -> Claim:
    """Return the claim that two numbers of one kind differ, seen as a - b (`PLAIN`) or a / b (`LOG`).

    It is tested once, on the scale that such numbers declare, by Student's t, with what the same subject does to both
    set off. Where a side has few errors, its spread says little: the two intervals are squared and added instead. The
    other view takes the p-value of the test, and bounds that agree with it.
    """
    nothing = _of_two(a, b, view, _untestable([a, b]))
    if nothing.method:
        return nothing
    few, on = a.few or b.few, PLAIN if a.few or b.few else a.compared

    def test(scale: Scale) -> Claim:
        if few:
            return _by_intervals(a, b, level, scale)
        return _by_t(Combination(((1.0, a), (-1.0, b)), scale, exchangeable=True), level, _of_two(a, b, scale, ""))

    tested = test(on)
    if isnan(tested.p) or isnan(nothing.value):
        return replace(nothing, method=tested.method if isnan(tested.p) else Method.RATIO_WITHOUT_ERRORS)
    found = tested if view is on else _agreeing(test(view), tested, a, b, level, view)
    most = a.scale.high if view is PLAIN else np.inf  # numbers from 0 to 1 differ by 1 at most
    seen = found.detectable if found.detectable <= most else nan
    return replace(found, low=max(found.low, -most), high=min(found.high, most), detectable=seen)


def compare_gaps(first: Sequence[Estimate], second: Sequence[Estimate], level: float) -> Claim:
    """Return the claim that two differences differ: (a - b) - (c - d), where a, c and b, d share their subjects."""
    (a, b), (c, d) = first, second
    people = len(np.unique(np.concatenate([one.subject for one in (a, b, c, d)])))
    few = Method.UNTESTED_FEW_ERRORS_IN_PART if any(one.few for one in (a, b, c, d)) else ""
    why = _untestable([a, b, c, d]) or few
    nothing = Claim(a.value - b.value - c.value + d.value, people, why)
    if why:
        return nothing
    return _by_t(Combination(((1.0, a), (-1.0, b), (-1.0, c), (1.0, d)), exchangeable=True), level, nothing)


def holm(p: np.ndarray) -> np.ndarray:
    """Return Holm's adjusted p-values (Scandinavian Journal of Statistics 6, 1979); NaN stays NaN, and counts not."""
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)), 1.0)
    return adjusted


def _of_two(a: Estimate, b: Estimate, view: Scale, method: str) -> Claim:
    """Return a claim that is not tested."""
    ratio = a.value / b.value if min(a.value, b.value) > 0 else nan
    return Claim(a.value - b.value if view is PLAIN else ratio, len(np.union1d(a.subject, b.subject)), method)


def _untestable(sides: Sequence[Estimate]) -> str:
    """Return why some numbers allow no test together, or ""."""
    if all(one.unclaimed for one in sides):
        return sides[0].unclaimed
    errors = [one.errors for one in sides if one.errors is not None]
    if errors and sum(errors) < FEW_ERRORS:
        return Method.UNTESTED_FEW_ERRORS
    rarer = [min(one.value, one.scale.high - one.value) for one in sides]
    if any(one.one_carries and share == max(rarer) for one, share in zip(sides, rarer, strict=True)):
        return Method.UNTESTED_ONE_CARRIES
    return "" if all(one.enough for one in sides) else Method.UNTESTED_FEW_SUBJECTS


def _by_t(found: Combination, level: float, nothing: Claim) -> Claim:
    """Return a difference judged by Student's t."""
    if not found.known:
        return replace(nothing, method=Method.UNTESTED_NO_VARIANCE)
    seen = (found.quantile(level) + float(scipy.special.ndtri(POWER))) * found.se
    low, high, seen = (float(found.scale.back(one)) for one in (*found.interval(level), seen))
    method = Method.STUDENT_T if found.scale is PLAIN else Method.STUDENT_T_OF_RATIO
    return replace(nothing, method=method, low=low, high=high, p=found.p_value(), detectable=seen)


def _by_intervals(a: Estimate, b: Estimate, level: float, scale: Scale) -> Claim:
    """Return a difference judged by the intervals of its two sides, squared and added.

    Newcombe, Statistics in Medicine 17 (1998), method 10. It takes the sides for independent: of the same subjects it
    errs on the safe side. p is 1 less the level at which a bound is 0.
    """
    first, second = float(scale.forward(a.value)), float(scale.forward(b.value))
    sides = [limits(one, spent=0.5) for one in (a, b)]

    def bounds(at: float) -> tuple[float, float]:
        (low_a, high_a), (low_b, high_b) = (scale.forward(np.array(side(at))).tolist() for side in sides)
        below = hypot(max(first - low_a, 0.0), max(high_b - second, 0.0))
        above = hypot(max(high_a - first, 0.0), max(second - low_b, 0.0))
        return first - second - below, first - second + above

    def room(p: float) -> float:
        return bounds(1 - p)[0] if first > second else -bounds(1 - p)[1]

    low, high = bounds(level)
    if isnan(low) or isnan(high):
        return _of_two(a, b, scale, Method.UNTESTED_SIDE_WITHOUT_INTERVAL)
    p = 1.0 if first == second or room(1 - SMALLEST) <= 0 else SMALLEST
    if p == SMALLEST and room(SMALLEST) < 0:
        p = float(scipy.optimize.brentq(room, SMALLEST, 1 - SMALLEST, xtol=SMALLEST))  # pyright: ignore
    seen = max(first - second - low, high - first + second)
    seen *= 1 + float(scipy.special.ndtri(POWER) / scipy.special.ndtri((1 + level) / 2))
    ends = dict(zip(("low", "high", "detectable"), map(float, map(scale.back, (low, high, seen))), strict=True))
    return replace(_of_two(a, b, scale, Method.SQUARE_AND_ADD), p=p, **ends)


def _agreeing(seen: Claim, tested: Claim, a: Estimate, b: Estimate, level: float, view: Scale) -> Claim:
    """Return a claim as seen in another view than it was tested in, with the p-value and the verdict of the test.

    Where they disagree, the bound is what the test makes certain: numbers that differ by a factor of r differ by r - 1
    times the smaller one's lower bound, those that differ by d by a factor of 1 + d over its upper bound.
    """
    null, widest = (1.0, (0.0, np.inf)) if view is LOG else (0.0, (-1.0, 1.0))
    low, high = widest if isnan(seen.p) else (seen.low, seen.high)

    def certain(bound: float, smaller: Estimate) -> float:
        least, most = limits(smaller)(level)
        return (bound - 1) * least if view is PLAIN else 1 + bound / most

    if tested.p >= 1 - level:
        low, high = min(low, null), max(high, null)
    elif a.value > b.value:
        low = low if low > null else certain(tested.low, b)
    elif high >= null:
        high = -certain(1 / tested.high, a) if view is PLAIN else 1 / certain(-tested.high, a)
    method = f"{tested.method}; {Method.TESTED_AS_DIFFERENCE if view is LOG else Method.TESTED_AS_RATIO}"
    return replace(tested, value=seen.value, low=low, high=high, detectable=seen.detectable, method=method)
