"""Weights on one cohort's comparisons that make its images like the other's in what was measured."""

from collections.abc import Sequence

import numpy as np

from facegap.metrics.explaining.cohort_scores import CohortScores
from facegap.metrics.explaining.columns import Columns
from facegap.metrics.explaining.numbers import Number
from facegap.metrics.explaining.reweighting import (
    LogisticFit,
    Scaling,
    fit_logistic,
    odds,
    overlap,
    standardised_difference,
)
from facegap.metrics.explaining.two import Two, Unweighted

Balance = dict[tuple[str, bool], float]
"""Standardised differences by measure, and of its square where True."""


class Weighting:
    """The weights of one cohort's comparisons.

    An impostor comparison weighs the product of its images' weights, from a regression of the cohort on images. Images
    of one subject are alike, and such a product would weigh that twice: genuine comparisons have a regression of their
    own, on the sum of their images' columns, so that their weights are products of images' weights too.
    """

    def __init__(self, two: Two, columns: Columns) -> None:
        self.two, self.columns, sides = two, columns, two.images
        scaling = Scaling.of(columns.values[sides[0]], columns.values[sides[1]], columns.squared)
        self.design = np.full((len(two.subject), len(columns.measures) + int(columns.squared.sum())), np.nan)
        either = sides[0] | sides[1]
        self.design[either] = scaling.design(columns.values[either])
        self.rows = [np.flatnonzero(rows) for rows in sides]
        place = np.cumsum(sides[0]) - 1  # of an image among those of the cohort
        self.impostor = place[two.cohort.impostor.a], place[two.cohort.impostor.b]
        self.of_images = _fitted(*(self.design[rows] for rows in self.rows))
        self.pairs = [_summed(self.design, one) for one in (two.cohort, two.reference)]
        self.of_genuine = _fitted(*self.pairs)

    @property
    def overlap(self) -> float:
        """Share of the reference's images that lie where the cohort has some too."""
        return overlap(*(self.of_images.linear(self.design[rows]) for rows in self.rows))

    def balance(self, weights: np.ndarray | None) -> Balance:
        """Return the standardised differences of the cohort's images, weighted, from the reference's."""
        names, squared = [one.name for one in self.columns.measures], self.columns.squared
        columns = [(name, False) for name in names]
        columns += [(name, True) for name, both in zip(names, squared, strict=True) if both]
        sides = (self.design[rows].T for rows in self.rows)
        return {
            column: standardised_difference(first, second, weights)
            for column, first, second in zip(columns, *sides, strict=True)
        }

    def weights(self, images: np.ndarray, genuine: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the weights of images, genuine and impostor comparisons for the slopes of the two regressions."""
        of_images = odds(-(self.design[self.rows[0]] @ images[1:]))
        of_genuine = odds(-(self.pairs[0] @ genuine[1:]))
        a, b = self.impostor
        return of_images, of_genuine, of_images[a] * of_images[b]

    def without(self, found: Unweighted, numbers: Sequence[Number]) -> np.ndarray:
        """Return (n_groups, numbers) the standardised numbers without each group, whose weights are fitted anew."""
        group, n, cohort = found.group, found.subjects.n_groups, self.two.cohort
        images = self.of_images.without(group[np.concatenate(self.rows)], n)
        ends = [group[one.genuine.a] for one in (self.two.cohort, self.two.reference)]
        genuine = self.of_genuine.without(np.concatenate(ends), n)
        made = []
        for g in range(n):
            _, *weights = self.weights(images[g], genuine[g])
            left = (weight * ends.without(g) for weight, ends in zip(weights, found.kept[0], strict=True))
            made.append(cohort.values(numbers, *left))
        return np.array(made)

    def linear_of_genuine(self) -> list[np.ndarray]:
        """Return the log odds of the genuine comparisons of both cohorts."""
        return [self.of_genuine.linear(pairs) for pairs in self.pairs]

    def linear_of_impostor(self) -> list[np.ndarray]:
        """Return the log odds of the impostor comparisons of both cohorts."""
        of = np.full(len(self.design), np.nan)
        for rows in self.rows:
            of[rows] = self.of_images.linear(self.design[rows])
        sides = (self.two.cohort, self.two.reference)
        return [of[one.impostor.a] + of[one.impostor.b] for one in sides]


def _summed(design: np.ndarray, one: CohortScores) -> np.ndarray:
    return (design[one.genuine.a] + design[one.genuine.b]) / 2


def _fitted(first: np.ndarray, second: np.ndarray) -> LogisticFit:
    truth = np.arange(len(first) + len(second)) < len(first)
    return fit_logistic(np.concatenate([first, second]), truth)
