"""The thresholds at which a tally counts exactly, and how a score finds its place among them.

Between two neighbouring cuts only the number of scores is known. AUC, F1 and every rate change their value at genuine
scores alone as the threshold tightens, so with every genuine score among the cuts nothing is lost to binning. A
fine uniform grid besides them serves thresholds that are set by impostors (FMR) and drawing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log2

import numpy as np

from facegap.comparator import Comparator
from facegap.tally import SWEEP

GRID = 1 << 16
"""Buckets of the uniform grid, at most; half of it at least."""

MEMORY = 1 << 29
"""Bytes that the counts of all cells may take."""


@dataclass(frozen=True)
class CutIndex:
    """Cuts and the table that finds them.

    `cuts`: (K,) float32, rising. `first_cut`: see `kernel.count_block`. Bucket b covers closeness from
    (b + `offset`) / `scale`.
    """

    cuts: np.ndarray
    first_cut: np.ndarray
    scale: float
    offset: int


def choose_cuts(
    genuine: np.ndarray,
    thresholds: Sequence[float],
    *,
    low: float,
    high: float,
    comparator: Comparator,
    cells: int,
) -> CutIndex:
    """Choose the cuts for scores whose closeness lies in [low, high].

    `genuine`: closeness of the genuine comparisons. `thresholds`: native ones that must be exact besides `SWEEP`.
    Where the counts of `cells` cells would outgrow `MEMORY`, the grid gets coarser and, last, the genuine scores are
    thinned to evenly spaced ranks: only then does the AUC carry a binning error, whose bound the rates give.
    """
    room = max(MEMORY // (cells * 4 * 8), 256)
    buckets = min(GRID, 1 << floor(log2(room // 4)))
    _, _, edges = _grid(low, high, buckets)
    named = np.array([comparator.cut(t) for t in (*SWEEP, *thresholds)], np.float32)
    scores = np.unique(genuine)
    if len(scores) > room:
        scores = scores[np.linspace(0, len(scores) - 1, room).astype(np.int64)]
    special = np.unique(np.concatenate([scores, named]))
    cuts = np.unique(np.concatenate([edges, special]))
    return index_cuts(cuts, np.isin(cuts, special), low=low, high=high, buckets=buckets)


def index_cuts(cuts: np.ndarray, met: np.ndarray, *, low: float, high: float, buckets: int = GRID) -> CutIndex:
    """Return the table that finds the place of a score in [low, high] among `cuts` (K,) float32, rising.

    `met` (K,) bool: cuts that scores may equal; a score that equals another cut is placed above it.
    """
    scale, offset, edges = _grid(low, high, buckets)
    first = np.searchsorted(cuts, edges).astype(np.int32)
    at = np.minimum(first[:-1], len(cuts) - 1)
    plain = (np.diff(first) == 1) & (cuts[at] == edges[:-1]) & ~met[at]
    searched = np.r_[~plain, False]
    searched[[0, -2]] = True
    return CutIndex(cuts, np.where(searched, -1 - first, first).astype(np.int32), scale, offset)


def _grid(low: float, high: float, buckets: int) -> tuple[float, int, np.ndarray]:
    """Return scale, offset and edges of `buckets` to `buckets` / 2 equal buckets whose width is a power of two."""
    scale = 2.0 ** floor(log2(buckets / max(high - low, 1e-6)))
    offset, end = floor(low * scale), ceil(high * scale) + 1
    return scale, offset, (np.arange(offset, end + 1) / scale).astype(np.float32)
