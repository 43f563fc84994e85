"""What a model made of each image: a vector, or the reason why there is none."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from facegap.data.failure import FailureCode
from facegap.data.statement import Statement


class Outcome(IntEnum):
    """Why an image has an embedding or none. Everything but `OK` counts as a failure to acquire (FTA)."""

    OK = 0
    UNREADABLE = 1
    NO_FACE = 2
    SEVERAL_FACES = 3
    MODEL_FAILED = 4
    NO_SCORE = 5

    @property
    def label(self) -> str:
        """The words shown to a person."""
        return _LABELS[self]


_LABELS = {
    Outcome.OK: "ok",
    Outcome.UNREADABLE: "unreadable",
    Outcome.NO_FACE: "no face found",
    Outcome.SEVERAL_FACES: "several faces",
    Outcome.MODEL_FAILED: "model gave no usable embedding",
    Outcome.NO_SCORE: "no comparison has a score",
}


SHORTEST, LONGEST = 1e-15, 1e6
"""Between what the length of an embedding must lie, unless it is 0: beyond, squares in float32 lose their digits."""


def flaws(vectors: np.ndarray) -> tuple[Statement | None, ...]:
    """Return why each of (n, D) float32 vectors cannot be compared with others, None where it can."""
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    known = np.isfinite(length)
    fits = (length == 0) | ((length >= SHORTEST) & (length <= LONGEST))
    return tuple(
        None if good else Statement.of(FailureCode.LENGTH, length=size, shortest=SHORTEST, longest=LONGEST)
        if finite else Statement.of(FailureCode.NOT_FINITE)
        for size, finite, good in zip(length.tolist(), known.tolist(), fits.tolist(), strict=True)
    )  # fmt: skip


@dataclass(frozen=True)
class Embeddings:
    """One row per image of the manifest, failed ones included.

    `vectors`: (N, D) float32 as the model put them out, NaN rows where there is none. `outcome`: (N,) uint8, see
    `Outcome`. `detail`: N reasons, None where there is no failure, or no more to say. `box`: (N, 4) float32 left, top,
    right, bottom in pixels of the upright image, NaN where no face was looked for or found. `found`: how many rows
    came from the store.
    """

    vectors: np.ndarray
    outcome: np.ndarray
    detail: tuple[Statement | None, ...]
    box: np.ndarray
    found: int = 0

    def __len__(self) -> int:
        return len(self.outcome)

    @property
    def ok(self) -> np.ndarray:
        """(N,) bool: rows that have an embedding."""
        return self.outcome == Outcome.OK
