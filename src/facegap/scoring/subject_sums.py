"""What blocks of comparisons add to their subjects, on the way to a `SubjectTally`."""

from dataclasses import dataclass

import numpy as np

from facegap.subject_tally import SubjectCounts


@dataclass(frozen=True)
class SubjectSums:
    """What some block pairs add to n subjects, see `subject_kernel`.

    `moments`: over all comparisons, a genuine one twice; `own`: those of the genuine ones.
    `compared`, `looked_at`: comparisons in all, and those that the sums over pairs of subjects were taken from.
    """

    blocks: int
    counts: np.ndarray
    ranks: np.ndarray
    moments: np.ndarray
    own: np.ndarray
    squares: np.ndarray
    products: np.ndarray
    sizes: int
    compared: int
    looked_at: int

    @classmethod
    def zero(cls, n: int, bins: int, populations: int) -> "SubjectSums":
        """Return sums of nothing."""
        return cls(
            0,
            np.zeros((2, n, bins), np.int64),
            np.zeros((n, populations, 2, 2), np.int64),
            np.zeros((n, 2), np.int64),
            np.zeros((n, 2), np.int64),
            np.zeros(bins, np.int64),
            np.zeros(bins, np.int64),
            0,
            0,
            0,
        )

    def __add__(self, other: "SubjectSums") -> "SubjectSums":
        return SubjectSums(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))

    def counts_of(self, members: np.ndarray, knots: np.ndarray, tail: float, failed: np.ndarray) -> SubjectCounts:
        """Return the sums as counts."""
        scaled = self.compared / self.looked_at if self.looked_at else 1.0
        squares, products = (scaled * sums[::-1].cumsum()[::-1][1:] for sums in (self.squares, self.products))
        return SubjectCounts(
            subject=members,
            knots=knots,
            tail=tail,
            genuine=self.counts[0],
            impostor=self.counts[1],
            ranks=self.ranks[:, 0],
            moments=np.stack([self.own, self.moments - 2 * self.own], axis=1),
            failed=failed,
            squares=squares,
            products=products,
            sizes=scaled * self.sizes,
        )
