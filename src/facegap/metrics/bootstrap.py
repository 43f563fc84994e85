"""The bootstrap over subjects: one draw of subject weights serves every number, model and cohort."""

from dataclasses import dataclass

import numpy as np

from facegap.metrics.estimate import Estimate

REPLICATES = 2000


@dataclass(frozen=True)
class Replicates:
    """`weights`: (R, S) uint8, how often each of S subjects was drawn in each of R draws of S subjects."""

    weights: np.ndarray

    @classmethod
    def draw(cls, subjects: int, rng: np.random.Generator, replicates: int = REPLICATES) -> "Replicates":
        """Draw R times S of S subjects with replacement."""
        weights = np.empty((replicates, subjects), np.uint8)
        for drawn in weights:
            drawn[:] = np.minimum(np.bincount(rng.integers(subjects, size=subjects), minlength=subjects), 255)
        return cls(weights)

    def moves(self, estimate: Estimate) -> np.ndarray:
        """Return (R,) by how much each draw moves an estimate: the influences of the subjects drawn, added up."""
        return self.weights[:, estimate.subject] @ estimate.influence

    def interval(self, estimate: Estimate, level: float) -> tuple[float, float]:
        """Return the studentised bootstrap interval (bootstrap-t) on the estimate's scale.

        Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 12. Each draw's move is divided by its own
        standard error, so that skewed influences lengthen the side they should.
        """
        drawn = self.weights[:, estimate.subject].astype(np.float64)
        moves, squares = drawn @ estimate.influence, drawn @ estimate.influence**2
        size = drawn.sum(axis=1)
        spread = squares - moves**2 / np.maximum(size, 1)
        studentised = moves[spread > 0] / np.sqrt(spread[spread > 0])
        low, high = np.quantile(studentised, [(1 - level) / 2, (1 + level) / 2])
        return estimate.stretched(-float(high), -float(low))
