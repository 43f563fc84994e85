"""Which numbers moved from one report to another: the claims of two evaluations that were made apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from facegap.data.evaluation_tables import TABLES
from facegap.metrics.bounds import Estimates, Intervals
from facegap.metrics.differences import adjusted, asked, columns, estimate, fair_between
from facegap.metrics.kept_estimates import FAILURES
from facegap.stats import Claim, Estimate, compare

KIND = "reports"
"""What stands in the column `kind` of such claims."""

SAME = "same_for_every_subject"
"""How a difference came about that is 0 whoever is left out, as between a run and its repeat."""


class Pairing(StrEnum):
    """What two sides of a claim have in common."""

    IMAGES = "images"
    """The same images took part: the test is paired."""
    SUBJECTS = "subjects"
    """Other images, but some of the same subjects: what these do to both sides is set off."""
    NONE = "none"
    """Nobody is known to be in both: the test is unpaired."""


CHANGES = {**TABLES["differences"], "pairing": TABLES["differences"]["kind"]}
"""The columns of the claims: those of `Evaluation.differences`, a the new and b the old report, and the `Pairing`."""


@dataclass(frozen=True)
class Side:
    """One model on one cohort: its estimates, and a digest of the images that took part."""

    estimates: Estimates
    used: str


Sides = dict[tuple[str, str], Side]
"""The sides of each (model, cohort) of one report."""


def change_rows(
    new: Sides, old: Sides, models: Sequence[tuple[str, str]], cohorts: Sequence[str], intervals: Intervals
) -> list[dict]:
    """Return a row of `CHANGES` for each number that both reports hold, with p adjusted by Holm over all of them.

    `models`: pairs of a model of the new report and one of the old. Subjects with the same code are the same person.
    Where not the same images took part, F1 and accuracy are compared at a stated share of genuine comparisons, or not
    at all: they hang on it.
    """
    rows: list[dict] = []
    for new_model, old_model in models:
        for cohort in cohorts:
            a, b = new.get((new_model, cohort)), old.get((old_model, cohort))
            if a is not None and b is not None:
                names = {"kind": KIND, "images": "own", "model_a": new_model, "cohort_a": cohort}
                names |= {"model_b": old_model, "cohort_b": cohort, "scale": "difference"}
                rows += [{**names, **row} for row in _rows(a, b, intervals)]
    return adjusted(rows)


def _rows(a: Side, b: Side, intervals: Intervals) -> Iterator[dict]:
    cells = {("", "a"): a.estimates, ("", "b"): b.estimates}
    pairing = _pairing(a, b)
    for key in [*asked(cells), FAILURES]:
        first, second = (estimate(cells, ("", side), *key) for side in "ab")
        if first is None or second is None or not (pairing is Pairing.IMAGES or fair_between(*key)):
            continue
        claim = _unmoved(first) if _same(first, second) else compare(first, second, intervals.level)
        yield {
            "metric": key[0],
            "at": key[1],
            "value_a": first.value,
            "value_b": second.value,
            **columns(claim),
            "pairing": str(pairing),
        }


def _pairing(a: Side, b: Side) -> Pairing:
    if a.used == b.used:
        return Pairing.IMAGES
    (of_a, of_b) = (_subjects(side.estimates) for side in (a, b))
    return Pairing.SUBJECTS if np.isin(of_a, of_b).any() else Pairing.NONE


def _subjects(estimates: Estimates) -> np.ndarray:
    return np.unique(np.concatenate([one.subject for one in estimates.values()] or [np.zeros(0, np.int64)]))


def _same(a: Estimate, b: Estimate) -> bool:
    parts = ((a.subject, b.subject), (a.left_out, b.left_out), (a.own, b.own), (a.shared, b.shared))
    return a.value == b.value and all(np.array_equal(first, second) for first, second in parts)


def _unmoved(one: Estimate) -> Claim:
    """Return the claim of a number that is the same without any subject."""
    return Claim(0.0, one.n_subjects, SAME, low=0.0, high=0.0, p=1.0)
