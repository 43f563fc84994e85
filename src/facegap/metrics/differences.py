"""Which claims are made: one model against another, one cohort against another, a gap against a gap."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import isfinite

import numpy as np

from facegap.data.across import Ends
from facegap.data.manifest import POOLED
from facegap.data.statement import SEPARATOR, Statement, cell_of
from facegap.metrics.bounds import Estimates, Intervals
from facegap.metrics.influence import HIGH_AUC, TOO_HIGH
from facegap.metrics.operating_points import OperatingPoint, kind_of
from facegap.metrics.registry import metric, whole_of
from facegap.stats import FEW_ERRORS, LOG, PLAIN, Claim, Estimate, Method, compare, compare_gaps, holm

ORDER = (OperatingPoint.NONE, OperatingPoint.BEST, OperatingPoint.SHARE, OperatingPoint.FMR)
"""The operating points whose numbers are compared first; thresholds that are the same for all come last."""

_NUMBERS = {
    Method.UNTESTED_FEW_ERRORS: {"least": FEW_ERRORS},
    Method.UNTESTED_FEW_ERRORS_IN_PART: {"least": FEW_ERRORS},
    TOO_HIGH: {"most": HIGH_AUC},
}
"""The numbers that belong to a reason why nothing is tested."""
NO_PAIRS: Mapping[str, Ends] = {}

Cells = Mapping[tuple[str, str], Estimates]
"""The estimates of each (model, cohort), all over one set of images."""


def difference_rows(
    cells: Cells,
    models: Sequence[str],
    cohorts: Sequence[str],
    intervals: Intervals,
    *,
    across: Mapping[str, Ends] = NO_PAIRS,
    images: str,
    kinds: set[str],
) -> list[dict]:
    """Return the rows of `Evaluation.differences` over one set of images.

    `cohorts`: as in the report, the pooled one last. `across`: the pairs of cohorts whose comparisons are compared too,
    with each other and with those within their cohorts. `kinds`: which of `models`, `cohorts` and `gaps` are wanted.
    Models are compared on the same subjects, so what a subject does to both is set off (a paired test); cohorts
    share what subjects they share. FMR and FNMR of two cohorts are also shown as a ratio: it is the same claim. F1 and
    accuracy of two cohorts are compared at a stated share of genuine comparisons, or not at all.
    """
    rows: list[dict] = []
    own = [cohort for cohort in cohorts if cohort != POOLED]
    shown = [*own, *across, *(cohort for cohort in cohorts if cohort == POOLED)]
    beside = [*combinations(own, 2), *((x, y) for y, ends in across.items() for x in ends), *combinations(across, 2)]
    keys = asked(cells)
    between_cohorts = [key for key in keys if fair_between(*key)]
    if "models" in kinds:
        for key, (a, b), cohort in _product(keys, combinations(models, 2), shown):
            rows += _rows("models", key, cells, (a, cohort), (b, cohort), intervals, images)
    if "cohorts" in kinds:
        for key, (x, y), model in _product(between_cohorts, beside, models):
            rows += _rows("cohorts", key, cells, (model, x), (model, y), intervals, images)
    if "gaps" in kinds:
        for key, (a, b), (x, y) in _product(between_cohorts, combinations(models, 2), beside):
            rows += _gap(key, cells, (a, b), (x, y), intervals, images)
    return adjusted(rows)


def fair_between(name: str, at: str) -> bool:
    """Return whether a number may be compared between people of whom other shares of comparisons are genuine."""
    return not metric(name).of_prevalence or kind_of(at) is OperatingPoint.SHARE


def _product(keys: Sequence[tuple[str, str]], *others: Iterator | Sequence) -> Iterator[tuple]:
    first, second = (list(other) for other in others)
    for key in keys:
        for one in first:
            for two in second:
                yield key, one, two


def asked(cells: Cells) -> list[tuple[str, str]]:
    """Return what there is to compare, in a fixed order: each metric and `at` that some population has."""
    found = dict.fromkeys(key for estimates in cells.values() for key in estimates)
    compared = [key for key in found if metric(key[0]).compares(key[1])]
    first = [key for kind in ORDER for key in compared if kind_of(key[1]) is kind]
    first += [(other, at) for name, at in first if (other := metric(name).complement)]
    return [*first, *(key for key in compared if kind_of(key[1]) not in ORDER)]


def estimate(cells: Cells, cell: tuple[str, str], name: str, at: str) -> Estimate | None:
    """Return one estimate; FNMR at a fixed FMR is what TAR leaves."""
    found = cells.get(cell, {})
    whole = whole_of(name)
    if whole is not None and whole.compares(at):
        return found[whole.name, at].complement() if (whole.name, at) in found else None
    return found.get((name, at))


def _rows(kind, key, cells: Cells, left, right, intervals: Intervals, images: str) -> Iterator[dict]:
    a, b = (estimate(cells, cell, *key) for cell in (left, right))
    if a is None or b is None:
        return
    names = _names(kind, images, key, left, right, a.value, b.value)
    yield {**names, "scale": "difference", **columns(compare(a, b, intervals.level, view=PLAIN))}
    some = min(a.value, b.value) > 0 or kind_of(key[1]) is not OperatingPoint.FMR
    if kind == "cohorts" and metric(key[0]).act and some:
        yield {**names, "scale": "ratio", **columns(compare(a, b, intervals.level, view=LOG))}


def _gap(key, cells: Cells, models, cohorts, intervals: Intervals, images: str) -> Iterator[dict]:
    four = [estimate(cells, (model, cohort), *key) for model in models for cohort in cohorts]
    if any(one is None for one in four):
        return
    ax, ay, bx, by = (one for one in four if one is not None)
    left, right = zip(models, cohorts, strict=True)
    names = _names("gaps", images, key, left, right, ax.value - ay.value, bx.value - by.value)
    yield {**names, "scale": "difference", **columns(compare_gaps((ax, ay), (bx, by), intervals.level))}


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


def columns(claim: Claim) -> dict:
    """Return the columns of a claim; what is not known, or without end, becomes null."""
    numbers = {name: getattr(claim, name) for name in ("value", "low", "high", "p", "detectable")}
    known = {name: number if isfinite(number) else None for name, number in numbers.items()}
    said = [Statement.of(code, **_NUMBERS.get(code, {})) for code in claim.method.split(SEPARATOR)]
    return {**known, "p_holm": known["p"], "n_subjects": claim.n_subjects, **cell_of(*said)}


def adjusted(rows: list[dict]) -> list[dict]:
    """Return the rows with p adjusted by Holm over all claims of one kind, each counted once.

    A reader looks for any difference at all, whichever number shows it: so all numbers share one error rate. Difference
    and ratio, and TAR and FNMR at one FMR, are views of one claim.
    """
    families: dict[str, dict[tuple, list[int]]] = {}
    for i, row in enumerate(rows):
        families.setdefault(row["kind"], {}).setdefault(_claim_of(row), []).append(i)
    for claims in families.values():
        p = np.array(
            [np.nan if rows[members[0]]["p"] is None else rows[members[0]]["p"] for members in claims.values()]
        )
        for members, adjusted in zip(claims.values(), holm(p).tolist(), strict=True):
            for i in members:
                told = rows[i]["p"] is not None and not np.isnan(adjusted)
                rows[i] = {**rows[i], "p_holm": adjusted if told else None}
    return rows


def _claim_of(row: dict) -> tuple:
    """Return what a row claims, however it is seen."""
    of = metric(row["metric"]).complement or row["metric"]
    return of, *(row[name] for name in ("at", "model_a", "cohort_a", "model_b", "cohort_b"))
