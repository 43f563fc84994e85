"""Every pair of images, streamed in tiles through matrix products into a `ScoreTally`; no score is stored."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from facegap.comparator import Comparator
from facegap.executor import Executor, Threads, available_workers
from facegap.progress import Progress, silent
from facegap.scoring.cuts import CutIndex, choose_cuts
from facegap.scoring.kernel import BlockPair, collect_genuine, count_block, to_distances
from facegap.scoring.layout import BLOCK, Blocks, block_pairs, genuine_block_pairs, lay_out
from facegap.tally import EXTREMES, MOMENT_UNIT, Extremes, ScoreTally, cell

TILE = 256
"""Blocks per tile: about 17 million comparisons between two reports."""

GENUINE_KEPT = 1 << 24
"""Genuine scores that are held in memory while the cuts are chosen; beyond that every n-th block is looked at."""


def compare_all(
    vectors: np.ndarray,
    subject: np.ndarray,
    cohort: np.ndarray,
    ok: np.ndarray,
    *,
    comparator: Comparator,
    cohorts: tuple[str, ...],
    thresholds: Sequence[float] = (),
    executor: Executor | None = None,
    progress: Progress = silent,
    tile: int = TILE,
) -> ScoreTally:
    """Compare every image with every other, within and across cohorts.

    `vectors` (N, D) float32; `subject`, `cohort` (N,) int32; `ok` (N,) bool says which rows take part: comparisons
    with the others are counted as failed. `thresholds`: native ones that must be counted exactly. The memory needed
    grows with N x D and with cohorts^2 x cuts, never with the number of comparisons. The counts do not depend on
    `tile` (blocks per tile) nor on the executor.
    """
    executor = Threads(available_workers()) if executor is None else executor
    blocks = lay_out(vectors, subject, cohort, np.flatnonzero(ok), comparator)
    cells = len(cohorts) * (len(cohorts) + 1) // 2
    with threadpool_limits(1, user_api="blas"):
        genuine = _genuine(blocks, executor)
        low, high = score_range(blocks)
        index = choose_cuts(genuine, thresholds, low=low, high=high, comparator=comparator, cells=cells)
        tally = _count(blocks, index, ScoreTally.empty(comparator, cohorts, index.cuts), executor, progress, tile)
    return replace(tally, failed=_failed(subject, cohort, ok, len(cohorts)))


def score_range(blocks: Blocks) -> tuple[float, float]:
    """Return bounds of the closeness of all comparisons."""
    if blocks.comparator is Comparator.COSINE:
        return -1.0, 1.0
    farthest = 2 * float(np.sqrt(blocks.squares.max(initial=0.0)))
    return -farthest, 0.0


@dataclass(frozen=True)
class Products:
    """Scores two blocks in a buffer of its own; one per worker."""

    blocks: Blocks
    scores: np.ndarray

    @classmethod
    def of(cls, blocks: Blocks) -> "Products":
        """Return one with a buffer of its own."""
        return cls(blocks, np.empty((BLOCK, BLOCK), np.float32))

    def __call__(self, a: int, b: int) -> BlockPair:
        """Return the scores of blocks a and b; the next call overwrites them."""
        blocks, (near, far) = self.blocks, [slice(k * BLOCK, (k + 1) * BLOCK) for k in (a, b)]
        vectors_a, vectors_b = blocks.vectors[near], blocks.vectors[far]
        np.matmul(vectors_a, vectors_b.T, out=self.scores)
        if blocks.comparator is Comparator.EUCLIDEAN:
            to_distances(self.scores, blocks.squares[near], blocks.squares[far], vectors_a, vectors_b)
        subject_a, subject_b = blocks.subject[near][: blocks.filled[a]], blocks.subject[far][: blocks.filled[b]]
        return BlockPair(self.scores, subject_a, subject_b, a == b)


def _genuine(blocks: Blocks, executor: Executor) -> np.ndarray:
    """Return the closeness of the genuine comparisons: all of them, or those of evenly spaced blocks if too many."""
    pairs = genuine_block_pairs(blocks)
    per_block = _count_genuine(blocks, pairs)
    step = max(1, -(-int(per_block.sum()) // GENUINE_KEPT))
    chosen = list(zip(pairs[::step].tolist(), per_block[::step].tolist(), strict=True))

    def make_worker() -> Callable[[list], np.ndarray]:
        products = Products.of(blocks)

        def work(tile: list) -> np.ndarray:
            scores = [np.empty(n, np.float32) for _, n in tile]
            for ((a, b), _), out in zip(tile, scores, strict=True):
                collect_genuine(products(a, b), out)
            return np.concatenate(scores)

        return work

    tiles = [chosen[i : i + TILE] for i in range(0, len(chosen), TILE)]
    return np.concatenate([np.empty(0, np.float32), *executor.map(make_worker, tiles)])


def _count_genuine(blocks: Blocks, pairs: np.ndarray) -> np.ndarray:
    """Return (n,) how many genuine comparisons each block pair holds."""
    held = [np.unique(s[s >= 0], return_counts=True) for s in blocks.subject.reshape(-1, BLOCK)]
    counts = np.zeros(len(pairs), np.int64)
    for k, (a, b) in enumerate(pairs):
        if a == b:
            counts[k] = (held[a][1] * (held[a][1] - 1) // 2).sum()
        else:
            _, at_a, at_b = np.intersect1d(held[a][0], held[b][0], assume_unique=True, return_indices=True)
            counts[k] = (held[a][1][at_a] * held[b][1][at_b]).sum()
    return counts


def _tiles(blocks: Blocks, size: int) -> Iterator[tuple[int, np.ndarray]]:
    for index, pairs in block_pairs(blocks):
        for start in range(0, len(pairs), size):
            yield index, pairs[start : start + size]


def _count(
    blocks: Blocks, index: CutIndex, tally: ScoreTally, executor: Executor, progress: Progress, size: int
) -> ScoreTally:
    """Count every comparison and return the full tally."""

    def make_worker() -> Callable[[tuple[int, np.ndarray]], "_TileCounts"]:
        products = Products.of(blocks)
        return lambda tile: _count_tile(products, index, *tile)

    total, done = len(blocks) * (len(blocks) + 1) // 2, 0
    high, low = tally.highest_impostors, tally.lowest_genuines
    for part in executor.map(make_worker, _tiles(blocks, size)):
        tally.genuine[part.cell] += part.counts[0]
        tally.impostor[part.cell] += part.counts[1]
        tally.moments[part.cell] += part.moments
        low = low.merge(part.extremes[0], highest=False)
        high = high.merge(part.extremes[1], highest=True)
        done += part.blocks
        progress("comparing", done, total)
    return replace(tally, highest_impostors=high, lowest_genuines=low)


@dataclass(frozen=True)
class _TileCounts:
    """What one tile adds to a cell of the tally; index 0 is genuine, 1 impostor."""

    cell: int
    blocks: int
    counts: np.ndarray
    moments: np.ndarray
    extremes: tuple[Extremes, Extremes]


def _count_tile(products: Products, index: CutIndex, cell_index: int, pairs: np.ndarray) -> _TileCounts:
    counts = np.zeros((2, 2 * len(index.cuts) + 1), np.int64)
    moments = np.zeros((2, 2), object)
    extremes = [Extremes.none(), Extremes.none()]
    bars = np.array([np.inf, -np.inf], np.float32)
    found, found_at = np.empty((2, BLOCK * BLOCK), np.float32), np.empty((2, BLOCK * BLOCK), np.int32)
    for a, b in pairs.tolist():
        block_moments, n_found = np.zeros((2, 2)), np.zeros(2, np.int64)
        count_block(
            products(a, b), index.cuts, index.first_cut, index.scale, index.offset,
            counts, block_moments, bars, found, found_at, n_found,
        )  # fmt: skip
        moments += np.array([[int(m) for m in row] for row in np.rint(block_moments * MOMENT_UNIT)], object)
        for kind in np.flatnonzero(n_found):
            n = n_found[kind]
            new = _extremes(products.blocks, a, b, found[kind, :n], found_at[kind, :n], highest=kind == 1)
            kept = extremes[kind] = extremes[kind].merge(new, highest=kind == 1)
            if len(kept.closeness) == EXTREMES:
                bars[kind] = kept.closeness[-1]
    return _TileCounts(cell_index, len(pairs), counts, moments, (extremes[0], extremes[1]))


def _extremes(blocks: Blocks, a: int, b: int, closeness: np.ndarray, place: np.ndarray, *, highest: bool) -> Extremes:
    """Return the most telling of the comparisons found in a block, as rows of the manifest, lower row first."""
    if len(closeness) > 4 * EXTREMES:
        bar = np.partition(closeness, -EXTREMES if highest else EXTREMES - 1)[-EXTREMES if highest else EXTREMES - 1]
        near = closeness >= bar if highest else closeness <= bar
        closeness, place = closeness[near], place[near]
    i, j = np.divmod(place, blocks.filled[b])
    first, second = blocks.row[a * BLOCK + i], blocks.row[b * BLOCK + j]
    return Extremes(closeness.copy(), np.minimum(first, second), np.maximum(first, second)).keep(highest=highest)


def _failed(subject: np.ndarray, cohort: np.ndarray, ok: np.ndarray, cohorts: int) -> np.ndarray:
    """Return (P, 2) int64: genuine and impostor comparisons that a failed image made impossible, by cell."""
    everything = _possible(subject, cohort, np.ones(len(ok), bool), cohorts)
    return everything - _possible(subject, cohort, ok, cohorts)


def _possible(subject: np.ndarray, cohort: np.ndarray, rows: np.ndarray, cohorts: int) -> np.ndarray:
    """Return (P, 2) int64: genuine and impostor comparisons among `rows` (N,) bool, by cell."""
    size = int(subject.max(initial=-1)) + 1
    held = np.stack([np.bincount(subject[rows & (cohort == c)], minlength=size) for c in range(cohorts)])
    counts = np.zeros((cohorts * (cohorts + 1) // 2, 2), np.int64)
    for q in range(cohorts):
        for p in range(q + 1):
            same = (held[p] * (held[p] - 1) // 2).sum() if p == q else (held[p] * held[q]).sum()
            n, m = held[p].sum(), held[q].sum()
            both = n * (n - 1) // 2 if p == q else n * m
            counts[cell(p, q)] = same, both - same
    return counts
