"""The scores of a draw, one by one, as other methods take them."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Scores:
    """All P comparisons of one model on a draw, most alike first.

    `similarity`: (P,) float32. `same`: (P,) bool. `a`, `b`: (P,) int32 images. `subject`: (N,) int32 by image.
    """

    similarity: np.ndarray
    same: np.ndarray
    a: np.ndarray
    b: np.ndarray
    subject: np.ndarray

    @classmethod
    def of(cls, vectors: np.ndarray, subject: np.ndarray) -> "Scores":
        """Compare every image with every other."""
        a, b = (side.astype(np.int32) for side in np.triu_indices(len(vectors), 1))
        similarity = (vectors @ vectors.T)[a, b]
        order = np.argsort(-similarity)
        a, b = a[order], b[order]
        return cls(similarity[order], subject[a] == subject[b], a, b, subject)
