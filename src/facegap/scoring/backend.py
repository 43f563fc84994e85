"""Where blocks of images are compared: one interface for the processors and for torch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from facegap.scoring.cuts import CutIndex
from facegap.scoring.subject_kernel import Lookup
from facegap.scoring.subject_sums import SubjectSums
from facegap.tally import Extremes

Precision = Literal["float32", "tf32", "float16", "bfloat16"]
"""What a matrix product on a GPU is computed in: full float32, or with embeddings rounded; sums are always float32."""


@dataclass(frozen=True)
class TileCounts:
    """What some block pairs add to a cell of the tally.

    `impostor`: (slots,) int64. `genuine`: (n,) int64, the slot of each genuine score. `moments`, the highest impostors
    and the lowest genuines are as in `tally.ScoreTally`.
    """

    impostor: np.ndarray
    genuine: np.ndarray
    moments: np.ndarray
    highest_impostors: Extremes
    lowest_genuines: Extremes


class Backend(Protocol):
    """Compares the blocks of one study. Each method makes a worker: a function that works on (n, 2) block pairs.

    Backends differ in how a matrix product is rounded. Given the same scores, all give the same counts.
    """

    def collector(self) -> Callable[[np.ndarray], np.ndarray]:
        """Return what gives the (G,) float32 closeness of the genuine comparisons of block pairs."""
        ...

    def counter(self, index: CutIndex) -> Callable[[np.ndarray], TileCounts]:
        """Return what counts the comparisons of block pairs, all of one cell."""
        ...

    def adder(
        self, lookup: Lookup, groups: np.ndarray, n: int
    ) -> Callable[[tuple[np.ndarray, np.ndarray]], SubjectSums]:
        """Return what adds the comparisons of block pairs to their subjects.

        `groups` (M,): which of the `n` subjects each laid-out row belongs to. Beside the block pairs a worker takes
        (n,) bool: from which of them the sums over pairs of subjects are taken.
        """
        ...
