"""Every pair of images, streamed in tiles through matrix products into a `ScoreTally`; no score is stored."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits

from facegap.comparator import Comparator
from facegap.executor import Executor
from facegap.progress import Progress, silent
from facegap.scoring.backend import Backend, TileCounts
from facegap.scoring.cuts import CutIndex, choose_cuts
from facegap.scoring.device import backend_for, executor_for
from facegap.scoring.layout import Blocks, block_pairs, genuine_block_pairs, lay_out, score_range
from facegap.scoring.products import Kept
from facegap.tally import ScoreTally, cell

TILES = 16
"""Tiles that the comparisons are cut into, at least if they are many; each reports once."""

SMALLEST, LARGEST = 6, 128
"""Block pairs in a tile: enough to hide what a tile costs, and few enough for 32-bit counts."""

GENUINE_KEPT = 1 << 24
"""Genuine scores that are held in memory while the cuts are chosen; beyond that every n-th block is looked at."""

ROOM = 1 << 26
"""Bytes for the scores of blocks with genuine comparisons, which are wanted twice, unless the caller gives room."""


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
    tile: int | None = None,
    kept: Kept | None = None,
    device: str = "cpu",
    precision: str = "float32",
) -> ScoreTally:
    """Compare every image with every other, within and across cohorts.

    `vectors` (N, D) float32; `subject`, `cohort` (N,) int32; `ok` (N,) bool says which rows take part: comparisons
    with the others are counted as failed. `thresholds`: native ones that must be counted exactly. `kept`: takes up
    scores for `compare_subjects`. `device`, `precision`: where scores are computed, and how; see `device.backend_for`.
    The memory needed grows with N x D and with cohorts^2 x cuts, never with the number of comparisons. The counts do
    not depend on `tile` (block pairs per tile) nor on the executor, which drives the processors alone. Devices round
    scores differently; given the same scores they count the same.

    Raises:
        InputError: the device cannot be used.
    """
    executor = executor_for(device, executor)
    blocks = lay_out(vectors, subject, cohort, np.flatnonzero(ok), comparator)
    kept, keeps = (Kept(ROOM), False) if kept is None else (kept, True)
    backend = backend_for(device, precision, blocks, kept, keeps=keeps)
    cells = len(cohorts) * (len(cohorts) + 1) // 2
    with threadpool_limits(1, user_api="blas"):
        genuine = _genuine(backend, blocks, executor)
        low, high = score_range(blocks)
        index = choose_cuts(genuine, thresholds, low=low, high=high, comparator=comparator, cells=cells)
        tally = ScoreTally.empty(comparator, cohorts, index.cuts)
        tally = _count(backend, list(_tiles(blocks, tile)), index, tally, executor, progress)
    return replace(tally, failed=_failed(subject, cohort, ok, len(cohorts)))


def _genuine(backend: Backend, blocks: Blocks, executor: Executor) -> np.ndarray:
    """Return the closeness of the genuine comparisons: all of them, or those of evenly spaced blocks if too many."""
    held = np.bincount(blocks.subject[blocks.row >= 0])
    step = max(1, -(-int((held * (held - 1) // 2).sum()) // GENUINE_KEPT))
    pairs = genuine_block_pairs(blocks)[::step]
    tiles = [pairs[i : i + SMALLEST] for i in range(0, len(pairs), SMALLEST)]
    return np.concatenate([np.empty(0, np.float32), *executor.map(backend.collector, tiles)])


def _tiles(blocks: Blocks, size: int | None) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the cell and the (n, 2) block pairs of each tile, at most `size` of them."""
    if size is None:
        size = min(max(len(blocks) * (len(blocks) + 1) // 2 // TILES, SMALLEST), LARGEST)
    for index, pairs in block_pairs(blocks):
        for start in range(0, len(pairs), size):
            yield index, pairs[start : start + size]


def _count(
    backend: Backend,
    tiles: list[tuple[int, np.ndarray]],
    index: CutIndex,
    tally: ScoreTally,
    executor: Executor,
    progress: Progress,
) -> ScoreTally:
    """Count every comparison and return the full tally."""

    def make_worker() -> Callable[[tuple[int, np.ndarray]], TileCounts]:
        count = backend.counter(index)
        return lambda tile: count(tile[1])

    total, done = sum(len(pairs) for _, pairs in tiles), 0
    high, low = tally.highest_impostors, tally.lowest_genuines
    for (at, pairs), part in zip(tiles, executor.map(make_worker, tiles), strict=True):
        tally.impostor[at] += part.impostor
        np.add.at(tally.genuine[at], part.genuine, 1)
        tally.moments[at] += part.moments
        low = low.merge(part.lowest_genuines, highest=False)
        high = high.merge(part.highest_impostors, highest=True)
        done += len(pairs)
        progress("comparing", done, total)
    return replace(tally, highest_impostors=high, lowest_genuines=low)


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
