"""What a model made of each image: a vector, or the reason why there is none."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np


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


@dataclass(frozen=True)
class Embeddings:
    """One row per image of the manifest, failed ones included.

    `vectors`: (N, D) float32 as the model put them out, NaN rows where there is none. `outcome`: (N,) uint8, see
    `Outcome`. `detail`: N strings, the reason in words for a failure, else "". `box`: (N, 4) float32 left, top,
    right, bottom in pixels of the upright image, NaN where no face was looked for or found. `found`: how many rows
    came from the store.
    """

    vectors: np.ndarray
    outcome: np.ndarray
    detail: tuple[str, ...]
    box: np.ndarray
    found: int = 0

    def __len__(self) -> int:
        return len(self.outcome)

    @property
    def ok(self) -> np.ndarray:
        """(N,) bool: rows that have an embedding."""
        return self.outcome == Outcome.OK
