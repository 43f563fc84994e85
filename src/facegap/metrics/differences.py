"""Claims: one model against another, one cohort against another, each a test with an interval."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from scipy import special

from facegap.metrics.bounds import NOTHING_TO_GO_BY, Estimates, Intervals
from facegap.metrics.estimate import FEW, Estimate, holm

COMPARED = (("auc", ""), ("eer", ""), ("f1", "best-f1"), ("accuracy", "best-accuracy"))
RATIOS = ("fmr", "fnmr")
POWER = 0.8

Cells = Mapping[tuple[str, str], Estimates]
"""The estimates of each (model, cohort), all over one set of images."""


def difference_rows(
    cells: Cells, models: Sequence[str], cohorts: Sequence[str], intervals: Intervals, *, images: str, kinds: set[str]
) -> list[dict]:
    """Return the rows of `Evaluation.differences` over one set of images.

    `cohorts`: as in the report, the pooled one last. `kinds`: which of `models`, `cohorts` and `gaps` are wanted.
    Models are compared on the same subjects, so what a subject does to both is set off (a paired test); cohorts
    share what subjects they share. FMR and FNMR of two cohorts are also compared as a ratio, by its logarithm.
    """
    rows: list[dict] = []
    own = [cohort for cohort in cohorts if cohort != "all"]
    asked = _asked(cells)
    if "models" in kinds:
        for (metric, at), (a, b), cohort in _product(asked, combinations(models, 2), cohorts):
            rows += _rows("models", (metric, at), cells, (a, cohort), (b, cohort), intervals, images)
    if "cohorts" in kinds:
        for (metric, at), (x, y), model in _product(asked, combinations(own, 2), models):
            rows += _rows("cohorts", (metric, at), cells, (model, x), (model, y), intervals, images)
    if "gaps" in kinds:
        for (metric, at), (a, b), (x, y) in _product(asked, combinations(models, 2), combinations(own, 2)):
            rows += _gap(metric, at, cells, (a, b), (x, y), intervals, images)
    return _adjusted(rows)


def _product(asked: Sequence[tuple[str, str]], *others: Iterator | Sequence) -> Iterator[tuple]:
    first, second = (list(other) for other in others)
    for key in asked:
        for one in first:
            for two in second:
                yield key, one, two


def _asked(cells: Cells) -> list[tuple[str, str]]:
    """Return what there is to compare, in a fixed order: each metric and `at` that some population has."""
    found = dict.fromkeys(key for estimates in cells.values() for key in estimates)
    chosen = [key for key in COMPARED if key in found]
    chosen += [key for key in found if key[0] == "tar" and key[1] in ("fmr=0.01", "fmr=0.001")]
    chosen += [("fnmr", at) for metric, at in list(chosen) if metric == "tar"]
    return chosen + [key for key in found if key[0] in RATIOS and (key[1] == "shipped" or "@" in key[1])]


def _estimate(cells: Cells, cell: tuple[str, str], metric: str, at: str) -> Estimate | None:
    """Return one estimate; FNMR at a fixed FMR is what TAR leaves."""
    if metric == "fnmr" and at.startswith("fmr="):
        tar = cells.get(cell, {}).get(("tar", at))
        return None if tar is None else tar.complement()
    return cells.get(cell, {}).get((metric, at))


def _rows(kind, key, cells: Cells, left, right, intervals: Intervals, images: str) -> Iterator[dict]:
    a, b = (_estimate(cells, cell, *key) for cell in (left, right))
    if a is None or b is None:
        return
    names = _names(kind, images, key, left, right, a.value, b.value)
    tested = _tested(_difference(a, b, key[0]), intervals, _sees_nothing(a, b))
    resolved = min(a.value, b.value) > 0 and 0 not in (a.errors, b.errors)
    if key[0] == "fmr" and resolved:
        tested = _told_by_ratio(tested, a, b, intervals)
    if key[0] == "auc":
        tested = _told_at_one_level(tested, a, b, intervals)
    yield {**names, "scale": "difference", **tested}
    if kind == "cohorts" and key[0] in RATIOS:
        if resolved:
            yield {**names, "scale": "ratio", **_as_ratio(_tested(_log_ratio(a, b), intervals, ""))}
        elif not key[1].startswith("fmr="):
            why = "not resolvable: a ratio needs errors in both cohorts"
            yield {**names, "scale": "ratio", **_untested(tested["n_subjects"], why)}


def _difference(a: Estimate, b: Estimate, metric: str) -> Estimate:
    """Return a - b.

    What is one-sided in two cohorts that are alike cancels as far as they are equally large: the third cumulant of a
    difference of means goes with 1 / n^2 - 1 / m^2. That much of the caution is dropped for AUC; error rates at a
    threshold need it in small cohorts all the same, and where a few subjects are behind most of what impostors do, it
    is known no better than that: a FMR as the worse known of two cohorts, other rates as the two together.

    Which of two alike models a subject favours is chance: so its influence on their difference might have the other
    sign, but not that on the EER, whose slope hangs on all subjects, nor on the best F1, whose threshold does. FMR and
    best F1 need the caution here too. Chosen by simulation, docs/coverage.md.
    """
    found, paired = a - b, np.array_equal(a.subject, b.subject)
    if paired:
        return replace(found, skew=float(metric in ("fmr", "f1")), symmetric=metric in ("auc", "tar", "fnmr"))
    if metric == "auc":
        n, m = a.n_subjects**2, b.n_subjects**2
        return replace(found, skew=min(found.skew, abs(n - m) / (n + m)))
    return replace(found, most_df=min(a.df, b.df) if metric == "fmr" else a.impostor_df + b.impostor_df)


def _log_ratio(a: Estimate, b: Estimate) -> Estimate:
    """Return log(a / b); of two models on the same subjects its influences might have the other signs."""
    found = a.log_ratio(b)
    paired = np.array_equal(a.subject, b.subject)
    return replace(found, skew=0.0, symmetric=True, most_df=float("inf")) if paired else found


def _told_by_ratio(tested: dict, a: Estimate, b: Estimate, intervals: Intervals) -> dict:
    """Return the tested difference of two FMRs with the p-value of their ratio being 1, and an interval that agrees.

    It is the same claim. But where a few subjects are behind most false matches a rate is large in those studies where
    its error is, and hardly any difference would be told from 0; their logarithms are even. A ratio of r or more makes
    for a difference of r - 1 times the smaller rate or more.
    """
    ratio = _log_ratio(a, b)
    if tested["p"] is None or not ratio.known:
        return tested
    low, high, p = tested["low"], tested["high"], ratio.p_value()
    if p >= 1 - intervals.level:
        low, high = min(low, 0.0), max(high, 0.0)
    elif ratio.value > ratio.bias:
        low = max(low, np.expm1(max(ratio.interval(intervals.level)[0], 0.0)) * intervals.bounds(b)[0])
    else:
        high = min(high, -np.expm1(max(-ratio.interval(intervals.level)[1], 0.0)) * intervals.bounds(a)[0])
    method = f"{tested['method']}; tested as a ratio"
    return {**tested, "low": float(low), "high": float(high), "p": p, "p_holm": p, "method": method}


def _told_at_one_level(tested: dict, a: Estimate, b: Estimate, intervals: Intervals) -> dict:
    """Return the tested difference of two AUCs as a test at one level has it; where that disagrees about 0, so does
    the bound towards 0.

    Where a few subjects attract most false matches, the area above the curve is large in the very studies in which its
    error is, and hardly any difference would be told from 0. The test therefore takes the influences that subjects
    would have if both AUCs were the same, as it supposes. The area is a product: of how low genuine scores lie, and how
    high impostor scores do. The influence of a genuine comparison grows with the latter, that of an impostor comparison
    with both; and of the logarithm of what lies between two such areas impostors move their share of the variance. The
    common level is the logarithmic mean: times the difference of the logarithms it is the difference. Of two cohorts
    it has no more degrees of freedom than the impostors' part of the worse known has, over that part's share of the
    standard error. Chosen by simulation, docs/coverage.md.
    """
    above, beside, share = 1 - a.value, 1 - b.value, (a.impostor_share + b.impostor_share) / 2
    if tested["p"] is None or above == beside or not share:
        return tested
    level = (above - beside) / np.log1p((above - beside) / beside)
    found = _difference(_at_level(a, level / above, share), _at_level(b, level / beside, share), "auc")
    if not found.symmetric:
        found = replace(found, most_df=float(min(a.impostor_df, b.impostor_df) / np.sqrt(share)))
    p, ends = found.p_value(), {}
    if (p < 1 - intervals.level) == (tested["low"] <= 0 <= tested["high"]):
        low, high = intervals.bounds(found)
        ends = {"high": high} if above > beside else {"low": low}
    return {**tested, **ends, "p": p, "p_holm": p, "method": f"{tested['method']}; tested at one level"}


def _at_level(auc: Estimate, times: float, share: float) -> Estimate:
    """Return an AUC with the influences that it would have if the area above the curve were `times` as large."""
    if auc.impostor is None:
        return auc
    impostor = times * auc.impostor
    return replace(auc, influence=times**share * (auc.influence - auc.impostor) + impostor, impostor=impostor)


def _gap(metric, at, cells: Cells, models, cohorts, intervals: Intervals, images: str) -> Iterator[dict]:
    four = [_estimate(cells, (model, cohort), metric, at) for model in models for cohort in cohorts]
    if any(one is None for one in four):
        return
    ax, ay, bx, by = (one for one in four if one is not None)
    first, second = ax - ay, bx - by
    left, right = zip(models, cohorts, strict=True)
    names = _names("gaps", images, (metric, at), left, right, first.value, second.value)
    yield {**names, "scale": "difference", **_tested(first - second, intervals, _sees_nothing(ax, ay, bx, by))}


def _names(kind, images, key, left, right, value_a: float, value_b: float) -> dict:
    return {
        "kind": kind,
        "images": images,
        "metric": key[0],
        "at": key[1],
        "model_a": left[0],
        "cohort_a": left[1],
        "model_b": right[0],
        "cohort_b": right[1],
        "value_a": value_a,
        "value_b": value_b,
    }


def _sees_nothing(*estimates: Estimate) -> str:
    """Return why a difference of rates with few errors cannot be tested, or ""."""
    errors = [one.errors for one in estimates if one.errors is not None]
    return f"not tested: fewer than {FEW} errors in all" if errors and sum(errors) < FEW else ""


def _tested(estimate: Estimate, intervals: Intervals, reason: str) -> dict:
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


def _as_ratio(tested: dict) -> dict:
    """Return a row tested on the log scale as a ratio."""
    powers = {name: tested[name] and float(np.exp(tested[name])) for name in ("low", "high", "detectable")}
    return {**tested, **powers, "value": float(np.exp(tested["value"]))}


def _adjusted(rows: list[dict]) -> list[dict]:
    """Return the rows with p adjusted by Holm over those that ask the same of other models or cohorts."""
    families: dict[tuple, list[int]] = {}
    for i, row in enumerate(rows):
        families.setdefault((row["kind"], row["metric"], row["at"], row["scale"]), []).append(i)
    for members in families.values():
        p = np.array([np.nan if rows[i]["p"] is None else rows[i]["p"] for i in members])
        for i, adjusted in zip(members, holm(p).tolist(), strict=True):
            rows[i] = {**rows[i], "p_holm": None if np.isnan(adjusted) else adjusted}
    return rows
