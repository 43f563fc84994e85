"""Two cohorts that are compared, and their numbers as they are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facegap.metrics.explaining.cohort_scores import CohortScores, Ends
from facegap.metrics.explaining.numbers import Number
from facegap.metrics.explaining.reasons import LEAST_SUBJECTS, Unexplained
from facegap.metrics.explaining.reweighting import Subjects
from facegap.metrics.explaining.smooth import Smooth
from facegap.metrics.influence import HIGH_AUC
from facegap.stats import FEW_ERRORS


@dataclass(frozen=True, eq=False)
class Two:
    """Two cohorts that are compared: `cohort` is weighted, `reference` is not.

    `subject` (N,) int codes of the images' subjects. `images`: (N,) bool of each, those that take part.
    """

    cohort: CohortScores
    reference: CohortScores
    subject: np.ndarray
    images: tuple[np.ndarray, np.ndarray]

    @classmethod
    def of(
        cls, scores: tuple[CohortScores, CohortScores], subject: np.ndarray, images: tuple[np.ndarray, np.ndarray]
    ) -> "Two":
        """Return two cohorts with the comparisons of these images alone."""
        cohort, reference = (one.of_images(rows) for one, rows in zip(scores, images, strict=True))
        return cls(cohort, reference, subject, images)

    def subjects(self) -> Subjects:
        """Return who is left out in turn: the subjects of each cohort alone, and those of both."""
        a, b = (np.unique(self.subject[rows]) for rows in self.images)
        samples = [np.setdiff1d(a, b), np.setdiff1d(b, a), np.intersect1d(a, b)]
        return Subjects.of([one for one in samples if len(one)], int(self.subject.max()) + 1)

    @property
    def few(self) -> bool:
        """Whether too few subjects of a cohort have genuine comparisons."""
        sides = (self.cohort.genuine, self.reference.genuine)
        return min(len(np.unique(self.subject[one.a])) for one in sides) < LEAST_SUBJECTS


class Unweighted:
    """The numbers of both cohorts as they are, and without each group of subjects; the same whatever was measured."""

    def __init__(self, two: Two, numbers: Sequence[Number]) -> None:
        self.two, self.numbers, self.subjects = two, numbers, two.subjects()
        self.group = self.subjects.group[two.subject]
        sides = (two.cohort, two.reference)
        made = [Smooth(one, numbers, *_ones(one)) for one in sides]
        self.values = [one.values for one in made]
        self.kept = [[kind.ends(self.group) for kind in (one.genuine, one.impostor)] for one in sides]
        self.left_out = [self._without(one, kept) for one, kept in zip(made, self.kept, strict=True)]

    def _without(self, one: Smooth, kept: Sequence[Ends]) -> np.ndarray:
        every = range(self.subjects.n_groups)
        return one.left_out(np.array([
            one.scores.values(one.fixed, *(ends.without(g).astype(np.float64) for ends in kept)) for g in every
        ]))  # fmt: skip

    def reason(self, k: int) -> Unexplained | None:
        """Return why the gap of number `k` cannot be told."""
        one, sides = self.numbers[k], (self.two.cohort, self.two.reference)
        if np.isnan([values[k] for values in self.values]).any():
            return Unexplained.FEW_SUBJECTS
        if one.metric == "auc":
            return Unexplained.TOO_HIGH if min(values[k] for values in self.values) > HIGH_AUC else None
        made = [len(side.impostor.a if one.metric == "fmr" else side.genuine.a) for side in sides]
        errors = [round(min(v[k], 1 - v[k]) * n) for v, n in zip(self.values, made, strict=True)]
        return Unexplained.FEW_ERRORS if sum(errors) < FEW_ERRORS else None


def _ones(one: CohortScores) -> tuple[np.ndarray, np.ndarray]:
    return np.ones(len(one.genuine.a)), np.ones(len(one.impostor.a))
