"""A threshold to begin with, for a model that was just made."""

from dataclasses import dataclass

from facegap.evaluation import Evaluation
from facegap.manifest import POOLED

RATES = (1e-4, 1e-3, 1e-2, 1e-1)


@dataclass(frozen=True)
class Suggestion:
    """A threshold in the comparator's unit, the rule it keeps, and the cohort that decided it, in words."""

    threshold: float
    rule: str
    cohort: str


def suggest(evaluation: Evaluation, model: str) -> Suggestion | None:
    """Return the loosest threshold at which no cohort's false match rate is above the lowest one that all can resolve.

    None where the data resolve none.
    """
    cohorts = [name for name in evaluation.cohorts["cohort"] if name != POOLED]
    sign = 1 if evaluation.models.filter(model=model)["comparator"].item() == "cosine" else -1
    for rate in RATES:
        rows = {name: evaluation.row("tar", model=model, cohort=name, at=f"fmr={rate:g}") for name in cohorts}
        found = {name: row["threshold"] for name, row in rows.items() if row and row["threshold"] is not None}
        if len(found) == len(cohorts):
            strictest = max(found, key=lambda name: sign * found[name])
            subjects = evaluation.cohorts.filter(cohort=strictest)["subjects"].item()
            where = f"{strictest}, {subjects} subjects that it was not trained on"
            return Suggestion(found[strictest], f"FMR <= {rate:g} in every cohort", where)
    return None
