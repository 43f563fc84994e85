"""What pairs of subjects move an estimate by: the part of its variance that the influences of subjects count twice."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from facegap.data.subject_tally import SubjectCounts


@dataclass(frozen=True)
class PairTerm:
    """A pair of subjects adds `weight` x (a - `rate` x m), where a of its m impostor comparisons reach `similarity`."""

    weight: float
    counts: SubjectCounts
    similarity: float
    rate: float

    def times(self, weight: float) -> "PairTerm":
        """Return the term multiplied."""
        return PairTerm(weight * self.weight, self.counts, self.similarity, self.rate)

    def square(self) -> float:
        """Return the sum of squares over all pairs of subjects: the sums of a^2, a m and m^2 are known."""
        counts, k = self.counts, self.counts.place(self.similarity)
        apart = counts.squares[k] - 2 * self.rate * counts.products[k] + self.rate**2 * counts.sizes
        return max(float(self.weight**2 * apart), 0.0)


@dataclass(frozen=True)
class PairInfluence:
    """The sum of some terms, which may come from several models or cohorts."""

    terms: tuple[PairTerm, ...] = ()

    def times(self, weight: float) -> "PairInfluence":
        """Return every term multiplied."""
        return PairInfluence(tuple(term.times(weight) for term in self.terms))

    def __add__(self, other: "PairInfluence") -> "PairInfluence":
        return PairInfluence(self.terms + other.terms)

    def square(self) -> float:
        """Return the sum of squares over all pairs of subjects; NaN where it is not known.

        It is not where scores so low were not listed, nor where subjects have other images in each of two cohorts.
        Only pairs with accepted comparisons have to be looked at one by one. For the rest (x - g m)^2 is multiplied
        out: the sums of x m and of m^2 are known.
        """
        terms = [term for term in self.terms if term.weight]
        if len(terms) < 2:
            return sum(term.square() for term in terms)
        if any(term.similarity < term.counts.listed.bar for term in terms):
            return float("nan")
        groups = _by_images(terms)
        if any(np.isin(a[0].counts.subject, b[0].counts.subject).any() for a, b in combinations(groups, 2)):
            return float("nan")
        by_counts: dict[int, list[PairTerm]] = {}
        for term in terms:
            by_counts.setdefault(id(term.counts), []).append(term)
        found = [(of_counts[0].counts.listed.pairs[0], _moved(of_counts)) for of_counts in by_counts.values()]
        pairs, moved = found[0]
        if len(found) > 1:
            pairs, place = np.unique(np.concatenate([pairs for pairs, _ in found]), return_inverse=True)
            moved = np.bincount(place, np.concatenate([moved for _, moved in found]), len(pairs))
        total = float((moved**2).sum())
        for of_subjects in groups:
            share = sum(term.weight * term.rate for term in of_subjects)
            products = sum(
                term.weight * term.counts.products[term.counts.place(term.similarity)] for term in of_subjects
            )
            total += share**2 * of_subjects[0].counts.sizes - 2 * share * products
        return max(float(total), 0.0)


def _moved(terms: list[PairTerm]) -> np.ndarray:
    """Return (k,) the sum of weight x a over terms of some counts, for each pair of subjects on their list."""
    return np.sum([term.weight * term.counts.listed.accepted(term.similarity) for term in terms], axis=0)


def _by_images(terms: list[PairTerm]) -> list[list[PairTerm]]:
    """Return the terms in groups of those over the same images of the same subjects: their pairs have the same m."""
    groups: list[list[PairTerm]] = []
    for term in terms:
        group = next((group for group in groups if _same_images(group[0].counts, term.counts)), None)
        if group is None:
            groups.append([term])
        else:
            group.append(term)
    return groups


def _same_images(a: SubjectCounts, b: SubjectCounts) -> bool:
    if a is b:
        return True
    if not np.array_equal(a.subject, b.subject):
        return False
    return np.allclose(a.impostor.sum(axis=1), b.impostor.sum(axis=1), rtol=1e-12, atol=0)  # weights add up to rounding
