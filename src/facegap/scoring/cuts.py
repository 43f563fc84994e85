"""The thresholds at which a tally counts exactly, and how a score finds its place among them.

Between two neighbouring cuts only the number of scores is known. AUC, F1 and every rate change their value at genuine
scores alone as the threshold tightens, so with every genuine score among the cuts nothing is lost to binning. A
fine uniform grid besides them serves thresholds that are set by impostors (FMR) and drawing.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.tally import SWEEP

GRID = 1 << 16
"""Buckets of the uniform grid, at most, so that a bucket's number fits 16 bits."""

MEMORY = 1 << 29
"""Bytes that the counts of all cells may take."""

ABREAST = 8
"""Cuts that a score is compared with at once; see `CutIndex.padded`."""


class CutIndex(NamedTuple):
    """Cuts and the table that finds the place of a score among them, as the kernels read it.

    A score times `scale`, rounded down, less `offset` is its bucket of the grid; the first and the last one take
    what lies beyond the grid. `first` (buckets + 1,) int32: index of the first cut in or above a bucket. `searched`
    (buckets,) uint8: 1 where the scores of a bucket have more than one slot (see `tally.Counts`) and are compared with
    its cuts; all others belong to slot 2 `first[b + 1]`. `padded` (K + `ABREAST` + 1,) float32: the K cuts, rising,
    after one that no score equals and before some that none reaches.
    """

    padded: np.ndarray
    first: np.ndarray
    searched: np.ndarray
    scale: np.float32
    offset: int

    @property
    def cuts(self) -> np.ndarray:
        """The (K,) cuts."""
        return self.padded[1:-ABREAST]

    @property
    def buckets(self) -> int:
        """How many buckets the grid has."""
        return len(self.searched)

    @property
    def edges(self) -> np.ndarray:
        """The (buckets + 1,) float32 ends of the buckets, rising."""
        return _edges(self.scale, self.offset, self.buckets)


def choose_cuts(
    genuine: np.ndarray,
    thresholds: Sequence[float],
    *,
    low: float,
    high: float,
    comparator: Comparator,
    cells: int,
) -> CutIndex:
    """Choose the cuts for scores whose similarity lies in [low, high].

    `genuine`: similarity of the genuine comparisons. `thresholds`: native ones that must be exact besides `SWEEP`.
    Where the counts of `cells` cells would outgrow `MEMORY`, the grid gets coarser and, last, the genuine scores are
    thinned to evenly spaced ranks: only then does the AUC carry a binning error, whose bound the rates give.
    """
    room = max(MEMORY // (cells * 4 * 8), 256)
    buckets = min(GRID, room // 4)
    edges = np.append(_edges(*_grid(low, high, buckets))[:-1], np.float32(high))
    named = np.array([comparator.cut(t) for t in (*SWEEP, *thresholds)], np.float32)
    scores = np.unique(genuine)
    if len(scores) > room:
        scores = scores[np.linspace(0, len(scores) - 1, room).astype(np.int64)]
    special = np.unique(np.concatenate([scores, named]))
    cuts = np.unique(np.concatenate([edges, special]))
    met = np.zeros(len(cuts), bool)
    met[np.searchsorted(cuts, special)] = True
    return index_cuts(cuts, met, low=low, high=high, buckets=buckets)


def index_cuts(cuts: np.ndarray, met: np.ndarray, *, low: float, high: float, buckets: int = GRID) -> CutIndex:
    """Return the table that finds the place of a score in [low, high] among `cuts` (K,) float32, rising.

    `met` (K,) bool: cuts that scores may equal; a score that equals another cut is placed above it.
    """
    scale, offset, count = _grid(low, high, buckets)
    edges = _edges(scale, offset, count)
    first = np.searchsorted(cuts, edges)
    at = np.minimum(first[:-1], len(cuts) - 1)
    inside = np.diff(first)
    plain = (inside == 0) | ((inside == 1) & (cuts[at] == edges[:-1]) & ~met[at])
    plain[[0, -1]] = False
    first[[0, -1]] = 0, len(cuts)
    padded = np.r_[np.nan, cuts, np.full(ABREAST, np.inf)].astype(np.float32)
    return CutIndex(padded, first.astype(np.int32), (~plain).astype(np.uint8), scale, offset)


def slots_of(cuts: np.ndarray, similarity: np.ndarray) -> np.ndarray:
    """Return (P,) the slot of each score, see `data.tally.Counts`; `cuts` (K,), rising."""
    at = np.searchsorted(cuts, similarity)
    return 2 * at + (cuts[np.minimum(at, len(cuts) - 1)] == similarity)


def _grid(low: float, high: float, buckets: int) -> tuple[np.float32, int, int]:
    """Return scale, offset and number of equal buckets from `low` to `high`: about `buckets`, never more."""
    scale = np.float32((buckets - 2) / (high - low))
    offset, last = (int(np.floor(np.float32(end) * scale)) for end in (low, high))
    return scale, offset, last + 1 - offset


@lru_cache(maxsize=4)
def _edges(scale: np.float32, offset: int, buckets: int) -> np.ndarray:
    """Return the (buckets + 1,) float32 ends of the buckets, not to be written to.

    The scale is rounded, and so is a score times the scale. An edge is the least number that reaches its bucket by
    that very product: what the kernels put in a bucket then lies, exactly, between its edges.
    """
    whole = np.arange(offset, offset + buckets + 1)
    edges = (whole / np.float64(scale)).astype(np.float32)
    while (short := edges * scale < whole).any():
        edges[short] = np.nextafter(edges[short], np.float32(np.inf))
    while (enough := (below := np.nextafter(edges, np.float32(-np.inf))) * scale >= whole).any():
        edges[enough] = below[enough]
    edges.flags.writeable = False
    return edges
