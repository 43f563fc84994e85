"""Which claims are made: one model against another, one cohort against another, a gap against a gap."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import isfinite

import numpy as np

from facegap.metrics.bounds import Estimates, Intervals
from facegap.stats import LOG, PLAIN, Claim, Estimate, compare, compare_gaps, holm

COMPARED = (("auc", ""), ("eer", ""), ("f1", "best-f1"), ("accuracy", "best-accuracy"))
"""Standing numbers that are compared."""

OF_PREVALENCE = frozenset({"f1", "accuracy"})
"""Numbers that hang on the share of genuine comparisons, which differs between cohorts of alike people."""

RATIOS = ("fmr", "fnmr")

Cells = Mapping[tuple[str, str], Estimates]
"""The estimates of each (model, cohort), all over one set of images."""


def difference_rows(
    cells: Cells, models: Sequence[str], cohorts: Sequence[str], intervals: Intervals, *, images: str, kinds: set[str]
) -> list[dict]:
    """Return the rows of `Evaluation.differences` over one set of images.

    `cohorts`: as in the report, the pooled one last. `kinds`: which of `models`, `cohorts` and `gaps` are wanted.
    Models are compared on the same subjects, so what a subject does to both is set off (a paired test); cohorts
    share what subjects they share. FMR and FNMR of two cohorts are also shown as a ratio: it is the same claim. F1 and
    accuracy of two cohorts are compared at a stated share of genuine comparisons, or not at all.
    """
    rows: list[dict] = []
    own = [cohort for cohort in cohorts if cohort != "all"]
    asked = _asked(cells)
    between_cohorts = [key for key in asked if key[0] not in OF_PREVALENCE or "share=" in key[1]]
    if "models" in kinds:
        for key, (a, b), cohort in _product(asked, combinations(models, 2), cohorts):
            rows += _rows("models", key, cells, (a, cohort), (b, cohort), intervals, images)
    if "cohorts" in kinds:
        for key, (x, y), model in _product(between_cohorts, combinations(own, 2), models):
            rows += _rows("cohorts", key, cells, (model, x), (model, y), intervals, images)
    if "gaps" in kinds:
        for key, (a, b), (x, y) in _product(between_cohorts, combinations(models, 2), combinations(own, 2)):
            rows += _gap(key, cells, (a, b), (x, y), intervals, images)
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
    chosen += [key for key in found if key[0] == "f1" and "share=" in key[1]]
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
    yield {**names, "scale": "difference", **_columns(compare(a, b, intervals.level, view=PLAIN))}
    if kind == "cohorts" and key[0] in RATIOS and (min(a.value, b.value) > 0 or not key[1].startswith("fmr=")):
        yield {**names, "scale": "ratio", **_columns(compare(a, b, intervals.level, view=LOG))}


def _gap(key, cells: Cells, models, cohorts, intervals: Intervals, images: str) -> Iterator[dict]:
    four = [_estimate(cells, (model, cohort), *key) for model in models for cohort in cohorts]
    if any(one is None for one in four):
        return
    ax, ay, bx, by = (one for one in four if one is not None)
    left, right = zip(models, cohorts, strict=True)
    names = _names("gaps", images, key, left, right, ax.value - ay.value, bx.value - by.value)
    yield {**names, "scale": "difference", **_columns(compare_gaps((ax, ay), (bx, by), intervals.level))}


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


def _columns(claim: Claim) -> dict:
    """Return the columns of a claim; what is not known, or without end, becomes null."""
    numbers = {name: getattr(claim, name) for name in ("value", "low", "high", "p", "detectable")}
    known = {name: number if isfinite(number) else None for name, number in numbers.items()}
    return {**known, "p_holm": known["p"], "n_subjects": claim.n_subjects, "method": claim.method}


def _adjusted(rows: list[dict]) -> list[dict]:
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
    metric = "fnmr" if row["metric"] == "tar" else row["metric"]
    return metric, *(row[name] for name in ("at", "model_a", "cohort_a", "model_b", "cohort_b"))
