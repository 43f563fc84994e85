"""What blocks of comparisons add to their subjects, on the way to a `SubjectTally`."""

from dataclasses import dataclass

import numpy as np

from facegap.data.subject_tally import Listed, SubjectCounts

LISTED = 1 << 16
"""About how many of the highest impostor scores of a population are listed: where errors are rare, each one tells."""


def rank_in_pair(sides: np.ndarray, similarity: np.ndarray) -> np.ndarray:
    """Return (n,) int64: the rank of each comparison among those of its two subjects, from 1, the closest.

    `sides` (2, n): the subjects, the lower one first. `similarity` (n,). The sum of 2 rank - 1 over the accepted ones
    is the sum of a^2 over pairs of subjects.
    """
    order = np.lexsort((-similarity, sides[1], sides[0]))
    ordered = sides[:, order]
    starts = np.flatnonzero(np.r_[True, (np.diff(ordered) != 0).any(axis=0)][: len(order)])
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)])) + 1
    return rank


@dataclass(frozen=True)
class PairSums:
    """What some block pairs add to the sums over pairs of subjects, by bin, see `histogram_kernel.add_squares`.

    `compared`, `looked_at`: comparisons in all, and those that the sums were taken from.
    """

    squares: np.ndarray
    products: np.ndarray
    sizes: float
    compared: int
    looked_at: int

    @classmethod
    def zero(cls, bins: int) -> "PairSums":
        """Return sums of nothing."""
        return cls(np.zeros(bins, np.int64), np.zeros(bins, np.int64), 0, 0, 0)

    def __add__(self, other: "PairSums") -> "PairSums":
        return PairSums(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))

    def over_all(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Return `squares` and `products` (bins - 1,) at the edges between bins, and `sizes`, of all comparisons."""
        scale = self.compared / self.looked_at if self.looked_at else 1.0
        squares, products = (scale * sums[::-1].cumsum()[::-1][1:] for sums in (self.squares, self.products))
        return squares, products, scale * self.sizes


@dataclass(frozen=True)
class SubjectSums:
    """What some block pairs add to n subjects, see `subject_kernel`.

    `moments`: over all comparisons, a genuine one twice; `own`: those of the genuine ones. `pairs`: sums over pairs
    of subjects. `listed`: the highest impostor scores, of subjects 0 to n - 1.
    """

    counts: np.ndarray
    ranks: np.ndarray
    moments: np.ndarray
    own: np.ndarray
    pairs: PairSums
    listed: Listed

    @classmethod
    def zero(cls, n: int, bins: int, populations: int, bar: float) -> "SubjectSums":
        """Return sums of nothing; scores are listed from `bar` on."""
        return cls(
            np.zeros((2, n, bins), np.int64),
            np.zeros((n, populations, 2, 2), np.int64),
            np.zeros((n, 2), np.int64),
            np.zeros((n, 2), np.int64),
            PairSums.zero(bins),
            Listed.none(bar),
        )

    def __add__(self, other: "SubjectSums") -> "SubjectSums":
        return SubjectSums(
            self.counts + other.counts,
            self.ranks + other.ranks,
            self.moments + other.moments,
            self.own + other.own,
            self.pairs + other.pairs,
            Listed.joined([self.listed, other.listed]),
        )

    def counts_of(self, members: np.ndarray, evaluated: np.ndarray, tail: float, failed: np.ndarray) -> SubjectCounts:
        """Return the sums as counts."""
        squares, products, sizes = self.pairs.over_all()
        return SubjectCounts(
            subject=members,
            evaluated=evaluated,
            tail=tail,
            genuine=self.counts[0],
            impostor=self.counts[1],
            ranks=self.ranks[:, 0],
            moments=np.stack([self.own, self.moments - 2 * self.own], axis=1),
            failed=failed,
            squares=squares,
            products=products,
            sizes=sizes,
            listed=self.listed.among(members),
        )
