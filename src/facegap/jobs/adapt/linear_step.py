"""The linear step that adaptation puts behind a model."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Head:
    """Takes an embedding x to (x − mean) · matrix, to be compared by cosine.

    `mean`: (D,) float32. `matrix`: (D, d) float32. `normalise`: whether x is brought to unit length first.
    """

    mean: np.ndarray
    matrix: np.ndarray
    normalise: bool

    @property
    def dimension(self) -> int:
        """Length of what comes out, d."""
        return self.matrix.shape[1]

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """Return (N, d) float32 of (N, D) float32; rows of NaN stay so."""
        return ((ready(vectors, self.normalise) - self.mean) @ self.matrix).astype(np.float32)


def ready(vectors: np.ndarray, normalise: bool) -> np.ndarray:
    """Return (N, D) float64 embeddings as the linear step takes them; a vector of length 0 stays as it is."""
    vectors = vectors.astype(np.float64)
    if not normalise:
        return vectors
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths == 0, 1, lengths)
