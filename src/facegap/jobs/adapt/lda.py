"""Shrinkage LDA: the directions in which subjects differ most, in units of how one subject varies."""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from facegap.errors import InputError


@dataclass(frozen=True)
class Scatter:
    """How embeddings vary.

    `mean`: (D,) of all. `within`: (D, D) covariance of the images of a subject around their mean, pooled over images.
    `between`: (D, D) covariance of the subjects' means, each as often as it has images. All float64.
    """

    mean: np.ndarray
    within: np.ndarray
    between: np.ndarray

    @classmethod
    def of(cls, vectors: np.ndarray, subject: np.ndarray) -> "Scatter":
        """Measure (N, D) float64 embeddings of subjects given as (N,) codes.

        Raises:
            InputError: the images of each subject have equal embeddings, so that nothing shows how a subject varies.
        """
        _, code = np.unique(subject, return_inverse=True)
        sums = np.zeros((code.max() + 1, vectors.shape[1]))
        np.add.at(sums, code, vectors)
        means = (sums / np.bincount(code)[:, None])[code]
        mean = vectors.mean(axis=0)
        inner, outer = vectors - means, means - mean
        within = inner.T @ inner / len(vectors)
        if np.trace(within) <= np.finfo(np.float32).eps * np.trace(outer.T @ outer) / len(vectors):
            raise InputError(
                "the images of each subject have equal embeddings, so nothing shows how one person varies: give "
                "different images of each"
            )
        return cls(mean, within, outer.T @ outer / len(vectors))

    def directions(self, shrinkage: float) -> np.ndarray:
        """Return (D, D) columns w, the most telling first, that maximise w'Bw / w'Ww, scaled to w'Ww = 1.

        W and B are `within` and `between`, each shrunk towards a ball of the same trace: (1 − a) M + a tr(M) / D · I
        (Ledoit & Wolf, J. Multivar. Anal. 88, 2004; Friedman, J. Am. Stat. Assoc. 84, 1989), so that W can be
        inverted with fewer images than dimensions. All columns together are within-subject whitening (Hatch et al.,
        Interspeech 2006); the first few are linear discriminant analysis (Fisher, Ann. Eugen. 7, 1936).

        Args:
            shrinkage: a, above 0 and up to 1.
        """
        _, columns = linalg.eigh(_shrunk(self.between, shrinkage), _shrunk(self.within, shrinkage))
        columns = columns[:, ::-1]
        largest = np.abs(columns).argmax(axis=0)
        return columns * np.sign(columns[largest, np.arange(len(columns))])


def _shrunk(matrix: np.ndarray, shrinkage: float) -> np.ndarray:
    size = len(matrix)
    return (1 - shrinkage) * matrix + shrinkage * np.trace(matrix) / size * np.eye(size)
