"""How close each image comes to other people: the yardstick by which a comparison is judged."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from threadpoolctl import get_cached_controller

from facegap.data.comparator import Comparator
from facegap.data.embeddings import Embeddings
from facegap.data.manifest import Manifest
from facegap.run.progress import Progress, silent

BLOCK = 512
"""Images that are compared with all others at once."""

NEAREST = 10
"""An image is judged by its similarity to the subject that is this many away, or to the middle one of few subjects."""

LEAST = 50
"""Images of other subjects of its own cohort by which an image is judged, at least; with fewer all serve."""

ENOUGH = 2000
"""Images that the middle and the spread of an image's similarity are taken from, at most, evenly spaced."""

NORMAL = 1.4826
"""Standard deviation of a normal distribution in units of its median absolute deviation."""


@dataclass(frozen=True)
class Faces:
    """N images with an embedding, the images of one subject side by side.

    `row` (N,): of the manifest. `vectors` (N, D) float32. `subject`, `cohort` (N,): codes.
    """

    comparator: Comparator
    row: np.ndarray
    vectors: np.ndarray
    subject: np.ndarray
    cohort: np.ndarray

    @classmethod
    def embedded(cls, embeddings: Embeddings, manifest: Manifest, comparator: Comparator) -> "Faces":
        """Return the images of a study that have an embedding."""
        ok = np.flatnonzero(embeddings.ok)
        return cls(comparator, ok, embeddings.vectors[ok], manifest.subject_codes[ok], manifest.cohort_codes[ok])

    def __len__(self) -> int:
        return len(self.row)

    @cached_property
    def starts(self) -> np.ndarray:
        """(S,) the first image of each subject."""
        return np.flatnonzero(np.r_[True, np.diff(self.subject) != 0])

    def of(self, k: int) -> np.ndarray:
        """Return the images of the k-th subject."""
        return np.arange(self.starts[k], np.r_[self.starts, len(self)][k + 1])

    def of_image(self, image: int) -> np.ndarray:
        """Return the images of an image's subject."""
        return self.of(int(np.searchsorted(self.starts, image, side="right")) - 1)

    @cached_property
    def _ready(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the vectors as products need them, and their squared lengths."""
        vectors = self.vectors.astype(np.float32)
        squares = (vectors.astype(np.float64) ** 2).sum(axis=1)
        if self.comparator is Comparator.COSINE:
            lengths = np.sqrt(squares)[:, None]
            vectors = (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
        return vectors, squares.astype(np.float32)

    def similarity(self, a: np.ndarray | slice, b: np.ndarray | slice) -> np.ndarray:
        """Return (n, m) float32 similarity of images `a` and `b`, in single precision."""
        vectors, squares = self._ready
        products = vectors[a] @ vectors[b].T
        if self.comparator is Comparator.COSINE:
            return products
        return -np.sqrt(np.maximum(squares[a][:, None] + squares[b] - 2 * products, 0))

    @cached_property
    def all_equal(self) -> bool:
        """Whether all images have the same embedding, but for rounding, so that all scores are equal."""
        vectors = self._ready[0]
        return bool(np.ptp(vectors, axis=0).max() <= 8 * np.finfo(np.float32).eps * np.abs(vectors).max())

    def blocks(self, task: str, progress: Progress) -> Iterator[slice]:
        """Yield all images, a few at a time."""
        with get_cached_controller().limit(limits=1, user_api="blas"):
            for start in range(0, len(self), BLOCK):
                yield slice(start, min(start + BLOCK, len(self)))
                progress(task, min(start + BLOCK, len(self)), len(self))


@dataclass(frozen=True)
class Strangers:
    """How close each of N images comes to other subjects.

    `near`: (N,) similarity of its `NEAREST`-th nearest other subject, each subject by its closest image. `middle`,
    `spread`: (N,) median and robust standard deviation of its similarity to images of other subjects of its cohort.
    """

    near: np.ndarray
    middle: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, faces: Faces, *, progress: Progress = silent) -> "Strangers":
        """Compare every image with every other; there are at least three subjects."""
        found = np.empty((3, len(faces)))
        others = len(faces.starts) - 1
        rank = min(NEAREST, max(others // 2, 1))
        for rows in faces.blocks("looking at strangers", progress):
            similarity = faces.similarity(rows, slice(None))
            best = np.maximum.reduceat(similarity, faces.starts, axis=1)
            best[faces.subject[rows][:, None] == faces.subject[faces.starts]] = -np.inf
            found[0, rows] = np.partition(best, -rank, axis=1)[:, -rank]
            similarity[faces.subject[rows][:, None] == faces.subject] = np.nan
            for code in np.unique(faces.cohort[rows]):
                mine = np.flatnonzero(faces.cohort[rows] == code)
                columns = np.flatnonzero(faces.cohort == code)
                values = similarity[mine][:, columns[:: -(-len(columns) // ENOUGH)]]
                few = (~np.isnan(values)).sum(axis=1) < LEAST
                for chosen, judged_by in ((mine[~few], values[~few]), (mine[few], similarity[mine[few]])):
                    found[1:, rows.start + chosen] = _middle_and_spread(judged_by)
        return cls(*found)

    def margin(self, similarity: np.ndarray, a: np.ndarray | slice, b: np.ndarray | slice) -> np.ndarray:
        """Return how much closer images `a` (n,) and `b` (m,) are than either is to its near strangers, (n, m)."""
        return np.minimum(similarity - self.near[a][:, None], similarity - self.near[b])

    def likeness(self, similarity: np.ndarray, a: np.ndarray | slice, b: np.ndarray | slice) -> np.ndarray:
        """Return how many standard deviations closer `a` (n,) and `b` (m,) are than strangers, (n, m), on average."""
        one = (similarity - self.middle[a][:, None]) / self.spread[a][:, None]
        return (one + (similarity - self.middle[b]) / self.spread[b]) / 2


def _middle_and_spread(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the median and the robust standard deviation of each row, NaN left out."""
    middle = np.nanmedian(values, axis=1)
    spread = NORMAL * np.nanmedian(np.abs(values - middle[:, None]), axis=1)
    return middle, np.maximum(spread, 1e-6 * np.maximum(np.abs(middle), 1e-6))
