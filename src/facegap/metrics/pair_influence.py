"""What pairs of subjects move an estimate by: the part of its variance that the influences of subjects count twice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from facegap.subject_tally import SubjectCounts

CAUTION = 0.8
"""So many times what chance explains is not held to be real."""


@dataclass(frozen=True)
class PairTerm:
    """A pair of subjects adds `weight` x (a - `rate` x m), where a of its m impostor comparisons reach `closeness`."""

    weight: float
    counts: SubjectCounts
    closeness: float
    rate: float


@dataclass(frozen=True)
class PairInfluence:
    """The sum of some terms, which may come from several models or cohorts."""

    terms: tuple[PairTerm, ...] = ()

    @classmethod
    def combined(cls, parts: Sequence[tuple[float, "PairInfluence"]]) -> "PairInfluence":
        """Return the weighted sum."""
        return cls(
            tuple(replace(term, weight=weight * term.weight) for weight, part in parts for term in part.terms if weight)
        )

    def square(self) -> float:
        """Return the sum of squares over all pairs of subjects; NaN where scores so low were not listed.

        Only pairs with accepted comparisons have to be looked at one by one. For the rest (x - g m)^2 is multiplied
        out: the sums of x m and of m^2 are known.
        """
        if any(term.closeness < term.counts.listed.bar for term in self.terms):
            return float("nan")
        by_counts: dict[int, list[PairTerm]] = {}
        for term in self.terms:
            by_counts.setdefault(id(term.counts), []).append(term)
        found = [_accepted(terms) for terms in by_counts.values()]
        pair, place = np.unique(np.concatenate([pairs for pairs, _ in found]), return_inverse=True)
        total = float((np.bincount(place, np.concatenate([x for _, x in found]), len(pair)) ** 2).sum())
        for terms in _by_subjects(self.terms):
            share = sum(term.weight * term.rate for term in terms)
            products = sum(term.weight * term.counts.products[term.counts.place(term.closeness)] for term in terms)
            total += share**2 * terms[0].counts.sizes - 2 * share * products
        return max(float(total), 0.0)


NO_PAIRS = PairInfluence()


def _accepted(terms: Sequence[PairTerm]) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of subjects on the list of some counts, and the sum of weight x a over terms of those counts."""
    listed = terms[0].counts.listed
    pairs, which = listed.pairs
    closeness = np.array([term.closeness for term in terms], np.float32)
    order = np.argsort(closeness)
    weight = np.r_[0.0, np.cumsum([terms[k].weight for k in order])]
    of_score = weight[np.searchsorted(closeness[order], listed.closeness, side="right")]
    return pairs, np.bincount(which, of_score, len(pairs))


def _by_subjects(terms: Sequence[PairTerm]) -> list[list[PairTerm]]:
    """Return the terms in groups of those over the same subjects: their pairs have the same m."""
    groups: list[list[PairTerm]] = []
    for term in terms:
        for group in groups:
            if np.array_equal(group[0].counts.subject, term.counts.subject):
                group.append(term)
                break
        else:
            groups.append([term])
    return groups


def counted_twice(square: float, pairs: float, subjects: int) -> float:
    """Return what is taken off the sum of squared influences, for it is in there twice.

    `square`: the sum of the squared influences of `subjects` by impostor comparisons; `pairs`: their variance over
    pairs of subjects. Were nothing but chance at work between pairs, `square` would be twice `pairs`, give or take
    `chance`, and the variance is about `pairs`: of what falls short of that half is believed, down to `pairs` / 2;
    below that influences say ever less, and with none at all the pairs alone count. What goes beyond is real; the
    more it is, the less is taken off, since with few heavy subjects every variance comes out too small. Chosen by
    simulation, docs/coverage.md.
    """
    if not pairs:
        return 0.0
    if square < 2 * pairs:
        return float(square - max(square / 2, pairs - square / 2))
    chance = pairs * np.sqrt(2 / max(subjects, 1))
    beyond = max(0.0, square - 2 * pairs - CAUTION * chance)
    return float(square - pairs - beyond - pairs * beyond / (beyond + 2 * pairs))
