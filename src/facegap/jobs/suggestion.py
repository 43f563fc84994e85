"""A threshold to begin with, for a model that was just made."""

from dataclasses import dataclass

import polars as pl

from facegap.data.evaluation import Evaluation
from facegap.data.manifest import POOLED
from facegap.metrics.operating_points import at_fmr

RATES = (1e-4, 1e-3, 1e-2, 1e-1)

FAR_ABOVE = 10
"""A threshold whose FMR is more than so many times the one it was chosen for is no threshold for these people."""


@dataclass(frozen=True)
class Suggestion:
    """A threshold in the comparator's unit, the FMR it was chosen for, and in words that rule and who decided it."""

    threshold: float
    fmr: float
    rule: str
    cohort: str


def suggest(evaluation: Evaluation, model: str) -> Suggestion | None:
    """Return the loosest threshold at which no cohort's false match rate is above the lowest one that all can resolve.

    None where the data resolve none.
    """
    cohorts = [name for name in evaluation.cohorts["cohort"] if name != POOLED]
    sign = evaluation.comparator(model).sign
    for rate in RATES:
        rows = {name: evaluation.row("tar", model=model, cohort=name, at=at_fmr(rate)) for name in cohorts}
        found = {name: row["threshold"] for name, row in rows.items() if row and row["threshold"] is not None}
        if len(found) == len(cohorts):
            strictest = max(found, key=lambda name: sign * found[name])
            subjects = evaluation.cohorts.filter(cohort=strictest)["subjects"].item()
            where = f"{strictest}, {subjects} subjects that it was not trained on"
            return Suggestion(found[strictest], rate, f"FMR <= {rate:g} in every cohort", where)
    return None


def far_above(evaluation: Evaluation, model: str, suggested: Suggestion) -> dict[str, float]:
    """Return the FMR at a suggested threshold in the cohorts where it is more than `FAR_ABOVE` times the one asked for.

    It is read from the error curve, so it may be a fortieth of a decade too low.
    """
    sign = evaluation.comparator(model).sign
    found: dict[str, float] = {}
    for cohort in evaluation.cohorts["cohort"]:
        curve = evaluation.error_curve(model=model, cohort=cohort)
        strict = curve.filter(sign * pl.col("threshold") >= sign * suggested.threshold)
        if cohort != POOLED and strict.height and strict["fmr"][0] > FAR_ABOVE * suggested.fmr:
            found[cohort] = strict["fmr"][0]
    return found
