"""One number against another: one claim, one p-value, seen as a difference and as a ratio."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import hypot, isnan, nan
from typing import cast

import numpy as np
from scipy import special
from scipy.optimize import brentq

from facegap.stats.combination import Combination
from facegap.stats.estimate import FEW_ERRORS, Estimate
from facegap.stats.interval import interval
from facegap.stats.scale import LOG, LOGIT, PLAIN, Scale

POWER = 0.8
"""Probability with which a difference that is called detectable would have been found: the usual one."""

SMALLEST = 1e-9
"""The smallest p-value that is told where it has to be searched for."""

Limits = Callable[[float], tuple[float, float]]
"""The bounds of a number at a confidence level."""


@dataclass(frozen=True)
class Claim:
    """That two numbers differ.

    `value`: their difference, or ratio; NaN where there is none. `low`, `high`: its bounds at a confidence level. `p`:
    two-sided, the same for difference and ratio, and below 1 - level just where the bounds leave out no difference.
    `detectable`: the difference (or the ratio above 1) that would have been found with 80 % power. Without a test all
    but the value are NaN, and `method` says why.
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

    It is tested once, on the scale that such numbers declare: their difference there, with what the same subject does
    to both set off, over its standard error, by Student's t. Where a side has few errors, or one subject has nearly all
    of them, its spread says little: their intervals are squared and added instead. The other view takes the p-value of
    the test, and bounds that agree with it.
    """
    nothing = Claim(_ratio(a, b) if view is LOG else a.value - b.value, _subjects([a, b]), "")
    if reason := _untestable([a, b]):
        return replace(nothing, method=reason)
    few = a.few or b.few
    on = PLAIN if few else a.compared
    tested = _on(a, b, level, on, few)
    if isnan(tested.p):
        return replace(nothing, method=tested.method)
    if view is on:
        return _within_reach(tested, a, view)
    if isnan(nothing.value):
        return replace(nothing, method="not resolvable: a ratio needs errors on both sides")
    return _within_reach(_agreeing(_on(a, b, level, view, few), tested, a, b, level, view), a, view)


def compare_gaps(first: Sequence[Estimate], second: Sequence[Estimate], level: float) -> Claim:
    """Return the claim that two differences differ: (a - b) - (c - d), where a, c and b, d share their subjects."""
    (a, b), (c, d) = first, second
    nothing = Claim(a.value - b.value - c.value + d.value, _subjects([a, b, c, d]), "")
    if reason := _untestable([a, b, c, d]):
        return replace(nothing, method=reason)
    if not any(one.few for one in (a, b, c, d)):
        return _by_t(Combination(((1.0, a), (-1.0, b), (-1.0, c), (1.0, d)), exchangeable=True), level, nothing)

    def side(one: Estimate, other: Estimate) -> tuple[float, Limits]:
        return one.value - other.value, lambda at: (found := compare(one, other, at), (found.low, found.high))[1]

    return _by_intervals(side(a, b), side(c, d), level, PLAIN, nothing)


def _subjects(sides: Sequence[Estimate]) -> int:
    return len(np.unique(np.concatenate([one.subject for one in sides])))


def _ratio(a: Estimate, b: Estimate) -> float:
    return a.value / b.value if min(a.value, b.value) > 0 else nan


def _untestable(sides: Sequence[Estimate]) -> str:
    """Return why some numbers allow no test together, or ""."""
    if all(one.unclaimed for one in sides):
        return sides[0].unclaimed
    errors = [one.errors for one in sides if one.errors is not None]
    if errors and sum(errors) < FEW_ERRORS:
        return f"not tested: fewer than {FEW_ERRORS} errors in all"
    return "" if all(one.enough for one in sides) else "not tested: too few subjects"


def _on(a: Estimate, b: Estimate, level: float, scale: Scale, few: bool) -> Claim:
    """Return the claim on one scale, with its own test."""
    nothing = Claim(_ratio(a, b) if scale is LOG else a.value - b.value, _subjects([a, b]), "")
    if not few:
        return _by_t(Combination(((1.0, a), (-1.0, b)), scale, exchangeable=True), level, nothing)

    def side(one: Estimate) -> tuple[float, Limits]:
        with np.errstate(divide="ignore"):
            at = float(scale.forward(np.float64(one.value)))
            return at, lambda level: _placed(interval(one, level, two_sided=True), scale)

    return _by_intervals(side(a), side(b), level, scale, nothing)


def _by_t(found: Combination, level: float, nothing: Claim) -> Claim:
    """Return a difference judged by Student's t."""
    if not found.known:
        return replace(nothing, method="not tested: too few subjects, or all agree")
    low, high = (float(found.scale.back(bound)) for bound in found.interval(level))
    seen = (found.quantile(level) + float(special.ndtri(POWER))) * found.se
    method = f"Student's t over subjects{'' if found.scale is PLAIN else ', as a ratio'}"
    ends = {"low": low, "high": high, "detectable": float(found.scale.back(seen))}
    return replace(nothing, method=method, p=found.p_value(), **ends)


def _by_intervals(
    a: tuple[float, Limits], b: tuple[float, Limits], level: float, scale: Scale, nothing: Claim
) -> Claim:
    """Return a difference judged by the intervals of its two sides, squared and added.

    Newcombe, Statistics in Medicine 17 (1998), method 10; Zou & Donner, Statistics in Medicine 27 (2008). It takes the
    sides for independent: of the same subjects it errs on the safe side. p is 1 less the level at which a bound is 0.
    """
    (first, limits_first), (second, limits_second) = a, b

    def bounds(at: float) -> tuple[float, float]:
        (low_a, high_a), (low_b, high_b) = limits_first(at), limits_second(at)
        below = hypot(max(first - low_a, 0.0), max(high_b - second, 0.0))
        above = hypot(max(high_a - first, 0.0), max(second - low_b, 0.0))
        return first - second - below, first - second + above

    def room(p: float) -> float:
        low, high = bounds(1 - p)
        return low if first > second else -high

    low, high = bounds(level)
    if isnan(low) or isnan(high):
        return replace(nothing, method="not tested: a side has no interval")
    if first == second or room(1 - SMALLEST) <= 0:
        p = 1.0
    else:
        p = SMALLEST if room(SMALLEST) >= 0 else cast(float, brentq(room, SMALLEST, 1 - SMALLEST, xtol=SMALLEST))
    seen = max(first - second - low, high - first + second)
    seen *= 1 + float(special.ndtri(POWER) / special.ndtri((1 + level) / 2))
    low, high, seen = (float(scale.back(one)) for one in (low, high, seen))
    return replace(nothing, method="square and add: few errors on a side", low=low, high=high, p=p, detectable=seen)


def _placed(values: tuple[float, float], scale: Scale) -> tuple[float, float]:
    """Return bounds on a scale, an end of the scale as infinite."""
    with np.errstate(divide="ignore"):
        low, high = (float(scale.forward(np.float64(value))) for value in values)
    return low, high


def _agreeing(seen: Claim, tested: Claim, a: Estimate, b: Estimate, level: float, view: Scale) -> Claim:
    """Return a claim as seen in another view than it was tested in, with the p-value and the verdict of the test.

    Where the two disagree about no difference, the bound is what the tested one makes certain: of numbers that differ
    by a factor of r or more the difference is at least r - 1 times the smaller number's lower bound, and of numbers
    that differ by d or more the ratio is at least 1 + d over the smaller number's upper bound.
    """
    null, (low, high) = (1.0 if view is LOG else 0.0), (seen.low, seen.high)
    if isnan(seen.p):
        low, high = (0.0, float("inf")) if view is LOG else (-1.0, 1.0)

    def certain(bound: float, smaller: Estimate) -> float:
        least, most = interval(smaller, level)
        return (bound - 1) * least if view is PLAIN else 1 + bound / most

    if tested.p >= 1 - level:
        low, high = min(low, null), max(high, null)
    elif a.value > b.value:
        low = low if low > null else certain(tested.low, b)
    elif high >= null:
        high = -certain(1 / tested.high, a) if view is PLAIN else 1 / certain(-tested.high, a)
    method = f"{tested.method}; tested as a {'difference' if view is LOG else 'ratio'}"
    return replace(tested, value=seen.value, low=low, high=high, detectable=seen.detectable, method=method)


def _within_reach(claim: Claim, a: Estimate, view: Scale) -> Claim:
    """Return the claim; the bounds of a difference of numbers from 0 to 1 are kept between -1 and 1."""
    if view is PLAIN and a.scale is LOGIT:
        return replace(claim, low=max(claim.low, -1.0), high=min(claim.high, 1.0))
    return claim
