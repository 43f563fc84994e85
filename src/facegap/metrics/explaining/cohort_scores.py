"""The comparisons within one cohort, and its numbers under weights on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from facegap.metrics.explaining.numbers import Number

ROUNDING = 1e-9
"""Share of all weights that sums of them may be off by."""


@dataclass(frozen=True, eq=False)
class Kind:
    """Comparisons of one kind: `a`, `b` (P,) int rows of images, `similarity` (P,) float32, rising."""

    a: np.ndarray
    b: np.ndarray
    similarity: np.ndarray

    @classmethod
    def of(cls, a: np.ndarray, b: np.ndarray, similarity: np.ndarray) -> "Kind":
        """Return comparisons sorted by their similarity."""
        order = np.argsort(similarity, kind="stable")
        return cls(a[order], b[order], similarity[order])

    def of_images(self, rows: np.ndarray) -> "Kind":
        """Return the comparisons of which both images are in `rows` (N,) bool."""
        kept = rows[self.a] & rows[self.b]
        return Kind(self.a[kept], self.b[kept], self.similarity[kept])

    def ends(self, group: np.ndarray) -> "Ends":
        """Return the groups of the images of each comparison; `group` (N,) is the number of each image's."""
        small = group.astype(np.int16)  # there are few groups, and millions of comparisons
        return Ends(small[self.a], small[self.b])


@dataclass(frozen=True, eq=False)
class Ends:
    """The groups that the images of comparisons are of, both (P,)."""

    a: np.ndarray
    b: np.ndarray

    def without(self, group: int) -> np.ndarray:
        """Return (P,) bool: the comparisons with no image of a group."""
        return (self.a != group) & (self.b != group)


@dataclass(frozen=True, eq=False)
class CohortScores:
    """The comparisons within a cohort. `n_impostor`: how many impostor comparisons it has, of which some were drawn."""

    genuine: Kind
    impostor: Kind
    n_impostor: int

    def of_images(self, rows: np.ndarray) -> "CohortScores":
        """Return the comparisons of which both images are in `rows` (N,) bool."""
        return CohortScores(self.genuine.of_images(rows), self.impostor.of_images(rows), self.n_impostor)

    @cached_property
    def _below(self) -> tuple[np.ndarray, np.ndarray]:
        of = (np.searchsorted(self.impostor.similarity, self.genuine.similarity, side) for side in ("left", "right"))
        left, right = of
        return left, right

    def values(self, numbers: Sequence[Number], genuine: np.ndarray, impostor: np.ndarray) -> np.ndarray:
        """Return (len(numbers),) the numbers where comparisons have weights, (G,) and (I,); NaN where there are none.

        A comparison of weight 0 does not take part. Ties count one half in `auc`.
        """
        below = np.concatenate([[0.0], np.cumsum(impostor, dtype=np.float64)])
        rejected = np.concatenate([[0.0], np.cumsum(genuine, dtype=np.float64)])
        all_impostor, all_genuine = below[-1], rejected[-1]
        if all_impostor <= 0 or all_genuine <= 0:
            return np.full(len(numbers), np.nan)
        made = []
        for one in numbers:
            if one.metric == "auc":
                left, right = self._below
                made.append(genuine @ (below[left] + below[right]) / (2 * all_impostor * all_genuine))
            elif one.metric == "fnmr":
                made.append(rejected[np.searchsorted(self.genuine.similarity, one.cut)] / all_genuine)
            elif one.metric == "fmr":
                made.append(1 - below[np.searchsorted(self.impostor.similarity, one.cut)] / all_impostor)
            else:
                cut = self._loosest(one.rate, below)
                made.append(1 - rejected[np.searchsorted(self.genuine.similarity, cut)] / all_genuine)
        return np.array(made)

    def loosest(self, rate: float, impostor: np.ndarray) -> float:
        """Return the smallest similarity at which the false match rate is `rate` at most under weights (I,)."""
        return self._loosest(rate, np.concatenate([[0.0], np.cumsum(impostor, dtype=np.float64)]))

    def _loosest(self, rate: float, below: np.ndarray) -> float:
        """Return it from `below` (I + 1,), the weight of the impostor comparisons before each."""
        first = int(np.searchsorted(below, (1 - rate - ROUNDING) * below[-1]))
        if first == 0:
            return -np.inf
        return float(np.nextafter(self.impostor.similarity[first - 1], np.float32(np.inf)))
