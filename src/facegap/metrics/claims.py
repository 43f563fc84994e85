"""One number against another: their difference or ratio, its interval, and the p-value of there being none."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import special

from facegap.metrics.bounds import NOTHING_TO_GO_BY, Intervals
from facegap.metrics.estimate import FEW, Estimate
from facegap.metrics.pair_influence import PairInfluence

POWER = 0.8
"""Probability with which a difference that is called detectable would have been found."""


def difference(a: Estimate, b: Estimate, metric: str, intervals: Intervals) -> dict:
    """Return the columns of the claim that two models or cohorts differ; see `judged`."""
    claim = judged(_subtracted(a, b, metric), intervals, behind=(a, b))
    if metric == "fmr" and resolved(a, b):
        return _told_by_ratio(claim, a, b, intervals)
    if metric == "auc" or (metric in ("tar", "fnmr") and _paired(a, b)):
        return _told_at_one_level(claim, a, b, metric, intervals)
    return claim


def ratio(a: Estimate, b: Estimate, metric: str, intervals: Intervals) -> dict:
    """Return the columns of the claim that the ratio of two rates is not 1; see `judged`."""
    if not resolved(a, b):
        return _untested((a - b).n_subjects, "not resolvable: a ratio needs errors in both cohorts")
    claim = judged(_log_ratio(a, b), intervals)
    powers = {name: claim[name] and float(np.exp(claim[name])) for name in ("low", "high", "detectable")}
    claim = {**claim, **powers, "value": float(np.exp(claim["value"]))}
    return _told_by_difference(claim, a, b, intervals) if metric == "fnmr" else claim


def resolved(a: Estimate, b: Estimate) -> bool:
    """Return whether both rates have errors, so that they have a ratio."""
    return min(a.value, b.value) > 0 and 0 not in (a.errors, b.errors)


def judged(estimate: Estimate, intervals: Intervals, *, behind: Sequence[Estimate] = ()) -> dict:
    """Return the columns of a claim: value, interval, p-value, and the difference that would have been found.

    Rates `behind` it that have few errors in all, or a value that shows no variance, allow no test.
    """
    errors = [one.errors for one in behind if one.errors is not None]
    reason = f"not tested: fewer than {FEW} errors in all" if errors and sum(errors) < FEW else ""
    if reason or not estimate.known:
        return {**_untested(estimate.n_subjects, reason or NOTHING_TO_GO_BY), "value": estimate.value}
    low, high = intervals.bounds(estimate)
    p = estimate.p_value()
    seen = estimate.quantile(intervals.level) + special.ndtri(POWER)
    return {
        "value": estimate.value,
        "low": low,
        "high": high,
        "p": p,
        "p_holm": p,
        "detectable": float(seen * estimate.se),
        "n_subjects": estimate.n_subjects,
        "method": "paired over subjects" if intervals.replicates is None else "bootstrap over subjects",
    }


def _untested(subjects: int, why: str) -> dict:
    nothing = dict.fromkeys(("value", "low", "high", "p", "p_holm", "detectable"))
    return {**nothing, "n_subjects": subjects, "method": why}


def _paired(a: Estimate, b: Estimate) -> bool:
    """Return whether both are of the same subjects."""
    return np.array_equal(a.subject, b.subject)


def _impostor_share(a: Estimate, b: Estimate) -> float:
    return (a.impostor_share + b.impostor_share) / 2


def _subtracted(a: Estimate, b: Estimate, metric: str) -> Estimate:
    """Return a - b.

    What is one-sided in two cohorts that are alike cancels as far as they are equally large: the third cumulant of a
    difference of means goes with 1 / n^2 - 1 / m^2. That much of the caution is dropped for AUC; error rates at a
    threshold need it in small cohorts all the same, and where a few subjects are behind most of what impostors do, it
    is known no better than in the worse known cohort: a FMR, and other rates the more like it, the more of their
    variance impostors make. The EER, in which both kinds of errors are equal, is cautious enough.

    Which of two alike models a subject favours is chance: so its influence on their difference might have the other
    sign, but not that on the EER, whose slope hangs on all subjects, nor on the best F1, whose threshold does. FMR and
    best F1 need the caution here too. Chosen by simulation, docs/coverage.md.
    """
    found, share = a - b, _impostor_share(a, b)
    if _paired(a, b):
        return replace(found, skew=float(metric in ("fmr", "f1")), symmetric=metric in ("auc", "tar", "fnmr"))
    if metric == "auc":
        n, m = a.n_subjects**2, b.n_subjects**2
        return replace(found, skew=min(found.skew, abs(n - m) / (n + m)))
    if metric == "fmr":
        return replace(found, most_df=min(a.df, b.df))
    return replace(found, most_df=min(a.impostor_df, b.impostor_df) / share) if share and metric != "eer" else found


def _log_ratio(a: Estimate, b: Estimate) -> Estimate:
    """Return log(a / b); of two models on the same subjects its influences might have the other signs."""
    found = a.log_ratio(b)
    return replace(found, skew=0.0, symmetric=True, most_df=float("inf")) if _paired(a, b) else found


def _told_by_ratio(claim: dict, a: Estimate, b: Estimate, intervals: Intervals) -> dict:
    """Return the tested difference of two FMRs with the p-value of their ratio being 1, and an interval that agrees.

    It is the same claim. But where a few subjects are behind most false matches a rate is large in those studies where
    its error is, and hardly any difference would be told from 0; their logarithms are even. A ratio of r or more makes
    for a difference of r - 1 times the smaller rate or more.
    """
    ratio = _log_ratio(a, b)
    if claim["p"] is None or not ratio.known:
        return claim
    low, high, p = claim["low"], claim["high"], ratio.p_value()
    if p >= 1 - intervals.level:
        low, high = min(low, 0.0), max(high, 0.0)
    elif ratio.value > ratio.bias:
        low = max(low, np.expm1(max(ratio.interval(intervals.level)[0], 0.0)) * intervals.bounds(b)[0])
    else:
        high = min(high, -np.expm1(max(-ratio.interval(intervals.level)[1], 0.0)) * intervals.bounds(a)[0])
    method = f"{claim['method']}; tested as a ratio"
    return {**claim, "low": float(low), "high": float(high), "p": p, "p_holm": p, "method": method}


def _told_by_difference(claim: dict, a: Estimate, b: Estimate, intervals: Intervals) -> dict:
    """Return the claim about the ratio of two FNMRs with the p-value of their difference, and an interval that agrees.

    It is the same claim; a FNMR is nearly normal as it is. A difference of d or more makes for a ratio of 1 + d / r or
    more, r being the upper bound of the smaller rate.
    """
    told = difference(a, b, "fnmr", intervals)
    if told["p"] is None or claim["p"] is None:
        return claim
    low, high, p = claim["low"], claim["high"], told["p"]
    if p >= 1 - intervals.level:
        low, high = min(low, 1.0), max(high, 1.0)
    elif told["value"] > 0:
        low = max(low, 1 + max(told["low"], 0.0) / intervals.bounds(b)[1])
    else:
        high = min(high, 1 / (1 + max(-told["high"], 0.0) / intervals.bounds(a)[1]))
    method = f"{claim['method']}; tested as a difference"
    return {**claim, "low": float(low), "high": float(high), "p": p, "p_holm": p, "method": method}


def _told_at_one_level(claim: dict, a: Estimate, b: Estimate, metric: str, intervals: Intervals) -> dict:
    """Return the tested difference with the p-value it has at one level, and an interval that agrees about 0.

    Where a few subjects attract most false matches, the area above the curve is large in the very studies in which its
    error is, and hardly any difference would be told from 0; and so is the FNMR at a FMR. The test therefore takes the
    influences that subjects would have if both were the same, as it supposes. The area is a product: of how low genuine
    scores lie, and how high impostor scores do. The influence of a genuine comparison grows with the latter, that of an
    impostor comparison with both; and of the logarithm of what lies between two such areas impostors move their share
    of the variance. The common level is the logarithmic mean: times the difference of the logarithms it is the
    difference. Of two cohorts it has no more degrees of freedom than the impostors' part of the worse known has, over
    that part's share of the standard error. Chosen by simulation, docs/coverage.md.
    """
    error, other = (one.value if metric == "fnmr" else 1 - one.value for one in (a, b))
    share = _impostor_share(a, b)
    if claim["p"] is None or error == other or not share:
        return claim
    level = (error - other) / np.log1p((error - other) / other)
    found = _subtracted(_at_level(a, level / error, share), _at_level(b, level / other, share), metric)
    if not found.symmetric:
        found = replace(found, most_df=float(min(a.impostor_df, b.impostor_df) / np.sqrt(share)))
    p, ends = found.p_value(), {}
    if (p < 1 - intervals.level) == (claim["low"] <= 0 <= claim["high"]):
        low, high = intervals.bounds(found)
        ends = {"high": high} if claim["value"] < 0 else {"low": low}
    return {**claim, **ends, "p": p, "p_holm": p, "method": f"{claim['method']}; tested at one level"}


def _at_level(estimate: Estimate, times: float, share: float) -> Estimate:
    """Return an estimate with the influences that it would have if its error were `times` as large."""
    if estimate.impostor is None:
        return estimate
    impostor = times * estimate.impostor
    return replace(
        estimate,
        influence=times**share * (estimate.influence - estimate.impostor) + impostor,
        impostor=impostor,
        excess=times**2 * estimate.excess,
        pairs=PairInfluence.combined([(times, estimate.pairs)]),
    )
