"""Comparisons that were drawn from all that there are: each stands for so many, the inverse of its chance."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from facegap.data.sizes import Sizes

FINENESS = 52
"""Weights are whole numbers of units, so that rates stay exact; all weights together have about so many bits."""


@dataclass(frozen=True)
class Drawn:
    """How many genuine (0) and impostor (1) comparisons each pair of cohorts has, and how many of them were drawn.

    `every`, `taken`: (P, 2) int64, by `data.tally.cell`. In each of these strata every comparison had the same chance.
    `sizes`: how many comparisons two subjects have, drawn or not.
    """

    every: np.ndarray
    taken: np.ndarray
    sizes: Sizes

    @property
    def weights(self) -> np.ndarray:
        """(P, 2) float64: how many comparisons a drawn one stands for, 0 where none was drawn."""
        return np.divide(self.every, self.taken, out=np.zeros(self.every.shape), where=self.taken > 0)

    @property
    def unit(self) -> int:
        """Units that a comparison of weight 1 has."""
        return unit_of(int(self.every.sum()))

    @cached_property
    def units(self) -> np.ndarray:
        """(P, 2) int64: `weights` in units."""
        return np.rint(self.weights * self.unit).astype(np.int64)


def unit_of(total: float) -> int:
    """Return the units that a weight of 1 has, where all weights together are `total`."""
    return 1 << max(FINENESS - int(total).bit_length(), 0)
