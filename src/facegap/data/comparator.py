"""How two images become a score, and which side of a threshold means "accept"."""

from enum import StrEnum

import numpy as np


class Comparator(StrEnum):
    """A score in its native unit: a distance (`euclidean`) or a similarity (`cosine`) of embeddings, or a given one.

    Of scores that were given only the direction is known: `distance` or `similarity`.

    Accept means `distance <= t` or `similarity >= t`. Inside facegap every score is held as a *similarity*: a
    distance is held as its negative. So larger always means more alike, and one rule, `similarity >= cut`, serves
    both.
    """

    EUCLIDEAN = "euclidean"
    COSINE = "cosine"
    DISTANCE = "distance"
    SIMILARITY = "similarity"

    @property
    def sign(self) -> int:
        """-1 for a distance, +1 for a similarity: `similarity = sign * score`, and back."""
        return -1 if self in (Comparator.EUCLIDEAN, Comparator.DISTANCE) else 1

    @property
    def unit(self) -> str:
        """What the score is called on an axis."""
        return "distance" if self.sign < 0 else "similarity"

    def cut(self, threshold: float) -> np.float32:
        """Return the smallest float32 similarity that is accepted at `threshold`.

        Scores are float32 and thresholds float64, so 0.6 lies between two scores; rounding it to nearest could
        move a comparison across it. But a score that was given was rounded to nearest itself: one of 0.7 is accepted at
        0.7 only if the threshold is rounded alike.
        """
        exact = self.sign * float(threshold)
        nearest = np.float32(exact)
        return (
            nearest
            if self not in OF_EMBEDDINGS or float(nearest) >= exact
            else np.nextafter(nearest, np.float32(np.inf))
        )

    def similarity(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return (P,) float32 similarity of the rows of `a` and `b`, computed in double precision.

        It is NaN where a vector is. `a`, `b`: (P, D), or (1, D) for a vector that is compared with every row of the
        other. A vector of length 0 has the cosine 0 with all others.

        Raises:
            ValueError: the scores were given, and say nothing of embeddings.
        """
        if self not in OF_EMBEDDINGS:
            raise ValueError(f"a {self} was given: it cannot be made from embeddings")
        a, b = a.astype(np.float64), b.astype(np.float64)
        if self is Comparator.EUCLIDEAN:
            return -np.sqrt(((a - b) ** 2).sum(axis=1)).astype(np.float32)
        lengths = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
        return ((a * b).sum(axis=1) / np.where(lengths == 0, 1, lengths)).astype(np.float32)


OF_EMBEDDINGS = (Comparator.EUCLIDEAN, Comparator.COSINE)
"""Those that make a score from two embeddings."""
