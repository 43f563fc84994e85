"""Where blocks of images are compared: one interface for the processors and for torch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np

from facegap.data.tally import Extremes
from facegap.scoring.cpu.histogram_kernel import Bins
from facegap.scoring.cpu.subject_kernel import Lookup
from facegap.scoring.cuts import CutIndex
from facegap.scoring.subject_histogram import Layout, SubjectHistogram
from facegap.scoring.subject_sums import SubjectSums

Precision = Literal["float32", "tf32", "float16", "bfloat16"]
"""What a matrix product on a GPU is computed in: full float32, or with embeddings rounded; sums are always float32."""


class Tile(NamedTuple):
    """(n, 2) block `pairs` of one cell; from those `looked_at`, (n,) bool, sums over pairs of subjects are taken."""

    pairs: np.ndarray
    looked_at: np.ndarray


class BySubject(NamedTuple):
    """What is to be counted for each subject of a cell: a histogram of this `layout`, in its `bins`.

    `groups` (M,): which of the `n` subjects each laid-out row belongs to.
    """

    layout: Layout
    bins: Bins
    groups: np.ndarray
    n: int


@dataclass(frozen=True)
class TileCounts:
    """What some block pairs add to a cell of the tally.

    `impostor`: (slots,) whole numbers. `genuine`: (n,) int64, the slot of each genuine score. `moments`, the highest
    impostors and the lowest genuines are as in `tally.ScoreTally`. `histogram`: by subject, if asked for.
    """

    impostor: np.ndarray
    genuine: np.ndarray
    moments: np.ndarray
    highest_impostors: Extremes
    lowest_genuines: Extremes
    histogram: SubjectHistogram | None


class Backend(Protocol):
    """Compares the blocks of one study. Each method makes a worker: a function that works on block pairs.

    Backends differ in how a matrix product is rounded. Given the same scores, all give the same counts.
    """

    @property
    def tile(self) -> int | None:
        """Block pairs that a worker takes at once; None where that depends on how many there are."""
        ...

    def collector(self) -> Callable[[np.ndarray], np.ndarray]:
        """Return what gives the (G,) float32 similarity of the genuine comparisons of (n, 2) block pairs."""
        ...

    def counter(self, index: CutIndex, by_subject: BySubject | None = None) -> Callable[[Tile], TileCounts]:
        """Return what counts the comparisons of a tile, and for each subject if asked to."""
        ...

    def adder(self, lookup: Lookup, groups: np.ndarray, n: int, *, genuine_only: bool) -> Callable[[Tile], SubjectSums]:
        """Return what adds the comparisons of a tile to their subjects.

        `groups` (M,): which of the `n` subjects each laid-out row belongs to. `genuine_only`: what impostor comparisons
        add is left undefined.
        """
        ...
